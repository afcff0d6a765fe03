package typed

import (
	"context"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// Observe has f told of every request, also of those that no endpoint answers: for logs,
// traces and metrics. The first of several is outermost. Under a router that is not built on
// net/http, observing does not convert requests.
//
// f is called when the API has looked for the endpoint, before any middleware. It returns
// the context that middleware and the handler get, ctx or one that descends from it, and
// the function that is called once the answer has been sent, or the connection was cut; nil
// is none. That may be on another goroutine than f. A page of the page cache is rendered
// without its client (see [Cache]), so what renders it has no value of that context.
//
// A panic of f, or of what it returns, goes to OnError and changes no answer. Observe
// panics after the first request, and where f is nil.
func (a *API) Observe(f func(ctx context.Context, o *Observation) (context.Context, func())) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.serving:
		panic("typed: Observe after the first request: add observers before the API serves")
	case f == nil:
		panic("typed: Observe was given nil: pass a func(context.Context, *typed.Observation) (context.Context, func())")
	}
	a.observers = append(a.observers, f)
}

// Observation is one request and what came of it, for [API.Observe]. Of what a client sent
// it has what the first five fields say and, for as long as the observer has not returned,
// the header; all else can be logged as it is. It is not safe for concurrent use, and may
// be kept.
type Observation struct {
	Method  string // as sent: it may be any token
	Path    string // as sent, escaped, with the base path and without the query
	Host    string // as the client names the server: "example.com:8080"
	Version string // of HTTP: "1.1", "2"
	Secure  bool   // the server itself has the connection encrypted

	Start     time.Time
	Operation *Operation // that answers; nil: none does

	// Status is that of the answer, known when its head is written: see OnHead. 0: the
	// connection was cut, or taken over, before.
	Status int

	// The rest is known at the end.

	Duration time.Duration
	Received int64 // bytes of the request's content: those that it declares, else those that were read
	Sent     int64 // bytes of the answer's content

	// Problem is the last that was made of the request, whether it was sent itself or in
	// another form. It has its Type and Status and, of its Errors, where each value is (In,
	// Name, Pointer) and which Rule it broke. A name that the client made up is "*" there:
	// that of an unknown member or parameter, or a key of a map. nil: none was made.
	Problem *respond.Problem

	// Panic is the last panic that OnError was told of. Its Value may hold what the client sent.
	Panic *PanicError

	// Page is what the page cache did: HIT, STALE, MISS, REVALIDATED or BYPASS. "": the
	// endpoint has no pages, or there was none to send.
	Page string

	// Aborted says that the client did not get a whole answer: it has disconnected, or the
	// connection was cut after an error or a panic.
	Aborted bool

	match    match // the context of the request
	values   [4]string
	exchange wire.Exchange // as long as its header may be asked for
	heads    []func()
	ends     []func()
	end      func() // of the only observer, as a rule

	net     wire.NetHTTP
	writer  watchedWriter
	carried observedExchange
	content observedContent

	wrote bool // the head
	taken bool // the connection is the middleware's

	mu    sync.Mutex // code that a timeout has left behind may still make problems
	ended bool
	notes notes
}

// notes are what the pipeline has noted before the end.
type notes struct {
	problem *respond.Problem
	panic   *PanicError
}

// Header returns the lines of a header field of the request, whose name is in canonical
// form. They must not be modified. It is nil once the observer has returned.
func (o *Observation) Header(name string) []string {
	if o.exchange == nil {
		return nil
	}
	return o.exchange.Header(name)
}

// Route is the pattern that the request was matched with, with the base path:
// "/v1/users/{id}". "": none.
func (o *Observation) Route() string {
	if o.match.endpoint == nil {
		return ""
	}
	return (*o.match.endpoint.route.Load())[len(o.Operation.Method)+1:]
}

// OnHead has f called once, right before the head of the answer is written: the last
// moment for [Observation.AddHeader]. It is not called where no head is written.
func (o *Observation) OnHead(f func()) { o.heads = append(o.heads, f) }

// AddHeader adds a header field to the answer. It does nothing after the head was written.
func (o *Observation) AddHeader(name, value string) {
	switch {
	case o.wrote:
	case o.net.W != nil:
		o.net.W.Header().Add(name, value)
	default:
		o.carried.Exchange.AddHeader(http.CanonicalHeaderKey(name), value)
	}
}

