package jsonx

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// fieldWriter writes one member of an object.
type fieldWriter struct {
	prefix string // `,"name":`
	write  *writer
	at     int                      // the field of the struct itself
	below  []int                    // the rest of the way, through embedded structs
	always bool                     // a field of the struct itself that is never left out
	kind   reflect.Kind             // String, Int or Bool: is always written, in the plain form
	isZero func(reflect.Value) bool // omitzero; nil: always written
	empty  emptiness
}

// emptiness says what omitempty asks of a type.
type emptiness uint8

const (
	neverEmpty emptiness = iota
	emptyLen             // its length tells
	emptyNil             // a nil pointer or interface is written as null; others may be written as "", [] or {} too
	emptyText            // only its JSON tells
)

// structWriter compiles a struct. One with a member that needs more of json v2 than
// its plain form is left to json v2.
func (c *compiler) structWriter(t reflect.Type) writer {
	members, err := c.types.members(t)
	if err != nil {
		return c.library.write // nil pointers to such structs are fine, and json v2 words the rest
	}
	if byLibrary(members) {
		return c.library.write
	}
	return c.objectWriter(members)
}

// objectWriter compiles an object of these members, each of which has a plain form.
func (c *compiler) objectWriter(members []Member) writer {
	fields := make([]fieldWriter, len(members))
	for i := range members {
		fields[i] = c.fieldWriter(&members[i])
	}
	return func(dst []byte, v reflect.Value, depth int) ([]byte, error) {
		if depth++; depth > handOverDepth {
			return dst, errHandOver
		}
		start := len(dst)
		var err error
		for i := range fields {
			f := &fields[i]
			switch f.kind { // without a call through a pointer: 6 % of W5
			case reflect.String:
				dst = syntax.AppendString(append(dst, f.prefix...), v.Field(f.at).String())
				continue
			case reflect.Int:
				dst = appendInt(append(dst, f.prefix...), v.Field(f.at).Int())
				continue
			case reflect.Bool:
				dst = strconv.AppendBool(append(dst, f.prefix...), v.Field(f.at).Bool())
				continue
			}
			if f.always {
				dst, err = (*f.write)(append(dst, f.prefix...), v.Field(f.at), depth)
			} else {
				dst, err = f.append(dst, v.Field(f.at), depth)
			}
			if err != nil {
				return dst, err
			}
		}
		if len(dst) == start {
			return append(dst, "{}"...), nil
		}
		dst[start] = '{' // was the first comma
		return append(dst, '}'), nil
	}
}

// byLibrary reports whether json v2 has to write a struct of these members.
func byLibrary(members []Member) bool {
	return slices.ContainsFunc(members, func(m Member) bool {
		return m.Rest || m.Format != "" || m.String && implements(pointed(presence.Unwrap(m.Type)), marshalerTypes...) ||
			!m.Field.IsExported() // reflect does not hand it over
	})
}

func (c *compiler) fieldWriter(m *Member) fieldWriter {
	f := fieldWriter{
		write:  c.memberWriter(m.Type, m.String),
		at:     m.Index[0],
		below:  m.Index[1:],
		always: len(m.Index) == 1 && !m.OmitZero && !m.OmitEmpty,
	}
	if f.always && !m.String && m.Type != numberType && !implements(m.Type, marshalerTypes...) {
		f.kind = m.Type.Kind()
	}
	prefix := append(make([]byte, 0, 64), ',')
	f.prefix = string(append(syntax.AppendString(prefix, m.Name), ':'))
	if m.OmitZero {
		f.isZero = zeroTest(m.Type)
	}
	if m.OmitEmpty {
		f.empty = emptinessOf(m.Type)
	}
	return f
}

// memberWriter is the writer of a member's value, quoted being its tag's option string.
func (c *compiler) memberWriter(t reflect.Type, quoted bool) *writer {
	if value, _, ok := presence.Of(t); ok {
		w := writePresence(c.memberWriter(value, quoted))
		return &w
	}
	if !quoted {
		return c.writer(t)
	}
	var w writer
	if t.Kind() == reflect.Pointer {
		w = pointerTo(c.memberWriter(t.Elem(), true))
	} else {
		w = quote(c.writer(t))
	}
	return &w
}

// writePresence writes a presence type. One that is absent is left out before.
func writePresence(value *writer) writer {
	return func(dst []byte, v reflect.Value, depth int) ([]byte, error) {
		if presence.StateOf(v) != presence.Present {
			return append(dst, "null"...), nil
		}
		return (*value)(dst, presence.Value(v), depth)
	}
}

