package typed

import (
	"context"
	"net/http"
	"strings"

	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// match is what the router has found for a request, as a context: the API's middleware
// runs between the router and the endpoint.
type match struct {
	context.Context
	api          *API
	method, path string
	endpoint     *endpoint // nil: none
	values       []string  // of the pattern's wildcards
	found        pattern.Verdict
	inside       bool         // the endpoint's middleware is over
	observed     *Observation // nil: nobody observes
}

type matchKey struct{}

func (m *match) Value(key any) any {
	switch key.(type) {
	case matchKey:
		return m
	case operationKey:
		return m.endpoint.operationOrNil()
	case observationKey:
		if m.observed != nil {
			return m.observed
		}
	}
	return m.Context.Value(key)
}

// Matched is the operation that answers the request that ctx is of: for middleware of the
// API, of a group and of an endpoint, and for what handlers call. It is nil where no endpoint
// answers, as for an unknown path, and for a context that is of no request of an API.
// Middleware outside of the API, as that of a router, comes too early to ask.
//
// Middleware of the API that changes the method or the path of a request still sees the
// operation that the request came for; what follows sees the one that answers.
func Matched(ctx context.Context) *Operation {
	op, _ := ctx.Value(operationKey{}).(*Operation)
	return op
}

// operationKey is the context key of a *Operation. The innermost context that is of a
// request answers it, so an API within another has its own.
type operationKey struct{}

// operationOrNil is nil for no endpoint.
func (e *endpoint) operationOrNil() *Operation {
	if e == nil {
		return nil
	}
	return &e.operation
}

// located is the context of a request in the middleware of its endpoint, where that of the API
// has not been told of it.
type located struct {
	context.Context
	endpoint *endpoint
}

func (l *located) Value(key any) any {
	if _, ok := key.(operationKey); ok {
		return &l.endpoint.operation
	}
	return l.Context.Value(key)
}

// within gives a request that goes to the middleware of e the means to answer [Matched].
func within(req *http.Request, e *endpoint) *http.Request {
	if Matched(req.Context()) == &e.operation {
		return req
	}
	return req.WithContext(&located{req.Context(), e})
}

// matched looks a request up before the API's middleware, for which it completes it as
// http.ServeMux would.
func (a *API) matched(req *http.Request) *http.Request {
	net := wire.NetHTTP{R: req}
	m := &match{Context: req.Context(), api: a, method: req.Method, path: net.EscapedPath()}
	m.endpoint, m.values, m.found = a.find(m.method, m.path, nil)
	if m.endpoint != nil {
		a.complete(req, m.endpoint, m.values)
	}
	return identified(req.WithContext(m), m.endpoint)
}

// matchOf is what matched has found, unless middleware has changed what it depends on.
func (a *API) matchOf(req *http.Request) *match {
	m, _ := req.Context().Value(matchKey{}).(*match)
	net := wire.NetHTTP{R: req}
	if m == nil || m.api != a || m.method != req.Method || m.path != net.EscapedPath() {
		return nil
	}
	return m
}

// complete gives a request the pattern and the path values that it was matched with. A
// router may have set others, which it did not decode.
func (a *API) complete(req *http.Request, e *endpoint, values []string) {
	if route := *e.route.Load(); req.Pattern != route {
		req.Pattern = route
	}
	for i, name := range e.pattern.Names() {
		if req.PathValue(name) != values[i] {
			req.SetPathValue(name, values[i])
		}
	}
}

// The problems of requests that no endpoint answers.
var (
	noSuchPath    = &respond.Problem{Status: http.StatusNotFound, Detail: "Nothing is served at this path."}
	malformedPath = &respond.Problem{Status: http.StatusBadRequest, Detail: "The path is not well-formed."}
	noSuchMethod  = &respond.Problem{Status: http.StatusMethodNotAllowed, Detail: "This path does not support the request method."}
)

// writeDeadEnd answers a request for which find has found nothing: OPTIONS with what the
// path has, others with a problem.
func (a *API) writeDeadEnd(s *scratch, ex wire.Exchange, found pattern.Verdict, method, path string) {
	p := noSuchPath
	switch found {
	case pattern.OtherMethods:
		p = noSuchMethod
		path, _ = below(path, a.BasePath())
		if method == http.MethodOptions {
			a.writeOptions(ex, path)
			return
		}
		ex.SetHeader("Allow", []string{a.router.Allow(path)})
	case pattern.Malformed:
		p = malformedPath
	}
	a.writeProblem(ex.Context(), ex, &s.buffer, p, nil)
}

// writeOptions answers OPTIONS with the methods of a path. A preflight (WHATWG Fetch,
// 4.8) goes through the middleware of the endpoint that it asks for: CORS may stand there.
func (a *API) writeOptions(ex wire.Exchange, path string) {
	if asked := ex.Header("Access-Control-Request-Method"); len(asked) == 1 {
		id, values, found := a.router.Match(asked[0], path, nil)
		if found == pattern.Found && a.endpoints[id].chain != nil {
			a.complete(ex.HTTPRequest(), a.endpoints[id], values)
			bridge(ex, a.endpoints[id].chain)
			return
		}
	}
	a.sendMethods(ex, path)
}

// sendMethods answers OPTIONS with the methods of a path, and with what its PATCH may be.
func (a *API) sendMethods(ex wire.Exchange, path string) {
	ex.SetHeader("Allow", []string{a.router.Allow(path)})
	if patch := a.acceptPatch(path); patch != "" {
		ex.SetHeader("Accept-Patch", []string{patch})
	}
	_ = ex.Send(http.StatusNoContent, nil) // the client has disconnected
}

// acceptPatch is the value of the Accept-Patch field (RFC 5789, section 3.1) for a path:
// empty where no PATCH answers, or one that has no body or takes any media type.
func (a *API) acceptPatch(path string) string {
	id, _, found := a.router.Match(http.MethodPatch, path, nil)
	if found != pattern.Found {
		return ""
	}
	return strings.Join(a.endpoints[id].binding.MediaTypes(), ", ")
}

// below strips the base path off an escaped path.
func below(path, base string) (string, bool) {
	if base == "" {
		return path, true
	}
	rest, ok := strings.CutPrefix(path, base)
	switch {
	case !ok:
		return "", false
	case rest == "":
		return "/", true
	default:
		return rest, rest[0] == '/'
	}
}
