package jsonx

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxDigits is how many digits a number may have that is read by code of its own type
// (big.Int, big.Float, a decimal type) or kept as it was written (json.Number), and how
// large its exponent may be, in a JSON number and in the texts of package math/big: such
// code takes time and memory that grow with the square of the digits. CPython has the same
// limit for int.
const MaxDigits = 4300

// LongNumberDetail is the sentence about a number beyond [MaxDigits].
var LongNumberDetail = fmt.Sprintf("must have at most %d digits", MaxDigits)

// isLongNumber reports whether the JSON number or string v, for a value of type t, is
// written as a number of more digits, or with a larger exponent, than [MaxDigits] allows.
func isLongNumber(v []byte, t reflect.Type) bool {
	if len(v) > 0 && v[0] == '"' {
		if bytes.IndexByte(v, '\\') >= 0 {
			v, _ = jsontext.AppendUnquote(nil, v)
		} else {
			v = bytes.TrimSuffix(v[1:], []byte{'"'}) // there may be no end: it is malformed then, which its reader says
		}
		return IsLongNumber(v, t)
	}
	return len(v) > MaxDigits || hasLargeExponent(v)
}

// IsLongNumber reports whether a text for a value of type t is a number of more digits, or
// with a larger exponent, than [MaxDigits] allows. For types other than json.Number and those
// of package math/big a text of hexadecimal digits is none, and neither is an exponent: it may
// be the id 7e12345678.
func IsLongNumber(text []byte, t reflect.Type) bool {
	if len(text) <= MaxDigits {
		return hasLargeExponent(text) && isBig(t)
	}
	return !slices.ContainsFunc(text, func(c byte) bool { return !isNumeric(c) }) || isBig(t)
}

// isNumeric reports whether c may stand in the text of a decimal or octal number, or of a
// fraction. Reading those takes time that grows with the square of the digits.
func isNumeric(c byte) bool {
	return '0' <= c && c <= '9' || c == '+' || c == '-' || c == '.' || c == '_' || c == '/' || c|0x20 == 'e' || c|0x20 == 'o'
}

// hasLargeExponent reports whether text ends in an exponent, of ten or of two, beyond
// MaxDigits.
func hasLargeExponent(text []byte) bool {
	at := bytes.LastIndexAny(text, "eEpP")
	if at < 0 {
		return false
	}
	digits := bytes.TrimLeft(bytes.TrimLeft(text[at+1:], "+-"), "0_")
	exponent, err := strconv.Atoi(string(digits))
	return errors.Is(err, strconv.ErrRange) || err == nil && exponent > MaxDigits
}

// isBig reports whether t is json.Number, a number of package math/big, or embeds one whose methods it has.
func isBig(t reflect.Type) bool {
	t = indirect(t)
	if t.PkgPath() == "math/big" || t == numberType {
		return true
	}
	for i := 0; t.Kind() == reflect.Struct && i < t.NumField(); i++ {
		if f := t.Field(i); f.Anonymous && indirect(f.Type).PkgPath() == "math/big" {
			return true
		}
	}
	return false
}

const inexactDetail = "must be a number that fits 64 bits without loss: send it within a string"

// exact reports whether a float64 holds the JSON number v without loss. Only whole
// numbers are judged: a fraction is rounded, as it is everywhere.
func exact(v []byte) bool {
	const sure = 15 // digits that a float64 always holds
	if len(v) <= sure {
		return true
	}
	digits, exponent, ok := decimal(v)
	if !ok || len(digits) <= sure || exponent < 0 {
		return true
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		return true // json v2 words it
	}
	for _, precision := range []int{-1, 0} { // as short as it can be, as other programs write floats, and in full
		format := byte('e')
		if precision == 0 {
			format = 'f'
		}
		if d, e, _ := decimal(strconv.AppendFloat(nil, f, format, precision, 64)); d == digits && e == exponent {
			return true
		}
	}
	return false
}

// decimal takes a number apart: its digits without zeros at either end, and the power of
// ten that they are multiplied with. It is not ok where the exponent is unreasonable.
func decimal(v []byte) (digits string, exponent int, ok bool) {
	text := strings.TrimPrefix(string(v), "-")
	mantissa := text
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		e, err := strconv.Atoi(text[at+1:])
		if err != nil {
			return "", 0, false
		}
		mantissa, exponent = text[:at], e
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	all := strings.TrimLeft(whole+fraction, "0")
	digits = strings.TrimRight(all, "0")
	return digits, exponent - len(fraction) + len(all) - len(digits), true
}

// What decoding may spend is counted in bytes that are allocated, roughly. A slice that
// grows is copied several times; a map has places for eight entries before the ninth, and
// large values apart.
const (
	listCost   = 3
	mapPlaces  = 8
	mapHeader  = 48
	largeValue = 128
)

// mapCost is what a map takes that is not empty, and what each of its entries takes.
func mapCost(key, value reflect.Type) (first, each int) {
	entry, apart := int(key.Size()+value.Size()), 0
	if value.Size() > largeValue {
		entry, apart = int(key.Size())+8, int(value.Size())
	}
	return mapHeader + mapPlaces*entry, 2*entry + apart
}

func tooLarge(most int) *Error {
	return &Error{Rule: "size", Param: strconv.Itoa(most), Detail: fmt.Sprintf("takes more than %d bytes of memory when it is decoded", most)}
}
