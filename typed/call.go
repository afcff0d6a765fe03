package typed

import (
	"sync"

	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// caller is a [frame] whose types are forgotten. It calls conclude once, unless it panics.
type caller interface{ call(*call) }

// call is what the pipeline needs of one request, and what no handler sees: handlers
// may keep what they were given, so a [record] is small and never reused, and all
// else is here and used again.
type call struct {
	exchange wire.Exchange
	request  wire.Request // the same, as the binding sees it
	net      wire.NetHTTP // what exchange points to, if net/http carries the request
	values   []string     // of the pattern's wildcards, decoded
	room     [2]string    // enough of them for most patterns
	out      respond.Rendering
	writing  bool // the answer may have begun
}

// calls holds *call. One that something went wrong with does not come back.
var calls = sync.Pool{New: func() any { return new(call) }}

// netCall is a call that net/http carries.
func netCall(net wire.NetHTTP) *call {
	c := calls.Get().(*call)
	c.net = net
	c.exchange, c.request, c.values = &c.net, &c.net, c.room[:0]
	return c
}

// callOf is a call that ex carries.
func callOf(ex wire.Exchange) *call {
	c := calls.Get().(*call)
	c.exchange, c.request, c.values = ex, ex, c.room[:0]
	return c
}

// release gives the call back, when the request has been answered.
func (c *call) release() {
	clear(c.room[:]) // all of it: a search that led nowhere leaves values behind
	c.exchange, c.request, c.net, c.values, c.writing = nil, nil, wire.NetHTTP{}, nil, false
	calls.Put(c)
}
