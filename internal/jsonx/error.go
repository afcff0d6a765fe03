package jsonx

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// Error says why a body was refused, in words that are fit for the client.
type Error struct {
	// Syntax says that the body is not one well-formed JSON value: malformed, empty,
	// invalid UTF-8, a name twice in one object, nested too deeply, or followed by
	// more. Otherwise the body is well-formed and does not fit the type.
	Syntax bool

	// Rule is a stable word for machines. With Syntax: syntax, empty, utf8,
	// duplicate, depth, trailing. Without: type, range, unknown, null, length,
	// duplicate (two spellings of one map key), format (a string that is not in the
	// form its type asks for), max (more elements than the rules allow), digits (a
	// number of more than [MaxDigits]) and size (decoding would take too much memory).
	Rule string

	// Param is the limit of max, digits and size; else empty.
	Param string

	// Pointer is the RFC 6901 pointer to the offending value, or to the closest
	// enclosing one where the full pointer would be unreasonably long. The empty
	// pointer is the whole body.
	Pointer string

	// Detail is the end of an English sentence whose subject is the value: "must be a
	// string". It holds no Go type name and nothing that the
	// client sent.
	Detail string
}

// Error returns rule, pointer and detail in one line.
func (e *Error) Error() string {
	return fmt.Sprintf("json: %s at %q: %s", e.Rule, e.Pointer, e.Detail)
}

// longestPointer bounds what of a client's names is sent back.
const longestPointer = 1000

// shorten cuts a pointer at the last token that ends within the limit.
func shorten(pointer string) string {
	if len(pointer) <= longestPointer {
		return pointer
	}
	return pointer[:strings.LastIndexByte(pointer[:longestPointer+1], '/')]
}

// explain turns an error of json v2 about a well-formed body into ours. The shape is that
// of the body.
func explain(err error, body *shape) *Error {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		var syntactic *jsontext.SyntacticError
		if !errors.As(err, &syntactic) {
			return &Error{Rule: "format", Detail: "has the wrong format"}
		}
		// The body is well-formed: two keys are one to their Go type, or the code of a
		// type misread its value.
		e := &Error{Rule: "format", Pointer: shorten(string(syntactic.JSONPointer)), Detail: "has the wrong format"}
		if errors.Is(err, jsontext.ErrDuplicateName) {
			e.Rule, e.Detail = "duplicate", "has the same key as another member"
		}
		return e
	}
	e := &Error{Rule: "type", Pointer: shorten(string(semantic.JSONPointer))}
	if errors.Is(err, json.ErrUnknownName) {
		e.Rule, e.Detail = "unknown", "is not a known member"
		return e
	}
	holder, place, name := body.at(string(semantic.JSONPointer))
	e.Rule, e.Detail = judge(semantic, place.format)
	if isWrongKey(holder, name) {
		e.Detail = "has a name that " + e.Detail
	}
	return e
}

// isWrongKey reports whether name cannot be a key of the map that has this shape.
func isWrongKey(holder *shape, name string) bool {
	if holder == nil || holder.typ == nil || holder.typ.Kind() != reflect.Map {
		return false
	}
	key := holder.typ.Key()
	if key.Kind() == reflect.String && !implements(key, unmarshalerTypes...) {
		return false
	}
	object := append(syntax.AppendString([]byte{'{'}, name), ":null}"...)
	d, err := NewDecoder(reflect.MapOf(key, anyType), Options{})
	if err != nil {
		return false
	}
	return json.Unmarshal(object, reflect.New(d.typ).Interface(), d.options...) != nil
}

// judge picks rule and sentence by what was found, what the type and the json format of
// its field want, and how json v2 says that they differ.
func judge(err *json.SemanticError, format string) (rule, detail string) {
	t := err.GoType
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil {
		return "format", "has the wrong format"
	}
	switch {
	case format != "" && (t == timeType || t == durationType || isBytes(t) || t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64):
		return ruleFor(err), "must be " + describeFormat(t, format)
	case errors.Is(err.Err, strconv.ErrRange):
		return "range", "must be " + describeRange(t)
	case t == timeType:
		return ruleFor(err), "must be a date and time as RFC 3339 writes them, such as 2006-01-02T15:04:05Z"
	case t == durationType:
		if errors.Is(err.Err, errDurationText) {
			return "format", durationDetail
		}
		return ruleFor(err), durationDetail
	case t == numberType:
		return "type", "must be a number"
	case implements(t, unmarshalerTypes...):
		if err.Err != nil && err.JSONKind != '"' && implements(t, textUnmarshalerType) && !implements(t, unmarshalerType, unmarshalerFromType) {
			return "type", "must be a string"
		}
		return "format", syntax.WrongText(t)
	case isBytes(t):
		if t.Kind() == reflect.Array {
			return ruleFor(err), fmt.Sprintf("must be a string that encodes exactly %d bytes in base64", t.Len())
		}
		return ruleFor(err), "must be a string in base64"
	case t.Kind() == reflect.Array && err.Err != nil:
		return "length", fmt.Sprintf("must have exactly %d elements", t.Len())
	case err.JSONKind == '0' && err.Err == nil && isNumber(t):
		return "type", "must be " + describe(t) + ", written within a string"
	}
	return "type", "must be " + describe(t) + howToWrite(t, err.JSONValue)
}

