package docs_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-playground/validator/v10"
	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/validate"
)

type judgedRange struct {
	From int `json:"from"`
	To   int `json:"to"`
}

func (judgedRange) Validate(context.Context) error { return nil }

type judgedQuery struct {
	From int `query:"from"`
	To   int `query:"to"`
}

func (*judgedQuery) Validate(context.Context) error { return nil }

type judgedByFunction struct {
	N int `json:"n"`
}

type judgedEmbedding struct {
	ID int `path:"id"`
	judgedRange
}

type judgedPart struct {
	ID   int         `path:"id"`
	Body judgedRange `body:""`
}

type judgedRows struct {
	Rows typed.Lines[judgedRange] `body:""`
}

type unjudged struct {
	N int `json:"n"`
}

// TestJudgedBeyondTags finds what the document says of conditions that no tag says: x-validate
// of the operation, and of the schema of the content or its items.
func TestJudgedBeyondTags(t *testing.T) {
	v := validate.New(nil)
	v.RegisterStruct(func(context.Context, validator.StructLevel) {}, judgedByFunction{})
	api := typed.New("Judged", "1", &typed.Options{Validator: v})
	typed.Handle(api, "POST /body", typed.Do(func(context.Context, judgedRange) error { return nil }))
	typed.Handle(api, "GET /query", typed.Do(func(context.Context, judgedQuery) error { return nil }))
	typed.Handle(api, "POST /function", typed.Do(func(context.Context, judgedByFunction) error { return nil }))
	typed.Handle(api, "POST /embedding/{id}", typed.Do(func(context.Context, judgedEmbedding) error { return nil }))
	typed.Handle(api, "POST /part/{id}", typed.Do(func(context.Context, judgedPart) error { return nil }))
	typed.Handle(api, "POST /rows", typed.Do(func(context.Context, judgedRows) error { return nil }))
	typed.Handle(api, "POST /unjudged", typed.Do(func(context.Context, unjudged) error { return nil }))
	typed.Handle(api, "GET /answer", typed.Func(func(context.Context, typed.None) (judgedRange, error) { return judgedRange{}, nil }))
	doc, err := docs.OpenAPI(api, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := doc.JSON()
	if err != nil {
		t.Fatal(err)
	}
	type schema struct {
		Ref    string `json:"$ref"`
		Beyond string `json:"x-validate"`
		Words  string `json:"description"`
	}
	var read struct {
		Paths map[string]map[string]struct {
			Beyond string `json:"x-validate"`
			Body   struct {
				Content map[string]struct {
					Schema schema `json:"schema"`
					Item   schema `json:"x-itemSchema"`
				} `json:"content"`
			} `json:"requestBody"`
		} `json:"paths"`
		Components struct {
			Schemas map[string]schema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for path, item := range read.Paths {
		for _, op := range item {
			got[path] = op.Beyond
			for _, media := range op.Body.Content {
				for _, s := range []schema{media.Schema, media.Item} {
					if c, ok := read.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]; ok {
						got[path] += "/" + c.Beyond + "/" + c.Words
					}
				}
			}
		}
	}
	const said = "/validate/The server also checks conditions that no schema says."
	want := map[string]string{
		"/body": said, "/query": "validate", "/function": said, "/embedding/{id}": said, "/part/{id}": said, "/rows": said,
		"/unjudged": "//", "/answer": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
