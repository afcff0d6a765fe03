package typed_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

type (
	named struct {
		Name string `json:"name" validate:"required"`
	}
	bounded struct {
		Name string `json:"name" validate:"omitempty,max=3"`
		Note string `json:"note" validate:"required"`
	}
	whenKept struct {
		Name string `json:"name" validate:"required_with=Keep"`
		Keep string `json:"keep"`
	}
)

// A member that another field hides is never sent, so that rules which refuse its zero
// value are refused.
func TestHiddenMembers(t *testing.T) {
	const says = `: another field has the JSON name "name", so that this one is never sent, and its rules refuse it then: give it a name of its own, or drop its rules`
	for _, test := range []struct {
		handle func(*typed.API)
		want   string // "" where nothing is wrong
	}{
		{handleHidden[struct {
			named
			Name string `json:"name"`
		}], "typed: POST /a: field named.Name" + says},
		{handleHidden[struct {
			List []*struct {
				whenKept
				Name string `json:"name"`
			} `json:"list" validate:"dive"`
		}], "typed: POST /a: field List.whenKept.Name" + says},
		{handleHidden[struct {
			Q string `query:"q"`
			named
			Name string `json:"name"`
		}], "typed: POST /a: field named.Name" + says},
		{handleHidden[struct {
			Q    string `query:"q"`
			Name string `json:"name"`
			named
		}], "typed: POST /a: field named.Name" + says},
		{handleHidden[typed.Lines[struct {
			named
			Name string `json:"name"`
		}]], "typed: POST /a: field named.Name" + says},
		{handleHidden[struct {
			bounded
			Name string `json:"name" validate:"required"`
		}], ""},
		{handleHidden[struct {
			named `validate:"-"`
			Name  string `json:"name"`
		}], ""},
		{handleHidden[struct {
			Name string `query:"name"`
			named
		}], ""},
	} {
		require.Equal(t, test.want, panicOf(func() { test.handle(typed.New("Test", "1", nil)) }))
	}
}

func handleHidden[T any](api *typed.API) {
	typed.Handle(api, "POST /a", typed.Func(func(context.Context, T) (typed.None, error) { return typed.None{}, nil }))
}