const durationDetail = `must be a duration, such as "1h30m"`

// ruleFor tells a value of the wrong kind from a string in the wrong form.
func ruleFor(err *json.SemanticError) string {
	if errors.Is(err.Err, strconv.ErrRange) {
		return "range"
	}
	if err.Err != nil && err.JSONKind == '"' {
		return "format"
	}
	return "type"
}

func isNumber(t reflect.Type) bool {
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64
}

func isWhole(t reflect.Type) bool {
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uintptr
}

func isUnsigned(t reflect.Type) bool {
	return t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uintptr
}

// howToWrite is for a number that is one of t's, written in a way that is not taken: 1.0
// and 1e2.
func howToWrite(t reflect.Type, v jsontext.Value) string {
	if !isWhole(t) || v.Kind() != '0' {
		return ""
	}
	digits, exponent, ok := decimal(v)
	if !ok || exponent < 0 && digits != "" {
		return ""
	}
	if bytes.ContainsAny(v, ".eE") {
		return ", written without a fraction and an exponent"
	}
	return ""
}

// describe names what t wants to read. The range of 64 bits is left out: who sends 1.5
// or a text does not ask for it.
func describe(t reflect.Type) string {
	switch k := t.Kind(); k {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return "a whole number that is not negative"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "an array"
	}
	if isNumber(t) {
		return describeRange(t)
	}
	return "a valid value"
}

// describeRange names the numbers that t holds.
func describeRange(t reflect.Type) string {
	switch k := t.Kind(); k {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		most := int64(math.MaxInt64) >> (64 - t.Bits())
		return fmt.Sprintf("a whole number from %d to %d", -most-1, most)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return fmt.Sprintf("a whole number from 0 to %d", uint64(math.MaxUint64)>>(64-t.Bits()))
	case reflect.Float32, reflect.Float64:
		return fmt.Sprintf("a number that fits %d bits", t.Bits())
	}
	return describe(t)
}

// describeFormat names what a member of type t with a json format wants to read.
func describeFormat(t reflect.Type, format string) string {
	switch {
	case t == timeType:
		return describeTime(format)
	case t == durationType:
		switch format {
		case "sec":
			return "a duration as a number of seconds, such as 5400"
		case "milli":
			return "a duration as a number of milliseconds, such as 1500"
		case "micro":
			return "a duration as a number of microseconds, such as 1500"
		case "nano":
			return "a duration as a number of nanoseconds, such as 1500"
		case "iso8601":
			return `a duration as ISO 8601 writes them, such as "PT1H30M"`
		}
		return `a duration, such as "1h30m"`
	case isBytes(t):
		return describeBytes(t, format)
	}
	return `a number, or one of the strings "NaN", "Infinity" and "-Infinity"` // nonfinite
}

func describeTime(format string) string {
	example := time.Date(2006, 1, 2, 15, 4, 5, 0, time.UTC)
	units := map[string]string{"unix": "seconds", "unixmilli": "milliseconds", "unixmicro": "microseconds", "unixnano": "nanoseconds"}
	if unit, ok := units[format]; ok {
		return "a time as a number of " + unit + " since 1970-01-01T00:00:00Z"
	}
	layout := Layout(format)
	switch format {
	case "DateOnly":
		return "a date such as " + example.Format(layout)
	case "TimeOnly":
		return "a time of day such as " + example.Format(layout)
	}
	return "a date or time such as " + example.Format(layout)
}

func describeBytes(t reflect.Type, format string) string {
	size := ""
	if t.Kind() == reflect.Array {
		size = fmt.Sprintf("exactly %d bytes in ", t.Len())
	}
	switch format {
	case "array":
		if size != "" {
			return fmt.Sprintf("an array of exactly %d whole numbers from 0 to 255", t.Len())
		}
		return "an array of whole numbers from 0 to 255"
	case "base64url":
		format = "base64 for URLs"
	case "base16", "hex":
		format = "hexadecimal digits"
	case "base32hex":
		format = "base32 with the hexadecimal alphabet"
	}
	if size != "" {
		return "a string that encodes " + size + format
	}
	return "a string in " + format
}

// Layout is the layout of package time that a json format of a time.Time stands for.
func Layout(format string) string { return cmp.Or(layouts[format], format) }

// layouts are the names of layouts that json v2 knows. It is never written to.
var layouts = map[string]string{
	"ANSIC": time.ANSIC, "UnixDate": time.UnixDate, "RubyDate": time.RubyDate, "RFC822": time.RFC822, "RFC822Z": time.RFC822Z,
	"RFC850": time.RFC850, "RFC1123": time.RFC1123, "RFC1123Z": time.RFC1123Z, "RFC3339": time.RFC3339, "RFC3339Nano": time.RFC3339Nano,
	"Kitchen": time.Kitchen, "Stamp": time.Stamp, "StampMilli": time.StampMilli, "StampMicro": time.StampMicro, "StampNano": time.StampNano,
	"DateTime": time.DateTime, "DateOnly": time.DateOnly, "TimeOnly": time.TimeOnly,
}
