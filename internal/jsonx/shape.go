package jsonx

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/apiroutes/apiroutes/internal/presence"
)

// json v2 reads null into any type as its zero value, so that a null would pass for an
// absent member; it takes lists of any length, numbers of any length, and rounds those
// that an any cannot hold. So a body that it is to read is looked through first, by the
// shape of the type.

// shape says what a type takes. Shapes of recursive types refer to themselves.
type shape struct {
	typ      reflect.Type
	nullable bool
	any      bool              // holds whatever JSON has, numbers as float64
	coded    bool              // reads its text or JSON by code of its own, or is a json.Number
	base32   *base32.Encoding  // of bytes
	span     *span             // of the numbers that are times or durations
	layout   string            // of a time, where it has an offset
	to       *shape            // of what a pointer points to, or of the value of a presence type
	present  bool              // is a presence type
	members  map[string]member // of an object
	folded   map[string]member // of an object's members that match in any case
	rest     *shape            // of any other member, or every element; nil: whatever
	first    int               // bytes that an object or array takes when it is not empty
	each     int               // bytes that each entry or element takes
}

// member is the shape of a member and how many elements it may have, by depth.
type member struct {
	*shape
	limits []int
	format string
}

// shapes makes shapes and shares one for each type.
type shapes struct {
	types  types
	made   map[reflect.Type]*shape
	limits func(reflect.StructField) []int
}

func newShapes(limits func(reflect.StructField) []int) *shapes {
	return &shapes{make(types), make(map[reflect.Type]*shape), limits}
}

// of returns the shape of t.
func (s *shapes) of(t reflect.Type) *shape {
	if p, ok := s.made[t]; ok {
		return p
	}
	p := &shape{typ: t}
	s.made[t] = p
	if value, nullable, ok := presence.Of(t); ok {
		p.nullable, p.present, p.to = nullable, true, s.of(value)
		return p
	}
	switch {
	case t == anyType:
		p.nullable, p.any, p.rest = true, true, p
		p.first, p.each = mapCost(stringType, anyType)
	case t.Kind() == reflect.Interface, decodesItself(t):
		p.nullable, p.coded = true, true
	case t == numberType, implements(t, textUnmarshalerType):
		p.coded = t != timeType
	case isBytes(t):
	case t.Kind() == reflect.Pointer:
		p.nullable, p.to, p.each = true, s.of(t.Elem()), int(t.Elem().Size())
	case t.Kind() == reflect.Map:
		p.rest = s.of(t.Elem())
		p.first, p.each = mapCost(t.Key(), t.Elem())
	case t.Kind() == reflect.Slice:
		p.rest, p.each = s.of(t.Elem()), listCost*int(t.Elem().Size())
	case t.Kind() == reflect.Array:
		p.rest = s.of(t.Elem())
	case t.Kind() == reflect.Struct:
		if members, err := s.types.members(t); err == nil { // else the audit has refused it
			s.object(p, members)
		}
	}
	return p
}

// decodesItself reports whether the code of t reads its JSON, a null as well. That of a
// type that only knows its text never sees a null, and json v2 passes by that of time.Time.
// json.Number has such code since Go 1.27, and is read by ours before and after.
func decodesItself(t reflect.Type) bool {
	return t != timeType && t != numberType && implements(t, unmarshalerType, unmarshalerFromType)
}

// object fills in the members of an object.
func (s *shapes) object(p *shape, members []Member) {
	p.members = make(map[string]member, len(members))
	for i := range members {
		m := &members[i]
		if m.Rest {
			if t := indirect(m.Type); t.Kind() == reflect.Map {
				p.rest = s.of(t.Elem())
			}
			continue
		}
		inner := member{s.of(m.Type), limitsOf(s.limits, &m.Field), m.Format}
		switch m.Format {
		case "emitnull":
			inner.shape = &shape{typ: m.Type, nullable: true, to: inner.shape}
		case "array": // bytes as an array of numbers
			inner.shape = &shape{typ: m.Type, nullable: inner.nullable, rest: &shape{typ: reflect.TypeFor[byte]()}, each: listCost}
		case "base32", "base32hex":
			if t := pointed(presence.Unwrap(m.Type)); isBytes(t) && !implements(t, unmarshalerTypes...) {
				inner.shape = around(m.Type, shape{base32: base32Of(m.Format)})
			}
		default:
			if span := spanOf(m); span != nil {
				inner.shape = around(m.Type, shape{span: span})
			} else if layout := offsetLayout(m); layout != "" {
				inner.shape = around(m.Type, shape{layout: layout})
			}
		}
		p.members[m.Name] = inner
		if m.IgnoreCase {
			if p.folded == nil {
				p.folded = make(map[string]member)
			}
			p.folded[fold(m.Name)] = inner
		}
	}
}

