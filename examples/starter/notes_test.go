package main

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/docs"
)

// go test -update writes openapi.json again.
var _ = flag.Bool("update", false, "write openapi.json")

// A change of the document shows up as a change of openapi.json.
func TestDocument(t *testing.T) { docs.Golden(t, newAPI(), "openapi.json", about()) }

func TestNotes(t *testing.T) {
	api := newAPI()
	for _, c := range []struct {
		method, path, content string
		status                int
		answer                string // what it holds
	}{
		{"GET", "/notes", "", 200, `[]`},
		{"POST", "/notes", `{"text":"buy milk"}`, 201, `{"id":1,"text":"buy milk"}`},
		{"POST", "/notes", `{"text":""}`, 422, `"pointer":"/text"`},
		{"POST", "/notes", `{"txt":"buy milk"}`, 422, `"pointer":"/txt"`},
		{"GET", "/notes/1", "", 200, `{"id":1,"text":"buy milk"}`},
		{"GET", "/notes/2", "", 404, `There is no note 2.`},
		{"GET", "/notes?limit=0", "", 422, `"name":"limit"`},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.content))
		if c.content == "" {
			r.Body = http.NoBody
			r.ContentLength = 0
		} else {
			r.Header.Set("Content-Type", "application/json")
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.answer) {
			t.Errorf("%s %s %s: %d %s, want %d with %s", c.method, c.path, c.content, w.Code, w.Body, c.status, c.answer)
		}
	}
}
