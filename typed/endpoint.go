package typed

import (
	"context"
	"net/http"
	"sync"
)

// Endpoint is a declared endpoint: its request type, what it answers and its
// pattern. Declaring checks nothing and needs no [API], so a package can declare
// endpoints that others only link to. It is safe for concurrent use.
//
// It is a declaration by another name, not a struct around one: the compiler then
// has no type of its own to make for each endpoint.
type Endpoint[Req, Out any] declaration

// Define declares an endpoint by a pattern with its method: "GET /users/{id}",
// "GET /files/{path...}".
func Define[Req, Out any](pattern string, opts ...Option) *Endpoint[Req, Out] {
	return (*Endpoint[Req, Out])(declare(pattern, opts))
}

// Get declares a GET endpoint that answers with a Resp; it answers HEAD as well.
func Get[Req, Resp any](path string, opts ...Option) *Endpoint[Req, Response[Resp]] {
	return Define[Req, Response[Resp]](http.MethodGet+" "+path, opts...)
}

// Post declares a POST endpoint that answers with a Resp.
func Post[Req, Resp any](path string, opts ...Option) *Endpoint[Req, Response[Resp]] {
	return Define[Req, Response[Resp]](http.MethodPost+" "+path, opts...)
}

// Put declares a PUT endpoint that answers with a Resp.
func Put[Req, Resp any](path string, opts ...Option) *Endpoint[Req, Response[Resp]] {
	return Define[Req, Response[Resp]](http.MethodPut+" "+path, opts...)
}

// Patch declares a PATCH endpoint that answers with a Resp.
func Patch[Req, Resp any](path string, opts ...Option) *Endpoint[Req, Response[Resp]] {
	return Define[Req, Response[Resp]](http.MethodPatch+" "+path, opts...)
}

// Delete declares a DELETE endpoint that answers with a Resp.
func Delete[Req, Resp any](path string, opts ...Option) *Endpoint[Req, Response[Resp]] {
	return Define[Req, Response[Resp]](http.MethodDelete+" "+path, opts...)
}

// Handle declares an endpoint and handles it, in one step that infers both types
// from the handler. r is an [API], or a [Group] that adds its prefix to the pattern. It
// panics as [Endpoint.Handle] does.
func Handle[Req, Out any](r Router, pattern string, h HandlerOf[Req, Out], opts ...Option) *Endpoint[Req, Out] {
	_, prefix, _ := r.route()
	return (*Endpoint[Req, Out])(handle(r, declare(inGroup(pattern, prefix), opts), (*Req)(nil), new(Out), h))
}

// Handle adds the endpoint to an [API], or to a [Group], whose prefix its path begins with
// already. It checks all that was declared, against the API
// and its other endpoints, and panics with every mistake of this endpoint at
// once, a line each: "typed: POST /users: field Limit: what is wrong: what to write instead". It
// panics after the API's first request as well.
func (e *Endpoint[Req, Out]) Handle(r Router, h HandlerOf[Req, Out]) {
	handle(r, (*declaration)(e), (*Req)(nil), new(Out), h)
}

// Path is the path and query of this endpoint for in, escaped and relative to the
// API: "/users/7?verbose=true". A query parameter that would be decoded to the same value when
// absent is left out; a nil pointer and an empty list always are, so that beside a
// default they read as the default. An empty path parameter, "." and "..", and dot
// segments in a {name...} have no form in a URL: the API answers such a path with 404.
// Path panics on a declaration that Handle would refuse.
func (e *Endpoint[Req, Out]) Path(in Req) string {
	return (*declaration)(e).path(&in)
}

// URL is [Endpoint.Path] below the base path of the API whose handler was given
// ctx; with any other context it is the Path itself.
func URL[Req, Out any](ctx context.Context, e *Endpoint[Req, Out], in Req) string {
	return basePath(ctx) + e.Path(in)
}

// declaration is the part of an endpoint that does not depend on its types.
type declaration struct {
	pattern string
	options []Option

	once  sync.Once
	links linker

	calls  sync.Once
	caller any // what package client keeps
}

func declare(pattern string, opts []Option) *declaration {
	return &declaration{pattern: pattern, options: opts}
}

// basePath is that of the API whose handler was given ctx.
func basePath(ctx context.Context) string {
	if b := baseOf(ctx); b != nil {
		return b.endpoint.api.BasePath()
	}
	return ""
}