// limitsOf asks for the limits of a field, if it is a list or map.
func limitsOf(limits func(reflect.StructField) []int, f *reflect.StructField) []int {
	if k := pointed(presence.Unwrap(f.Type)).Kind(); limits != nil && (k == reflect.Slice || k == reflect.Map) {
		return limits(*f)
	}
	return nil
}

// around is the shape of a member of type t, in which the format of the member makes inner
// of what a pointer points to or a presence type holds.
func around(t reflect.Type, inner shape) *shape {
	if value, nullable, ok := presence.Of(t); ok {
		return &shape{typ: t, nullable: nullable, present: true, to: around(value, inner)}
	}
	if t.Kind() == reflect.Pointer {
		return &shape{typ: t, nullable: true, to: around(t.Elem(), inner), each: int(t.Elem().Size())}
	}
	inner.typ = t
	return &inner
}

func base32Of(format string) *base32.Encoding {
	if format == "base32hex" {
		return base32.HexEncoding
	}
	return base32.StdEncoding
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

// member returns the shape of the member name.
func (p *shape) member(name string) member {
	if m, ok := p.members[name]; ok {
		return m
	}
	if p.folded != nil {
		if m, ok := p.folded[fold(name)]; ok {
			return m
		}
	}
	return member{shape: p.rest}
}

// at returns what stands at a pointer, and the shape of what holds it.
func (p *shape) at(pointer string) (holder *shape, m member, name string) {
	m.shape = p
	for pointer != "" {
		for m.shape != nil && m.to != nil {
			m.shape = m.to
		}
		if m.shape == nil {
			return nil, m, ""
		}
		var token string
		token, pointer, _ = strings.Cut(pointer[1:], "/")
		if pointer != "" {
			pointer = "/" + pointer
		}
		holder, name = m.shape, pointerName(token)
		if m.typ != nil && (m.typ.Kind() == reflect.Slice || m.typ.Kind() == reflect.Array) {
			m = member{shape: m.rest}
		} else {
			m = m.shape.member(name)
		}
	}
	return holder, m, name
}

// pointerName takes the escapes out of a token of a JSON Pointer.
func pointerName(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// walk looks through a body, and stops where that is not well-formed.
type walk struct {
	*jsontext.Decoder
	body   []byte
	budget int    // bytes that may still be spent; see [Options].MaxDecoded
	most   int    // what budget was
	refuse *Error // what json v2 must not see, once it was found
	null   *Error // the first null where there must be none
	broken bool   // the value is not well-formed
	nulls  bool   // such members become spaces instead
	edited []byte // a copy of body with the spaces; nil: there are none
}

func newWalk(body []byte, budget int) *walk {
	return &walk{Decoder: jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true)), body: body, budget: budget, most: budget}
}

// text is the body as json v2 is to read it.
func (w *walk) text() []byte {
	if w.edited != nil {
		return w.edited
	}
	return w.body
}

// space writes spaces over a part of the body.
func (w *walk) space(from, to int64) {
	if w.edited == nil {
		w.edited = bytes.Clone(w.body)
	}
	for i := from; i < to; i++ {
		w.edited[i] = ' '
	}
}

func (w *walk) refused(rule, param, detail string) {
	w.refuse = &Error{Rule: rule, Param: param, Pointer: shorten(string(w.StackPointer())), Detail: detail}
}

// spend takes n bytes from the budget.
func (w *walk) spend(n int) {
	if w.budget -= n; w.budget < 0 && w.refuse == nil {
		w.refuse = tooLarge(w.most)
	}
}

// value looks at one value of shape p, with limits by depth. absent reports that it is a
// null that counts as absent.
func (w *walk) value(p *shape, limits []int, isMember bool) (absent bool) {
	kind := w.PeekKind()
	for p != nil && p.to != nil {
		if kind == 'n' && (p.nullable || p.present) {
			break
		}
		w.spend(p.each)
		p = p.to
	}
	nested := kind == '[' || kind == '{'
	if p == nil || nested && p.rest == nil && p.members == nil {
		w.broken = w.SkipValue() != nil
		return false
	}
	if !nested {
		v, err := w.ReadValue()
		if err != nil {
			w.broken = true
			return false
		}
		return w.scalar(p, v, isMember)
	}
	w.nested(p, limits, kind)
	return false
}

