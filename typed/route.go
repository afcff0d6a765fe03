package typed

import (
	"net/http"
	"strings"

	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/respond"
)

// The problems of requests that no endpoint answers.
var (
	noSuchPath    = &respond.Problem{Status: http.StatusNotFound, Detail: "Nothing is served at this path."}
	malformedPath = &respond.Problem{Status: http.StatusBadRequest, Detail: "The path is not well-formed."}
	noSuchMethod  = &respond.Problem{Status: http.StatusMethodNotAllowed, Detail: "This path does not support the request method."}
)

// route finds the endpoint and lets it answer.
func (a *API) route(r *record) {
	path, ok := below(r.exchange().EscapedPath(), a.BasePath())
	if !ok {
		respond.WriteProblem(r.exchange(), noSuchPath)
		return
	}
	method := r.exchange().Method()
	found, values, verdict := a.router.Match(method, path, r.path)
	switch verdict {
	case pattern.NotFound:
		respond.WriteProblem(r.exchange(), noSuchPath)
		return
	case pattern.Malformed:
		respond.WriteProblem(r.exchange(), malformedPath)
		return
	}
	r.path = values
	if id, ok := found.Endpoint(method); ok {
		r.endpoint = a.endpoints[id]
		r.endpoint.serve(r)
		return
	}
	r.refuseMethod(found)
}

// refuseMethod answers a method that the path does not have: OPTIONS, or a 405.
func (r *record) refuseMethod(found *pattern.Route) {
	r.exchange().SetHeader("Allow", []string{found.Allow()})
	if r.exchange().Method() == http.MethodOptions {
		_ = r.exchange().Send(http.StatusNoContent, nil)
		return
	}
	respond.WriteProblem(r.exchange(), noSuchMethod)
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
