package typed_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

// presences has each presence type, of each kind of value.
type presences struct {
	Number  typed.Optional[int]      `json:"number" validate:"min=1"`
	Text    typed.Nullable[string]   `json:"text" validate:"min=1"`
	List    typed.Optional[[]string] `json:"list" validate:"max=2"`
	Object  typed.Nullable[member]   `json:"object"`
	Members typed.Optional[member]   `json:"members"`
}

type member struct {
	A int `json:"a"`
}

// everywhere holds presences at each place of a body.
type everywhere struct {
	presences
	In       presences                 `json:"in"`
	Pointer  *presences                `json:"pointer"`
	Elements []presences               `json:"elements" validate:"dive"`
	Entries  map[string]presences      `json:"entries" validate:"dive"`
	Optional typed.Optional[presences] `json:"optional"`
	Nullable typed.Nullable[presences] `json:"nullable"`
}

// Absent, null, a wrong type and a broken rule of each presence type, at each depth, with
// status, pointer and rule.
func TestPresenceAtEveryDepth(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /", typed.Func(func(context.Context, everywhere) (typed.None, error) { return typed.None{}, nil }))
	places := map[string]string{ // the pointer to the place, and a body with its members
		"":            `{%}`,
		"/in":         `{"in":{%}}`,
		"/pointer":    `{"pointer":{%}}`,
		"/elements/1": `{"elements":[{},{%}]}`,
		"/entries/x":  `{"entries":{"x":{%}}}`,
		"/optional":   `{"optional":{%}}`,
		"/nullable":   `{"nullable":{%}}`,
	}
	inputs := []struct{ member, pointer, rule string }{ // "": taken
		{``, "", ""},
		{`"number":7`, "", ""},
		{`"number":null`, "/number", "null"},
		{`"number":"7"`, "/number", "type"},
		{`"number":7.5`, "/number", "type"},
		{`"number":0`, "/number", "min"},
		{`"number":9223372036854775808`, "/number", "range"},
		{`"number":[]`, "/number", "type"},
		{`"text":null`, "", ""},
		{`"text":7`, "/text", "type"},
		{`"text":{}`, "/text", "type"},
		{`"text":""`, "/text", "min"},
		{`"list":[]`, "", ""},
		{`"list":null`, "/list", "null"},
		{`"list":{}`, "/list", "type"},
		{`"list":[null]`, "/list/0", "null"},
		{`"list":["a",1]`, "/list/1", "type"},
		{`"list":["a","b","c"]`, "/list", "max"},
		{`"object":null`, "", ""},
		{`"object":{}`, "", ""},
		{`"object":[]`, "/object", "type"},
		{`"object":{"a":null}`, "/object/a", "null"},
		{`"object":{"a":"x"}`, "/object/a", "type"},
		{`"object":{"b":1}`, "/object/b", "unknown"},
		{`"members":null`, "/members", "null"},
		{`"members":1`, "/members", "type"},
		{`"members":{"a":true}`, "/members/a", "type"},
	}
	for place, body := range places {
		for _, in := range inputs {
			body := strings.ReplaceAll(body, "%", in.member)
			r := httptest.NewRequest("POST", "/", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			if in.rule == "" {
				require.Equal(t, 204, w.Code, "%s: %s", body, w.Body)
				continue
			}
			require.Equal(t, 422, w.Code, "%s: %s", body, w.Body)
			require.Contains(t, w.Body.String(), `"errors":[{"in":"body","pointer":"`+place+in.pointer+`","rule":"`+in.rule+`"`, body)
		}
	}
	t.Logf("%d bodies", len(places)*len(inputs))
}
