package typed_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

func nothing(context.Context, typed.None) (typed.None, error) { return typed.None{}, nil }

func TestMount(t *testing.T) {
	const elsewhere = `typed: the API is served below "/api/" and cannot be mounted below "/v2/" as well: make an API for each prefix`
	for name, c := range map[string]struct {
		base     string
		prefixes []string
		want     string // of the last prefix
		refused  string
	}{
		"a group":                     {"", []string{"/api/v1"}, "/api/v1", ""},
		"a group with a slash":        {"", []string{"/api/"}, "/api", ""},
		"no group":                    {"", []string{""}, "", ""},
		"the same twice":              {"", []string{"/api", "/api"}, "/api", ""},
		"the same as in Options":      {"/api", []string{"/api", ""}, "/api", ""},
		"in full":                     {"/api", []string{"", "/api"}, "/api", ""},
		"another":                     {"", []string{"/api", "/v2"}, "/api", elsewhere},
		"another than in Options":     {"/api", []string{"/v2"}, "/api", elsewhere},
		"a group after none":          {"", []string{"", "/v2"}, "", `typed: the API is served below "/" and cannot be mounted below "/v2/" as well: make an API for each prefix`},
		"none after a group":          {"", []string{"/api", ""}, "/api", `typed: the API is served below "/api/" and cannot be mounted below "/" as well: make an API for each prefix`},
		"a wildcard of ServeMux":      {"", []string{"/{tenant}"}, "", `typed: the API cannot be mounted: the base path "/{tenant}" is no plain absolute path: write it like "/api/v1"`},
		"a wildcard of other routers": {"", []string{"/a/:tenant"}, "", `typed: the API cannot be mounted: the prefix "/a/:tenant" has a wildcard, which no field can take: mount the API in a group without`},
	} {
		t.Run(name, func(t *testing.T) {
			api := typed.New("Test", "1", &typed.Options{BasePath: c.base})
			var err error
			for i, prefix := range c.prefixes {
				if err = api.Mount(prefix); i < len(c.prefixes)-1 {
					require.NoError(t, err)
				}
			}
			got := ""
			if err != nil {
				got = err.Error()
			}
			require.Equal(t, c.refused, got)
			require.Equal(t, c.want, api.BasePath())
		})
	}
}

// The base path of a group is stripped, and in URLs.
func TestMountedURL(t *testing.T) {
	api := typed.New("Test", "1", nil)
	where := typed.Get[typed.None, string]("/where")
	where.Handle(api, typed.Func(func(ctx context.Context, in typed.None) (string, error) { return typed.URL(ctx, where, in), nil }))
	require.NoError(t, api.Mount("/group"))
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest("GET", "/group/where", nil))
	require.Equal(t, `"/group/where"`, w.Body.String())
}

func TestPaths(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /users/{id}", typed.Func(func(context.Context, struct {
		ID int `path:"id"`
	}) (typed.None, error) {
		return typed.None{}, nil
	}))
	typed.Handle(api, "GET /users", typed.Func(nothing))
	typed.Handle(api, "POST /users", typed.Func(nothing))
	if diff := cmp.Diff([]string{"/users/{id}", "/users"}, api.Paths()); diff != "" {
		t.Error(diff)
	}
	require.Panics(t, func() { typed.Handle(api, "GET /late", typed.Func(nothing)) }, "it would not be routed")
}

func TestWrapped(t *testing.T) {
	same := func(h http.Handler) http.Handler { return h }
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /a", typed.Func(nothing))
	typed.Handle(api, "GET /b", typed.Func(nothing), typed.Use(same))
	if diff := cmp.Diff([]string{"GET /b"}, api.Wrapped()); diff != "" {
		t.Error(diff)
	}
	api.Use(same)
	if diff := cmp.Diff([]string{"GET /a", "GET /b"}, api.Wrapped()); diff != "" {
		t.Error(diff)
	}
}
