package typed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/validate"
	"github.com/stretchr/testify/require"
)

// valued is a value that may be missing, judged as that value.
type valued[T any] struct {
	value T
	set   bool
}

func (m valued[T]) ValidatorValue() any {
	if !m.set {
		return nil
	}
	return m.value
}

func (m *valued[T]) UnmarshalJSON(b []byte) error {
	m.set = true
	return json.Unmarshal(b, &m.value)
}

type home struct {
	City string `json:"city"`
	Zip  string `json:"zip" validate:"len=5"`
}

// TestOutsideValuers has failures below a ValidatorValue in each place that a body can have.
func TestOutsideValuers(t *testing.T) {
	t.Parallel()
	api := typed.New("Valuers", "1", nil)
	type members struct {
		A  valued[home]            `json:"a"`
		Ls []valued[home]          `json:"ls" validate:"dive"`
		M  map[string]valued[home] `json:"m" validate:"dive"`
	}
	type mixed struct {
		ID int          `path:"id"`
		A  valued[home] `json:"a"`
	}
	type whole struct {
		ID   int                     `path:"id"`
		Body map[string]valued[home] `body:"" validate:"dive"`
	}
	typed.Handle(api, "POST /members", typed.Func(func(context.Context, members) (typed.None, error) { return typed.None{}, nil }))
	typed.Handle(api, "POST /mixed/{id}", typed.Func(func(context.Context, mixed) (typed.None, error) { return typed.None{}, nil }))
	typed.Handle(api, "POST /whole/{id}", typed.Func(func(context.Context, whole) (typed.None, error) { return typed.None{}, nil }))
	for _, c := range []struct{ path, body, pointer string }{
		{"/members", `{"a":{"city":"x","zip":"1"}}`, "/a/zip"},
		{"/members", `{"ls":[{"city":"x","zip":"1"}]}`, "/ls/0/zip"},
		{"/members", `{"m":{"k/]":{"city":"x","zip":"1"}}}`, "/m/k~1]/zip"},
		{"/mixed/1", `{"a":{"city":"x","zip":"1"}}`, "/a/zip"},
		{"/whole/1", `{"k.]x":{"city":"x","zip":"1"}}`, "/k.]x/zip"},
	} {
		t.Run("R2 "+c.path+" "+c.pointer, func(t *testing.T) {
			t.Parallel()
			w := ask(api, "POST", c.path, c.body)
			require.Equal(t, 422, w.Code, w.Body)
			require.Contains(t, w.Body.String(), `"in":"body","pointer":"`+c.pointer+`","rule":"len"`)
		})
	}
}

// selfish judges itself with errors that hold what a client sent, and more.
type selfish struct {
	Mode string `json:"mode"`
}

func (s selfish) Validate(context.Context) error {
	switch s.Mode {
	case "told":
		return fmt.Errorf("secret: %w", validate.Failure{Field: "Mode", Rule: "mode", Message: "must be another"})
	case "mixed":
		return errors.Join(validate.Failure{Field: "Mode"}, errors.New("secret"))
	}
	_, err := strconv.Atoi(s.Mode)
	return err
}

// TestOutsideSelfCheck tells clients of failures only: the text of another error is not theirs.
func TestOutsideSelfCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode     string
		status   int
		body     string
		reported bool
	}{
		{"told", 422, `"pointer":"/mode","rule":"mode","detail":"must be another"`, false},
		{"secret", 500, `{"title":"Internal Server Error","status":500}`, true},
		{"mixed", 500, `{"title":"Internal Server Error","status":500}`, true},
		{"7", 204, "", false},
	} {
		t.Run("S3 "+c.mode, func(t *testing.T) {
			t.Parallel()
			var reports []error
			api := typed.New("Self", "1", &typed.Options{OnError: func(_ context.Context, err error) { reports = append(reports, err) }})
			typed.Handle(api, "POST /x", typed.Func(func(context.Context, selfish) (typed.None, error) { return typed.None{}, nil }))
			w := ask(api, "POST", "/x", `{"mode":"`+c.mode+`"}`)
			require.Equal(t, c.status, w.Code)
			require.Contains(t, w.Body.String(), c.body)
			require.NotContains(t, w.Body.String(), "secret")
			require.Equal(t, c.reported, len(reports) == 1)
			if c.reported {
				require.ErrorContains(t, reports[0], "secret")
				require.ErrorContains(t, reports[0], "returned an error that is no validate.Failure")
			}
		})
	}
}

// Home is exported, so that it can be embedded.
type Home struct {
	Zip string `json:"zip" validate:"len=5"`
}

// TestEmbeddedBody: the pointer is into the body, whatever the field around it is called.
func TestEmbeddedBody(t *testing.T) {
	t.Parallel()
	type in struct {
		Home `body:""`
	}
	api := typed.New("Homes", "1", nil)
	typed.Handle(api, "POST /homes", typed.Func(func(context.Context, in) (typed.None, error) { return typed.None{}, nil }))
	w := ask(api, "POST", "/homes", `{"zip":"1"}`)
	require.Contains(t, w.Body.String(), `"pointer":"/zip"`)
}
