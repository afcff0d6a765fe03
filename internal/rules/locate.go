package rules

import (
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/go-playground/validator/v10"

	"github.com/apiroutes/apiroutes/internal/presence"
)

// maxKey is the longest map key that a failure repeats; the client chose it. A
// failure below a longer one is told of the map that holds it.
const maxKey = 128

// locator finds the places of one value's failures. It walks the value along
// validator's StructNamespace, and needs the value rather than its type alone: a map
// key may hold dots and brackets, and the client chose it.
type locator struct {
	root    reflect.Value
	members memberTable
	// printed holds the keys of the maps met, by the text that validator prints:
	// printing them again for each failure would cost seconds of CPU.
	printed map[uintptr]map[string]reflect.Value
	// field and pointer are what a place is written into, one after the other.
	field, pointer []byte
}

// place is where a failure is, until the locator looks for the next.
type place struct {
	*locator
	field   []byte
	pointer []byte
	parent  reflect.Type // the struct that declares the last field named; nil at the root
	leaf    reflect.Type // what stands at the end of the path, if the walk came there
	below   bool         // the walk is below the members of the root, which are bound one by one whatever methods it has
	present bool         // what stands there is a presence type
	state   presence.State
	hidden  bool // the walk went where JSON has no names: the pointer ends
}

// locate follows a path such as Items[3].Labels[a.b] as far as it leads.
func (l *locator) locate(path string) place {
	p := place{locator: l, field: l.field[:0], pointer: l.pointer[:0]}
	p.walk(l.root, path)
	l.field, l.pointer = p.field, p.pointer
	return p
}

// memberTable holds the names of the fields of all structs that a type reaches, so
// that a failure need not read tags.
type memberTable map[reflect.Type]map[string]member

type member struct {
	index int
	name  string // in JSON
	kind  memberKind
}

// memberKind says what a field adds to a pointer.
type memberKind uint8

const (
	named   memberKind = iota // its name
	inlined                   // nothing: its members stand in its place
	hidden                    // nothing, and what is below adds nothing either: JSON does not show it
)

// memberOf describes a field of struct t.
func memberOf(t reflect.Type, f reflect.StructField) member {
	name, isInlined := jsonName(f)
	m := member{f.Index[0], name, named}
	_, tagged := f.Tag.Lookup("json")
	switch {
	case isInlined:
		m.kind = inlined
	case tagged:
	case isValuer(reflect.PointerTo(t)):
		m.kind = inlined // it stands for the value in it
	case decodesItself(t):
		m.kind = hidden // Go names are no names of its JSON
	}
	return m
}

// decodesItself reports whether a type has a JSON form that its fields do not tell.
func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	if p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return true
	}
	_, ok := p.MethodByName("UnmarshalJSONFrom") // of github.com/go-json-experiment/json
	return ok
}

func (table memberTable) collect(t reflect.Type) {
	t = innermost(t)
	if _, ok := table[t]; ok || t.Kind() != reflect.Struct || isTime(t) {
		return
	}
	members := make(map[string]member, t.NumField())
	table[t] = members
	for f := range t.Fields() {
		members[f.Name] = memberOf(t, f)
		table.collect(f.Type)
	}
}

// judged is the value that validator judges in place of v: what a validator.Valuer stands
// for and, if deep, what pointers and interfaces lead to.
func judged(v reflect.Value, deep bool) reflect.Value {
	for range maxLevels {
		isPointer := v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface
		if !v.IsValid() || isPointer && v.IsNil() {
			break
		}
		if valued, ok := asValuer(v); ok {
			v = reflect.ValueOf(valued.ValidatorValue())
		} else if isPointer && deep {
			v = v.Elem()
		} else {
			break
		}
	}
	return v
}

func asValuer(v reflect.Value) (validator.Valuer, bool) {
	if !v.CanInterface() || v.NumMethod() == 0 {
		return nil, false
	}
	valued, ok := v.Interface().(validator.Valuer)
	return valued, ok
}

// walk reports whether it could follow the whole path. What it could not is left out.
func (p *place) walk(v reflect.Value, path string) bool {
	if path == "" && v.IsValid() {
		if _, _, p.present = presence.Of(v.Type()); p.present {
			p.state = presence.StateOf(v)
		}
	}
	v = judged(v, path != "")
	if path == "" {
		if v.IsValid() {
			p.leaf = v.Type()
		}
		return true
	}
	switch {
	case !v.IsValid(), v.Kind() == reflect.Pointer, v.Kind() == reflect.Interface:
		return false // nothing is there
	case v.Kind() == reflect.Struct:
		return p.member(v, strings.TrimPrefix(path, "."))
	case path[0] != '[':
		return false
	case v.Kind() == reflect.Map:
		return p.entry(v, path)
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		digits, rest, ok := strings.Cut(path[1:], "]")
		i, err := strconv.Atoi(digits)
		if !ok || err != nil || i < 0 || i >= v.Len() {
			return false
		}
		p.field = append(append(append(p.field, '['), digits...), ']')
		p.token(digits)
		return p.walk(v.Index(i), rest)
	}
	return false
}

func (p *place) member(v reflect.Value, path string) bool {
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		end = len(path)
	}
	t := v.Type()
	if m, ok := p.members[t][path[:end]]; ok {
		p.step(v, path[:end], m)
		return p.walk(v.Field(m.index), path[end:])
	}
	found, ok := t.FieldByName(path[:end])
	if !ok {
		return false
	}
	// A struct that came in an interface, or a promoted field that a struct-level
	// function reported by its short name.
	for step, i := range found.Index {
		if step > 0 {
			if v = reflect.Indirect(v); !v.IsValid() {
				return false
			}
		}
		f := v.Type().Field(i)
		p.step(v, f.Name, memberOf(v.Type(), f))
		v = v.Field(i)
	}
	return p.walk(v, path[end:])
}

