package jsonx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// checkSyntax reports why body is not one well-formed JSON value, or nil. Only a
// body that was already refused pays for it.
func checkSyntax(body []byte) *Error {
	if len(bytes.Trim(body, " \t\r\n")) == 0 {
		return &Error{Syntax: true, Rule: "empty", Detail: "is empty: a JSON value is required"}
	}
	if bytes.HasPrefix(body, []byte("\ufeff")) {
		return &Error{Syntax: true, Rule: "syntax", Detail: "starts with a byte order mark, which JSON does not allow"}
	}
	// A bytes.Buffer is read in place.
	d := jsontext.NewDecoder(bytes.NewBuffer(body))
	if _, err := d.ReadValue(); err != nil {
		return syntaxError(body, err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return &Error{Syntax: true, Rule: "trailing", Detail: "has more content after the JSON value"}
	}
	return nil
}

// syntaxError words an error of the JSON grammar.
func syntaxError(body []byte, err error) *Error {
	e := &Error{Syntax: true, Rule: "syntax"}
	at := int64(len(body))
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		e.Pointer, at = shorten(string(syntactic.JSONPointer)), syntactic.ByteOffset
	}
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		e.Rule, e.Detail = "duplicate", "is given twice in one object"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Pointer, e.Detail = "", "ends before the JSON value does"
	case deepAt(body, at):
		// The pointer would have ten thousand tokens.
		e.Rule, e.Pointer, e.Detail = "depth", "", fmt.Sprintf("is nested more than %d levels deep", deepest)
	case !utf8.Valid(body[:min(at+utf8.UTFMax, int64(len(body)))]) && !utf8.Valid(body):
		e.Rule, e.Detail = "utf8", fmt.Sprintf("is not valid UTF-8 at byte %d", at)
	case strings.Contains(err.Error(), "surrogate pair"):
		e.Detail = fmt.Sprintf("has half of a surrogate pair, such as \\ud800 alone, at byte %d: write both halves, or the character itself", at)
	default:
		e.Detail = fmt.Sprintf("is not valid JSON at byte %d", at)
	}
	return e
}

// deepest is how many levels json v2 reads.
const deepest = 10_000

// deepAt reports whether body, well-formed up to the byte at, has more than the
// allowed levels open there.
func deepAt(body []byte, at int64) bool {
	depth, quoted := 0, false
	for i := int64(0); i <= at && i < int64(len(body)); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		}
	}
	return depth > deepest
}
