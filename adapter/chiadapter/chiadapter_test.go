package chiadapter_test

import (
	"net/http"
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
