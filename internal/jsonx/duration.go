package jsonx

import (
	"errors"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

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
