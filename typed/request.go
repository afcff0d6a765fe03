package typed

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// request is one request of an endpoint: its context, what the handler takes and what it
// answers with, in one allocation. A handler may keep all of it, so it is never reused.
// Its methods, and [HandlerOf.open], are all the code that is compiled for each pair of
// types; whatever else an endpoint is made of was read by reflection, once.
//
// The base is a field: embedded, it would have its methods compiled for each pair as well.
type request[Req, Out any] struct {
	base base
	in   Req
	out  Out
}

// caller is a request whose types are forgotten.
type caller interface {
	call() (Answer, error)
}

func (r *request[Req, Out]) call() (Answer, error) {
	return r.base.endpoint.handler.(HandlerOf[Req, Out])(&r.base, r.in, &r.out)
}

// signedRequest is a request that knows who is asking, in one allocation as well.
type signedRequest[Req, Out any] struct {
	request[Req, Out]
	signed signed
}

// open makes a new request of an endpoint: its base, a pointer to what the handler takes,
// the address of what it answers with, and what calls it.
func (h HandlerOf[Req, Out]) open(e *endpoint, from carried) (b *base, in any, out unsafe.Pointer, c caller) {
	var r *request[Req, Out]
	if e.signIn != nil {
		s := new(signedRequest[Req, Out])
		s.signed.carried = from
		r, from = &s.request, &s.signed
	} else {
		r = new(request[Req, Out])
	}
	r.base = base{e, from}
	r.out = *e.prototype.(*Out)
	return &r.base, &r.in, unsafe.Pointer(&r.out), r
}

// base is the part of a request that does not depend on its types, and the context that
// its handler gets: no value has to be wrapped into another context for it.
type base struct {
	endpoint *endpoint
	carried  carried
}

// carried is a request as its handler can reach it: of net/http, or a wire.Exchange, or
// an extra around one of them. It is a [wire.Request], reduced to what is needed.
type carried interface {
	Context() context.Context
	HTTPRequest() *http.Request
}

// netRequest is a request of net/http.
type netRequest struct{ *http.Request }

func (r netRequest) HTTPRequest() *http.Request { return r.Request }

// extra is a request of an API with a Timeout or with Pages, or of one that is answered
// item by item.
type extra struct {
	carried
	ctx       context.Context                 // of the handler, where it is not that of the request; nil before its time begins
	refreshed atomic.Pointer[revalidatedPath] // by the handler
}

func (x *extra) Context() context.Context {
	if x.ctx != nil {
		return x.ctx
	}
	return x.carried.Context()
}

// signed is a request of an endpoint that asks who the client is.
type signed struct {
	carried
	who any // the principal, a pointer to it; nil: nobody
}

// signed is nil for an endpoint without an auth field.
func (b *base) signed() *signed {
	from := b.carried
	if x, ok := from.(*extra); ok {
		from = x.carried
	}
	s, _ := from.(*signed)
	return s
}

// newBase is the context of a request that is not going to reach its handler.
func newBase(e *endpoint, from carried) *base {
	b := &base{e, from}
	if e.extended {
		b.extend()
	}
	return b
}

// extend gives a new request its extra.
func (b *base) extend() { b.carried = &extra{carried: b.carried} }

// extra is nil for other requests.
func (b *base) extra() *extra {
	x, _ := b.carried.(*extra)
	return x
}

var _ context.Context = (*base)(nil)

func (b *base) Deadline() (time.Time, bool) { return b.carried.Context().Deadline() }
func (b *base) Done() <-chan struct{}       { return b.carried.Context().Done() }
func (b *base) Err() error                  { return b.carried.Context().Err() }

type baseKey struct{}

// Value answers for the request itself, then asks what it adds to.
func (b *base) Value(key any) any {
	switch key.(type) {
	case baseKey:
		return b
	case operationKey:
		return &b.endpoint.operation
	case wire.RequestKey:
		return b.request()
	case wire.RevalidatorKey:
		if b.endpoint.api.pages != nil {
			return (*revalidator)(b)
		}
	}
	return b.carried.Context().Value(key)
}

// request is the request, whatever carries it.
func (b *base) request() wire.Request {
	c := b.carried
	if x := b.extra(); x != nil {
		c = x.carried
	}
	if ex, ok := c.(wire.Request); ok {
		return ex
	}
	return &wire.NetHTTP{R: c.HTTPRequest()}
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
	req := b.carried.HTTPRequest()
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
