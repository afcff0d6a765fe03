// Package echoadapter serves an API under echo v5. For echo v4 there is echo4adapter.
//
//	e := echo.New()
//	echoadapter.Mount(e, api)
package echoadapter

import (
	"strings"

	"github.com/labstack/echo/v5"

	"github.com/apiroutes/apiroutes/adapter"
	"github.com/apiroutes/apiroutes/typed"
)

// Router is an *echo.Echo or an *echo.Group.
type Router interface {
	Any(path string, h echo.HandlerFunc, middleware ...echo.MiddlewareFunc) echo.RouteInfo
}

// Mount registers every path of api on router, an echo.Echo or a group, for all methods.
// The router's middleware runs first, and the context of its request reaches the
// handlers (echo.Context.Set does not change that context). The prefix of a group becomes the API's base path.
func Mount(router Router, api *typed.API) {
	handle := func(c *echo.Context) error {
		api.ServeHTTP(c.Response(), c.Request())
		return nil
	}
	paths := adapter.Paths(api)
	if len(paths) == 0 {
		return
	}
	// A group tells its prefix only by what becomes of a path. If this one gets the base
	// path twice, the API answers it with 404, as echo would.
	first := syntax.Write(paths[0])
	prefix := strings.TrimSuffix(router.Any(first, handle).Path, first)
	for _, p := range adapter.Mount(api, prefix) {
		if path := syntax.Write(p); path != first {
			router.Any(path, handle)
		}
	}
}

var syntax = adapter.Syntax{
	Wildcard: func(name string) string { return ":" + name },
	Rest:     func(string) string { return "*" },
	Literal:  adapter.Escape(":*"),
}
