package schema

import (
	"reflect"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// kind is what a value is in JSON and in Go at once. Rules that fit both are said by
// the schema; on an opaque value none can be.
type kind uint8

const (
	opaqueKind kind = iota // JSON shows something else than the Go value that validator judges
	stringKind
	wholeKind
	floatKind
	boolKind
	bytesKind // base64
	listKind
	mapKind
	structKind
	timeKind
	anyKind
)

// ruler turns the rules of one value into a schema.
type ruler struct {
	*Builder
	typ     reflect.Type // no pointer
	shape   shape
	kind    kind
	pointer bool // of a field that may be nil; the rules then judge what it points to
	site    *site
}

func (r *ruler) classify() kind {
	switch {
	case r.typ == timeType && r.shape == (shape{}):
		return timeKind
	case r.typ.Kind() == reflect.Interface:
		return anyKind
	case !r.natural(r.typ) || r.shape.quoted:
		return opaqueKind
	case isBytes(r.typ) && r.shape.format != "array":
		return bytesKind
	}
	switch r.typ.Kind() {
	case reflect.String:
		return stringKind
	case reflect.Bool:
		return boolKind
	case reflect.Slice, reflect.Array:
		return listKind
	case reflect.Map:
		return mapKind
	case reflect.Struct:
		return structKind
	case reflect.Float32, reflect.Float64:
		return floatKind
	}
	if _, _, ok := intKind(r.typ); ok {
		return wholeKind
	}
	return opaqueKind
}

// sequence joins rules from left to right; nil accepts everything. omitempty and its
// relatives let what they skip pass, whatever rules follow them.
func (r *ruler) sequence(rules []rules.Rule) *openapi.Schema {
	var out *openapi.Schema
	for i, rule := range rules {
		switch rule.Name {
		case "omitempty", "omitzero", "omitnil":
			skipped, ok := r.skipped(rule.Name)
			if !ok {
				for _, rest := range rules[i+1:] {
					r.site.loosely(rest)
				}
				return out
			}
			if skipped == nil {
				continue
			}
			rest := r.sequence(rules[i+1:])
			if isEmpty(rest) || r.acceptsZero(rest) {
				return join(out, rest)
			}
			if r.listZero(rest) {
				return join(out, rest)
			}
			return join(out, &openapi.Schema{AnyOf: []*openapi.Schema{r.withType(skipped), r.withType(rest)}})
		case "structonly", "nostructlevel", "dive":
		default:
			out = join(out, r.rule(rule))
		}
	}
	return out
}

// withType repeats the type in an alternative: some tools read alternatives alone.
func (r *ruler) withType(s *openapi.Schema) *openapi.Schema {
	if r.kind == stringKind && len(s.Type) == 0 && !s.IsNever() {
		s.Type = []string{openapi.TypeString}
	}
	return s
}

// listZero adds the zero value to a list of values, which says the same as a choice
// and which generators of code understand.
func (r *ruler) listZero(s *openapi.Schema) bool {
	if !reflect.DeepEqual(s, &openapi.Schema{Enum: s.Enum}) {
		return false
	}
	switch r.kind {
	case stringKind:
		s.Enum = distinct(append([]any{""}, s.Enum...))
	case wholeKind:
		s.Enum = distinct(append([]any{openapi.Number("0")}, s.Enum...))
	default:
		return false
	}
	return true
}

// skipped is what JSON values an omit tag lets pass unseen; nil for none but null and
// absence, which are judged elsewhere. ok is false where that cannot be said.
func (r *ruler) skipped(tag string) (*openapi.Schema, bool) {
	if tag == "omitnil" || tag == "omitempty" && r.pointer {
		return nil, true
	}
	switch r.kind {
	case anyKind, bytesKind:
		return nil, tag == "omitempty"
	case listKind:
		if r.typ.Kind() == reflect.Slice {
			if tag == "omitempty" {
				return nil, true
			}
			return &openapi.Schema{MaxItems: new(0)}, true
		}
	case mapKind:
		if tag == "omitempty" {
			return nil, true
		}
		return &openapi.Schema{MaxProperties: new(0)}, true
	case opaqueKind:
		return nil, false
	}
	return r.zero(r.typ, r.shape)
}

// acceptsZero reports whether a zero value passes s anyway, so that no choice is needed.
func (r *ruler) acceptsZero(s *openapi.Schema) bool {
	bounds := openapi.Schema{Minimum: s.Minimum, Maximum: s.Maximum, MaxLength: s.MaxLength, MinLength: s.MinLength}
	if !reflect.DeepEqual(&bounds, s) {
		return false
	}
	return (s.MinLength == nil || *s.MinLength == 0) &&
		(s.Minimum == "" || compare(s.Minimum, "0") <= 0) && (s.Maximum == "" || compare(s.Maximum, "0") >= 0)
}

// omitted is a struct that is not looked at while all of it is zero.
func (r *ruler) omitted(s *openapi.Schema, rules *rules.Level) *openapi.Schema {
	zero, ok := r.zero(r.typ, r.shape)
	if !ok {
		r.site.loose = append(r.site.loose, alone(rules))
		return r.plain(r.typ, form{input: true}, r.shape)
	}
	return &openapi.Schema{AnyOf: []*openapi.Schema{zero, join(s, r.sequence(withoutOmit(rules.All)))}}
}

func withoutOmit(list []rules.Rule) []rules.Rule {
	var out []rules.Rule
	for _, rule := range list {
		if rule.Name != "omitempty" && rule.Name != "omitzero" {
			out = append(out, rule)
		}
	}
	return out
}

// rule is the schema of one rule, and notes it if the schema accepts more.
func (r *ruler) rule(rule rules.Rule) *openapi.Schema {
	if _, cross := crossing[rule.Name]; cross {
		r.cross(rule)
		return nil
	}
	s, exact := r.say(rule)
	if !exact {
		r.site.loosely(rule)
	}
	return s
}

// say is rule without the note. nil accepts everything.
func (r *ruler) say(rule rules.Rule) (s *openapi.Schema, exact bool) {
	if len(rule.Any) > 0 {
		return r.alternatives(rule.Any)
	}
	if text, ok := r.opts.Validator.Schema(rule.Name); ok {
		if text == "" {
			return nil, false
		}
		return r.parse(r.typ, "the tag "+rule.Name, text), true
	}
	switch rule.Name {
	case "required":
		return r.present()
	case "isdefault":
		if r.pointer {
			return openapi.Never(), true
		}
		return r.zero(r.typ, r.shape)
	case "len", "min", "max", "gte", "lte", "gt", "lt", "eq", "ne":
		return r.bound(rule)
	case "oneof", "noneof", "oneofci", "noneofci", "eq_ignore_case", "ne_ignore_case":
		return r.listed(rule)
	case "unique":
		return r.unique(rule)
	case "port", "latitude", "longitude", "numeric", "number", "iso3166_1_alpha_numeric", "iso3166_1_alpha_numeric_eu", "iso4217_numeric", "luhn_checksum":
		if r.kind == wholeKind || r.kind == floatKind {
			return r.numeric(rule.Name)
		}
	case "boolean":
		if r.kind == boolKind {
			return nil, true
		}
	}
	if r.kind != stringKind {
		return nil, false
	}
	return text(rule)
}

// alternatives accepts what one of them accepts.
func (r *ruler) alternatives(rules []rules.Rule) (*openapi.Schema, bool) {
	out, exact := &openapi.Schema{}, true
	for _, rule := range rules {
		if _, cross := crossing[rule.Name]; cross {
			return nil, false
		}
		s, ok := r.say(rule)
		if s == nil || isEmpty(s) {
			return nil, ok
		}
		exact = exact && ok
		out.AnyOf = append(out.AnyOf, s)
	}
	return out, exact
}

// present is required: not zero, where zero is none of null and absence.
func (r *ruler) present() (*openapi.Schema, bool) {
	if r.pointer {
		return nil, true
	}
	switch r.kind {
	case stringKind:
		return &openapi.Schema{MinLength: new(1)}, true
	case boolKind:
		return &openapi.Schema{Const: true}, true
	case bytesKind, mapKind:
		return nil, true
	case listKind:
		if r.typ.Kind() == reflect.Slice {
			return nil, true
		}
	case anyKind:
		return &openapi.Schema{Not: typed(openapi.TypeNull)}, true
	}
	zero, ok := r.zero(r.typ, r.shape)
	if !ok {
		return nil, false
	}
	return &openapi.Schema{Not: zero}, true
}
