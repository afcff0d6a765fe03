package schema

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

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
	if custom, ok := b.custom(t, f, s); ok {
		return custom
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
	values := b.value(t.Elem(), f)
	if f.nulls {
		values = nullable(values)
	}
	return mapOf(values, b.keys(t.Key(), f))
}

func mapOf(values, keys *openapi.Schema) *openapi.Schema {
	out := typed(openapi.TypeObject)
	out.AdditionalProperties, out.PropertyNames = values, keys
	return out
}

// keys is the schema of a map's keys, nil where every string will do.
func (b *Builder) keys(t reflect.Type, f form) *openapi.Schema {
	t = pointee(t)
	if custom, ok := b.custom(t, f, shape{}); ok {
		if custom.Pattern == "" && custom.Format == "" && len(custom.Enum) == 0 {
			return nil
		}
		return custom
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
// false where that cannot be expressed. Schema false says that there are none.
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
		_, custom := b.custom(t, form{input: true}, shape{})
		natural = !custom
		b.naturals[t] = natural
	}
	return natural
}

// number is the schema of a number's kind, nil for other kinds. Input is bounded,
// because what does not fit is refused and never wraps. A float64 has no bounds: all
// but the numbers beyond 1.8e308 fit. Output says the least that helps a client.
func number(t reflect.Type, f form) *openapi.Schema {
	bits, signed, isInt := intKind(t)
	if isInt {
		out := typed(openapi.TypeInteger)
		out.Format = intFormat(bits, signed)
		if !signed {
			out.Minimum = "0"
		}
		if f.input {
			out.Minimum, out.Maximum = intRange(bits, signed)
		}
		return out
	}
	switch t.Kind() {
	case reflect.Float64:
		return &openapi.Schema{Type: []string{openapi.TypeNumber}, Format: "double"}
	case reflect.Float32:
		out := &openapi.Schema{Type: []string{openapi.TypeNumber}, Format: "float"}
		if f.input {
			// Halfway to the next power of two is the first that rounds to infinity.
			limit := strconv.FormatFloat(math.MaxFloat32+math.Ldexp(1, 103), 'g', -1, 64)
			out.ExclusiveMinimum, out.ExclusiveMaximum = openapi.Number("-"+limit), openapi.Number(limit)
		}
		return out
	}
	return nil
}

func intKind(t reflect.Type) (bits int, signed, ok bool) {
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return t.Bits(), true, true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return t.Bits(), false, true
	}
	return 0, false, false
}

// intFormat is the name in the OpenAPI Format Registry.
func intFormat(bits int, signed bool) string {
	if signed {
		return fmt.Sprintf("int%d", bits)
	}
	return fmt.Sprintf("uint%d", bits)
}

func intRange(bits int, signed bool) (least, greatest openapi.Number) {
	if !signed {
		return "0", openapi.Number(strconv.FormatUint(math.MaxUint64>>(64-bits), 10))
	}
	limit := int64(math.MaxInt64) >> (64 - bits)
	return openapi.Number(strconv.FormatInt(-limit-1, 10)), openapi.Number(strconv.FormatInt(limit, 10))
}

// quoted is a number in a string: a member with the json option string, or a map's key.
func quoted(t reflect.Type) *openapi.Schema {
	out := typed(openapi.TypeString)
	_, signed, isInt := intKind(t)
	switch {
	case isInt && signed:
		out.Pattern = `^(?:0|-?[1-9][0-9]*|-0)$`
	case isInt:
		out.Pattern = `^(?:0|[1-9][0-9]*)$`
	default:
		out.Pattern = `^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$`
	}
	return out
}

func isBytes(t reflect.Type) bool {
	return (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) &&
		t.Elem().Kind() == reflect.Uint8 && t.Elem().PkgPath() == ""
}

// byteText is a text in which a field's json format writes bytes, with padding (RFC
// 4648), which the decoder demands.
type byteText struct {
	name     string
	alphabet string // the inside of a character class
	bits     int    // of each character
	block    int    // characters, padding included, that stand for whole bytes
}

func encodingOf(format string) byteText {
	switch format {
	case "base64url":
		return byteText{"base64url", "A-Za-z0-9_-", 6, 4}
	case "base32":
		return byteText{"base32", "A-Z2-7", 5, 8}
	case "base32hex":
		return byteText{"base32hex", "0-9A-V", 5, 8}
	case "base16", "hex":
		return byteText{"base16", "0-9A-Fa-f", 4, 2}
	}
	return byteText{"base64", "A-Za-z0-9+\\/", 6, 4}
}

// split is the number of characters that n bytes become, and of the padding behind them.
func (e byteText) split(n int) (chars, padding int) {
	chars = (n*8 + e.bits - 1) / e.bits
	return chars, (e.block - chars%e.block) % e.block
}

// length is the length of the text of n bytes.
func (e byteText) length(n int) int {
	chars, padding := e.split(n)
	return chars + padding
}

// run matches the text of exactly n bytes.
func (e byteText) run(n int) string {
	chars, padding := e.split(n)
	out := fmt.Sprintf("[%s]{%d}", e.alphabet, chars)
	switch padding {
	case 0:
	case 1, 2:
		out += strings.Repeat("=", padding)
	default:
		out += fmt.Sprintf("={%d}", padding)
	}
	return out
}

// pattern matches the texts of any number of bytes.
func (e byteText) pattern() string {
	whole := e.bits * e.block / 8
	out := "^(?:" + e.run(whole) + ")*"
	var tails []string
	for n := 1; n < whole; n++ {
		tails = append(tails, e.run(n))
	}
	if len(tails) > 0 {
		out += "(?:" + strings.Join(tails, "|") + ")?"
	}
	return out + "$"
}

func bytesSchema(t reflect.Type, f form, format string) *openapi.Schema {
	e := encodingOf(format)
	out := &openapi.Schema{Type: []string{openapi.TypeString}, ContentEncoding: e.name}
	switch {
	case t.Kind() == reflect.Array && f.input:
		out.Pattern = "^" + e.run(t.Len()) + "$"
	case f.input:
		out.Pattern = e.pattern()
	}
	if t.Kind() == reflect.Array {
		out.MinLength, out.MaxLength = new(e.length(t.Len())), new(e.length(t.Len()))
	}
	return out
}
