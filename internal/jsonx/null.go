package jsonx

import (
	"bytes"
	"encoding/base32"
	"reflect"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// json v2 reads null into any type as its zero value, so that a null would pass for
// an absent member. The walk below finds a null in a place whose type has none.

// nullPlan says where a type takes null, and where base32. Plans of recursive types
// refer to themselves.
type nullPlan struct {
	nullable bool
	base32   *base32.Encoding     // of bytes
	to       *nullPlan            // of what a pointer points to; nil: this is no pointer
	members  map[string]*nullPlan // of an object
	folded   map[string]*nullPlan // of an object's members that match in any case
	rest     *nullPlan            // of any other member, or every element; nil: whatever
}

// nullPlans builds plans and shares one for each type.
type nullPlans struct {
	structs structs
	made    map[reflect.Type]*nullPlan
}

// plan returns the plan of t.
func (ps *nullPlans) plan(t reflect.Type) *nullPlan {
	if p, ok := ps.made[t]; ok {
		return p
	}
	p := new(nullPlan)
	ps.made[t] = p
	switch {
	case t.Kind() == reflect.Interface, decodesItself(t):
		p.nullable = true
	case implements(t, textUnmarshalerType), isBytes(t):
	case t.Kind() == reflect.Pointer:
		p.nullable, p.to = true, ps.plan(t.Elem())
	case t.Kind() == reflect.Map, t.Kind() == reflect.Slice, t.Kind() == reflect.Array:
		p.rest = ps.plan(t.Elem())
	case t.Kind() == reflect.Struct:
		if members, err := ps.structs.members(t); err == nil { // else the audit has refused it
			ps.object(p, members)
		}
	}
	return p
}

// decodesItself reports whether the code of t reads its JSON, a null as well. That of a
// type that only knows its text never sees a null, and json v2 passes by that of time.Time.
func decodesItself(t reflect.Type) bool {
	return t != timeType && implements(t, unmarshalerType, unmarshalerFromType)
}

// object fills in the members of an object.
func (ps *nullPlans) object(p *nullPlan, members []Member) {
	p.members = make(map[string]*nullPlan, len(members))
	for i := range members {
		m := &members[i]
		if m.Rest {
			if t := indirect(m.Type); t.Kind() == reflect.Map {
				p.rest = ps.plan(t.Elem())
			}
			continue
		}
		inner := ps.plan(m.Type)
		switch m.Format {
		case "emitnull":
			inner = &nullPlan{nullable: true, to: inner}
		case "array": // bytes as an array of numbers
			inner = &nullPlan{nullable: inner.nullable, rest: new(nullPlan)}
		case "base32", "base32hex":
			if t := pointed(m.Type); isBytes(t) && !implements(t, unmarshalerTypes...) {
				inner = base32Plan(m.Type, m.Format)
			}
		}
		p.members[m.Name] = inner
		if m.IgnoreCase {
			if p.folded == nil {
				p.folded = make(map[string]*nullPlan)
			}
			p.folded[fold(m.Name)] = inner
		}
	}
}

// fold maps all names that json v2 takes for one under case:ignore to one text.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' {
			return -1
		}
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, name)
}

// member returns the plan of the member name.
func (p *nullPlan) member(name string) *nullPlan {
	if m, ok := p.members[name]; ok {
		return m
	}
	if p.folded != nil {
		if m, ok := p.folded[fold(name)]; ok {
			return m
		}
	}
	return p.rest
}

// findNull returns the pointer to the first null that has no business where it is.
// The body is well-formed and has the shape of the plan's type.
func findNull(body []byte, plan *nullPlan) (pointer string, found bool) {
	return find(body, plan, func(p *nullPlan, v jsontext.Value) bool { return v.Kind() == 'n' && !p.nullable })
}

// find returns the pointer to the first value that is wrong. The
// body is well-formed.
func find(body []byte, plan *nullPlan, wrong func(*nullPlan, jsontext.Value) bool) (pointer string, found bool) {
	w := walk{jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true)), wrong}
	if !w.value(plan) {
		return "", false
	}
	return string(w.StackPointer()), true
}

type walk struct {
	*jsontext.Decoder
	wrong func(*nullPlan, jsontext.Value) bool // of what is neither an object nor an array
}

// value reads one value and reports whether it stopped right behind a wrong one.
func (w *walk) value(p *nullPlan) bool {
	kind := w.PeekKind()
	for p != nil && p.to != nil && (kind != 'n' || !p.nullable) {
		p = p.to
	}
	nested := kind == '[' || kind == '{'
	if p == nil || nested && p.rest == nil && p.members == nil {
		_ = w.SkipValue() // the body is known to be well-formed
		return false
	}
	if !nested {
		v, err := w.ReadValue()
		return err == nil && w.wrong(p, v)
	}
	_, _ = w.ReadToken()
	for end := kind + 2; w.PeekKind() != end; { // ']' or '}'
		inner := p.rest
		if kind == '{' {
			name, err := w.ReadToken()
			if err != nil {
				return false
			}
			inner = p.member(name.String())
		}
		if w.PeekKind() == 0 {
			return false // never in a well-formed body; without this the loop could not end
		}
		if w.value(inner) {
			return true
		}
	}
	_, _ = w.ReadToken()
	return false
}

// json v2 panics at a text that encoding/base32 decodes although it is longer than what
// its bytes are encoded to: padding may be followed by anything there. So texts in
// base32 are looked at before json v2 is.

// checkBase32 refuses such texts, and a body that is malformed.
func (d *Decoder) checkBase32(body []byte) *Error {
	if syntax := checkSyntax(body); syntax != nil {
		return syntax
	}
	if pointer, found := find(body, d.ifRefused().nulls, wrongBase32); found {
		return &Error{Rule: "format", Pointer: shorten(pointer), Detail: "must be a string in base32"}
	}
	return nil
}

func wrongBase32(p *nullPlan, v jsontext.Value) bool {
	if p.base32 == nil || v.Kind() != '"' {
		return false
	}
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return true
	}
	content, err := p.base32.AppendDecode(nil, text)
	return err == nil && p.base32.EncodedLen(len(content)) != len(text) // json v2 words other mistakes
}

// base32Plan is the plan of a member of type t that has one of base32's formats.
func base32Plan(t reflect.Type, format string) *nullPlan {
	if t.Kind() == reflect.Pointer {
		return &nullPlan{nullable: true, to: base32Plan(t.Elem(), format)}
	}
	if format == "base32hex" {
		return &nullPlan{base32: base32.HexEncoding}
	}
	return &nullPlan{base32: base32.StdEncoding}
}
