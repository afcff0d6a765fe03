package typed_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// What adapters ask of an endpoint: what it became, what a path leads to, and who may call it.
func TestHooksForTools(t *testing.T) {
	type me struct{ Name string }
	type read struct {
		Me me     `auth:"token"`
		ID string `path:"id"`
	}
	var reported []error
	api := typed.New("Hooks", "1", &typed.Options{
		BasePath: "/v1",
		OnError:  func(_ context.Context, err error) { reported = append(reported, err) },
		Schemes: []typed.Scheme{typed.Bearer("token", func(_ context.Context, token string) (me, error) {
			switch token {
			case "ada":
				return me{"Ada"}, nil
			case "down":
				return me{}, errors.New("the database is down")
			case "panic":
				panic("verify")
			}
			return me{}, respond.Unauthorized("The token is not known.")
		})},
	})
	handler := typed.Func(func(context.Context, read) (string, error) { return "", nil })
	one := typed.Handle(api, "GET /users/{id}", handler)
	open := typed.Handle(api, "GET /users/me", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }))
	elsewhere := typed.Get[typed.None, string]("/users/me")

	guarded := hook.Operation(api, one).(*typed.Operation)
	require.Equal(t, "/users/{id}", guarded.Path)
	require.Nil(t, hook.Operation(api, elsewhere), "another declaration of the same path")
	require.Nil(t, hook.Operation(api, "GET /users/me"))
	require.Nil(t, hook.Operation(api, nil))

	require.Same(t, guarded, hook.Routed(api, "GET", "/v1/users/7"))
	require.Same(t, hook.Operation(api, open), hook.Routed(api, "GET", "/v1/users/me"))
	require.Nil(t, hook.Routed(api, "GET", "/users/7"))
	require.Nil(t, hook.Routed(api, "POST", "/v1/users/7"))

	admits := func(operation any, token string) bool {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		return hook.Admits(api, operation, r)
	}
	require.True(t, admits(guarded, "ada"))
	require.False(t, admits(guarded, "bob"))
	require.True(t, admits(hook.Operation(api, open), "bob"), "it does not ask")
	require.False(t, admits(&typed.Operation{}, "ada"))
	require.Empty(t, reported, "clients are at fault")
	require.False(t, admits(guarded, "down"))
	require.False(t, admits(guarded, "panic"))
	require.Len(t, reported, 2)
}
