package bind

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// scalar reads and writes the text of one value. What it accepts is what a document
// can promise: numbers as JSON writes them (leading zeros apart), true and false, no
// NaN and no infinity.
type scalar struct {
	kind scalarKind
	bits int
}

type scalarKind uint8

const (
	unsupported scalarKind = iota
	text
	boolean
	integer
	unsigned
	float
	instant  // time.Time, RFC 3339
	duration // time.Duration, 1h30m
	own      // encoding.TextUnmarshaler
)

// verdict is what parsing says of a text.
type verdict uint8

const (
	fits verdict = iota
	malformed
	outOfRange
	notUTF8
)

var (
	timeType        = reflect.TypeFor[time.Time]()
	durationType    = reflect.TypeFor[time.Duration]()
	unmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func scalarOf(t reflect.Type) scalar {
	switch {
	case t == timeType:
		return scalar{kind: instant}
	case t == durationType:
		return scalar{kind: duration}
	case t.Kind() != reflect.Interface && t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(unmarshalerType):
		return scalar{kind: own}
	}
	switch t.Kind() {
	case reflect.String:
		return scalar{kind: text}
	case reflect.Bool:
		return scalar{kind: boolean}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return scalar{integer, t.Bits()}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return scalar{unsigned, t.Bits()}
	case reflect.Float32, reflect.Float64:
		return scalar{float, t.Bits()}
	}
	return scalar{}
}

// parse sets v, which must be settable, to what s says.
func (sc scalar) parse(v reflect.Value, s string) verdict {
	switch sc.kind {
	case text:
		if !utf8.ValidString(s) {
			return notUTF8
		}
		v.SetString(s)
	case boolean:
		if s != "true" && s != "false" {
			return malformed
		}
		v.SetBool(s == "true")
	case integer:
		if n, ok := shortInt(s); ok && !v.OverflowInt(n) {
			v.SetInt(n)
			return fits
		}
		n, err := strconv.ParseInt(s, 10, sc.bits)
		if err != nil || s[0] == '+' {
			return numberVerdict(err)
		}
		v.SetInt(n)
	case unsigned:
		n, err := strconv.ParseUint(s, 10, sc.bits)
		if err != nil {
			if isDigits(s, true) {
				return outOfRange
			}
			return malformed
		}
		v.SetUint(n)
	case float:
		if !isNumber(s) {
			return malformed
		}
		n, err := strconv.ParseFloat(s, sc.bits)
		if err != nil {
			return numberVerdict(err)
		}
		v.SetFloat(n)
	case instant:
		at, err := time.Parse(time.RFC3339, s)
		if err != nil || !isStrictTime(s) {
			return malformed
		}
		*v.Addr().Interface().(*time.Time) = at
	case duration:
		d, err := time.ParseDuration(s)
		if err != nil {
			return malformed
		}
		v.SetInt(int64(d))
	case own:
		if !utf8.ValidString(s) {
			return notUTF8
		}
		if v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s)) != nil {
			return malformed
		}
	}
	return fits
}

// shortInt reads an integer of few digits, as most are. What it does not take may
// still be one.
func shortInt(s string) (n int64, ok bool) {
	digits := s
	if digits != "" && digits[0] == '-' {
		digits = digits[1:]
	}
	if digits == "" || len(digits) > 18 { // 19 digits may overflow
		return 0, false
	}
	for i := range len(digits) {
		c := digits[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	if len(digits) < len(s) {
		n = -n
	}
	return n, true
}

func numberVerdict(err error) verdict {
	if errors.Is(err, strconv.ErrRange) {
		return outOfRange
	}
	return malformed
}

// isDigits reports whether s is digits alone, below zero too when signed is true.
func isDigits(s string, signed bool) bool {
	if signed && len(s) > 0 && s[0] == '-' {
		s = s[1:]
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isNumber is the grammar of RFC 8259, section 6, which has none of the words, signs
// and bases of strconv, but allows leading zeros.
func isNumber(s string) bool {
	i := 0
	digits := func() bool {
		from := i
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		return i > from
	}
	skip := func(set string) bool {
		for j := range len(set) {
			if i < len(s) && s[i] == set[j] {
				i++
				return true
			}
		}
		return false
	}
	skip("-")
	if !digits() {
		return false
	}
	if skip(".") && !digits() {
		return false
	}
	if skip("eE") {
		skip("+-")
		if !digits() {
			return false
		}
	}
	return i == len(s)
}

// isStrictTime finds what time.Parse lets through although RFC 3339, section 5.6, does
// not: an hour of one digit, a comma before the fraction, offsets beyond 23:59. s has
// been parsed.
func isStrictTime(s string) bool {
	if s[13] != ':' || s[19] == ',' {
		return false
	}
	if s[len(s)-1] == 'Z' {
		return true
	}
	offset := s[len(s)-len("hh:mm"):]
	return offset[:2] <= "23" && offset[3:] <= "59"
}

// explain is the rule that a text broke and a sentence about it.
func (sc scalar) explain(v verdict) (rule, detail string) {
	if v == notUTF8 {
		return "utf8", "must be valid UTF-8"
	}
	rule = "type"
	if v == outOfRange {
		rule = "range"
	}
	switch sc.kind {
	case boolean:
		return rule, "must be true or false"
	case integer:
		most := int64(math.MaxInt64) >> (64 - sc.bits)
		return rule, fmt.Sprintf("must be a whole number from %d to %d", -most-1, most)
	case unsigned:
		return rule, fmt.Sprintf("must be a whole number from 0 to %d", uint64(math.MaxUint64)>>(64-sc.bits))
	case float:
		return rule, fmt.Sprintf("must be a number that fits %d bits", sc.bits)
	case instant:
		return "format", "must be a date and time as RFC 3339 writes them, such as 2006-01-02T15:04:05Z"
	case duration:
		return "format", "must be a duration, such as 1h30m"
	}
	return "format", "is not in the form that is asked for"
}

// append writes v so that parse reads it back.
func (sc scalar) append(dst []byte, v reflect.Value) []byte {
	switch sc.kind {
	case text:
		return append(dst, v.String()...)
	case boolean:
		return strconv.AppendBool(dst, v.Bool())
	case integer:
		return strconv.AppendInt(dst, v.Int(), 10)
	case unsigned:
		return strconv.AppendUint(dst, v.Uint(), 10)
	case float:
		return strconv.AppendFloat(dst, v.Float(), 'g', -1, sc.bits)
	case instant:
		return v.Interface().(time.Time).AppendFormat(dst, time.RFC3339Nano)
	case duration:
		return append(dst, time.Duration(v.Int()).String()...)
	}
	return appendOwn(dst, v)
}

// appendOwn writes a type that reads text of its own: the inverse is MarshalText, and
// String for types that leave it at that.
func appendOwn(dst []byte, v reflect.Value) []byte {
	// Methods may be on the pointer, and v need not be addressable.
	ptr := reflect.New(v.Type())
	ptr.Elem().Set(v)
	switch value := ptr.Interface().(type) {
	case encoding.TextMarshaler:
		if b, err := value.MarshalText(); err == nil {
			return append(dst, b...)
		}
	case fmt.Stringer:
		return append(dst, value.String()...)
	}
	if v.Kind() == reflect.String {
		return append(dst, v.String()...)
	}
	return fmt.Append(dst, v.Interface())
}
