package docs_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// outcomes handles GET /a with an outcome set.
func outcomes[Out any](api *typed.API) {
	typed.Handle(api, "GET /a", func(context.Context, typed.None, *Out) (typed.Answer, error) { return typed.Answer{}, nil })
}

func TestExamplesOfOutcomes(t *testing.T) {
	type pair struct {
		A int     `json:"a"`
		B *string `json:"b"`
	}
	type out struct {
		Object typed.Reply[pair]         `status:"200" example:"{\"a\": 1, \"b\": null}"`
		List   typed.Reply[[]string]     `status:"201" example:"x, 7"`
		Null   typed.Reply[*pair]        `status:"202" example:"null"`
		Text   typed.Reply[string]       `status:"203" example:"7"`
		Number typed.Reply[float64]      `status:"206" example:"7"`
		HTML   typed.Reply[respond.HTML] `status:"400" example:"<p>7"`
		Bytes  typed.Reply[[]byte]       `status:"401" example:"7"`
		Stream typed.Reply[io.Reader]    `status:"402" example:"id,name"`
		Any    typed.Reply[any]          `status:"403" example:"[7]"`
		None   typed.Reply[pair]         `status:"404"`
	}
	api := typed.New("A", "1", nil)
	outcomes[out](api)
	for _, older := range []bool{false, true} {
		doc, err := docs.OpenAPI(api, &docs.Options{OpenAPI30: older})
		require.NoError(t, err)
		item, _ := doc.Paths.Get("/a")
		op, _ := item.Operations.Get("get")
		got := map[string]string{}
		for code, r := range op.Responses.All() {
			for media, content := range r.Content.All() {
				if content.Example != nil {
					got[code+" "+media] = jsonOf(t, content.Example)
				}
			}
		}
		require.Equal(t, map[string]string{
			"200 application/json":         `{"a":1,"b":null}`,
			"201 application/json":         `["x","7"]`,
			"202 application/json":         `null`,
			"203 text/plain":               `"7"`,
			"203 application/json":         `"7"`,
			"206 application/json":         `7`,
			"400 text/html":                `"<p>7"`,
			"401 application/octet-stream": `"7"`,
			"402 application/octet-stream": `"id,name"`,
			"403 application/json":         `[7]`,
		}, got)
		whole, err := doc.JSON()
		require.NoError(t, err)
		require.Contains(t, string(whole), `"example":null`)
	}
}

// jsonOf is a value as a document writes it.
func jsonOf(t *testing.T, v any) string {
	t.Helper()
	var s openapi.Schema
	s.Extensions.Set("x", v)
	out, err := s.MarshalJSON()
	require.NoError(t, err)
	return string(out[len(`{"x":`) : len(out)-1])
}

func TestExamplesOfAnotherTypeThanTheirOutcomeAreRefused(t *testing.T) {
	api := typed.New("A", "1", nil)
	outcomes[struct {
		OK   typed.Reply[int]       `status:"200" example:"ten"`
		Bad  typed.Reply[page[int]] `status:"400" example:"[]"`
		Ints typed.Reply[[]int]     `status:"404" example:"1,x"`
	}](api)
	_, err := docs.OpenAPI(api, nil)
	require.EqualError(t, err, `docs: GET /a: outcome OK: the example "ten" is no integer: write one in JSON`+"\n"+
		`GET /a: outcome Bad: the example "[]" is no object: write one in JSON`+"\n"+
		`GET /a: outcome Ints: the example "1,x" has "x", which is no integer: write one in JSON, or the list as a JSON array`)
}
