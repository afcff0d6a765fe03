package judges_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

// TestStructsInTheQuery holds the server against its document for structs in the query:
// with each of their members absent, zero, valid and not.
func TestStructsInTheQuery(t *testing.T) {
	type open struct {
		A string `json:"a" validate:"max=3"`
		B int    `json:"b" validate:"max=3"`
	}
	type closed struct {
		A string `json:"a" validate:"required"`
		B int    `query:"b" validate:"max=3"`
	}
	type filled struct {
		A string `json:"a" validate:"max=3"`
		B int    `json:"b" validate:"min=1" default:"2"`
	}
	type zeros struct {
		A string `json:"a" validate:"max=3"`
		B int    `json:"b" default:"0" validate:"max=3"`
	}
	type pointers struct {
		A *string               `json:"a" validate:"omitempty,min=1"`
		B typed.Optional[int64] `json:"b" validate:"max=3"`
	}
	holdStruct[struct {
		V open `query:"v"`
	}](t)
	holdStruct[struct {
		V open `query:"v" validate:"required"`
	}](t)
	holdStruct[struct {
		V open `query:"v" validate:"omitempty"`
	}](t)
	holdStruct[struct {
		V *open `query:"v" validate:"required"`
	}](t)
	holdStruct[struct {
		V closed `query:"v"`
	}](t)
	holdStruct[struct {
		V closed `query:"v" validate:"omitempty"`
	}](t)
	holdStruct[struct {
		V closed `query:"v" validate:"-"`
	}](t)
	holdStruct[struct {
		V closed `query:"v" validate:"structonly"`
	}](t)
	holdStruct[struct {
		V closed `query:"v" validate:"required,structonly"`
	}](t)
	holdStruct[struct {
		V *closed `query:"v"`
	}](t)
	holdStruct[struct {
		V *closed `query:"v" validate:"required"`
	}](t)
	holdStruct[struct {
		V *closed `query:"v" validate:"omitempty"`
	}](t)
	holdStruct[struct {
		V *closed `query:"v" validate:"omitzero"`
	}](t)
	holdStruct[struct {
		V filled `query:"v"`
	}](t)
	holdStruct[struct {
		V filled `query:"v" validate:"required"`
	}](t)
	holdStruct[struct {
		V filled `query:"v" validate:"omitempty"`
	}](t)
	holdStruct[struct {
		V zeros `query:"v" validate:"required"`
	}](t)
	holdStruct[struct {
		V pointers `query:"v" validate:"required"`
	}](t)
	holdStruct[struct {
		V pointers `query:"v" validate:"omitempty"`
	}](t)
}

func holdStruct[T any](t *testing.T) {
	t.Helper()
	takes, required := declared[T](t, "GET", "/parameters/0")
	for _, a := range []string{"", `""`, `"x"`, `"long"`} {
		for _, b := range []string{"", "0", "1", "4"} {
			values, members := url.Values{}, []string{}
			if a != "" {
				values.Set("v[a]", strings.Trim(a, `"`))
				members = append(members, `"a":`+a)
			}
			if b != "" {
				values.Set("v[b]", b)
				members = append(members, `"b":`+b)
			}
			var sent []string
			if len(members) > 0 {
				sent = []string{"{" + strings.Join(members, ",") + "}"}
			}
			holdText[T](t, "GET", values.Encode(), takes, required, sent...)
		}
	}
}

// TestListsInOneParameter holds the server against its document for lists in one
// parameter, which are empty where the parameter is sent without a value.
func TestListsInOneParameter(t *testing.T) {
	holdList[struct {
		V []string `query:"v,comma"`
	}](t)
	holdList[struct {
		V []string `query:"v,comma" validate:"required"`
	}](t)
	holdList[struct {
		V []string `query:"v,comma" validate:"min=1"`
	}](t)
	holdList[struct {
		V []string `query:"v,comma" validate:"omitempty,min=1"`
	}](t)
	holdList[struct {
		V []string `query:"v,comma" validate:"omitempty,len=2,dive,max=1"`
	}](t)
	holdList[struct {
		V []string `query:"v,comma" validate:"omitzero,min=2"`
	}](t)
	holdList[struct {
		V []string `query:"v,comma" validate:"omitempty,min=2" default:"a,b"`
	}](t)
	holdList[struct {
		V []time.Time `query:"v,comma,format:DateOnly" validate:"omitempty,min=2"`
	}](t)
}

func holdList[T any](t *testing.T) {
	t.Helper()
	takes, required := declared[T](t, "GET", "/parameters/0")
	for _, texts := range []string{"", "v=", "v=a", "v=a,b", "v=a,bc", "v=2000-01-01,2000-01-02"} {
		var sent []string
		if list, ok := strings.CutPrefix(texts, "v="); ok {
			sent = []string{"[]"}
			if list != "" {
				sent = []string{`["` + strings.ReplaceAll(list, ",", `","`) + `"]`}
			}
		}
		holdText[T](t, "GET", texts, takes, required, sent...)
	}
}

