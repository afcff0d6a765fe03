package chiadapter_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/chiadapter"
	"github.com/apiroutes/apiroutes/typed"
)

func newRouter() *chi.Mux {
	r := chi.NewRouter()
	r.Use(adaptertest.Middleware, middleware.Recoverer)
	r.Get(adaptertest.OwnPath, adaptertest.Own)
	return r
}

func TestAdapter(t *testing.T) {
	adaptertest.Run(t, func(api *typed.API) adaptertest.Server {
		r := newRouter()
		chiadapter.Mount(r, api)
		return adaptertest.Serve(r)
	}, adaptertest.Group(func(prefix string, api *typed.API) adaptertest.Server {
		r := newRouter()
		r.Route(prefix, func(r chi.Router) { chiadapter.Mount(r, api) })
		return adaptertest.Serve(r)
	}),
		adaptertest.Answers("framing-018", 405, "chi knows the methods of net/http, in upper case, and those of chi.RegisterMethod"),
		adaptertest.Answers("path-023", 404, "chi is given the API's paths, and none ends in a slash"),
		adaptertest.Answers("path/needless escape", 404, "chi matches an escaped path as it was sent"),
		adaptertest.Answers("path-019", 404, "chi is given the API's paths, and none has so many segments"),
	)
}

func TestCost(t *testing.T) {
	empty := chi.NewRouter()
	empty.Get("/users/{id}", func(http.ResponseWriter, *http.Request) {})
	empty.Post("/users", func(http.ResponseWriter, *http.Request) {})
	adaptertest.Cost(t, empty, func(api *typed.API) http.Handler {
		r := chi.NewRouter()
		chiadapter.Mount(r, api)
		return r
	})
}

func serve(h http.Handler, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
	return w
}

func nothing(context.Context, typed.None) (string, error) { return "served", nil }

// A prefix with a wildcard is no base path: such requests are refused.
func TestPrefixRefused(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /x", typed.Func(nothing))
	r := chi.NewRouter()
	r.Route("/{tenant}", func(r chi.Router) { chiadapter.Mount(r, api) })
	for range 2 {
		if w := serve(r, "/acme/x"); w.Code != 500 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

// Groups without a prefix, and routers within routers.
func TestNested(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /x", typed.Func(nothing))
	typed.Handle(api, "GET /a%7Bb%7D%2A", typed.Func(nothing), typed.OperationID("odd"))
	r := chi.NewRouter()
	r.Route("/api", func(r chi.Router) {
		r.Group(func(r chi.Router) {
			r.Route("/v1", func(r chi.Router) { chiadapter.Mount(r.With(adaptertest.Middleware), api) })
		})
	})
	if w := serve(r, "/api/v1/x"); w.Code != 200 || w.Header().Get(adaptertest.Header) != "seen" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := serve(r, "/api/v1/a%7Bb%7D%2A"); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := api.BasePath(); got != "/api/v1" {
		t.Error(got)
	}
}
