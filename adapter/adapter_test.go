package adapter_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/adapter"
	"github.com/apiroutes/apiroutes/typed"
)

var syntax = adapter.Syntax{
	Wildcard: func(name string) string { return ":" + name },
	Rest:     func(name string) string { return "*" + name },
	Literal:  adapter.Escape(":*"),
}

func newAPI(base string) *typed.API {
	api := typed.New("Test", "1", &typed.Options{BasePath: base})
	nothing := typed.Func(func(context.Context, typed.None) (typed.None, error) { return typed.None{}, nil })
	typed.Handle(api, "GET /", nothing)
	typed.Handle(api, "GET /a:b/caf%C3%A9/x%2Fy", nothing)
	typed.Handle(api, "GET /u/{id}/f/{path...}", typed.Func(func(context.Context, struct {
		ID   string `path:"id"`
		Path string `path:"path"`
	}) (typed.None, error) {
		return typed.None{}, nil
	}))
	return api
}

func write(paths []adapter.Path) (written []string) {
	for _, p := range paths {
		written = append(written, syntax.Write(p))
	}
	return written
}

func TestPaths(t *testing.T) {
	for name, c := range map[string]struct {
		paths []adapter.Path
		want  []string
	}{
		"at the root":             {adapter.Mount(newAPI(""), ""), []string{"/", `/a\:b/café/x%2Fy`, "/u/:id/f/*path"}},
		"with a base path":        {adapter.Mount(newAPI("/v1"), ""), []string{"/v1", "/v1/", `/v1/a\:b/café/x%2Fy`, "/v1/u/:id/f/*path"}},
		"in a group":              {adapter.Mount(newAPI(""), "/v1"), []string{"", "/", `/a\:b/café/x%2Fy`, "/u/:id/f/*path"}},
		"in the group of its own": {adapter.Mount(newAPI("/v1"), "/v1"), []string{"", "/", `/a\:b/café/x%2Fy`, "/u/:id/f/*path"}},
		"somewhere":               {adapter.Paths(newAPI("")), []string{"/", `/a\:b/café/x%2Fy`, "/u/:id/f/*path"}},
	} {
		if diff := cmp.Diff(c.want, write(c.paths)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	plain := adapter.Syntax{Wildcard: syntax.Wildcard, Rest: syntax.Rest}
	if got := plain.Write(adapter.Path{{Text: "a:b"}}); got != "/a:b" {
		t.Error(got)
	}
}

func TestMethods(t *testing.T) {
	if diff := cmp.Diff([]string{"POST", "FOO", "GET"}, adapter.Methods(newAPI(""), "POST", "FOO")); diff != "" {
		t.Error(diff)
	}
}

func TestMountRefused(t *testing.T) {
	defer func() {
		want := `typed: the API is served below "/v1/" and cannot be mounted below "/v2/" as well: make an API for each prefix`
		if diff := cmp.Diff(any(want), recover()); diff != "" {
			t.Error(diff)
		}
	}()
	adapter.Mount(newAPI("/v1"), "/v2")
}
