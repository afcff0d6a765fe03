package fiberadapter_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// What net/http middleware may do works on fasthttp too.
func TestBridge(t *testing.T) {
	handlers := map[string]http.HandlerFunc{
		"writes nothing": func(http.ResponseWriter, *http.Request) {},
		"sniffed":        func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html><body>x") },
		"head once": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(103)
			w.WriteHeader(202)
			w.WriteHeader(500)
			w.Header().Set("X-Late", "1")
		},
		"no content": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(204)
			if _, err := io.WriteString(w, "x"); err != http.ErrBodyNotAllowed {
				panic("a body at 204")
			}
		},
		"flushed": func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				_, _ = io.WriteString(w, "piece ")
				w.(http.Flusher).Flush()
			}
		},
		"large":       func(w http.ResponseWriter, _ *http.Request) { large(w) },
		"lines":       func(w http.ResponseWriter, _ *http.Request) { w.Header()["X-Many"] = []string{"a", "b"} },
		"body":        func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) },
		"abort":       func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"abort later": func(w http.ResponseWriter, _ *http.Request) { large(w); panic(http.ErrAbortHandler) },
		"panic later": func(w http.ResponseWriter, _ *http.Request) { large(w); panic("late") },
		"declared": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3")
			_, _ = io.WriteString(w, "abc")
		},
		"own media type": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "x/y")
			_, _ = io.WriteString(w, "abc")
		},
	}
	build := func(h http.HandlerFunc) *typed.API {
		api := one("POST /x", func(context.Context, typed.None) (string, error) { return "", nil })
		typed.Handle(api, "GET /x", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }))
		api.Use(func(http.Handler) http.Handler { return h })
		return api
	}
	for name, h := range handlers {
		t.Run(name, func(t *testing.T) {
			app := fiber.New()
			fiberadapter.Mount(app, build(h))
			over := serve(app)
			defer over.Close()
			plain := adaptertest.Serve(build(h))
			defer plain.Close()
			for _, method := range []string{"GET", "HEAD", "POST"} {
				if method == "HEAD" && strings.HasSuffix(name, "later") {
					continue // net/http has sent the head by then, which is all there is
				}
				want, got := fetch(t, plain.URL, method), fetch(t, over.URL, method)
				require.Equal(t, want, got, method)
			}
		})
	}
}
