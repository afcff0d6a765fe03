package judges_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

// TestPresenceInConditions holds the server against its document where rules look at other
// members and either of them is of a presence type: with each of the three absent, null,
// empty and given, and where null counts as absent.
func TestPresenceInConditions(t *testing.T) {
	for _, options := range [][]typed.Option{nil, {typed.NullAsAbsent()}} {
		holdConditions[struct {
			K typed.Optional[string] `json:"k"`
			P string                 `json:"p"`
			V string                 `json:"v" validate:"required_with=K"`
		}](t, options)
		holdConditions[struct {
			K typed.Nullable[string] `json:"k"`
			P string                 `json:"p"`
			V string                 `json:"v" validate:"required_with=K"`
		}](t, options)
		holdConditions[struct {
			K typed.Nullable[string] `json:"k"`
			P string                 `json:"p"`
			V *string                `json:"v" validate:"required_without=K"`
		}](t, options)
		holdConditions[struct {
			K typed.Optional[string] `json:"k"`
			P string                 `json:"p"`
			V typed.Optional[string] `json:"v" validate:"required_if=P x"`
		}](t, options)
		holdConditions[struct {
			K typed.Optional[string] `json:"k"`
			P string                 `json:"p"`
			V typed.Nullable[string] `json:"v" validate:"required_unless=P x"`
		}](t, options)
		holdConditions[struct {
			K typed.Optional[string] `json:"k"`
			P string                 `json:"p"`
			V typed.Optional[string] `json:"v" validate:"excluded_if=P x"`
		}](t, options)
		holdConditions[struct {
			K typed.Optional[string] `json:"k"`
			P string                 `json:"p"`
			V typed.Nullable[string] `json:"v" validate:"excluded_with=K"`
		}](t, options)
		holdConditions[struct {
			K string   `json:"k"`
			P bool     `json:"p"`
			V []string `json:"v" validate:"required_with=K"`
		}](t, options)
	}
}

func holdConditions[T any](t *testing.T, options []typed.Option) {
	t.Helper()
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /a", typed.Func(func(context.Context, T) (typed.None, error) { return typed.None{}, nil }), options...)
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	text, err := doc.JSON()
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	require.NoError(t, compiler.AddResource("document.json", document))
	schema, err := compiler.Compile("document.json#/paths/~1a/post/requestBody/content/application~1json/schema")
	require.NoError(t, err)
	values := []string{"", "null", `""`, `"x"`, "true", "[]"}
	for _, k := range values {
		for _, p := range values {
			for _, v := range values {
				var members []string
				for i, value := range []string{k, p, v} {
					if value != "" {
						members = append(members, `"`+"kpv"[i:i+1]+`":`+value)
					}
				}
				body := "{" + strings.Join(members, ",") + "}"
				w := httptest.NewRecorder()
				r := httptest.NewRequest("POST", "/a", strings.NewReader(body))
				r.Header.Set("Content-Type", "application/json")
				api.ServeHTTP(w, r)
				sent, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
				require.NoError(t, err)
				refused := schema.Validate(sent)
				require.Equal(t, w.Code == 204, refused == nil, "%T takes %s with %d; the schema: %v", *new(T), body, w.Code, refused)
			}
		}
	}
}
