package bind_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/respond"
)

func TestMediaTypes(t *testing.T) {
	for _, tt := range []struct {
		media string
		ok    bool
	}{
		{"application/json", true},
		{"application/json; charset=utf-8", true},
		{"application/json;charset=UTF-8", true},
		{"Application/JSON; Charset=\"Utf-8\"", true},
		{"application/json; profile=x", true},
		{"application/vnd.api+json", true},
		{"application/problem+json; charset=utf-8", true},
		{"", false},
		{";", false},
		{"application/jsonx", false},
		{"application/+json", false},
		{"text/json", false},
		{"image/svg+json", false},
		{"application/xml", false},
		{"application/json, text/plain", false},
		{"application/json; charset=utf-16", false},
		{"application/json; charset=latin1", false},
		{"application/json; charset", false},
		{"application/json; charset=", false},
		{"application/json; a=1; a=2", false},
		{"multipart/form-data; boundary=" + strings.Repeat("b", 1000), false},
	} {
		r := post(`{}`, "")
		r.Header["Content-Type"] = []string{tt.media}
		_, got := bound[user](t, bind.Options{Method: "POST"}, r)
		if (got == nil) != tt.ok {
			t.Errorf("%q: %s", tt.media, brief(got))
		}
		if got != nil && (got.Status != 415 || header(got).Get("Accept") != jsonType || header(got).Get("Accept-Patch") != "") {
			t.Errorf("%q: %+v", tt.media, got)
		}
	}
	_, got := bound[user](t, bind.Options{Method: "PATCH"}, post(`{}`, ""))
	if got.Status != 415 || header(got).Get("Accept") != jsonType || header(got).Get("Accept-Patch") != jsonType {
		t.Errorf("PATCH: %+v", got)
	}
}

func TestContentEncoding(t *testing.T) {
	for _, tt := range []struct {
		encoding []string
		ok       bool
	}{
		{[]string{"identity"}, true},
		{[]string{""}, true},
		{[]string{"Identity, identity"}, true},
		{[]string{"gzip"}, false},
		{[]string{"identity", "gzip, gzip"}, false},
	} {
		for name, bindOne := range map[string]func(*http.Request) *respond.Problem{
			"json":   func(r *http.Request) *respond.Problem { _, got := bound[user](t, bind.Options{}, r); return got },
			"bytes":  func(r *http.Request) *respond.Problem { _, got := bound[[]byte](t, bind.Options{}, r); return got },
			"stream": func(r *http.Request) *respond.Problem { _, got := bound[io.Reader](t, bind.Options{}, r); return got },
		} {
			r := post(`{}`, jsonType)
			r.Header["Content-Encoding"] = tt.encoding
			got := bindOne(r)
			if (got == nil) != tt.ok {
				t.Errorf("%s, %q: %s", name, tt.encoding, brief(got))
			}
			if got != nil && (got.Status != 415 || header(got).Get("Accept-Encoding") != "identity") {
				t.Errorf("%s, %q: %+v", name, tt.encoding, got)
			}
		}
	}
}
