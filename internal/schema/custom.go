package schema

import (
	"encoding"
	"encoding/json"
	"math/big"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/jsonx"
)

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	urlType      = reflect.TypeFor[url.URL]()
	numberType   = reflect.TypeFor[json.Number]()

	// described is a type that writes its own schema.
	described = reflect.TypeFor[interface{ JSONSchema() string }]()

	encoders     = []reflect.Type{reflect.TypeFor[json.Marshaler]()}
	decoders     = []reflect.Type{reflect.TypeFor[json.Unmarshaler]()}
	textEncoders = []reflect.Type{reflect.TypeFor[encoding.TextAppender](), reflect.TypeFor[encoding.TextMarshaler]()}
	textDecoders = []reflect.Type{reflect.TypeFor[encoding.TextUnmarshaler]()}
)

// known is the schema of types with methods whose JSON form is known.
func known(t reflect.Type, f form) (*openapi.Schema, bool) {
	switch t {
	case reflect.TypeFor[json.RawMessage]():
		return &openapi.Schema{}, true
	case reflect.TypeFor[big.Int]():
		if f.input && !f.text {
			return nullable(typed(openapi.TypeInteger)), true // its UnmarshalJSON takes null for no change
		}
		return typed(openapi.TypeInteger), true
	}
	// Raw values of json v2, by whichever of its homes.
	if t.Name() == "Value" && strings.HasSuffix(t.PkgPath(), "json/jsontext") {
		return &openapi.Schema{}, true
	}
	return nil, false
}

// custom is the schema of a type whose JSON form does not follow from its kind: because
// the program says so, or because the type encodes itself. ok is false for others.
func (b *Builder) custom(t reflect.Type, f form, s shape) (schema *openapi.Schema, ok bool) {
	if s, ok := b.named[t]; ok {
		return b.refer(t, form{}, func() *openapi.Schema { return s }), true
	}
	if given, ok := b.opts.Types[t]; ok {
		return b.given(t, given), true
	}
	if text, ok := methodSchema(t); ok {
		return b.parse(t, "its JSONSchema method", text), true
	}
	switch t {
	case timeType:
		return timeSchema(f, s), true
	case durationType:
		return durationSchema(f, s), true
	case numberType:
		if s.quoted {
			return quoted(reflect.TypeFor[float64]()), true
		}
		return typed(openapi.TypeNumber), true
	}
	if f.text && implements(t, textDecoders...) {
		return typed(openapi.TypeString), true
	}
	if s, ok := known(t, f); ok {
		return s, true
	}
	if t == urlType && !f.text {
		return b.fail(t, "JSON has no form for it, and one with a user name cannot be written at all: "+
			"use a string with validate:\"url\", or a type of your own with MarshalText and UnmarshalText"), true
	}
	if t.Kind() == reflect.Interface || t.Name() == "" && t.Kind() != reflect.Struct {
		return nil, false
	}
	structured, streaming, text := encoders, "MarshalJSONTo", textEncoders
	if f.input {
		structured, streaming, text = decoders, "UnmarshalJSONFrom", textDecoders
	}
	_, streams := reflect.PointerTo(t).MethodByName(streaming)
	switch {
	case streams || implements(t, structured...):
		return b.fail(t, "its JSON form is in its own method and cannot be known: "+
			"add a method JSONSchema() string that returns the schema, or name the type in Options.Types"), true
	case implements(t, text...):
		return typed(openapi.TypeString), true
	}
	return nil, false
}

// implements reports whether t or *t has one of the interfaces: values are encoded
// and decoded in place, so that both count.
func implements(t reflect.Type, interfaces ...reflect.Type) bool {
	for _, i := range interfaces {
		if t.Implements(i) || reflect.PointerTo(t).Implements(i) {
			return true
		}
	}
	return false
}

func methodSchema(t reflect.Type) (string, bool) {
	if t.Kind() == reflect.Interface || !reflect.PointerTo(t).Implements(described) {
		return "", false
	}
	// A struct that embeds such a type has the method too, but is not that type.
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if f := t.Field(i); f.Anonymous && implements(f.Type, described) && !declares(t) {
				return "", false
			}
		}
	}
	return reflect.New(t).Interface().(interface{ JSONSchema() string }).JSONSchema(), true
}

