package openapi

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"strconv"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// Map is a JSON object whose members keep the order in which they were first set.
// The zero value is empty and ready to use. Copies share their members as copies of a
// slice do: once there are two, neither may be set.
type Map[V any] struct {
	entries []entry[V]
	places  map[string]int // in entries; nil while there are few, which are searched faster
}

type entry[V any] struct {
	name  string
	value V
}

// few is how many members a Map searches one by one.
const few = 8

// Set adds a member, or replaces the value of one that is there, in its old place.
func (m *Map[V]) Set(name string, value V) {
	if i := m.place(name); i >= 0 {
		m.entries[i].value = value
		return
	}
	m.entries = append(m.entries, entry[V]{name, value})
	switch n := len(m.entries); {
	case m.places != nil:
		m.places[name] = n - 1
	case n > few:
		m.places = make(map[string]int, 2*n)
		for i := range m.entries {
			m.places[m.entries[i].name] = i
		}
	}
}

// Grow prepares for n more members.
func (m *Map[V]) Grow(n int) { m.entries = slices.Grow(m.entries, n) }

// place is the index of a member, -1 if there is none.
func (m *Map[V]) place(name string) int {
	if m.places != nil {
		if i, ok := m.places[name]; ok {
			return i
		}
		return -1
	}
	for i := range m.entries {
		if m.entries[i].name == name {
			return i
		}
	}
	return -1
}

// Get returns a member's value, and whether there is one.
func (m Map[V]) Get(name string) (value V, ok bool) {
	if i := m.place(name); i >= 0 {
		return m.entries[i].value, true
	}
	return value, false
}

// Len is the number of members.
func (m Map[V]) Len() int { return len(m.entries) }

// All yields the members in order.
func (m Map[V]) All() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for i := range m.entries {
			if !yield(m.entries[i].name, m.entries[i].value) {
				return
			}
		}
	}
}

// MarshalJSON writes the members in order.
func (m Map[V]) MarshalJSON() ([]byte, error) { return marshal(m) }

func (m Map[V]) encode(e *encoder) {
	e.begin()
	for i := range m.entries {
		e.key(m.entries[i].name)
		e.value(m.entries[i].value)
	}
	e.end()
}

// node is a part of a document that writes itself.
type node interface{ encode(*encoder) }

// encoder appends JSON and keeps the first error, which only values that a program
// put into the document itself (examples, defaults, extensions) can cause.
type encoder struct {
	buf []byte
	err error

	itemSchema string // the name of that keyword in the version that is written; empty: that of 3.1
}

func marshal(n node) ([]byte, error) {
	var e encoder
	n.encode(&e)
	return e.buf, e.err
}

// begin opens an object. append alone would let the text of a large document grow by a
// quarter at a time and be copied over and over.
func (e *encoder) begin() {
	if cap(e.buf)-len(e.buf) < objectSize {
		e.buf = slices.Grow(e.buf, max(cap(e.buf), objectSize))
	}
	e.buf = append(e.buf, '{')
}

// objectSize is more than most objects take, those within them apart.
const objectSize = 256

func (e *encoder) end() { e.buf = append(e.buf, '}') }

// key starts a member with any name.
func (e *encoder) key(name string) {
	e.comma()
	e.string(name)
	e.buf = append(e.buf, ':')
}

// keyword starts a member with a name of the specification's, which needs no escape.
func (e *encoder) keyword(name string) {
	e.comma()
	e.buf = append(append(append(e.buf, '"'), name...), '"', ':')
}

// comma parts members. An object that has one already ends in something other than
// '{', because no value does.
func (e *encoder) comma() {
	if e.buf[len(e.buf)-1] != '{' {
		e.buf = append(e.buf, ',')
	}
}

func (e *encoder) string(s string) { e.buf = syntax.AppendString(e.buf, s) }

func (e *encoder) value(v any) {
	switch v := v.(type) {
	case node:
		v.encode(e)
	case bool:
		e.buf = strconv.AppendBool(e.buf, v)
	case string:
		e.string(v)
	default:
		e.json(v)
	}
}

// json writes any other value. HTML is not escaped: a document is data,
// and whoever puts it into a page escapes it there.
func (e *encoder) json(v any) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		if e.err == nil {
			e.err = err
		}
		out.Reset()
		out.WriteString("null\n")
	}
	e.buf = append(e.buf, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}

// text writes a member that an empty string leaves out.
func (e *encoder) text(name, v string) {
	if v != "" {
		e.keyword(name)
		e.string(v)
	}
}

func (e *encoder) flag(name string, v bool) {
	if v {
		e.keyword(name)
		e.value(v)
	}
}

// switched writes a flag that nil leaves to its default.
func (e *encoder) switched(name string, v *bool) {
	if v != nil {
		e.keyword(name)
		e.value(*v)
	}
}

func (e *encoder) count(name string, v *int) {
	if v != nil {
		e.keyword(name)
		e.buf = strconv.AppendInt(e.buf, int64(*v), 10)
	}
}

func (e *encoder) number(name string, v Number) {
	if v != "" {
		e.keyword(name)
		e.buf = append(e.buf, v...)
	}
}

func (e *encoder) any(name string, v any) {
	if v != nil {
		e.keyword(name)
		e.value(v)
	}
}

func (e *encoder) extensions(m Map[any]) {
	for name, v := range m.All() {
		e.key(name)
		e.value(v)
	}
}

// member writes a part of the document that nil leaves out.
func member[T any, P interface {
	*T
	node
}](e *encoder, name string, v P) {
	if v != nil {
		e.keyword(name)
		v.encode(e)
	}
}

func entries[V any](e *encoder, name string, m Map[V]) {
	if m.Len() > 0 {
		e.keyword(name)
		m.encode(e)
	}
}

// parts writes a list of parts of the document.
func parts[N node](e *encoder, name string, list []N) {
	if len(list) > 0 {
		e.keyword(name)
		array(e, list, func(n N) { n.encode(e) })
	}
}

func (e *encoder) words(name string, list []string) {
	if len(list) > 0 {
		e.keyword(name)
		array(e, list, e.string)
	}
}

func (e *encoder) values(name string, list []any) {
	if len(list) > 0 {
		e.keyword(name)
		array(e, list, e.value)
	}
}

func array[V any](e *encoder, list []V, write func(V)) {
	e.buf = append(e.buf, '[')
	for i, v := range list {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		write(v)
	}
	e.buf = append(e.buf, ']')
}
