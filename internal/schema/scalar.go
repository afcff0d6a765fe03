package schema

import (
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/apiroutes/apiroutes/docs/openapi"
)

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

// encodings are the texts in which a field's json format writes bytes. The patterns
// are those of RFC 4648 with padding, which the decoder demands.
var encodings = map[string]struct {
	name, pattern string
	in, out       int // bytes taken at once, and the characters that they become
}{
	"":          {"base64", `^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$`, 3, 4},
	"base64":    {"base64", `^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$`, 3, 4},
	"base64url": {"base64url", `^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?$`, 3, 4},
	"base32":    {"base32", `^(?:[A-Z2-7]{8})*(?:[A-Z2-7]{2}={6}|[A-Z2-7]{4}={4}|[A-Z2-7]{5}={3}|[A-Z2-7]{7}=)?$`, 5, 8},
	"base32hex": {"base32hex", `^(?:[0-9A-V]{8})*(?:[0-9A-V]{2}={6}|[0-9A-V]{4}={4}|[0-9A-V]{5}={3}|[0-9A-V]{7}=)?$`, 5, 8},
	"base16":    {"base16", `^(?:[0-9A-Fa-f]{2})*$`, 1, 2},
	"hex":       {"base16", `^(?:[0-9A-Fa-f]{2})*$`, 1, 2},
}

// encodedLen is the length of the text of n bytes.
func encodedLen(n int, format string) int {
	e := encodings[format]
	return (n + e.in - 1) / e.in * e.out
}

func bytesSchema(t reflect.Type, f form, format string) *openapi.Schema {
	e := encodings[format]
	out := &openapi.Schema{Type: []string{openapi.TypeString}, ContentEncoding: e.name}
	if f.input {
		out.Pattern = e.pattern
	}
	if t.Kind() == reflect.Array {
		n := encodedLen(t.Len(), format)
		out.MinLength, out.MaxLength = new(n), new(n)
	}
	return out
}
