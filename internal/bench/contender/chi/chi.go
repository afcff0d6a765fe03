// Package chi serves the baseline's own handlers behind the chi router.
package chi

import (
	"net/http"

	chirouter "github.com/go-chi/chi/v5"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/raw"
)

// New returns chi with the handlers of package raw.
func New() contender.Contender {
	s := raw.NewServer(func(r *http.Request) string { return chirouter.URLParam(r, "id") })
	mux := chirouter.NewRouter()
	mux.Get("/hello", s.Hello)
	mux.Get("/users/{id}", s.User)
	mux.Post("/users", s.Create)
	mux.Post("/batch", s.Batch)
	mux.Get("/rows", s.Rows)
	return contender.NetHTTP("chi", "github.com/go-chi/chi/v5", mux)
}
