package jsonx

import (
	stdjson "encoding/json"
	"errors"
	"reflect"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/apiroutes/apiroutes/internal/presence"
)

// formatTags turns the option format of json tags on; nil where json v2 does not know
// it. A toolchain built with GOEXPERIMENT=jsonv2 has json v2 within, in Go 1.26 an
// older one that panics at the option.
var formatTags = sync.OnceValue(func() (on json.Options) {
	defer func() {
		if recover() != nil {
			on = nil
		}
	}()
	return json.JoinOptions(json.ExperimentalSupportFormatTag(true))
})

// errToolchain refuses every type, because some would be read and written in other
// ways than documents say.
var errToolchain = errors.New("this program was built with GOEXPERIMENT=jsonv2 by a Go release whose json v2 is older than the one that this module needs: build it without")

// encodeHook returns the option that json v2 needs to encode the types that a saw,
// or nil.
func (a *audit) encodeHook() json.Options {
	var hooks []*json.Marshalers
	switch {
	case a.dynamic || (a.plain && a.format):
		hooks = append(hooks, json.MarshalToFunc(writeDurationOrFormat))
	case a.plain:
		hooks = append(hooks, json.MarshalToFunc(writeDuration))
	}
	if a.dynamic || a.number {
		hooks = append(hooks, json.MarshalToFunc(writeNumber))
	}
	if a.dynamic || a.present {
		hooks = append(hooks, json.MarshalToFunc(writePresent))
	}
	if hooks == nil {
		return nil
	}
	return json.WithMarshalers(json.JoinMarshalers(hooks...))
}

// decodeHook returns the option that json v2 needs to decode the types that a saw,
// or nil. What an any is decoded to needs none.
func (a *audit) decodeHook() json.Options {
	var hooks []*json.Unmarshalers
	switch {
	case a.coder || (a.plain && a.format):
		hooks = append(hooks, json.UnmarshalFromFunc(readDurationOrFormat))
	case a.plain:
		hooks = append(hooks, json.UnmarshalFromFunc(readDuration))
	}
	if a.coder || a.number {
		hooks = append(hooks, json.UnmarshalFromFunc(readNumber))
	}
	if a.coder || a.present {
		hooks = append(hooks, json.UnmarshalFromFunc(readPresent))
	}
	if hooks == nil {
		return nil
	}
	return json.WithUnmarshalers(json.JoinUnmarshalers(hooks...))
}

// json v2 has no form for a time.Duration without a format. These hooks give it the
// one of time.Duration.String, such as "1h30m0s". A hook costs a look-up for every
// value of every type, and it takes precedence over a format in the tag. So only
// types that can hold a Duration get one, and the dearer hook that asks for the
// format is for types that hold both kinds or are not known in full.

// writeDuration writes every Duration as text.
func writeDuration(enc *jsontext.Encoder, d time.Duration) error {
	return enc.WriteToken(jsontext.String(d.String()))
}

// writeDurationOrFormat writes d by the format of its field, if it has one.
func writeDurationOrFormat(enc *jsontext.Encoder, d time.Duration) error {
	if text, err := json.Marshal(&d, enc.Options(), json.WithMarshalers(nil)); err == nil {
		return enc.WriteValue(text)
	}
	return writeDuration(enc, d)
}

var (
	errDurationText = errors.New("not the text of a duration")
	errDurationKind = errors.New("not a text")
)

// readDuration reads every Duration from text.
func readDuration(dec *jsontext.Decoder, d *time.Duration) error {
	token, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case 'n': // the walk that finds nulls refuses it
		*d = 0
		return nil
	case '"':
		if *d, err = time.ParseDuration(token.String()); err != nil {
			return errDurationText
		}
		return nil
	}
	return errDurationKind
}

// readDurationOrFormat reads d by the format of its field, if it has one.
func readDurationOrFormat(dec *jsontext.Decoder, d *time.Duration) error {
	var probe time.Duration
	if _, err := json.Marshal(&probe, dec.Options(), json.WithMarshalers(nil)); err != nil {
		return readDuration(dec, d)
	}
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	return json.Unmarshal(value, d, dec.Options(), json.WithUnmarshalers(nil))
}

// To json v2, encoding/json's Number is a string like any other. These hooks make it
// what it is for: a JSON number of any size and precision, kept as it was written.
// The empty Number is 0, as in encoding/json.

var (
	numberType = reflect.TypeFor[stdjson.Number]()

	errNotNumber = errors.New("not a number")
)

// writeNumber writes a Number as a number, or as the name of a member.
func writeNumber(enc *jsontext.Encoder, n stdjson.Number) error {
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
func numberText(n stdjson.Number) (text string, ok bool) {
	if n == "" {
		return "0", true
	}
	return string(n), IsNumber(string(n))
}

// IsNumber reports whether text is a number of JSON.
func IsNumber(text string) bool {
	c := cursor{in: []byte(text)}
	_, ok := c.number()
	return ok && c.at == len(text)
}

// readNumber reads a Number from a number, or from the name of a member.
func readNumber(dec *jsontext.Decoder, n *stdjson.Number) error {
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
		*n = stdjson.Number(token.String())
		return nil
	case '"':
		if name {
			*n = stdjson.Number(token.String())
			return nil
		}
	}
	return errNotNumber
}

// json v2 would read and write presence types by their own code, which is for
// encoding/json: an error in it has no pointer, and unknown members are taken. These hooks
// read and write the value itself, with the options that the call has.

// presentReader and presentWriter are what presence types have in common, and some other
// types too.
type (
	presentReader interface {
		IsZero() bool
		UnmarshalJSON([]byte) error
	}
	presentWriter interface {
		IsZero() bool
		MarshalJSON() ([]byte, error)
	}
)

func readPresent(dec *jsontext.Decoder, target presentReader) error {
	v := reflect.ValueOf(target)
	if v.Kind() != reflect.Pointer {
		return errors.ErrUnsupported
	}
	v = v.Elem()
	_, nullable, ok := presence.Of(v.Type())
	if !ok {
		return errors.ErrUnsupported
	}
	if dec.PeekKind() == 'n' {
		if nullable { // else the look at the shape has refused it
			presence.SetState(v, presence.Null)
		}
		return dec.SkipValue()
	}
	if err := json.UnmarshalDecode(dec, presence.Value(v).Addr().Interface()); err != nil {
		return err
	}
	presence.SetState(v, presence.Present)
	return nil
}

func writePresent(enc *jsontext.Encoder, source presentWriter) error {
	v := reflect.ValueOf(source)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() {
		return errors.ErrUnsupported
	}
	if _, _, ok := presence.Of(v.Type()); !ok {
		return errors.ErrUnsupported
	}
	if presence.StateOf(v) != presence.Present {
		return enc.WriteToken(jsontext.Null)
	}
	if !v.CanAddr() {
		addressable := reflect.New(v.Type()).Elem()
		addressable.Set(v)
		v = addressable
	}
	return json.MarshalEncode(enc, presence.Value(v).Addr().Interface())
}
