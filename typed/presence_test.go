package typed_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

type place struct {
	Zip   typed.Optional[string]   `json:"zip" validate:"len=5"`
	Floor typed.Nullable[int8]     `json:"floor"`
	Lines typed.Optional[[]string] `json:"lines" validate:"max=2,dive,min=1"`
}

type patch struct {
	ID    int                    `path:"id"`
	Name  typed.Optional[string] `json:"name" validate:"min=3"`
	Note  typed.Nullable[string] `json:"note" validate:"required,max=5"`
	Must  typed.Optional[int]    `json:"must" validate:"required"`
	Place typed.Optional[place]  `json:"place"`
	Old   typed.Nullable[place]  `json:"old"`
	//lint:ignore SA5008 an Optional of a number takes the option as well
	Big  typed.Optional[int64]     `json:"big,string"`
	Day  typed.Optional[time.Time] `json:"day,format:DateOnly"`
	List []place                   `json:"list" validate:"dive"`
}

func TestPresence(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "PATCH /x/{id}", typed.Func(func(_ context.Context, in patch) (map[string]any, error) {
		out := map[string]any{}
		if v, ok := in.Name.Get(); ok {
			out["name"] = v
		}
		if v, ok := in.Note.Get(); ok {
			out["note"] = v
		}
		if v, ok := in.Place.Get(); ok {
			if b, err := json.Marshal(v.Zip); err == nil && !v.Zip.IsZero() {
				out["zip"] = string(b)
			}
			_, out["floor"] = v.Floor.Get()
		}
		if v, ok := in.Old.Get(); ok {
			out["old"] = v == nil
		}
		if v, ok := in.Day.Get(); ok {
			out["day"] = v.Year()
		}
		out["big"] = in.Big.Or(-1)
		return out, nil
	}))
	typed.Handle(api, "POST /echo", typed.Func(func(_ context.Context, in place) (place, error) { return in, nil }))
	docs.Mount(api, nil)
	send := func(method, path, body string) (int, string) {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/merge-patch+json")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for _, test := range []struct {
		body     string
		status   int
		contains string
	}{
		{`{"must":0,"note":null}`, 200, `{"big":-1,"note":null}`},
		{`{"must":0,"name":"Ada","note":null,"big":"7"}`, 200, `{"big":7,"name":"Ada","note":null}`},
		{`{"must":0,"note":"x","place":{"zip":"12345","floor":null},"old":null}`, 200, `{"big":-1,"floor":true,"note":"x","old":true,"zip":"\"12345\""}`},
		{`{"must":0,"note":null,"day":"2026-01-02"}`, 200, `"day":2026`},
		{`{"note":null}`, 422, `"errors":[{"in":"body","pointer":"/must","rule":"required","detail":"is required"}]`},
		{`{"must":0}`, 422, `"errors":[{"in":"body","pointer":"/note","rule":"required","detail":"is required"}]`},
		{`{"must":0,"note":null,"name":""}`, 422, `"pointer":"/name","rule":"min","param":"3"`},
		{`{"must":0,"note":"toolong"}`, 422, `"pointer":"/note","rule":"max"`},
		{`{"must":0,"note":null,"place":{"zip":"1"}}`, 422, `"pointer":"/place/zip","rule":"len"`},
		{`{"must":0,"note":null,"old":{"zip":"1"}}`, 422, `"pointer":"/old/zip","rule":"len"`},
		{`{"must":0,"note":null,"list":[{},{"zip":"1"}]}`, 422, `"pointer":"/list/1/zip","rule":"len"`},
		{`{"must":0,"note":null,"place":{"lines":["a",""]}}`, 422, `"pointer":"/place/lines/1","rule":"min"`},
		{`{"must":0,"note":null,"place":{"lines":["a","b","c"]}}`, 422, `"pointer":"/place/lines","rule":"max"`},
		{`{"must":0,"note":null,"name":null}`, 422, `"pointer":"/name","rule":"null"`},
		{`{"must":0,"note":null,"place":null}`, 422, `"pointer":"/place","rule":"null"`},
		{`{"must":0,"note":null,"place":{"zip":null}}`, 422, `"pointer":"/place/zip","rule":"null"`},
		{`{"must":0,"note":null,"place":{"lines":[null]}}`, 422, `"pointer":"/place/lines/0","rule":"null"`},
		{`{"must":0,"note":null,"place":{"floor":300}}`, 422, `"pointer":"/place/floor","rule":"range"`},
		{`{"must":0,"note":null,"old":{"floor":"x"}}`, 422, `"pointer":"/old/floor","rule":"type"`},
		{`{"must":0,"note":null,"old":{"x":1}}`, 422, `"pointer":"/old/x","rule":"unknown"`},
		{`{"must":0,"note":null,"name":7}`, 422, `"pointer":"/name","rule":"type","detail":"must be a string"`},
		{`{"must":0,"note":null,"day":"x"}`, 422, `"pointer":"/day","rule":"format","detail":"must be a date such as 2006-01-02"`},
		{`{"must":0,"note":null,"name":"abc","name":"abc"}`, 400, `"pointer":"/name","rule":"duplicate"`},
	} {
		t.Run(test.body, func(t *testing.T) {
			status, body := send("PATCH", "/x/1", test.body)
			require.Equal(t, test.status, status, body)
			require.Contains(t, body, test.contains)
		})
	}
	for in, want := range map[string]string{
		`{}`: `{}`, `{"zip":"12345"}`: `{"zip":"12345"}`, `{"floor":null,"lines":[]}`: `{"floor":null,"lines":[]}`, `{"floor":3}`: `{"floor":3}`,
	} {
		status, body := send("POST", "/echo", in)
		require.Equal(t, 200, status, body)
		require.Equal(t, want, strings.TrimSpace(body))
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest("GET", "/openapi.json", nil))
	require.Contains(t, w.Body.String(), `"must":{"type":"integer"`)
	require.NotContains(t, w.Body.String(), `"not":{"const":0}`)
	require.Contains(t, w.Body.String(), `"required":["note","must"]`)
	require.Contains(t, w.Body.String(), `"name":{"type":"string","minLength":3}`)
	require.Contains(t, w.Body.String(), `"floor":{"type":["integer","null"]`)
	require.NotContains(t, w.Body.String(), "Optional")
	require.NotContains(t, w.Body.String(), "Nullable")
}

