package typed_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

// said is what Matched says: "GET /users/{id}", or "none".
func said(ctx context.Context) string {
	if op := typed.Matched(ctx); op != nil {
		return op.Method + " " + op.Path
	}
	return "none"
}

type matchedID struct {
	ID string `path:"id"`
}

type matchedMe struct {
	ID string `path:"id"`
	Me string `auth:"token"`
}

// Matched is known from the API's middleware to the handler, with a base path and without, with and without middleware.
func TestMatched(t *testing.T) {
	for _, use := range []bool{false, true} {
		var seen []string
		mark := func(name string) middleware {
			return before(func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, name+" "+said(r.Context())) })
		}
		pages := pagecache.New(pagecache.Memory(1<<20), nil)
		defer pages.Close()
		api := typed.New("Test", "1", &typed.Options{
			BasePath: "/v1", Pages: pages,
			Schemes: []typed.Scheme{typed.Bearer("token", func(ctx context.Context, _ string) (string, error) {
				seen = append(seen, "verify "+said(ctx))
				return "ada", nil
			})},
			OnError: func(ctx context.Context, _ error) { seen = append(seen, "report "+said(ctx)) },
		})
		if use {
			api.Use(mark("api"))
		}
		handler := func(ctx context.Context) (string, error) {
			seen = append(seen, "handler "+said(ctx))
			derived, cancel := context.WithCancel(ctx)
			defer cancel()
			require.Same(t, typed.Matched(ctx), typed.Matched(derived))
			return "", nil
		}
		g := api.Group("/g", typed.Use(mark("group")))
		typed.Handle(g, "GET /{id}", typed.Func(func(ctx context.Context, _ matchedID) (string, error) { return handler(ctx) }), typed.Use(mark("endpoint")))
		typed.Handle(g, "GET /me/{id}", typed.Func(func(ctx context.Context, _ matchedMe) (string, error) { return handler(ctx) }))
		typed.Handle(api, "GET /plain/{id}", typed.Func(func(ctx context.Context, _ matchedID) (string, error) { return handler(ctx) }))
		typed.Handle(api, "GET /page/{id}", typed.Func(func(ctx context.Context, _ matchedID) (string, error) { return handler(ctx) }), typed.Cache(pagecache.Policy{TTL: time.Minute}))
		typed.Handle(api, "GET /panic", typed.Func(func(context.Context, typed.None) (string, error) { panic("x") }), typed.Use(mark("endpoint")))

		for target, want := range map[string][]string{
			"/v1/g/7":     {"api GET /g/{id}", "group GET /g/{id}", "endpoint GET /g/{id}", "handler GET /g/{id}"},
			"/v1/g/me/7":  {"api GET /g/me/{id}", "group GET /g/me/{id}", "verify GET /g/me/{id}", "handler GET /g/me/{id}"},
			"/v1/plain/7": {"api GET /plain/{id}", "handler GET /plain/{id}"},
			"/v1/page/7":  {"api GET /page/{id}", "handler GET /page/{id}"},
			"/v1/panic":   {"api GET /panic", "endpoint GET /panic", "report GET /panic"},
			"/v1/unknown": {"api none"},
			"/g/7":        {"api none"},
		} {
			seen = nil
			if !use {
				want = want[1:]
			}
			do(api, "GET", target, "", "Authorization", "Bearer x")
			require.Equal(t, want, append([]string{}, seen...), target)
		}
	}
	require.Nil(t, typed.Matched(t.Context()))
}

// Of an API within another, the inner one is asked; behind middleware that rewrites the path, the endpoint that answers.
func TestMatchedNested(t *testing.T) {
	var seen []string
	inner := typed.New("Inner", "1", nil)
	inner.Use(before(func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, said(r.Context())) }))
	typed.Handle(inner, "GET /in", typed.Func(func(ctx context.Context, _ typed.None) (string, error) {
		seen = append(seen, said(ctx))
		return "", nil
	}))
	outer := typed.New("Outer", "1", nil)
	outer.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			r.URL.Path = "/out"
			next.ServeHTTP(w, r)
		})
	})
	typed.Handle(outer, "GET /out", typed.Func(func(ctx context.Context, _ typed.None) (string, error) {
		seen = append(seen, said(ctx))
		for _, path := range []string{"/in", "/unknown"} {
			inner.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil).WithContext(ctx))
		}
		return "", nil
	}), typed.Use(before(func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, said(r.Context())) })))
	typed.Handle(outer, "GET /asked", hello)
	do(outer, "GET", "/asked", "")
	require.Equal(t, []string{"GET /out", "GET /out", "GET /in", "GET /in", "none"}, seen)
}

// A preflight goes through the middleware of the endpoint that it asks for.
func TestMatchedPreflight(t *testing.T) {
	api := typed.New("Test", "1", nil)
	var seen []string
	typed.Handle(api, "PUT /{id}", typed.Func(func(context.Context, matchedID) (string, error) { return "", respond.NotFound("") }),
		typed.Use(before(func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, said(r.Context())) })))
	do(api, "OPTIONS", "/7", "", "Access-Control-Request-Method", "PUT", "Origin", "https://example.com")
	require.Equal(t, []string{"PUT /{id}"}, seen)
	h := typed.HTTP("GET /in/{id}", typed.Func(func(ctx context.Context, _ matchedID) (string, error) {
		seen = append(seen, said(ctx))
		return "", nil
	}), typed.Use(before(func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, said(r.Context())) })))
	mux := http.NewServeMux()
	mux.Handle("GET /elsewhere/{id}", h)
	do(mux, "GET", "/elsewhere/7", "")
	require.Equal(t, []string{"PUT /{id}", "GET /in/{id}", "GET /in/{id}"}, seen)
}
