package typed

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// wrap puts middleware around h, the first outermost, and a shield around all of it.
// e is the endpoint whose middleware it is; nil: the API's.
func (a *API) wrap(e *endpoint, mw []func(http.Handler) http.Handler, h http.Handler) http.Handler {
	for _, m := range slices.Backward(mw) {
		h = m(h)
	}
	return &shield{api: a, endpoint: e, next: h}
}

// shield answers for middleware that panics, as the pipeline does for handlers.
type shield struct {
	api      *API
	endpoint *endpoint
	next     http.Handler
}

func (s *shield) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	req = s.api.formed(req)
	if s.endpoint != nil {
		req = within(req, s.endpoint)
	}
	ww := &watchedWriter{ResponseWriter: w}
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler {
			panic(v)
		}
		ctx := req.Context()
		if s.endpoint != nil {
			ctx = newBase(s.endpoint, netRequest{req})
		}
		failure := &PanicError{Value: v, Stack: debug.Stack()}
		s.api.report(ctx, failure)
		if ww.begun {
			panic(http.ErrAbortHandler)
		}
		// What the middleware said of an answer that is not coming, as http.Error has it.
		for _, name := range []string{"Cache-Control", "Content-Encoding", "Etag", "Last-Modified"} {
			w.Header().Del(name)
		}
		s.api.writeProblem(ctx, &wire.NetHTTP{W: w, R: req}, nil, internalError, failure)
	}()
	s.next.ServeHTTP(ww, req)
}

// inner answers a request that comes out of the endpoint's middleware.
func (e *endpoint) inner(w http.ResponseWriter, req *http.Request) {
	if req.Method == http.MethodOptions && e.pattern.Method != http.MethodOptions { // see API.writeOptions
		ex := &wire.NetHTTP{W: w, R: req}
		path, _ := below(ex.EscapedPath(), e.api.BasePath())
		if e.api.router.Allow(path) == "" { // the middleware has changed the path
			path = e.pattern.Path()
		}
		e.api.sendMethods(ex, path)
		return
	}
	e.api.process(wire.NetHTTP{W: w, R: req}, nil, &match{endpoint: e, values: e.pathValues(req, nil), inside: true})
}

// bridge runs a handler of net/http on any exchange.
func bridge(ex wire.Exchange, h http.Handler) {
	switch ex := ex.(type) {
	case *wire.NetHTTP:
		h.ServeHTTP(ex.W, ex.R)
	case wire.Bridge:
		ex.Bridge(h)
	default:
		panic(fmt.Sprintf("typed: %T cannot carry net/http middleware", ex))
	}
}
