package judges_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

type (
	// Strict has a rule that its zero value breaks.
	Strict struct {
		A string `json:"a" validate:"required,max=3"`
		B int    `json:"b"`
	}
	// Lax has none.
	Lax struct {
		A *string `json:"a" validate:"omitempty,max=3"`
		B int     `json:"b"`
	}
	// Sent has a member of a presence type.
	Sent struct {
		A typed.Optional[string] `json:"a" validate:"max=3"`
		B int                    `json:"b" validate:"required_with=A"`
	}
	// Outer has an embedded struct of its own.
	Outer struct {
		*Strict `validate:"required"`
	}
	// Lists is never zero where its list is sent.
	Lists struct {
		A []string `json:"a" validate:"required"`
		B int      `json:"b" validate:"max=1"`
	}
)

// TestEmbeddedStructs holds the server against its document for the rules of embedded
// structs, with their members absent, null, zero and given.
func TestEmbeddedStructs(t *testing.T) {
	for _, options := range [][]typed.Option{nil, {typed.NullAsAbsent()}} {
		holdEmbedded[struct {
			*Strict `validate:"required"`
		}](t, options)
		holdEmbedded[struct {
			*Lax `validate:"required"`
		}](t, options)
		holdEmbedded[struct {
			Lax `validate:"required"`
		}](t, options)
		holdEmbedded[struct {
			Strict `validate:"omitempty"`
		}](t, options)
		holdEmbedded[struct {
			Strict `validate:"omitzero"`
		}](t, options)
		holdEmbedded[struct {
			Lax `validate:"omitempty"`
		}](t, options)
		holdEmbedded[struct {
			Sent `validate:"omitempty"`
		}](t, options)
		holdEmbedded[struct {
			Lists `validate:"omitempty"`
		}](t, options)
		holdEmbedded[struct {
			Strict `validate:"-"`
		}](t, options)
		holdEmbedded[struct {
			Strict `validate:"structonly"`
		}](t, options)
		holdEmbedded[struct {
			Outer
		}](t, options)
		holdEmbedded[struct {
			Q int `query:"q"`
			*Strict
		}](t, options)
		holdEmbedded[struct {
			Q    int `query:"q"`
			*Lax `validate:"required"`
		}](t, options)
		holdEmbedded[struct {
			Q      int `query:"q"`
			Strict `validate:"omitempty"`
		}](t, options)
	}
}

func holdEmbedded[T any](t *testing.T, options []typed.Option) {
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
	for _, a := range []string{"", "null", `""`, `"x"`, `"long"`, "[]", `["x"]`} {
		for _, b := range []string{"", "null", "0", "1", "2"} {
			var members []string
			if a != "" {
				members = append(members, `"a":`+a)
			}
			if b != "" {
				members = append(members, `"b":`+b)
			}
			body := "{" + strings.Join(members, ",") + "}"
			w := httptest.NewRecorder()
			r := httptest.NewRequest("POST", "/a", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			api.ServeHTTP(w, r)
			sent, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
			require.NoError(t, err)
			if refused := schema.Validate(sent); (w.Code == http.StatusNoContent) != (refused == nil) {
				t.Errorf("%T takes %s with %d; the schema takes it: %t", *new(T), body, w.Code, refused == nil)
			}
		}
	}
}