func (p *place) step(parent reflect.Value, field string, m member) {
	if len(p.field) > 0 {
		p.field = append(p.field, '.')
	}
	p.field = append(p.field, field...)
	if m.kind == hidden && p.below {
		p.hidden = true
	}
	if m.kind != inlined {
		p.token(m.name)
	}
	p.parent = parent.Type()
}

// token adds a step to the pointer.
func (p *place) token(name string) {
	p.below = true
	if !p.hidden {
		p.pointer = syntax.AppendPointer(p.pointer, name)
	}
}

// entry finds the entry of a map whose key, as validator prints it, stands in the
// brackets. Where several keys fit, the one from which the rest can be followed.
func (p *place) entry(m reflect.Value, path string) bool {
	for i := 1; i < len(path); i++ {
		if i > maxKey+1 {
			return true
		}
		if path[i] != ']' || i+1 < len(path) && path[i+1] != '.' && path[i+1] != '[' {
			continue
		}
		if key := p.key(m, path[1:i]); key.IsValid() && p.under(m, key, path[:i+1], path[i+1:]) {
			return true
		}
	}
	return false
}

func (p *place) key(m reflect.Value, printed string) reflect.Value {
	if t := m.Type().Key(); KindOf(t) == StringKind {
		return reflect.ValueOf(printed).Convert(t)
	}
	keys, ok := p.printed[m.Pointer()]
	if !ok {
		keys = make(map[string]reflect.Value, m.Len())
		for _, key := range m.MapKeys() {
			keys[fmt.Sprintf("%v", key)] = key
		}
		if p.printed == nil {
			p.printed = make(map[uintptr]map[string]reflect.Value)
		}
		p.printed[m.Pointer()] = keys
	}
	return keys[printed]
}

func (p *place) under(m, key reflect.Value, printed, rest string) bool {
	value := m.MapIndex(key)
	if !value.IsValid() {
		return false
	}
	name := keyName(key)
	if len(name) > maxKey {
		return true
	}
	field, pointer, parent, hidden := len(p.field), len(p.pointer), p.parent, p.hidden
	p.field = append(p.field, printed...)
	p.token(name)
	if p.walk(value, rest) {
		return true
	}
	p.field, p.pointer, p.parent, p.hidden = p.field[:field], p.pointer[:pointer], parent, hidden
	return false
}

// keyName is a map key as JSON writes it.
func keyName(key reflect.Value) string {
	if key.CanInterface() {
		if m, ok := key.Interface().(encoding.TextMarshaler); ok {
			if text, err := m.MarshalText(); err == nil {
				return string(text)
			}
		}
	}
	switch {
	case key.Kind() == reflect.String:
		return key.String()
	case key.CanInt():
		return strconv.FormatInt(key.Int(), 10)
	case key.CanUint():
		return strconv.FormatUint(key.Uint(), 10)
	}
	return fmt.Sprint(key)
}

// jsonName is the member name of a field, and whether the field is none because
// its fields stand in its place, as json/v2 does it with embedded structs.
func jsonName(f reflect.StructField) (name string, inlined bool) {
	tag, tagged := f.Tag.Lookup("json")
	if tag == "-" {
		return f.Name, false
	}
	name, options := cutName(tag)
	structural := deref(f.Type).Kind() == reflect.Struct
	_, whole := f.Tag.Lookup("body") // what holds a body or a part is a field by whatever name
	embedded := f.Anonymous && !whole && f.Tag.Get("part") == ""
	if name == "" && structural && (embedded || tagged && slices.Contains(strings.Split(options, ","), "embed")) {
		return "", true
	}
	return cmp.Or(name, f.Name), false
}

// cutName takes the name off a json tag. json/v2 reads 'single quotes' as a Go
// string, so that a name may hold a comma.
func cutName(tag string) (name, options string) {
	if !strings.HasPrefix(tag, "'") {
		name, options, _ = strings.Cut(tag, ",")
		return name, options
	}
	for i := 1; i < len(tag); i++ {
		switch tag[i] {
		case '\\':
			i++
		case '\'':
			body := strings.ReplaceAll(strings.ReplaceAll(tag[1:i], `"`, `\"`), `\'`, `'`)
			if unquoted, err := strconv.Unquote(`"` + body + `"`); err == nil {
				return unquoted, strings.TrimPrefix(tag[i+1:], ",")
			}
			return tag[1:i], ""
		}
	}
	return tag, ""
}

// wireName is the name by which the client knows a field, wherever it comes from.
func wireName(f reflect.StructField) string {
	for _, source := range []string{"path", "query", "header", "cookie", "form", "part"} {
		if name := f.Tag.Get(source); name != "" {
			return name
		}
	}
	name, _ := jsonName(f)
	return cmp.Or(name, f.Name)
}

// wirePath turns the Go path of a rule's parameter ("Page.Limit") into wire names;
// it gives back what it cannot follow.
func wirePath(t reflect.Type, path string) string {
	var out []string
	for name := range strings.SplitSeq(path, ".") {
		t = deref(t)
		if t.Kind() != reflect.Struct {
			return path
		}
		f, ok := t.FieldByName(name)
		if !ok {
			return path
		}
		if _, inlined := jsonName(f); !inlined {
			out = append(out, wireName(f))
		}
		t = f.Type
	}
	return strings.Join(out, ".")
}
