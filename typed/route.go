package typed

import (
	"net/http"
	"strings"

	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// The problems of requests that no endpoint answers.
var (
	noSuchPath    = &respond.Problem{Status: http.StatusNotFound, Detail: "Nothing is served at this path."}
	malformedPath = &respond.Problem{Status: http.StatusBadRequest, Detail: "The path is not well-formed."}
	noSuchMethod  = &respond.Problem{Status: http.StatusMethodNotAllowed, Detail: "This path does not support the request method."}
)

// route finds the endpoint of a request, whose seat is nil where net/http carries it,
// and lets it answer. It releases the call.
func (a *API) route(c *call, seat *wire.Seat, method, path string) {
	c.values = c.room[:0]
	e, values, verdict := a.find(method, path, c.values)
	if e == nil {
		a.deadEnd(verdict, path).answer(c.exchange, method)
		c.release()
		return
	}
	c.values = values
	e.serve(c, seat)
}

// findWhole returns what find would for a path without wildcards, without escaping it
// again; nil where that is not sure.
func (a *API) findWhole(r *http.Request) *endpoint {
	if r.URL.RawPath != "" || a.BasePath() != "" {
		return nil
	}
	if id := a.router.MatchWhole(r.Method, r.URL.Path); id >= 0 {
		return a.endpoints[id]
	}
	return nil
}

// find returns the endpoint, and the values of its pattern's wildcards appended to values.
func (a *API) find(method, path string, values []string) (*endpoint, []string, pattern.Verdict) {
	if base := a.BasePath(); base != "" {
		var ok bool
		if path, ok = below(path, base); !ok {
			return nil, nil, pattern.NotFound
		}
	}
	id, values, verdict := a.router.Match(method, path, values)
	if verdict != pattern.Found {
		return nil, nil, verdict
	}
	return a.endpoints[id], values, verdict
}

// deadEnd is why a request finds no endpoint.
type deadEnd struct {
	problem *respond.Problem
	allow   string // the methods that the path has, if that is why
}

// deadEnd says why find has found nothing.
func (a *API) deadEnd(verdict pattern.Verdict, path string) deadEnd {
	switch verdict {
	case pattern.OtherMethods:
		path, _ = below(path, a.BasePath())
		return deadEnd{noSuchMethod, a.router.Allow(path)}
	case pattern.Malformed:
		return deadEnd{problem: malformedPath}
	default:
		return deadEnd{problem: noSuchPath}
	}
}

// answer answers with the problem, or OPTIONS with what the path has.
func (d deadEnd) answer(ex wire.Exchange, method string) {
	if d.allow != "" {
		ex.SetHeader("Allow", []string{d.allow})
		if method == http.MethodOptions {
			_ = ex.Send(http.StatusNoContent, nil) // the client is gone: there is nobody left to tell
			return
		}
	}
	respond.WriteProblem(ex, d.problem)
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
