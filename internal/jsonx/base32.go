package jsonx

import (
	"encoding/base32"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// json v2 panics at a text that encoding/base32 decodes although it is longer than what
// its bytes are encoded to: padding may be followed by anything there. So texts in
// base32 are looked at before json v2 is.

// checkBase32 refuses such texts, and a body that is malformed.
func (d *Decoder) checkBase32(body []byte) *Error {
	if syntax := checkSyntax(body); syntax != nil {
		return syntax
	}
	if pointer, found := find(body, d.rarely().nulls, wrongBase32); found {
		return &Error{Rule: "format", Pointer: shorten(pointer), Detail: "must be a string in base32"}
	}
	return nil
}

func wrongBase32(p *nullPlan, v jsontext.Value) bool {
	if p.base32 == nil || v.Kind() != '"' {
		return false
	}
	text, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return true
	}
	content, err := p.base32.AppendDecode(nil, text)
	return err == nil && p.base32.EncodedLen(len(content)) != len(text) // json v2 words other mistakes
}

// base32Plan is the plan of a member of type t that has one of base32's formats.
func base32Plan(t reflect.Type, format string) *nullPlan {
	if t.Kind() == reflect.Pointer {
		return &nullPlan{nullable: true, to: base32Plan(t.Elem(), format)}
	}
	if format == "base32hex" {
		return &nullPlan{base32: base32.HexEncoding}
	}
	return &nullPlan{base32: base32.StdEncoding}
}
