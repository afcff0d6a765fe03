package jsonx

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Error says why a body was refused, in words that are fit for the client.
type Error struct {
	// Syntax says that the body is not one well-formed JSON value: malformed, empty,
	// invalid UTF-8, a name twice in one object, nested too deeply, or followed by
	// more. Otherwise the body is well-formed and does not fit the type.
	Syntax bool

	// Rule is a stable word for machines. With Syntax: syntax, empty, utf8,
	// duplicate, depth, trailing. Without: type, range, unknown, null, length,
	// duplicate (two spellings of one map key) and format (a string that is not in
	// the form its type asks for).
	Rule string

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

// explain turns an error of json v2 about a well-formed body into ours.
func explain(err error) *Error {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		var syntactic *jsontext.SyntacticError
		if !errors.As(err, &syntactic) {
			return &Error{Rule: "format", Detail: "is not valid"}
		}
		// The body is well-formed: two keys are one to their Go type, or a type's own
		// code misread its value.
		e := &Error{Rule: "format", Pointer: shorten(string(syntactic.JSONPointer)), Detail: "is not valid"}
		if errors.Is(err, jsontext.ErrDuplicateName) {
			e.Rule, e.Detail = "duplicate", "has the same key as another member"
		}
		return e
	}
	e := &Error{Rule: "type", Pointer: shorten(string(semantic.JSONPointer))}
	if errors.Is(err, json.ErrUnknownName) {
		e.Rule, e.Detail = "unknown", "is not a member that the object takes"
		return e
	}
	e.Rule, e.Detail = judge(semantic)
	return e
}

// judge picks rule and sentence by what was found, what the type wants, and how
// json v2 says that they differ.
func judge(err *json.SemanticError) (rule, detail string) {
	t := err.GoType
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil {
		return "format", "is not valid"
	}
	switch {
	case errors.Is(err.Err, strconv.ErrRange):
		return "range", "must be " + describe(t)
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
		return "format", "is not valid"
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
	return "type", "must be " + describe(t)
}

const durationDetail = `must be a duration, such as "1h30m"`

// ruleFor tells a value of the wrong kind from a string in the wrong form.
func ruleFor(err *json.SemanticError) string {
	if err.Err != nil && err.JSONKind == '"' {
		return "format"
	}
	return "type"
}

func isNumber(t reflect.Type) bool {
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64
}

// describe names what t wants to read.
func describe(t reflect.Type) string {
	switch k := t.Kind(); k {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		most := int64(math.MaxInt64) >> (64 - t.Bits())
		return fmt.Sprintf("a whole number from %d to %d", -most-1, most)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return fmt.Sprintf("a whole number from 0 to %d", uint64(math.MaxUint64)>>(64-t.Bits()))
	case reflect.Float32, reflect.Float64:
		return fmt.Sprintf("a number that fits %d bits", t.Bits())
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "an array"
	}
	return "a valid value"
}