// declares reports whether t has encoding methods, promoted or not: then it is, in
// JSON, what it embeds.
func declares(t reflect.Type) bool {
	return implements(t, encoders...) || implements(t, textEncoders...)
}

// given is a schema that the program made.
func (b *Builder) given(t reflect.Type, s *openapi.Schema) *openapi.Schema {
	if _, err := s.MarshalJSON(); err != nil {
		return b.fail(t, "an example or default in it has no JSON form: %v", err)
	}
	b.note(source{t, "Options.Types"}, s)
	return s.Clone()
}

// source is a schema of the program: that of a type, or of a tag on it.
type source struct {
	typ   reflect.Type
	where string
}

// note keeps what a schema of the program refers to, and has its examples checked. Many
// fields have one source, which is looked at once.
func (b *Builder) note(from source, s *openapi.Schema) {
	if b.noted[from] {
		return
	}
	b.noted[from] = true
	for part := range s.All() {
		if name, ok := strings.CutPrefix(part.Ref, componentPrefix); ok {
			b.asked[name] = true
		}
		if part.Discriminator != nil {
			for _, target := range part.Discriminator.Mapping.All() {
				b.asked[strings.TrimPrefix(target, componentPrefix)] = true
			}
		}
		judge := func(what string, v any) {
			if v == nil {
				return
			}
			b.Check(part, v, func(reason string) {
				text, _ := (&openapi.Schema{Enum: []any{v}}).MarshalJSON()
				value := strings.TrimSuffix(strings.TrimPrefix(string(text), `{"enum":[`), "]}")
				b.fail(from.typ, "the schema of %s: the %s %s %s: write one that the schema accepts", from.where, what, value, reason)
			})
		}
		judge("default", part.Default)
		judge("example", part.Example)
		for _, v := range part.Examples {
			judge("example", v)
		}
	}
}

// parse reads a schema that the program wrote.
func (b *Builder) parse(t reflect.Type, where, text string) *openapi.Schema {
	var s openapi.Schema
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return b.fail(t, "the schema of %s: %v", where, err)
	}
	b.note(source{t, where}, &s)
	return &s
}

// Patterns of what the decoder reads; the formats alone allow more.
const (
	timePattern     = `^[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?(?:Z|[-+](?:[01][0-9]|2[0-3]):[0-5][0-9])$`
	durationPattern = `^[-+]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$`
)

func timeSchema(f form, s shape) *openapi.Schema {
	if strings.HasPrefix(s.format, "unix") {
		return formed(spanSchema(f, s), s)
	}
	out := typed(openapi.TypeString)
	switch s.format {
	case "", "RFC3339", "RFC3339Nano":
		out.Format = "date-time"
		if f.input {
			out.Pattern = timePattern
		}
	case "DateOnly", time.DateOnly:
		out.Format = "date"
	case "http-date": // a header field, in the registry of OpenAPI
		out.Format = "http-date"
	default:
		out.Description = "A time in the form `" + jsonx.Layout(s.format) + "`."
		return formed(out, s)
	}
	return out
}

// formed names a form of time that no format of JSON Schema does, for programs.
func formed(out *openapi.Schema, s shape) *openapi.Schema {
	out.Extensions.Set("x-format", s.format)
	return out
}

// spanSchema is the schema of a time or a duration that is a number, which has no exponent:
// a pattern can say so of a text.
func spanSchema(f form, s shape) *openapi.Schema {
	if s.quoted {
		out := typed(openapi.TypeString)
		out.Pattern = `^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$`
		return out
	}
	out := typed(openapi.TypeNumber)
	if f.input {
		least, most := jsonx.Bounds(s.format)
		out.Minimum, out.Maximum = openapi.Number(least), openapi.Number(most)
	}
	return out
}

func durationSchema(f form, s shape) *openapi.Schema {
	switch s.format {
	case "sec", "milli", "micro", "nano":
		return formed(spanSchema(f, s), s)
	case "iso8601": // the format duration has no fractions and no sign
		return formed(typed(openapi.TypeString), s)
	}
	out := typed(openapi.TypeString)
	out.Examples = []any{"1h30m0s"}
	if f.input {
		out.Pattern = durationPattern
	}
	return out
}