// append appends the member that leads on from v, if it is to be written.
func (f *fieldWriter) append(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	for _, i := range f.below {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return dst, nil
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	if f.isZero != nil && f.isZero(v) ||
		f.empty == emptyLen && v.Len() == 0 || f.empty == emptyNil && v.IsNil() {
		return dst, nil
	}
	before := len(dst)
	dst = append(dst, f.prefix...)
	value := len(dst)
	dst, err := (*f.write)(dst, v, depth)
	if err == nil && f.empty >= emptyNil {
		switch string(dst[value:]) {
		case `null`, `""`, `[]`, `{}`:
			return dst[:before], nil
		}
	}
	return dst, err
}

// emptinessOf says how to find out that a value of t is written as null, "", [] or {}.
func emptinessOf(t reflect.Type) emptiness {
	if t == timeType || t == durationType || t == numberType {
		return neverEmpty
	}
	if implements(t, marshalerTypes...) {
		return emptyText
	}
	switch t.Kind() {
	case reflect.String, reflect.Map, reflect.Slice, reflect.Array:
		return emptyLen
	case reflect.Pointer, reflect.Interface:
		return emptyNil
	case reflect.Struct:
		return emptyText
	}
	return neverEmpty
}

// zeroTest returns what omitzero asks: the type's IsZero, else whether all is zero.
func zeroTest(t reflect.Type) func(reflect.Value) bool {
	if _, _, ok := presence.Of(t); ok {
		return func(v reflect.Value) bool { return presence.StateOf(v) == presence.Absent }
	}
	type zeroer = interface{ IsZero() bool }
	switch asks := t.Implements(isZeroerType); {
	case asks && t.Kind() == reflect.Interface:
		return func(v reflect.Value) bool {
			return v.IsNil() || (v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil()) || v.Interface().(zeroer).IsZero()
		}
	case asks && t.Kind() == reflect.Pointer:
		return func(v reflect.Value) bool { return v.IsNil() || v.Interface().(zeroer).IsZero() }
	case asks || reflect.PointerTo(t).Implements(isZeroerType):
		// Through the address, which does not copy the value to the heap.
		return func(v reflect.Value) bool { return v.Addr().Interface().(zeroer).IsZero() }
	}
	return reflect.Value.IsZero
}

// mapWriter compiles a map. Its members are sorted by name.
func (c *compiler) mapWriter(t reflect.Type) writer {
	name := keyName(t.Key())
	if name == nil {
		return c.library.write
	}
	element := c.writer(t.Elem())
	pool := &sync.Pool{New: func() any { return &mapScratch{typ: t} }}
	return func(dst []byte, v reflect.Value, depth int) ([]byte, error) {
		if depth++; depth > handOverDepth {
			return dst, errHandOver
		}
		if v.Len() == 0 {
			return append(dst, "{}"...), nil
		}
		s := pool.Get().(*mapScratch)
		s.load(v, name)
		dst, err := s.write(dst, element, depth)
		s.clear()
		pool.Put(s)
		return dst, err
	}
}

// keyName returns how to write a key of type t as a name, or nil if only json v2 knows.
func keyName(t reflect.Type) func(reflect.Value) string {
	if implements(t, marshalerTypes...) || t == durationType || t == numberType {
		return nil
	}
	switch t.Kind() {
	case reflect.String:
		return reflect.Value.String
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(v reflect.Value) string { return strconv.FormatInt(v.Int(), 10) }
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return func(v reflect.Value) string { return strconv.FormatUint(v.Uint(), 10) }
	}
	return nil
}

// mapScratch holds a copy of one map's entries while they are sorted and written.
type mapScratch struct {
	typ     reflect.Type
	key     reflect.Value // one key
	values  reflect.Value // a slice of the elements
	members []mapMember
}

type mapMember struct {
	name string
	at   int // in values
}

// load copies the entries of m.
func (s *mapScratch) load(m reflect.Value, name func(reflect.Value) string) {
	n := m.Len()
	if !s.key.IsValid() {
		s.key = reflect.New(s.typ.Key()).Elem()
	}
	if !s.values.IsValid() || s.values.Len() < n {
		s.values = reflect.MakeSlice(reflect.SliceOf(s.typ.Elem()), max(n, 8), max(n, 8))
	}
	s.members = s.members[:0]
	// At most n, should the map grow meanwhile.
	for i, entries := 0, m.MapRange(); i < n && entries.Next(); i++ {
		s.key.SetIterKey(entries)
		s.values.Index(i).SetIterValue(entries)
		s.members = append(s.members, mapMember{name(s.key), i})
	}
	slices.SortFunc(s.members, func(a, b mapMember) int { return strings.Compare(a.name, b.name) })
}

// write appends the loaded entries as an object.
func (s *mapScratch) write(dst []byte, element *writer, depth int) ([]byte, error) {
	dst = append(dst, '{')
	for i, m := range s.members {
		if !utf8.ValidString(m.name) {
			return dst, errHandOver // two such names may become the same one
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(syntax.AppendString(dst, m.name), ':')
		var err error
		if dst, err = (*element)(dst, s.values.Index(m.at), depth); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// largestScratch is how many entries a scratch may hold on to.
const largestScratch = 1024

// clear forgets the entries, so that a pooled scratch keeps nothing alive.
func (s *mapScratch) clear() {
	s.key.SetZero()
	clear(s.members)
	if s.values.Len() > largestScratch {
		s.values, s.members = reflect.Value{}, nil
		return
	}
	s.values.Clear()
}

// anyTypes are what an any often holds. All others are left to json v2.
var anyTypes = [...]reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[bool](), reflect.TypeFor[float64](), reflect.TypeFor[int](), reflect.TypeFor[int64](),
	reflect.TypeFor[map[string]any](), reflect.TypeFor[[]any](),
}

// anyWriter writes what an any holds.
func (c *compiler) anyWriter() writer {
	known := make(map[reflect.Type]*writer, len(anyTypes))
	for _, t := range anyTypes {
		known[t] = c.writer(t)
	}
	options := c.library.options
	return func(dst []byte, v reflect.Value, depth int) ([]byte, error) {
		if v.IsNil() {
			return append(dst, "null"...), nil
		}
		if w, ok := known[v.Elem().Type()]; ok {
			return (*w)(dst, v.Elem(), depth)
		}
		if hasRing(v) {
			return dst, errCycle
		}
		out, err := appendLibrary(dst, v.Interface(), options)
		if err != nil {
			return dst, errHandOver
		}
		return out, nil
	}
}