// TestFormFields holds the server against its document for form fields that are absent,
// empty, and sent as browsers and others send them.
func TestFormFields(t *testing.T) {
	holdForm[struct {
		V *string `form:"v" validate:"required"`
	}](t)
	holdForm[struct {
		V *string `form:"v"`
	}](t)
	holdForm[struct {
		V *string `form:"v" validate:"omitempty,min=2"`
	}](t)
	holdForm[struct {
		V *string `form:"v" validate:"max=3"`
	}](t)
	holdForm[struct {
		V string `form:"v" validate:"required"`
	}](t)
	holdForm[struct {
		V typed.Optional[string] `form:"v" validate:"required"`
	}](t)
	holdForm[struct {
		V *word `form:"v" validate:"required"`
	}](t)
	holdForm[struct {
		V []word `form:"v" validate:"max=2"`
	}](t)
	holdForm[struct {
		V bool `form:"v" validate:"eq=false"`
	}](t)
	holdForm[struct {
		V bool `form:"v" validate:"ne=true"`
	}](t)
	holdForm[struct {
		V bool `form:"v" validate:"eq=true"`
	}](t)
	holdForm[struct {
		V *bool `form:"v" validate:"required"`
	}](t)
	holdForm[struct {
		V *bool `form:"v" validate:"omitempty,eq=false"`
	}](t)
	holdForm[struct {
		V typed.Optional[bool] `form:"v" validate:"required,eq=false"`
	}](t)
	holdForm[struct {
		V []bool `form:"v" validate:"dive,eq=false"`
	}](t)
	holdForm[struct {
		V int `form:"v" validate:"min=1"`
	}](t)
	holdForm[struct {
		V int `form:"v" validate:"min=1" default:"3"`
	}](t)
	type list struct {
		V []int `form:"v" validate:"required"`
	}
	takes, _ := declared[list](t, "POST", "/requestBody/content/application~1x-www-form-urlencoded")
	holdText[list](t, "POST", "v=&v=1", takes, false, `{"v":["",1]}`)
}

// word reads any text, and as every type with a form of its own has no value where a form
// sends it empty.
type word string

func (w *word) UnmarshalText(text []byte) error { *w = word(text); return nil }

func (w word) MarshalText() ([]byte, error) { return []byte(w), nil }

func holdForm[T any](t *testing.T) {
	t.Helper()
	takes, _ := declared[T](t, "POST", "/requestBody/content/application~1x-www-form-urlencoded")
	list := reflect.TypeFor[T]().Field(0).Type.Kind() == reflect.Slice
	holdText[T](t, "POST", "", takes, false, "{}")
	for _, text := range []string{"", "a", "0", "1", "on", "true", "false", "1.2.3.4"} {
		values := []string{`"` + text + `"`}
		if json.Valid([]byte(text)) {
			values = append(values, text)
		}
		for i, value := range values {
			if list {
				value = "[" + value + "]"
			}
			values[i] = `{"v":` + value + "}"
		}
		holdText[T](t, "POST", "v="+text, takes, false, values...)
	}
}

// declared is the schema of a part of the only operation of an API, and whether it is
// required, by the document.
func declared[T any](t *testing.T, method, at string) (schema *jsonschema.Schema, required bool) {
	t.Helper()
	doc, err := docs.OpenAPI(textAPI[T](method), nil)
	require.NoError(t, err)
	text, err := doc.JSON()
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource("document.json", document))
	at = "/paths/~1a/" + strings.ToLower(method) + at
	schema, err = compiler.Compile("document.json#" + at + "/schema")
	require.NoError(t, err)
	for step := range strings.SplitSeq(strings.TrimPrefix(at, "/"), "/") {
		if list, ok := document.([]any); ok {
			document = list[0]
			continue
		}
		document = document.(map[string]any)[strings.ReplaceAll(step, "~1", "/")]
	}
	return schema, document.(map[string]any)["required"] == true
}

func textAPI[T any](method string) *typed.API {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, method+" /a", typed.Func(func(context.Context, T) (typed.None, error) { return typed.None{}, nil }))
	return api
}

// holdText sends texts to the server and judges the values that they may stand for, of
// which there is none where nothing is sent.
func holdText[T any](t *testing.T, method, texts string, takes *jsonschema.Schema, required bool, values ...string) {
	t.Helper()
	r := httptest.NewRequest(method, "/a?"+texts, nil)
	if method == "POST" {
		r = httptest.NewRequest(method, "/a", strings.NewReader(texts))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	textAPI[T](method).ServeHTTP(w, r)
	valid := len(values) == 0 && !required
	for _, value := range values {
		sent, err := jsonschema.UnmarshalJSON(strings.NewReader(value))
		require.NoError(t, err)
		valid = valid || takes.Validate(sent) == nil
	}
	if valid != (w.Code == http.StatusNoContent) {
		t.Errorf("%T takes %q with %d; the schema takes %s: %t", *new(T), texts, w.Code, values, valid)
	}
}
