package pattern_test

import (
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/google/go-cmp/cmp"
)

func parse(t testing.TB, s string) *pattern.Pattern {
	t.Helper()
	p, err := pattern.Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q): %v", s, err)
	}
	return p
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		in, method, path string
		names            []string
	}{
		{in: "GET /", method: "GET", path: "/"},
		{in: "GET /{$}", method: "GET", path: "/"},
		{in: "GET \t /users", method: "GET", path: "/users"},
		{in: "POST /users/{id}", method: "POST", path: "/users/{id}", names: []string{"id"}},
		{in: "PURGE /{a}/x/{b}", method: "PURGE", path: "/{a}/x/{b}", names: []string{"a", "b"}},
		{in: "GET /files/{path...}", method: "GET", path: "/files/{path...}", names: []string{"path"}},
		{in: "GET /{日本_2}", method: "GET", path: "/{日本_2}", names: []string{"日本_2"}},
		{in: "GET /a%20b/%7Bx%7D", method: "GET", path: "/a%20b/%7Bx%7D"},
		{in: "GET /.well-known/a..b", method: "GET", path: "/.well-known/a..b"},
	} {
		t.Run(tt.in, func(t *testing.T) {
			p := parse(t, tt.in)
			if p.Method != tt.method || p.Path() != tt.path || p.String() != tt.method+" "+tt.path {
				t.Errorf("got %q %q %q", p.Method, p.Path(), p)
			}
			if diff := cmp.Diff(tt.names, p.Names()); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", "is empty: write a method and a path"},
		{"/users", "the method is missing: write GET /users"},
		{" /users", "write it like GET /users/{id}"},
		{"users", "write it like GET /users/{id}"},
		{"GET", "write it like GET /users/{id}"},
		{"GET ", "the path is missing: write GET /"},
		{"get /users", "write GET"},
		{"G(T /users", "is not a request method"},
		{"CONNECT /x", "can never match"},
		{"GET example.com/users", "patterns have no host: write GET /users"},
		{"GET users", "write GET /users"},
		{"GET /users/", "write /users for that path alone, or /users/{rest...}"},
		{"GET /users/{$}", "write /users"},
		{"GET /{$}/x", "{$} is not the last segment"},
		{"GET //", "write one slash"},
		{"GET /a//b", "write one slash"},
		{"GET /a/./b", "can never match"},
		{"GET /a/../b", "can never match"},
		{"GET /a/%2e%2E", "can never match"},
		{"GET /{id}/{id}", "used twice"},
		{"GET /{path...}/x", "not the last segment"},
		{"GET /{}", "has no name"},
		{"GET /{...}", "has no name"},
		{"GET /{1a}", "is not a Go identifier"},
		{"GET /{user-id}", "is not a Go identifier"},
		{"GET /{id:[0-9]+}", "write {id}, and say with a rule of the field what its values are"},
		{"GET /a/:id", "write {id}, or %3Aid for the text"},
		{"GET /a/*", "write {rest...}, or %2A for the text"},
		{"GET /a/*path/b", "write {path...}, or %2Apath for the text"},
		{"GET /x{id}", "only partly a wildcard"},
		{"GET /{id}x", "only partly a wildcard"},
		{"GET /{id", "only partly a wildcard"},
		{"GET /id}", "only partly a wildcard"},
		{"GET /a%zz", "bad percent-encoding"},
		{"GET /a%ff", "bad percent-encoding"},
		{"GET /a\xff", "not valid UTF-8"},
		{"GET /a b", "percent-encode it"},
		{"GET /a ", "percent-encode it"},
		{"GET /a\x00", "percent-encode it"},
		{"GET /a?x=1", "neither query nor fragment"},
		{"GET /a#x", "neither query nor fragment"},
	} {
		t.Run(tt.in, func(t *testing.T) {
			p, err := pattern.Parse(tt.in)
			if err == nil {
				t.Fatalf("accepted as %v", p)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q does not say %q", err, tt.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"GET /", "GET /users/{id}", "GET /f/{p...}", "GET /{$}", "GET /a%2Fb/%7B", "get x", "GET /é/{ü}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := pattern.Parse(s)
		if err != nil {
			return
		}
		again, err := pattern.Parse(p.String())
		if err != nil || again.String() != p.String() {
			t.Fatalf("%q is %q, which parses to %v, %v", s, p, again, err)
		}
		var r pattern.Router
		if err := r.Add(p, 1); err != nil {
			t.Fatal(err)
		}
		values := make([]string, len(p.Names()))
		for i := range values {
			values[i] = "a/%b é"
		}
		_, got, verdict := r.Match(p.Method, string(p.Append(nil, values)), nil)
		if verdict != pattern.Found || !cmp.Equal(values, append([]string{}, got...)) {
			t.Fatalf("%q: %v, values %q", p.Append(nil, values), verdict, got)
		}
	})
}
