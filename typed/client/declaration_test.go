package client_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

// What is wrong with a declaration is the error of every call, before anything is sent.
func TestDeclarations(t *testing.T) {
	c := client.New("http://127.0.0.1:1", nil)
	type twice struct {
		ID int `path:"id" query:"id"`
	}
	type none struct {
		A typed.Reply[user] `status:"x"`
	}
	for want, err := range map[string]error{
		"client: GET users: the path does not begin":                         second(client.Call(t.Context(), c, typed.Get[typed.None, user]("users"), typed.None{})),
		"client: GET /{id}: field ID: the field has the tags path and query": second(client.Call(t.Context(), c, typed.Get[twice, user]("/{id}"), twice{})),
		"client: GET /x: field A: has no final status":                       second(client.Do(t.Context(), c, typed.Define[typed.None, none]("GET /x"), typed.None{})),
		"client: GET /m: JSON cannot be decoded into the payload":            second(client.Call(t.Context(), c, typed.Get[typed.None, chan int]("/m"), typed.None{})),
		"client: GET /b: the payload type *bytes.Reader is a stream":         second(client.Call(t.Context(), c, typed.Get[typed.None, *bytes.Reader]("/b"), typed.None{})),
		"client: GET /o: the option MaxBody is not positive":                 second(client.Call(t.Context(), c, typed.Get[typed.None, user]("/o", typed.MaxBody(-1)), typed.None{})),
	} {
		require.ErrorContains(t, err, want)
	}
}

func second[T any](_ T, err error) error { return err }

// A base URL that is none is a mistake of the program.
func TestNew(t *testing.T) {
	for _, wrong := range []string{"", "example.com", "/v1", "ftp://example.com", "http://", "http://a@example.com", "http://example.com/?a", "http://example.com/#a", "http://%"} {
		require.PanicsWithValue(t, `client: New: the base URL is no http or https URL without query and user information: write it like "https://api.example.com/v1"`, func() { client.New(wrong, nil) }, wrong)
	}
	require.NotNil(t, client.New("HTTPS://example.com/a%20b/", nil))
}