func TestPresenceRefused(t *testing.T) {
	for name, handle := range map[string]func(*typed.API){
		"typed.Optional is for a member": func(a *typed.API) {
			typed.Handle(a, "POST /a", typed.Func(func(context.Context, struct {
				A []typed.Optional[int] `json:"a"`
			}) (typed.None, error) {
				return typed.None{}, nil
			}))
		},
		"typed.Nullable of int": func(a *typed.API) {
			typed.Handle(a, "POST /a", typed.Func(func(context.Context, struct {
				A typed.Optional[*int] `json:"a"`
			}) (typed.None, error) {
				return typed.None{}, nil
			}))
		},
	} {
		func() {
			defer func() { require.Contains(t, recover(), name) }()
			handle(typed.New("Test", "1", nil))
		}()
	}
}

func TestPresenceRefusedAtOnce(t *testing.T) {
	type in struct {
		A typed.Optional[*int] `json:"a"`
		B struct {
			C typed.Nullable[*bool]  `json:"c"`
			D []typed.Optional[bool] `json:"d"`
		} `json:"b"`
		E string `json:"e"`
	}
	type out struct {
		A typed.Optional[int] `json:"a"`
		B typed.Nullable[int] `json:"b"`
		C typed.Optional[int] `json:"c,omitzero"`
		D time.Time           `json:"d,format:unix"`
	}
	for _, test := range []struct {
		handle func(*typed.API)
		fields []string
	}{
		{func(a *typed.API) {
			typed.Handle(a, "POST /a", typed.Func(func(context.Context, in) (typed.None, error) { return typed.None{}, nil }))
		}, []string{"field A: typed.Optional of a pointer", "field B: field C: typed.Nullable of a pointer", "field B: field D: typed.Optional is for a member"}},
		{func(a *typed.API) {
			typed.Handle(a, "GET /a", typed.Func(func(context.Context, typed.None) (out, error) { return out{}, nil }))
		}, []string{"field A: an absent value", "field B: an absent value"}},
		{func(a *typed.API) {
			typed.Handle(a, "GET /a", typed.Func(func(context.Context, typed.None) (typed.Lines[out], error) { return nil, nil }))
		}, []string{"field A: an absent value", "field B: an absent value"}},
	} {
		said := panicOf(func() { test.handle(typed.New("Test", "1", nil)) })
		require.Equal(t, len(test.fields), strings.Count(said, "typed: "), said)
		for _, field := range test.fields {
			require.Contains(t, said, field)
		}
	}
}
