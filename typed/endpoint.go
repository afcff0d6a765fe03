package typed

import (
	"context"
	"net/http"
	"reflect"
	"sync"
)

// Endpoint is a declared endpoint: its request type, what it answers and its
// pattern. Declaring checks nothing and needs no [API], so a package can declare
// endpoints that others only link to. It is safe for concurrent use.
type Endpoint[Req, Out any] struct {
	declaration
}

// Define declares an endpoint by a pattern with its method: "GET /users/{id}",
// "GET /files/{path...}".
func Define[Req, Out any](pattern string, opts ...Option) *Endpoint[Req, Out] {
	return &Endpoint[Req, Out]{declaration{pattern: pattern, options: opts}}
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
// from the handler. It panics as [Endpoint.Handle] does.
func Handle[Req, Out any](api *API, pattern string, h HandlerOf[Req, Out], opts ...Option) *Endpoint[Req, Out] {
	e := Define[Req, Out](pattern, opts...)
	e.Handle(api, h)
	return e
}

// Handle adds the endpoint to api. It checks all that was declared, against the API
// and its other endpoints, and panics with every mistake of this endpoint at
// once, a line each: "typed: POST /users: field Limit: what is wrong: what to write instead". It
// panics after the API's first request as well.
//
// Handle is kept out of line, and the closure below is its only generic code: all
// else works on types read by reflection, once, and is compiled once.
//
//go:noinline
func (e *Endpoint[Req, Out]) Handle(api *API, h HandlerOf[Req, Out]) {
	prototype := new(Out)
	var call caller
	if h != nil {
		call = func(r *record) (Answer, any, error) {
			f := new(frame[Req, Out])
			f.out = *prototype
			if err := r.admit(&f.in); err != nil {
				return Answer{}, nil, err
			}
			a, err := h(r, f.in, &f.out)
			return a, &f.out, err
		}
	}
	api.handle(&e.declaration, reflect.TypeFor[Req](), prototype, call)
}

// frame is what one request needs of an endpoint's types, in one allocation.
type frame[Req, Out any] struct {
	in  Req
	out Out
}

// Path is the path and query of this endpoint for in, escaped and relative to the
// API: "/users/7?verbose=true". A query parameter that would be decoded to the same value when
// absent is left out. Path panics on a declaration that Handle would refuse.
func (e *Endpoint[Req, Out]) Path(in Req) string {
	return e.declaration.path(reflect.TypeFor[Req](), &in)
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
}
