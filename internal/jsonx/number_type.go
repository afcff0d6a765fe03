package jsonx

import (
	"encoding/json"
	"errors"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"
)

// To json v2, encoding/json's Number is a string like any other. These hooks make it
// what it is for: a JSON number of any size and precision, kept as it was written.
// The empty Number is 0, as in encoding/json.

var (
	numberType = reflect.TypeFor[json.Number]()

	errNotNumber = errors.New("not a number")
)

// writeNumber writes a Number as a number, or as the name of a member.
func writeNumber(enc *jsontext.Encoder, n json.Number) error {
	if kind, length := enc.StackIndex(enc.StackDepth()); kind == '{' && length%2 == 0 {
		return enc.WriteToken(jsontext.String(string(n)))
	}
	text, ok := numberText(n)
	if !ok {
		return errNotNumber
	}
	return enc.WriteValue(jsontext.Value(text))
}

// numberText returns the JSON of n, if it is a number.
func numberText(n json.Number) (text string, ok bool) {
	if n == "" {
		return "0", true
	}
	c := cursor{in: []byte(n)}
	_, ok = c.number()
	return string(n), ok && c.at == len(n)
}

// readNumber reads a Number from a number, or from the name of a member.
func readNumber(dec *jsontext.Decoder, n *json.Number) error {
	kind, length := dec.StackIndex(dec.StackDepth())
	name := kind == '{' && length%2 == 0
	token, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case 'n': // the walk that finds nulls refuses it
		*n = ""
		return nil
	case '0':
		*n = json.Number(token.String())
		return nil
	case '"':
		if name {
			*n = json.Number(token.String())
			return nil
		}
	}
	return errNotNumber
}
