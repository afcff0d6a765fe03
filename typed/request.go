package typed

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// base is the part of a request that does not depend on its types, and the context that
// its handler gets: no value has to be wrapped into another context for it.
type base struct {
	endpoint *endpoint
	http     *http.Request // nil where another server than net/http carries the request
	carrier  wire.Exchange // nil where net/http does
	extra    *extra        // nil for an API without Timeout and Pages
}

// extra is what a request of an API with a Timeout or with Pages has.
type extra struct {
	ctx       context.Context                 // with the Timeout; nil without, and before the handler's time begins
	cancel    context.CancelFunc              // of ctx
	refreshed atomic.Pointer[revalidatedPath] // by the handler
}

// newBase is the context of a request that is not going to reach its handler.
func newBase(e *endpoint, req *http.Request, carrier wire.Exchange) *base {
	b := &base{endpoint: e, http: req, carrier: carrier}
	if e.api.timeout > 0 || e.api.pages != nil {
		b.extra = new(extra)
	}
	return b
}

var _ context.Context = (*base)(nil)

// context is what the base adds to.
func (b *base) context() context.Context {
	switch {
	case b.extra != nil && b.extra.ctx != nil:
		return b.extra.ctx
	case b.http != nil:
		return b.http.Context()
	default:
		return b.carrier.Context()
	}
}

func (b *base) Deadline() (time.Time, bool) { return b.context().Deadline() }
func (b *base) Done() <-chan struct{}       { return b.context().Done() }
func (b *base) Err() error                  { return b.context().Err() }

type baseKey struct{}

// Value answers for the request itself, then asks what it adds to.
func (b *base) Value(key any) any {
	switch key.(type) {
	case baseKey:
		return b
	case wire.RequestKey:
		return b.request()
	case wire.RevalidatorKey:
		if b.endpoint.api.pages != nil {
			return (*revalidator)(b)
		}
	}
	return b.context().Value(key)
}

// request is the request, whatever carries it.
func (b *base) request() wire.Request {
	if b.http != nil {
		return &wire.NetHTTP{R: b.http}
	}
	return b.carrier
}

func baseOf(ctx context.Context) *base {
	b, _ := ctx.Value(baseKey{}).(*base)
	return b
}

// HTTPRequest returns the request behind the context that a handler was given: the
// way out to what has no typed form. Its body has been read if the endpoint takes
// one. It is nil for any other context. It is safe for concurrent use; what it returns
// is as safe as any request of net/http.
func HTTPRequest(ctx context.Context) *http.Request {
	b := baseOf(ctx)
	if b == nil {
		return nil
	}
	e := b.endpoint
	e.requests.Lock() // a request is too small for a lock of its own
	defer e.requests.Unlock()
	req := b.request().HTTPRequest()
	if e.pattern == nil { // Decode: a mux has set what there is
		return req
	}
	// The base does not keep the values of wildcards: they are read from the path again.
	net := wire.NetHTTP{R: req}
	if again, values, _ := e.api.find(net.Method(), net.EscapedPath(), nil); again == e { // else a foreign mux has found the endpoint
		e.api.complete(req, e, values)
	}
	return req
}

// pathValues appends those that a request was given to values.
func (e *endpoint) pathValues(req *http.Request, values []string) []string {
	for _, name := range e.pattern.Names() {
		values = append(values, req.PathValue(name))
	}
	return values
}
