package schema

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

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
