package schema

import (
	"reflect"

	"github.com/apiroutes/apiroutes/docs/openapi"
)

// value is the schema of t as it stands: null where a pointer or an interface allows it.
func (b *Builder) value(t reflect.Type, f form) *openapi.Schema {
	if t.Kind() == reflect.Pointer {
		return nullable(b.value(pointee(t), f))
	}
	return b.plain(t, f, shape{})
}

// pointee looks through all pointers.
func pointee(t reflect.Type) reflect.Type {
	for n := 0; t.Kind() == reflect.Pointer && n < 100; n++ {
		t = t.Elem()
	}
	return t
}

// shape is what the json tag of a field says about the form of its value.
type shape struct {
	quoted bool   // a number in a string
	format string // "unix", "hex", …
}

// plain is the schema of t, which is no pointer, with no rules of a field on it.
func (b *Builder) plain(t reflect.Type, f form, s shape) *openapi.Schema {
	if own, ok := b.own(t, f, s); ok {
		return own
	}
	switch t.Kind() {
	case reflect.Interface:
		return &openapi.Schema{}
	case reflect.Bool:
		return typed(openapi.TypeBoolean)
	case reflect.String:
		return typed(openapi.TypeString)
	case reflect.Slice, reflect.Array:
		return b.array(t, f, s)
	case reflect.Map:
		return b.dictionary(t, f, s)
	case reflect.Struct:
		return b.structure(t, f)
	}
	if number := number(t, f); number != nil {
		if s.quoted {
			return quoted(t)
		}
		if s.format == "nonfinite" {
			return &openapi.Schema{AnyOf: []*openapi.Schema{number, {Enum: []any{"NaN", "Infinity", "-Infinity"}}}}
		}
		return number
	}
	return b.fail(t, "JSON has no form for it: leave the field out with json:\"-\", or give the type a text form")
}

func typed(name string) *openapi.Schema { return &openapi.Schema{Type: []string{name}} }

// array is a slice or a Go array; plain bytes are base64.
func (b *Builder) array(t reflect.Type, f form, s shape) *openapi.Schema {
	if isBytes(t) && s.format != "array" {
		return bytesSchema(t, f, s.format)
	}
	if t.Name() != "" && recursive(t) {
		return b.refer(t, f, func() *openapi.Schema { return b.arrayItself(t, f) })
	}
	out := b.arrayItself(t, f)
	if s.format == "emitnull" {
		return nullable(out)
	}
	return out
}

func (b *Builder) arrayItself(t reflect.Type, f form) *openapi.Schema {
	return arrayOf(t, b.value(t.Elem(), f))
}

func arrayOf(t reflect.Type, items *openapi.Schema) *openapi.Schema {
	out := typed(openapi.TypeArray)
	out.Items = items
	if t.Kind() == reflect.Array {
		out.MinItems, out.MaxItems = new(t.Len()), new(t.Len())
	}
	return out
}

func (b *Builder) dictionary(t reflect.Type, f form, s shape) *openapi.Schema {
	if t.Name() != "" && recursive(t) {
		return b.refer(t, f, func() *openapi.Schema { return b.dictionaryItself(t, f) })
	}
	out := b.dictionaryItself(t, f)
	if s.format == "emitnull" {
		return nullable(out)
	}
	return out
}

func (b *Builder) dictionaryItself(t reflect.Type, f form) *openapi.Schema {
	return mapOf(b.value(t.Elem(), f), b.keys(t.Key(), f))
}

func mapOf(values, keys *openapi.Schema) *openapi.Schema {
	out := typed(openapi.TypeObject)
	out.AdditionalProperties, out.PropertyNames = values, keys
	return out
}

// keys is the schema of a map's keys, nil where every string will do.
func (b *Builder) keys(t reflect.Type, f form) *openapi.Schema {
	t = pointee(t)
	if own, ok := b.own(t, f, shape{}); ok {
		if own.Pattern == "" && own.Format == "" && len(own.Enum) == 0 {
			return nil
		}
		return own
	}
	if t.Kind() == reflect.String || t.Kind() == reflect.Interface {
		return nil
	}
	if number(t, f) != nil {
		return quoted(t)
	}
	if isBytes(t) {
		return bytesSchema(t, f, "")
	}
	return b.fail(t, "JSON cannot write it as the name of a member: give it a text form")
}

// structure is an object: a component if the type has a name.
func (b *Builder) structure(t reflect.Type, f form) *openapi.Schema {
	if t.Name() == "" {
		return b.object(t, f)
	}
	return b.refer(t, f, func() *openapi.Schema { return b.object(t, f) })
}

// recursive reports whether values of t can hold values of t again.
func recursive(t reflect.Type) bool { return reaches(t, t, map[reflect.Type]bool{}) }

func reaches(from, to reflect.Type, seen map[reflect.Type]bool) bool {
	step := func(next reflect.Type) bool {
		if next == to {
			return true
		}
		if seen[next] {
			return false
		}
		seen[next] = true
		return reaches(next, to, seen)
	}
	switch from.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return step(from.Elem())
	case reflect.Struct:
		if from.Name() != "" {
			return false // a component of its own breaks the circle
		}
		for i := range from.NumField() {
			if step(from.Field(i).Type) {
				return true
			}
		}
	}
	return false
}
