package docs_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

// A struct whose members may all be absent may be absent itself: the rules of an Optional
// are about a value that was sent.
func TestStructOfOptionalsMayBeAbsent(t *testing.T) {
	type Changes struct {
		Name typed.Optional[string] `json:"name" validate:"min=1"`
		Bio  typed.Nullable[string] `json:"bio" validate:"max=5"`
	}
	type Update struct {
		User Changes `json:"user"`
	}
	type Strict struct {
		User struct {
			Name typed.Optional[string] `json:"name" validate:"required"`
		} `json:"user"`
	}
	api := typed.New("Users", "1", nil)
	typed.Handle(api, "PUT /user", typed.Func(func(context.Context, Update) (int, error) { return 1, nil }))
	typed.Handle(api, "PUT /strict", typed.Func(func(context.Context, Strict) (int, error) { return 1, nil }))
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	for _, test := range []struct {
		path, schema string
		required     []string
		status       int
	}{
		{"/user", "Update", nil, 200},
		{"/strict", "Strict", []string{"user"}, 422},
	} {
		s, ok := doc.Components.Schemas.Get(test.schema)
		require.True(t, ok)
		require.Equal(t, test.required, s.Required, test.path)
		r := httptest.NewRequest("PUT", test.path, strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		require.Equal(t, test.status, w.Code, w.Body)
	}
}

// The rules of a whole body stand in its field's tag.
func TestRulesOfWholeBodies(t *testing.T) {
	type Point struct {
		X int `json:"x"`
	}
	api := typed.New("Bodies", "1", nil)
	typed.Handle(api, "POST /number", typed.Func(func(context.Context, struct {
		N float64 `body:"" validate:"gte=0"`
	}) (int, error) {
		return 1, nil
	}))
	typed.Handle(api, "POST /list", typed.Func(func(context.Context, struct {
		All []Point `body:"" validate:"min=1,max=2"`
	}) (int, error) {
		return 1, nil
	}))
	typed.Handle(api, "POST /maybe", typed.Func(func(context.Context, struct {
		One *Point `body:""`
	}) (int, error) {
		return 1, nil
	}))
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	for path, want := range map[string]string{
		"/number": `{"type":"number","format":"double","minimum":0}`,
		"/list":   `{"type":"array","items":{"$ref":"#/components/schemas/Point"},"minItems":1,"maxItems":2}`,
		"/maybe":  `{"anyOf":[{"$ref":"#/components/schemas/Point"},{"type":"null"}]}`,
	} {
		item, _ := doc.Paths.Get(path)
		post, _ := item.Operations.Get("post")
		media, _ := post.RequestBody.Content.Get("application/json")
		got, err := json.Marshal(media.Schema)
		require.NoError(t, err)
		require.JSONEq(t, want, string(got), path)
	}
}
