package docs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

// A multipart body has its files as bytes and its parts with their media types.
func TestMultipart(t *testing.T) {
	type meta struct {
		Tags []string `json:"tags"`
	}
	type upload struct {
		Title  string       `form:"title" validate:"required,max=100"`
		Avatar typed.File   `form:"avatar" accept:"image/png,image/*" maxsize:"5MB" validate:"required" doc:"Who it is."`
		Extras []typed.File `form:"extra" maxsize:"1000" validate:"min=1,max=3"`
		Note   *typed.File  `form:"note" deprecated:""`
		Meta   meta         `part:"meta" doc:"What it is about."`
		More   *meta        `part:"more"`
	}
	api := typed.New("A", "1", nil)
	typed.Handle(api, "POST /up", typed.Func(func(context.Context, upload) (typed.None, error) { return typed.None{}, nil }))
	const want = `{"multipart/form-data":{
		"schema":{"type":"object",
			"properties":{
				"title":{"type":"string","minLength":1,"maxLength":100},
				"avatar":{"type":"string","format":"binary","description":"Who it is.\n\nAt most 5 MB.","x-max-bytes":5000000},
				"extra":{"type":"array","items":{"type":"string","format":"binary","x-max-bytes":1000},"minItems":1,"maxItems":3,"description":"At most 1000 bytes each."},
				"note":{"type":"string","format":"binary","deprecated":true},
				"meta":{"description":"What it is about.","allOf":[{"$ref":"#/components/schemas/Meta"}]},
				"more":{"$ref":"#/components/schemas/Meta"}
			},
			"required":["title","avatar","extra","meta"]},
		"encoding":{
			"avatar":{"contentType":"image/png, image/*"},%s
			"meta":{"contentType":"application/json"},"more":{"contentType":"application/json"}
		}}}`
	for _, version := range []string{"3.0", "3.1", "3.2"} {
		doc, err := docs.OpenAPI(api, &docs.Options{Version: version})
		require.NoError(t, err)
		text, err := doc.JSON()
		require.NoError(t, err)
		var got struct {
			Paths map[string]struct {
				Post struct {
					RequestBody struct {
						Required bool
						Content  any
					}
					Responses map[string]any
				}
			}
			Components struct{ Schemas map[string]any }
		}
		require.NoError(t, json.Unmarshal(text, &got))
		files := `"extra":{"contentType":"application/octet-stream"},"note":{"contentType":"application/octet-stream"},`
		if version == "3.0" {
			files = "" // where that is the default
		}
		var wanted any
		require.NoError(t, json.Unmarshal(fmt.Appendf(nil, want, files), &wanted))
		op := got.Paths["/up"].Post
		if diff := cmp.Diff(wanted, op.RequestBody.Content); diff != "" {
			t.Errorf("%s (-want +got)\n%s", version, diff)
		}
		require.True(t, op.RequestBody.Required)
		for _, code := range []string{"204", "400", "403", "413", "415", "422", "500"} {
			require.Contains(t, op.Responses, code)
		}
		require.NotContains(t, got.Components.Schemas, "File")
	}
}
