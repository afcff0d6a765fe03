package typed

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// HTTP makes an http.Handler of one endpoint, without an API: for code that has a
// mux already. It panics as [Endpoint.Handle] does. Below a mux that sets path values,
// such as http.ServeMux, those are used, and the pattern's own path does not matter; else
// the path of the request must be the pattern's. Dot segments in them are a 404, as everywhere.
func HTTP[Req, Out any](pattern string, h HandlerOf[Req, Out], opts ...Option) http.Handler {
	api := New("", "", nil)
	Handle(api, pattern, h, opts...)
	return (*standalone)(api)
}

// standalone is an API of one endpoint below a foreign mux.
type standalone API

func (s *standalone) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	a := (*API)(s)
	e := a.endpoints[0]
	names, values := e.pattern.Names(), e.pathValues(req, nil)
	routed := req.Pattern != "" && len(names) == 0
	for i, name := range names {
		// A mux that matched {name...} with nothing shows it by its pattern alone.
		routed = routed || values[i] != "" || strings.Contains(req.Pattern, "{"+name+"...}")
	}
	if !routed {
		a.ServeHTTP(w, req)
		return
	}
	m := &match{endpoint: e, values: values, inside: e.chain == nil}
	if slices.ContainsFunc(names, func(name string) bool { return hasDots(req, e.pattern.Path(), name) }) {
		m.endpoint, m.found = nil, pattern.NotFound
	} else if req.Method != e.pattern.Method && (req.Method != http.MethodHead || e.pattern.Method != http.MethodGet) {
		m.method, m.path = req.Method, e.pattern.Path()
		m.endpoint, _, m.found = a.find(m.method, m.path, nil)
	}
	a.process(wire.NetHTTP{W: w, R: req}, nil, m)
}

// hasDots reports whether the value of a wildcard is a dot segment, or has one where it is
// that of {name...}. The API's own router matches no such path, and a mux that decodes a path
// before it cleans it does.
func hasDots(req *http.Request, path, name string) bool {
	value := req.PathValue(name)
	if !strings.Contains(path, "{"+name+"...}") {
		return value == "." || value == ".."
	}
	for segment := range strings.SplitSeq(value, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// Decode binds and validates a request by itself, for handlers of net/http. Path
// parameters come from http.Request.PathValue, without dot segments, the body is limited to 1 MiB, beside files.
// Files are removed when the context of the request ends. The
// error is a *respond.Problem. It panics on a Req that [Endpoint.Handle] would refuse.
func Decode[Req any](r *http.Request) (Req, error) {
	var in Req
	err := decodeAny(reflect.TypeFor[Req](), r, &in)
	return in, err
}

// decoders holds a plan for each type that Decode has met: a generic function has
// no other place of its own to keep what it compiled.
var decoders sync.Map // reflect.Type -> *endpoint

func decodeAny(t reflect.Type, req *http.Request, in any) error {
	v, ok := decoders.Load(t)
	if !ok {
		v, _ = decoders.LoadOrStore(t, newDecoder(t))
	}
	e := v.(*endpoint)
	var values []string
	for _, f := range e.binding.Fields() {
		if f.Source == bind.Path {
			if hasDots(req, req.Pattern, f.Name) {
				return &respond.Problem{Status: noSuchPath.Status, Detail: noSuchPath.Detail}
			}
			values = append(values, req.PathValue(f.Name))
		}
	}
	r := reply{exchange: &wire.NetHTTP{R: req}}
	err := (&base{e, netRequest{req}}).admit(&r, values, in)
	if r.files != nil {
		context.AfterFunc(req.Context(), r.files.Close)
	}
	if refused, ok := err.(*refused); ok {
		return refused.problem
	}
	if err != nil {
		return (&respond.Problem{Status: http.StatusInternalServerError}).Because(err)
	}
	return nil
}

func newDecoder(t reflect.Type) *endpoint {
	e := &endpoint{api: New("", "", nil), name: "Decode"}
	c := compilation{api: e.api, endpoint: e, request: t}
	c.readRequest(bind.Options{MaxBody: DefaultMaxBody, PathNames: bind.PathNames(t), Lines: lineType})
	c.readAuth()
	if len(c.faults) > 0 {
		panic(refusal("Decode", c.faults))
	}
	return e
}
