package typed

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// record is one request on its way through the pipeline, and the context that its
// handler gets: no value has to be wrapped into another context for it. A handler
// may keep its context, so a record is never reused; so it is kept small.
type record struct {
	endpoint *endpoint
	request  *http.Request // nil where something else than net/http carries it
	seat     *wire.Seat    // nil: net/http carries it, and nothing else is asked for
}

var _ context.Context = (*record)(nil)

// own is what a request under a Timeout or of an API with Pages needs.
type own struct {
	wait    *wait                   // nil without a Timeout
	cancel  context.CancelFunc      // nil until the request has been read
	renewed atomic.Pointer[renewed] // paths that the handler has revalidated
}

// own is nil where needOwn has not been called, or found no need.
func (r *record) own() *own {
	if r.seat == nil {
		return nil
	}
	o, _ := r.seat.Own.(*own)
	return o
}

// needOwn makes room for what the endpoint's API asks for.
func (r *record) needOwn() {
	if r.endpoint.api.timeout > 0 || r.endpoint.api.pages != nil {
		r.needSeat().Own = new(own)
	}
}

func (r *record) needSeat() *wire.Seat {
	if r.seat == nil {
		r.seat = new(wire.Seat)
	}
	return r.seat
}

// carried is the request, whatever carries it.
func (r *record) carried() wire.Request {
	if r.request == nil {
		return r.seat.Exchange
	}
	return &wire.NetHTTP{R: r.request}
}

// context is what the record adds to.
func (r *record) context() context.Context {
	if r.seat != nil && r.seat.Context != nil {
		return r.seat.Context
	}
	return r.request.Context()
}

func (r *record) Deadline() (time.Time, bool) { return r.context().Deadline() }
func (r *record) Done() <-chan struct{}       { return r.context().Done() }
func (r *record) Err() error                  { return r.context().Err() }

type recordKey struct{}

// Value answers for the record itself, then asks the request's context.
func (r *record) Value(key any) any {
	switch key.(type) {
	case recordKey:
		return r
	case wire.RequestKey:
		return r.carried()
	case wire.RevalidatorKey:
		if r.endpoint.api.pages != nil {
			return (*revalidator)(r)
		}
	}
	return r.context().Value(key)
}

func recordOf(ctx context.Context) *record {
	r, _ := ctx.Value(recordKey{}).(*record)
	return r
}

// values are those of the pattern's wildcards. Nobody has kept them: they are read from
// the request again.
func (e *endpoint) values(req *http.Request) []string {
	net := wire.NetHTTP{R: req}
	if again, values, _ := e.api.find(net.Method(), net.EscapedPath(), nil); again == e {
		return values
	}
	return e.pathValues(req, nil) // a mux of others has found the endpoint
}

// HTTPRequest returns the request behind the context that a handler was given: the
// way out to what has no typed form. Its body has been read if the endpoint takes
// one. It is nil for any other context. It is safe for concurrent use; what it returns
// is as safe as any request of net/http.
func HTTPRequest(ctx context.Context) *http.Request {
	r := recordOf(ctx)
	if r == nil {
		return nil
	}
	r.endpoint.requests.Lock() // a record is too small for a lock of its own
	defer r.endpoint.requests.Unlock()
	req := r.carried().HTTPRequest()
	if r.endpoint.pattern == nil { // Decode: a mux has set what there is
		return req
	}
	if req.Pattern != r.endpoint.name { // a router may have set its own pattern, with values that it did not decode
		r.endpoint.setPathValues(req, r.endpoint.values(req))
	}
	return req
}

func basePath(ctx context.Context) string {
	if r := recordOf(ctx); r != nil {
		return r.endpoint.api.BasePath()
	}
	return ""
}
