package schema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// annotate adds what the doc, example and deprecated tags of a field say.
func (b *Builder) annotate(s *openapi.Schema, f reflect.StructField) *openapi.Schema {
	if doc := f.Tag.Get("doc"); doc != "" {
		if s.Description != "" {
			doc += " " + s.Description
		}
		s.Description = doc
	}
	if _, ok := f.Tag.Lookup("deprecated"); ok {
		s.Deprecated = true
	}
	if text, ok := f.Tag.Lookup("example"); ok {
		example, err := Example(s, f.Type, text)
		if err != nil {
			b.fail(f.Type, "field %s: the example %q %v", f.Name, text, err)
			return s
		}
		s.Examples = []any{example}
		b.Check(s, example, func(reason string) {
			b.fail(f.Type, "field %s: the example %q %s: write one that its schema accepts", f.Name, text, reason)
		})
	}
	return s
}

// Default is the value of a default tag in JSON. s is the schema of the parameter. A
// parameter may have zeros in front, and a list is split at its commas.
func Default(s *openapi.Schema, t reflect.Type, text string) any {
	t = pointee(t)
	switch want := jsonType(s, t); {
	case want == openapi.TypeArray && isList(t):
		list := []any{}
		for word := range strings.SplitSeq(text, ",") {
			if text != "" {
				list = append(list, Default(items(s), t.Elem(), strings.TrimSpace(word)))
			}
		}
		return list
	case want == openapi.TypeInteger || want == openapi.TypeNumber:
		text = syntax.TrimZeros(text)
	}
	if value, err := Example(s, t, text); err == nil {
		return value
	}
	return text
}

// Example is the value that the text of an example tag stands for: a string as it is, all
// else as JSON, and a list also without brackets and quotes. The error ends a sentence.
func Example(s *openapi.Schema, t reflect.Type, text string) (any, error) {
	want := jsonType(s, t)
	if want == openapi.TypeString {
		return text, nil
	}
	raw := json.RawMessage(strings.TrimSpace(text))
	have := ""
	if json.Valid(raw) {
		have = typeOf(raw)
	}
	switch {
	case have != "" && (want == "" || have == want || want == openapi.TypeNumber && have == openapi.TypeInteger),
		have == openapi.TypeNull && t.Kind() == reflect.Pointer:
		return raw, nil
	case want == "":
		return text, nil
	case want == openapi.TypeArray && isList(pointee(t)):
		return words(s, pointee(t), text)
	}
	return nil, fmt.Errorf("is no %s: write one in JSON", want)
}

// words reads a list that is written without brackets.
func words(s *openapi.Schema, t reflect.Type, text string) (any, error) {
	list := []any{}
	for word := range strings.SplitSeq(text, ",") {
		value, err := Example(items(s), t.Elem(), strings.TrimSpace(word))
		if err != nil {
			return nil, fmt.Errorf("has %q, which %w, or the list as a JSON array", strings.TrimSpace(word), err)
		}
		list = append(list, value)
	}
	return list, nil
}

func isList(t reflect.Type) bool { return t.Kind() == reflect.Slice || t.Kind() == reflect.Array }

// items are the elements of a list; of one that says nothing of them, anything.
func items(s *openapi.Schema) *openapi.Schema {
	if s.Items == nil {
		return &openapi.Schema{}
	}
	return s.Items
}

// jsonType is the type that the values of a schema have in JSON, beside null. "" is any:
// a type that encodes itself knows better than its kind.
func jsonType(s *openapi.Schema, t reflect.Type) string {
	for _, name := range s.Type {
		if name != openapi.TypeNull {
			return name
		}
	}
	t = pointee(t)
	if t == timeType || t == durationType || implements(t, textEncoders...) || implements(t, textDecoders...) {
		return openapi.TypeString
	}
	if implements(t, encoders...) || implements(t, decoders...) || implements(t, described) {
		return ""
	}
	switch t.Kind() {
	case reflect.String:
		return openapi.TypeString
	case reflect.Bool:
		return openapi.TypeBoolean
	case reflect.Struct, reflect.Map:
		return openapi.TypeObject
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() != reflect.Uint8 {
			return openapi.TypeArray
		}
	case reflect.Float32, reflect.Float64:
		return openapi.TypeNumber
	}
	if _, _, ok := intKind(t); ok {
		return openapi.TypeInteger
	}
	return ""
}

// typeOf is the type of one well-formed JSON value.
func typeOf(raw json.RawMessage) string {
	switch raw[0] {
	case '"':
		return openapi.TypeString
	case '{':
		return openapi.TypeObject
	case '[':
		return openapi.TypeArray
	case 't', 'f':
		return openapi.TypeBoolean
	case 'n':
		return openapi.TypeNull
	}
	if strings.ContainsAny(string(raw), ".eE") {
		return openapi.TypeNumber
	}
	return openapi.TypeInteger
}