// observe fills in o, with the endpoint that the request of ex is for.
func (a *API) observe(o *Observation, ex wire.Exchange) {
	o.Method, o.Path, o.Start, o.exchange = ex.Method(), ex.EscapedPath(), time.Now(), ex
	m := &o.match
	m.api, m.observed, m.method, m.path = a, o, o.Method, o.Path
	m.endpoint, m.values, m.found = a.find(m.method, m.path, o.values[:0])
	o.Operation = m.endpoint.operationOrNil()
}

// begin calls the observers.
func (o *Observation) begin(ctx context.Context) {
	o.match.Context = ctx
	o.Host, o.Version, o.Secure = wire.OriginOf(o.exchange)
	observers := o.match.api.observers
	for i := range observers {
		end := o.ask(observers[i])
		switch {
		case end == nil:
		case len(observers) == 1:
			o.end = end
		default:
			o.ends = append(o.ends, end)
		}
	}
	o.exchange = nil
}

func (o *Observation) ask(f func(context.Context, *Observation) (context.Context, func())) func() {
	defer o.shield()
	ctx, end := f(o.match.Context, o)
	if ctx != nil {
		o.match.Context = ctx
	}
	return end
}

// call calls what an observer has left.
func (o *Observation) call(f func()) {
	defer o.shield()
	f()
}

// shield is deferred around the code of observers.
func (o *Observation) shield() {
	if v := recover(); v != nil {
		o.match.api.onError(&o.match, &PanicError{Value: v, Stack: debug.Stack()})
	}
}

// finish ends the observation. whole says that the pipeline has come to its end.
func (o *Observation) finish(whole bool) {
	if whole && !o.wrote && !o.taken {
		o.head(http.StatusOK) // what net/http makes of a handler that writes nothing
	}
	o.mu.Lock()
	o.ended = true
	o.Problem, o.Panic = o.notes.problem, o.notes.panic
	o.mu.Unlock()
	o.Aborted = o.Aborted || !whole
	if o.content.read.Load() > 0 {
		o.Received = o.content.read.Load()
	}
	o.Duration = time.Since(o.Start)
	if o.end != nil {
		o.call(o.end)
	}
	for _, end := range slices.Backward(o.ends) {
		o.call(end)
	}
}

// head is called before the head of the answer is written.
func (o *Observation) head(status int) {
	if o.wrote {
		return
	}
	o.Status = status
	if e := o.match.endpoint; e != nil && e.cached != nil && o.net.W != nil {
		if lines := o.net.W.Header()["X-Cache"]; len(lines) == 1 {
			o.page(lines[0])
		}
	}
	for _, f := range o.heads {
		o.call(f)
	}
	o.wrote = true
}

// page notes what the page cache says of itself; a handler may say other things.
func (o *Observation) page(state string) {
	switch state {
	case "HIT", "STALE", "MISS", "REVALIDATED", "BYPASS":
		o.Page = state
	}
}

// observationKey is the context key of the *Observation of a request.
type observationKey struct{}

// observationOf is that of a request of an API with observers; nil of another context.
func (a *API) observationOf(ctx context.Context) *Observation {
	o, _ := ctx.Value(observationKey{}).(*Observation)
	if o == nil || o.match.api != a {
		return nil // it is of an API around this one
	}
	return o
}

// noteProblem keeps of p what is not the client's.
func (a *API) noteProblem(ctx context.Context, p *respond.Problem) {
	if o := a.observationOf(ctx); o != nil {
		o.noteProblem(p)
	}
}

func (o *Observation) noteProblem(p *respond.Problem) {
	seen := &respond.Problem{Type: p.Type, Status: p.Status}
	if seen.Status < 400 || seen.Status > 599 {
		seen.Status = http.StatusInternalServerError
	}
	var plan *bind.Plan
	if e := o.match.endpoint; e != nil {
		plan = e.binding
	}
	for _, f := range p.Errors[:min(len(p.Errors), mostNoted)] {
		name, pointer := plan.Declared(f.In, f.Name, f.Pointer)
		seen.Errors = append(seen.Errors, respond.FieldError{In: f.In, Name: name, Pointer: pointer, Rule: f.Rule})
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ended {
		o.notes.problem = seen
	}
}

// mostNoted bounds the failures of one problem; those of a request have a like bound.
const mostNoted = 100

// report tells OnError of an error, and observers of a panic.
func (a *API) report(ctx context.Context, err error) {
	if p, ok := err.(*PanicError); ok && a.observers != nil {
		if o := a.observationOf(ctx); o != nil {
			o.mu.Lock()
			if !o.ended {
				o.notes.panic = p
			}
			o.mu.Unlock()
		}
	}
	a.onError(ctx, err)
}

// observedContent counts what is read of a request's content whose length was not declared.
type observedContent struct{ read atomic.Int64 }
