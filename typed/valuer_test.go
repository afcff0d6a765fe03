package typed_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/apiroutes/apiroutes/typed"
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
		ID int            `path:"id"`
		A  valued[home] `json:"a"`
	}
	type whole struct {
		ID   int                       `path:"id"`
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
