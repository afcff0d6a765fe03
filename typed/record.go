package typed

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// record is one request on its way through the pipeline, and the context that its
// handler gets: no value has to be wrapped into another context for it. A handler
// may keep its context, so a record is never reused; so it is kept small.
type record struct {
	context.Context // the request's own; with a deadline if the API has a Timeout

	api      *API
	endpoint *endpoint
	exchange wire.Exchange
	path     []string // values of the pattern's wildcards, decoded
	limit    *limit   // nil: the API has no Timeout
	renewed  atomic.Pointer[renewed]

	net wire.NetHTTP // exchange, when net/http carries the request
	one [1]string    // path, for most patterns
}

type recordKey struct{}

// Value answers for the record itself, then asks the request's context.
func (r *record) Value(key any) any {
	switch key.(type) {
	case recordKey:
		return r
	case wire.ExchangeKey:
		return r.exchange
	case wire.RevalidatorKey:
		if r.api.pages != nil {
			return (*revalidator)(r)
		}
	}
	return r.Context.Value(key)
}

func recordOf(ctx context.Context) *record {
	r, _ := ctx.Value(recordKey{}).(*record)
	return r
}

func newRecord(api *API, w http.ResponseWriter, req *http.Request) *record {
	r := &record{Context: req.Context(), api: api, net: wire.NetHTTP{W: w, R: req}}
	r.exchange = &r.net
	r.path = r.one[:0]
	return r
}

// HTTPRequest returns the request behind the context that a handler was given: the
// way out to what has no typed form. Its body has been read if the endpoint takes
// one. It is nil for any other context.
func HTTPRequest(ctx context.Context) *http.Request {
	r := recordOf(ctx)
	if r == nil {
		return nil
	}
	req := r.exchange.HTTPRequest()
	if r.endpoint != nil && req.Pattern != r.endpoint.name { // a router may have set its own pattern, with values that it did not decode
		r.endpoint.setPathValues(req, r.path)
	}
	return req
}

func basePath(ctx context.Context) string {
	if r := recordOf(ctx); r != nil && r.api != nil {
		return r.api.BasePath()
	}
	return ""
}