// scalar looks at a value that is neither an object nor an array.
func (w *walk) scalar(p *shape, v jsontext.Value, isMember bool) (absent bool) {
	switch kind := v.Kind(); {
	case kind == 'n' && !p.nullable:
		if isMember && w.nulls {
			return true
		}
		if w.null == nil {
			w.null = &Error{Rule: "null", Pointer: shorten(string(w.StackPointer())), Detail: "must not be null"}
		}
	case p.any && kind == '0' && !exact(v):
		w.refused("range", "", inexactDetail)
	case string(v) == "-0" && p.typ != nil && !p.coded && isUnsigned(p.typ): // which json v2 refuses
		w.space(w.InputOffset()-2, w.InputOffset()-1)
	case p.coded && (kind == '0' || kind == '"') && isLongNumber(v, p.typ):
		w.refused("digits", strconv.Itoa(MaxDigits), LongNumberDetail)
	case p.base32 != nil && kind == '"' && isWrongBase32(p.base32, v):
		w.refused("format", "", "must be a string in base32")
	case p.span != nil && p.span.excludes(v):
		w.refused("range", "", "must be "+p.span.describe(p.typ))
	case p.layout != "" && kind == '"' && hasWrongOffset(p.layout, v):
		w.refused("format", "", "must be "+describeTime(p.layout))
	}
	return false
}

// nested looks at an object or array.
func (w *walk) nested(p *shape, limits []int, kind jsontext.Kind) {
	_, _ = w.ReadToken()
	most := -1
	var below []int
	if len(limits) > 0 && p.members == nil {
		most, below = limits[0], limits[1:]
	}
	kept := false
	for n, end := 1, kind+2; w.PeekKind() != end && w.refuse == nil && !w.broken; n++ { // ']' or '}'
		if n == 1 {
			w.spend(p.first)
		}
		w.spend(p.each)
		inner, before := member{shape: p.rest, limits: below}, w.InputOffset()
		if kind == '{' {
			name, err := w.ReadToken()
			if err != nil {
				w.broken = true
				return
			}
			if m := p.member(name.String()); p.members != nil {
				inner = m
			}
		}
		if most >= 0 && n > most {
			w.tooMany(kind, most)
			return
		}
		absent := w.value(inner.shape, inner.limits, kind == '{')
		w.blank(absent, &kept, before)
	}
	if w.refuse == nil {
		_, _ = w.ReadToken()
	}
}

// blank writes spaces over a member that counts as absent, and over the comma that is
// left over. What stood before the member ends at before.
func (w *walk) blank(absent bool, kept *bool, before int64) {
	switch {
	case absent:
		w.space(before, w.InputOffset())
	case *kept || !w.nulls:
	default: // the first that stays: no comma before it
		*kept = true
		if i := bytes.IndexFunc(w.body[before:], func(r rune) bool { return !strings.ContainsRune(" \t\r\n", r) }); i >= 0 && w.body[before+int64(i)] == ',' {
			w.space(before+int64(i), before+int64(i)+1)
		}
	}
}

// tooMany stops at the element after the last that is allowed, in the words of the rule.
func (w *walk) tooMany(kind jsontext.Kind, most int) {
	nouns := [2]string{"item", "items"}
	if kind == '{' {
		nouns = [2]string{"entry", "entries"}
	}
	noun := nouns[1]
	if most == 1 {
		noun = nouns[0]
	}
	pointer := string(w.StackPointer()) // of the element, or of the one before it
	w.refused("max", strconv.Itoa(most), fmt.Sprintf("must have at most %d %s", most, noun))
	w.refuse.Pointer = shorten(pointer[:max(0, strings.LastIndexByte(pointer, '/'))])
}

// json v2 panics at a text that encoding/base32 decodes although it is longer than what
// its bytes are encoded to: padding may be followed by anything there. So texts in
// base32 are looked at before.
func isWrongBase32(encoding *base32.Encoding, v jsontext.Value) bool {
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return true
	}
	content, err := encoding.AppendDecode(nil, text)
	return err == nil && encoding.EncodedLen(len(content)) != len(text) // json v2 words other mistakes
}
