// Package fiberadapter serves an API under fiber v3, natively: requests are read
// from fasthttp, and answers written to it, without a detour through net/http.
//
//	app := fiber.New()
//	fiberadapter.Mount(app, api)
package fiberadapter

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v3"

	"github.com/apiroutes/apiroutes/adapter"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// Mount registers every path of api on router, an app or a group, for all methods
// of the app's Config.RequestMethods; it panics if api has another. The router's middleware
// runs first; the values of fiber.Ctx.Context and Locals reach the handlers' context.
//
// The prefix of a group becomes the API's base path. So does that of an app which
// is used in another, when the first request tells it; with 500 and a line in
// the log if the API has another one already.
//
// Middleware of net/http, of the API or an endpoint, runs on requests that are
// converted, which costs more than the native way. Mount logs which endpoints that concerns.
func Mount(router fiber.Router, api *typed.API) {
	paths, late := adapter.Paths, true
	if group, ok := router.(*fiber.Group); ok {
		late = false
		paths = func(api *typed.API) []adapter.Path { return adapter.Mount(api, group.Prefix) }
	}
	m := &mounted{api: api, late: late}
	var written []string
	for _, p := range paths(api) {
		written = append(written, write(p)...)
	}
	for _, path := range written {
		router.All(path, func(c fiber.Ctx) error { return m.serve(c, path) })
	}
	for op := range api.Operations() {
		if !slices.Contains(fiber.DefaultMethods, op.Method) {
			// All has registered it if the app knows it. If not, this panics with fiber's own words.
			router.Add([]string{op.Method}, written[0], func(c fiber.Ctx) error { return m.serve(c, written[0]) })
		}
	}
	if wrapped := api.Wrapped(); len(wrapped) > 0 {
		slog.Info("fiberadapter: these endpoints have net/http middleware and do not run natively", "endpoints", wrapped)
	}
}

// ErrorHandler is a fiber.Config.ErrorHandler that answers with problems (RFC 9457):
// what fiber and fasthttp refuse themselves, and errors of the app's own routes. Of an
// error it tells the status alone, a *fiber.Error's or 500: the text of fasthttp's own
// errors repeats bytes of the request, which fiber's default handler sends back.
func ErrorHandler(c fiber.Ctx, err error) error {
	status := http.StatusInternalServerError
	if e, ok := errors.AsType[*fiber.Error](err); ok {
		status = e.Code
	}
	p := &respond.Problem{Status: status}
	body, err := p.MarshalJSON()
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return c.Status(status).Send(body)
}

var syntax = adapter.Syntax{
	Wildcard: func(name string) string { return ":" + name },
	Rest:     func(string) string { return "*" },
	// fiber matches the path as it was sent.
	Literal: func(text string) string { return escape((&url.URL{Path: text}).EscapedPath()) },
}

var escape = adapter.Escape(`:*+?()<>;,`)

// write writes a path for fiber, whose "/files/*" does not match "/files/".
func write(p adapter.Path) []string {
	path := syntax.Write(p)
	if rest, ok := strings.CutSuffix(path, "/*"); ok && len(p) > 0 && p[len(p)-1].Kind == adapter.Rest {
		return []string{path, rest + "/"}
	}
	return []string{path}
}

// mounted is an API at one place.
type mounted struct {
	api     *typed.API
	late    bool // the prefix may show with the first request only
	once    sync.Once
	config  fiber.Config // of the app that serves
	refused bool
}

func (m *mounted) serve(c fiber.Ctx, path string) error {
	m.once.Do(func() { m.learn(c, path) })
	x := newExchange(c, &m.config)
	returned := false
	defer func() { x.finish(recover(), returned) }()
	if m.refused {
		hook.ServeProblem(m.api, x, &respond.Problem{Status: http.StatusInternalServerError})
	} else {
		hook.ServeExchange(m.api, x)
	}
	returned = true
	return nil
}

// learn takes from the first request what was not known before.
func (m *mounted) learn(c fiber.Ctx, path string) {
	m.config = c.App().Config()
	if !m.late {
		return
	}
	if err := m.api.Mount(strings.TrimSuffix(c.Route().Path, path)); err != nil {
		m.refused = true
		slog.Error(err.Error())
	}
}

// finish ends the exchange, unless its answer is still being made. v is what
// it panicked with. Where it was aborted, or did not return because a handler called
// runtime.Goexit, the connection is closed, as it is under net/http.
func (x *exchange) finish(v any, returned bool) {
	if returned && x.detached != nil && x.detached.streaming {
		return // the stream ends it
	}
	ctx := x.ctx
	x.release()
	switch {
	case returned:
	case v == nil:
		_ = ctx.Conn().Close() // fasthttp will not: its goroutine ends here
	case v == http.ErrAbortHandler:
		ctx.HijackSetNoResponse(true)
		ctx.Hijack(func(net.Conn) {}) // fasthttp closes what was hijacked
	default:
		panic(v)
	}
}
