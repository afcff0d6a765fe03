// Package ginadapter serves an API under gin.
//
//	engine := gin.Default()
//	ginadapter.Mount(engine, api)
package ginadapter

import (
	"context"
	"maps"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/apiroutes/apiroutes/adapter"
	"github.com/apiroutes/apiroutes/typed"
)

// Mount registers every path of api on router, an engine or a group, for all methods that gin
// knows. The router's middleware runs first; the values of its request's context
// and those of gin.Context.Set reach the handlers. The prefix of a group becomes the API's base
// path.
//
// gin tells /a%2Fb from /a/b only with UseRawPath: Mount turns it on for an
// engine. A group hides its engine, so turn it on there yourself; without it gin answers such
// paths with 404.
func Mount(router gin.IRouter, api *typed.API) {
	prefix := ""
	if g, ok := router.(interface{ BasePath() string }); ok && g.BasePath() != "/" {
		prefix = g.BasePath()
	}
	if engine, ok := router.(*gin.Engine); ok {
		engine.UseRawPath = true
	}
	handle := func(c *gin.Context) { serve(c, api) }
	// What gin's Any registers.
	methods := adapter.Methods(api, http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodHead,
		http.MethodOptions, http.MethodDelete, http.MethodConnect, http.MethodTrace)
	for _, path := range paths(adapter.Mount(api, prefix)) {
		router.Match(methods, path, handle)
	}
}

func serve(c *gin.Context, api *typed.API) {
	r := c.Request
	if len(c.Keys) > 0 {
		r = r.WithContext(&values{r.Context(), maps.Clone(c.Keys)})
	}
	defer abort(c)
	api.ServeHTTP(c.Writer, r)
}

// abort cuts the connection when the answer was cut: gin.Recovery takes
// http.ErrAbortHandler for a client that is gone, and half an answer would pass for a whole one.
func abort(c *gin.Context) {
	v := recover()
	if v == nil {
		return
	}
	if w, ok := c.Writer.(interface{ Unwrap() http.ResponseWriter }); ok && v == http.ErrAbortHandler {
		if conn, _, err := http.NewResponseController(w.Unwrap()).Hijack(); err == nil {
			_ = conn.Close() // it is gone either way
		}
	}
	panic(v)
}

// values is a request's context with what gin.Context.Set has put beside it. A copy, because
// gin uses its contexts again.
type values struct {
	context.Context
	keys map[any]any
}

func (v *values) Value(key any) any {
	if value, ok := v.keys[key]; ok {
		return value
	}
	return v.Context.Value(key)
}
