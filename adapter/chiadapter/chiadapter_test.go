package chiadapter_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
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

// What chi's middleware makes of a path, the API routes on as well, like the routes beside it.
func TestOutside(t *testing.T) {
	type in struct {
		ID string `path:"id"`
	}
	newAPI := func() *typed.API {
		api := typed.New("Test", "1", nil)
		typed.Handle(api, "GET /solo", typed.Func(nothing))
		typed.Handle(api, "GET /users/{id}", typed.Func(func(_ context.Context, in in) (string, error) { return in.ID, nil }))
		typed.Handle(api, "GET /users/{id}/posts", typed.Func(func(_ context.Context, in in) (string, error) { return in.ID, nil }))
		return api
	}
	for _, tt := range []struct {
		name       string
		middleware func(http.Handler) http.Handler
		target     string
		status     int
		body       string
	}{
		{"StripSlashes", middleware.StripSlashes, "/solo/", 200, `"served"`},
		{"StripSlashes behind a wildcard", middleware.StripSlashes, "/users/7/", 200, `"7"`},
		{"StripSlashes and an escaped slash", middleware.StripSlashes, "/users/a%2Fb/", 404, ""}, // chi decodes it
		{"StripSlashes and an escaped escape", middleware.StripSlashes, "/users/a%21%2541/", 200, `"a!%41"`},
		{"CleanPath and an escaped slash", middleware.CleanPath, "//users/a%2Fb", 200, `"a/b"`},
		{"CleanPath", middleware.CleanPath, "//users///7/../8", 200, `"8"`},
		{"URLFormat", middleware.URLFormat, "/users/7.json", 200, `"7"`},
		{"nothing to change", middleware.StripSlashes, "/users/7/posts", 200, `"7"`},
		{"none", func(h http.Handler) http.Handler { return h }, "/users/a%2Fb", 200, `"a/b"`},
		{"none, slash", func(h http.Handler) http.Handler { return h }, "/solo/", 404, ""},
	} {
		t.Run("A26 "+tt.name, func(t *testing.T) {
			root, group := chi.NewRouter(), chi.NewRouter()
			root.Use(tt.middleware)
			chiadapter.Mount(root, newAPI())
			group.Use(tt.middleware)
			group.Route("/api/v1", func(r chi.Router) { chiadapter.Mount(r, newAPI()) })
			target, cut := strings.CutPrefix(tt.target, "//")
			below := "/api/v1" + tt.target
			if cut {
				below = "//api/v1/" + target
			}
			for h, target := range map[http.Handler]string{root: tt.target, group: below} {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest("GET", "http://h"+target, nil))
				if w.Code != tt.status || tt.body != "" && w.Body.String() != tt.body {
					t.Errorf("%s: %d %s", target, w.Code, w.Body)
				}
			}
		})
	}
}
