// Package echo4adapter serves an API under echo v4. For echo v5 there is echoadapter.
//
//	e := echo.New()
//	echo4adapter.Mount(e, api)
package echo4adapter

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/apiroutes/apiroutes/adapter"
	"github.com/apiroutes/apiroutes/typed"
)

// Router is an *echo.Echo or an *echo.Group.
type Router interface {
	Match(methods []string, path string, h echo.HandlerFunc, middleware ...echo.MiddlewareFunc) []*echo.Route
}

// Mount registers every path of api on router, an echo.Echo or a group, for all methods
// that echo knows. The router's middleware runs first, and the context of its request reaches the
// handlers (echo.Context.Set does not change that context). The prefix of a group becomes the API's base path.
func Mount(router Router, api *typed.API) {
	handle := func(c echo.Context) error {
		api.ServeHTTP(writer{c.Response()}, c.Request())
		return nil
	}
	paths := adapter.Paths(api)
	if len(paths) == 0 {
		return
	}
	// What echo's Any registers.
	methods := adapter.Methods(api, http.MethodConnect, http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPatch,
		http.MethodPost, echo.PROPFIND, http.MethodPut, http.MethodTrace, echo.REPORT)
	// A group tells its prefix only by what becomes of a path. If this one gets the base
	// path twice, the API answers it with 404, as echo would.
	first := syntax.Write(paths[0])
	prefix := strings.TrimSuffix(router.Match(methods, first, handle)[0].Path, first)
	for _, p := range adapter.Mount(api, prefix) {
		if path := syntax.Write(p); path != first {
			router.Match(methods, path, handle)
		}
	}
}

// writer lets http.ResponseController through, which the Response of older versions does not.
type writer struct{ *echo.Response }

// Unwrap meets a Response in a Response where net/http middleware was wrapped for echo.
func (w writer) Unwrap() http.ResponseWriter {
	if r, ok := w.Writer.(*echo.Response); ok {
		return writer{r}
	}
	return w.Writer
}

var syntax = adapter.Syntax{
	Wildcard: func(name string) string { return ":" + name },
	Rest:     func(string) string { return "*" },
	Literal:  adapter.Escape(":*"),
}
