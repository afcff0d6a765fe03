// Package chiadapter serves an API under a chi router.
//
//	r := chi.NewRouter()
//	r.Use(middleware.RequestID)
//	chiadapter.Mount(r, api)
package chiadapter

import (
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/go-chi/chi/v5"

	"github.com/apiroutes/apiroutes/adapter"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// Mount registers every path of api on r, for all methods. r's middleware runs
// first and its context reaches the handlers.
//
// In a subrouter, as in r.Route("/api", ...), the prefix becomes the API's base
// path. chi does not tell a router its prefix, so that happens with the
// first request; an API that has a base path already is mounted on the router that
// gets the path in full. A prefix that is not the API's is refused: those requests are
// answered with 500, and the log says why.
func Mount(r chi.Router, api *typed.API) {
	for op := range api.Operations() {
		chi.RegisterMethod(op.Method) // does nothing for those that chi has
	}
	h := &handler{api: api}
	for _, p := range adapter.Paths(api) {
		r.Handle(syntax.Write(p), h)
	}
}

var syntax = adapter.Syntax{
	Wildcard: func(name string) string { return "{" + name + "}" },
	Rest:     func(string) string { return "*" },
	Literal: func(text string) string {
		if !strings.ContainsAny(text, "{}*") {
			return text
		}
		// chi escapes nothing, but has expressions, in which braces must be in pairs.
		return "{_:" + strings.NewReplacer(`\{`, `\x7b`, `\}`, `\x7d`, `\*`, `\x2a`).Replace(regexp.QuoteMeta(text)) + "}"
	},
}

type handler struct {
	api     *typed.API
	once    sync.Once
	refused bool
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.once.Do(func() {
		if err := h.api.Mount(prefix(r)); err != nil {
			h.refused = true
			slog.ErrorContext(r.Context(), err.Error())
		}
	})
	if h.refused {
		(&respond.Problem{Status: http.StatusInternalServerError}).ServeHTTP(w, r)
		return
	}
	h.api.ServeHTTP(w, routed(r))
}

// routed is r with the path that chi routed on, where middleware such as StripSlashes,
// CleanPath or URLFormat has changed that: the API finds the route that chi found.
func routed(r *http.Request) *http.Request {
	path := chi.RouteContext(r.Context()).RoutePath
	if path == "" {
		return r
	}
	sent := r.URL.Path
	if r.URL.RawPath != "" { // which chi then routes on
		sent = r.URL.RawPath
	}
	if path = prefix(r) + path; path == sent {
		return r
	}
	u := *r.URL
	u.Path, u.RawPath = path, ""
	// StripSlashes takes the decoded path, the others the path as it was sent.
	decodedAlready := strings.HasPrefix(r.URL.Path, path) && !strings.HasPrefix(r.URL.RawPath, path)
	if r.URL.RawPath != "" && !decodedAlready {
		decoded, err := url.PathUnescape(path)
		if err != nil {
			return r
		}
		u.Path, u.RawPath = decoded, path
	}
	changed := *r
	changed.URL = &u
	return &changed
}

// prefix is the pattern of the subrouters around the route that r came to.
func prefix(r *http.Request) string {
	var b strings.Builder
	patterns := chi.RouteContext(r.Context()).RoutePatterns
	for _, p := range patterns[:len(patterns)-1] {
		b.WriteString(strings.TrimSuffix(strings.TrimSuffix(p, "*"), "/"))
	}
	return b.String()
}
