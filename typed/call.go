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
	exchange wire.Exchange // net, unless something else than net/http carries the request
	request  wire.Request  // the same, as the binding sees it
	net      wire.NetHTTP
	values   []string  // of the pattern's wildcards, decoded; nil: nobody has looked for any
	room     [2]string // enough of them for most patterns
	out      respond.Rendering
	writing  bool // the answer may have begun
}

// calls holds *call. One that something went wrong with does not come back.
var calls = sync.Pool{New: func() any {
	c := new(call)
	c.exchange, c.request = &c.net, &c.net
	return c
}}

// netCall is a call that net/http carries.
func netCall(net wire.NetHTTP) *call {
	c := calls.Get().(*call)
	c.net = net
	return c
}

// callOf is a call that ex carries.
func callOf(ex wire.Exchange) *call {
	c := calls.Get().(*call)
	c.exchange, c.request = ex, ex
	return c
}

// release gives the call back, when the request has been answered.
func (c *call) release() {
	if c.values != nil {
		clear(c.room[:]) // all of it: a search that led nowhere leaves values behind
		c.values = nil
	}
	c.exchange, c.request = &c.net, &c.net
	c.net, c.writing = wire.NetHTTP{}, false
	calls.Put(c)
}
