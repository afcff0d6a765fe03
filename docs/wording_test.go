package docs_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

type signedIn struct {
	Session string `cookie:"session"`
}

func TestForbiddenIsSaidByWhoeverForbids(t *testing.T) {
	guarded := func(api *typed.API) { typed.Handle(api, "POST /a", answer[signedIn, typed.None]) }
	own := func(api *typed.API) { typed.Handle(api, "GET /b", answer[typed.None, typed.None], typed.Fails(403)) }
	for _, tt := range []struct {
		name    string
		declare []func(*typed.API)
		want    string
	}{
		{"the guard", []func(*typed.API){guarded}, "The request comes from a page of another origin."},
		{"a handler", []func(*typed.API){own}, "The client may not do this."},
		{"both", []func(*typed.API){own, guarded}, "The client may not do this, or a form or cookie comes from a page of another origin."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			api := typed.New("A", "1", nil)
			for _, declare := range tt.declare {
				declare(api)
			}
			typed.Handle(api, "GET /c", answer[typed.None, typed.None], typed.Fails(403), typed.Hidden())
			doc, err := docs.OpenAPI(api, nil)
			require.NoError(t, err)
			forbidden, ok := doc.Components.Responses.Get("Forbidden")
			require.True(t, ok)
			require.Equal(t, tt.want, forbidden.Description)
		})
	}
}

type page[T any] struct {
	Items []T `json:"items"`
}

func TestTypesAreNamedAsTheComponentsAre(t *testing.T) {
	api := typed.New("A", "1", nil)
	typed.Handle(api, "GET /a", answer[typed.None, page[*signedIn]])
	typed.Handle(api, "GET /b", answer[typed.None, io.Reader])
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	for path, want := range map[string]string{
		"/a": "`GET /a` answers 200 with PageNullableSignedIn.",
		"/b": "`GET /b` answers 200 with a stream.",
	} {
		item, _ := doc.Paths.Get(path)
		op, _ := item.Operations.Get("get")
		require.Equal(t, want, op.Description)
	}
	_, ok := doc.Components.Schemas.Get("PageNullableSignedIn")
	require.True(t, ok)
}
