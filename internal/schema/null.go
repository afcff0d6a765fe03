package schema

import (
	"reflect"

	"github.com/apiroutes/apiroutes/docs/openapi"
)

// nullable adds null to what s accepts.
func nullable(s *openapi.Schema) *openapi.Schema {
	if acceptsNull(s) {
		return s
	}
	if guarded(s) {
		s.Type = append(s.Type[:len(s.Type):len(s.Type)], openapi.TypeNull)
		return s
	}
	return &openapi.Schema{AnyOf: []*openapi.Schema{s, typed(openapi.TypeNull)}}
}

// acceptsNull reports whether s says nothing about null, or names it.
func acceptsNull(s *openapi.Schema) bool {
	for _, t := range s.Type {
		if t == openapi.TypeNull {
			return true
		}
	}
	if n := len(s.AnyOf); n > 0 && len(s.AnyOf[n-1].Type) == 1 && s.AnyOf[n-1].Type[0] == openapi.TypeNull {
		return true
	}
	return isAny(s)
}

func isAny(s *openapi.Schema) bool {
	return s.Ref == "" && len(s.Type) == 0 && s.Not == nil && !constrained(s) && !s.IsNever()
}

// guarded reports whether every keyword of s but its type leaves null alone.
func guarded(s *openapi.Schema) bool { return len(s.Type) > 0 && !constrained(s) && s.Not == nil }

func constrained(s *openapi.Schema) bool {
	return s.Ref != "" || len(s.Enum) > 0 || s.Const != nil || s.If != nil || s.IsNever() ||
		len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0
}

// zero is the schema of the JSON values that t decodes to its zero value from; ok is
// false where that cannot be said. Schema false says that there are none.
func (b *Builder) zero(t reflect.Type, s shape) (schema *openapi.Schema, ok bool) {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return typed(openapi.TypeNull), true
	}
	if t == timeType && s.format == "" {
		return &openapi.Schema{Type: []string{openapi.TypeString}, Pattern: `^0001-01-01T00:00:00(?:\.0+)?Z$`}, true
	}
	if !b.natural(t) || s != (shape{}) {
		return nil, false
	}
	switch t.Kind() {
	case reflect.String:
		return &openapi.Schema{MaxLength: new(0)}, true
	case reflect.Bool:
		return &openapi.Schema{Const: false}, true
	case reflect.Slice, reflect.Map:
		return openapi.Never(), true
	case reflect.Array:
		return b.zeroArray(t)
	case reflect.Struct:
		return b.zeroStruct(t, map[reflect.Type]bool{})
	}
	if number(t, form{}) != nil {
		return &openapi.Schema{Const: 0}, true
	}
	return nil, false
}

func (b *Builder) zeroArray(t reflect.Type) (*openapi.Schema, bool) {
	if isBytes(t) {
		return nil, false
	}
	item, ok := b.zero(t.Elem(), shape{})
	return &openapi.Schema{Type: []string{openapi.TypeArray}, Items: item}, ok
}

// natural reports whether JSON shows values of t, which is no pointer, as their Go
// kind suggests, so that rules on the Go value are rules on the JSON value.
func (b *Builder) natural(t reflect.Type) bool {
	natural, known := b.naturals[t]
	if !known {
		_, own := b.own(t, form{input: true}, shape{})
		natural = !own
		b.naturals[t] = natural
	}
	return natural
}
