package typed_test

import (
	"context"
	"errors"

	"github.com/apiroutes/apiroutes/typed"
)

// Level is written as a word.
type Level int

const (
	Low Level = iota
	High
)

func (l Level) MarshalText() ([]byte, error) {
	if l == High {
		return []byte("high"), nil
	}
	return []byte("low"), nil
}

func (l *Level) UnmarshalText(text []byte) error {
	switch string(text) {
	case "low":
		*l = Low
	case "high":
		*l = High
	default:
		return errors.New("neither low nor high")
	}
	return nil
}

func (Level) JSONSchema() string { return `{"type": "string", "enum": ["low", "high"]}` }

func Example_textForm() {
	type Search struct {
		Levels []Level `query:"level"`
	}
	api := typed.New("Alarms", "1.0.0", nil)
	typed.Handle(api, "GET /alarms", typed.Func(func(_ context.Context, in Search) (map[Level]bool, error) {
		found := map[Level]bool{}
		for _, l := range in.Levels {
			found[l] = true
		}
		return found, nil
	}))

	show(api, "GET", "/alarms?level=high", "")
	show(api, "GET", "/alarms?level=hgih", "")
	// Output:
	// 200 application/json; charset=utf-8
	// {"high":true}
	// 422 application/problem+json
	// {"title":"Unprocessable Content","status":422,"detail":"The request is invalid; see errors for details.","errors":[{"in":"query","name":"level","rule":"format","detail":"must be one of low, high"}]}
}
