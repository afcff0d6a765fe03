package typed

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"sync"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// opener is a [HandlerOf] whose types are forgotten. It makes the record of a request
// together with room for what the handler takes and gives.
type opener interface{ open() (*record, caller) }

// endpoint is a handled endpoint, its types erased.
type endpoint struct {
	api       *API
	name      string // "GET /users/{id}", for reports
	pattern   *pattern.Pattern
	binding   *bind.Plan
	checker   *rules.Checker
	plan      *respond.Plan
	handler   opener
	etags     respond.ETags // unused if it is untagged
	guarded   bool          // unsafe, and binds what a foreign page can make a browser send
	bare      bool          // admits every request that has no query
	streams   bool          // a payload may be an io.Reader
	untagged  bool          // answers get no entity tag
	cached    pages.Route   // nil: without Cache
	chain     http.Handler  // the endpoint's middleware around it; nil without middleware
	operation Operation
	requests  sync.Mutex // held while HTTPRequest completes one
}

// open makes the record of a request of net/http, or of the one in the seat.
func (e *endpoint) open(req *http.Request, seat *wire.Seat) (*record, caller) {
	r, f := e.handler.open()
	r.endpoint, r.request, r.seat = e, req, seat
	return r, f
}

// tags makes the entity tags of the answers; nil: they get none.
func (e *endpoint) tags() *respond.ETags {
	if e.untagged {
		return nil
	}
	return &e.etags
}

// serve runs the endpoint's middleware, if it has any, and answers the request. It
// releases the call.
func (e *endpoint) serve(c *call, seat *wire.Seat) {
	if e.chain != nil {
		// Middleware may pass on another request or writer, so the record is made
		// inside; the request carries the path values there.
		e.setPathValues(c.exchange.HTTPRequest(), c.values)
		bridge(c.exchange, e.chain)
		c.release()
		return
	}
	r, f := e.open(c.net.R, seat)
	if e.streams {
		if d, ok := c.exchange.(wire.Detacher); ok {
			d.Detach(func() { r.run(c, f) })
			return
		}
	}
	r.run(c, f)
}

// inner answers a request that comes out of the endpoint's middleware.
func (e *endpoint) inner(w http.ResponseWriter, req *http.Request) {
	c := netCall(wire.NetHTTP{W: w, R: req})
	c.values = e.pathValues(req, c.room[:0])
	r, f := e.open(req, nil)
	r.run(c, f)
}

// pathValues appends those that serve has given the request to values.
func (e *endpoint) pathValues(req *http.Request, values []string) []string {
	for _, name := range e.pattern.Names() {
		values = append(values, req.PathValue(name))
	}
	return values
}

func (e *endpoint) setPathValues(req *http.Request, values []string) {
	req.Pattern = e.name
	for i, name := range e.pattern.Names() {
		req.SetPathValue(name, values[i])
	}
}

// run answers a request that has passed the middleware: from the cache, or by the
// pipeline. It releases the call.
func (r *record) run(c *call, f caller) {
	if r.endpoint.cached != nil {
		answered, release := r.fromCache(c)
		if answered {
			c.release()
			return
		}
		defer release()
	}
	r.answer(c, f)
}

// answer is the pipeline: guard, bind, decode, validate, handler, write. Whatever
// happens in it, the client gets one answer or, after its first byte, a cut connection.
// It releases the call.
func (r *record) answer(c *call, f caller) {
	r.needOwn()
	finished := false
	defer func() {
		if own := r.own(); own != nil && own.cancel != nil {
			own.cancel() // not before: a payload may be read with the handler's context
		}
		if finished {
			return
		}
		v := recover()
		if c.writing {
			defer c.exchange.Abort()
			defer c.out.Release() // which may panic, too
			r.reportLost(v)
			return
		}
		r.reportLost(v)
		respond.WriteProblem(c.exchange, internalError)
	}()
	if timeout := r.endpoint.api.timeout; timeout > 0 {
		r.callWithin(timeout, c, f)
		finished = true
		return // a handler that comes too late still has the call: it is not used again
	}
	f.call(c)
	finished = true
	c.release()
}

// conclude takes what the handler came to: it answers, or under a Timeout hands it to
// the goroutine that is going to.
func (r *record) conclude(c *call, a *Answer, from respond.Origin, err error) {
	if own := r.own(); own != nil && own.wait != nil {
		own.wait.handOver(r, conclusion{*a, from, err})
		return
	}
	r.reply(c, a, from, err)
}

func (r *record) reply(c *call, a *Answer, from respond.Origin, err error) {
	if err != nil {
		respond.Discard(*a)
		r.fail(c, err)
		return
	}
	e := r.endpoint
	content, usual, err := e.plan.RenderUsual(&c.out, from, a)
	if !usual {
		err = e.plan.Render(&c.out, from, a)
	}
	if err != nil {
		r.fail(c, r.mistake(err))
		return
	}
	if r.seat != nil { // else there are no pages
		c.note(a)
		r.expire(c)
	}
	if !usual {
		r.write(c, e.tags())
		return
	}
	c.writing = true
	e.plan.WriteUsual(c.exchange, content, e.tags())
}

// write writes what was rendered. There is no way back to another answer: what goes
// wrong cuts the connection.
func (r *record) write(c *call, etags *respond.ETags) {
	c.writing = true
	if err := c.out.Write(c.exchange, etags); err != nil {
		if !c.left() { // a payload that heeds the context fails because its client has left
			r.report(err)
		}
		c.exchange.Abort()
	}
	c.out.Release()
}

// reportLost reports what ended a function before its end: a panic, or runtime.Goexit
// if v is nil. Aborting goes on.
func (r *record) reportLost(v any) {
	switch v {
	case nil:
		r.report(errGoexit)
	case http.ErrAbortHandler:
		panic(v)
	default:
		r.report(&PanicError{Value: v, Stack: debug.Stack()})
	}
}

var (
	internalError = &respond.Problem{Status: http.StatusInternalServerError}
	errGoexit     = errors.New("the handler ended its goroutine (runtime.Goexit)")
	errNilProblem = errors.New("the handler returned a nil *respond.Problem as its error, which is not nil: declare the variable as an error")
)

// admit brings the request into in, a *Req: guard, bind, decode, validate.
func (r *record) admit(c *call, in any) error {
	e := r.endpoint
	if e.bare && r.seat == nil && c.net.R.URL.RawQuery == "" {
		return nil
	}
	if e.guarded {
		if err := e.api.crossOrigin.Check(c.exchange.HTTPRequest()); err != nil {
			return &refused{respond.Forbidden("The request comes from another origin.")}
		}
	}
	if p := e.binding.Bind(c.request, c.values, in); p != nil {
		return &refused{p}
	}
	if err := e.checker.Check(r, in); err != nil {
		return e.invalid(err)
	}
	if own := r.own(); own != nil && own.wait != nil {
		r.seat.Context, own.cancel = context.WithTimeout(r.context(), e.api.timeout)
		close(own.wait.admitted)
	}
	return nil
}

// fail answers an error.
func (r *record) fail(c *call, err error) {
	if p, ok := err.(*respond.Problem); ok && p == nil {
		err = errNilProblem
	}
	if isPanic(err) { // whatever it was given: an error that is thrown is no answer
		r.report(err)
		respond.WriteProblem(c.exchange, internalError)
		return
	}
	refused, ok := errors.AsType[*refused](err)
	if ok {
		c.doNotStore()
		if refused.problem.Status == http.StatusRequestEntityTooLarge {
			wire.RefuseContent(c.exchange)
		}
	}
	if !ok && c.left() {
		// Nobody to answer, and nothing to report. Returning
		// would make net/http send an empty 200 to a client that only closed its half.
		c.exchange.Abort()
		return
	}
	if ok {
		if r.endpoint.api.onInvalid == nil || bind.IsDisconnected(refused.problem) {
			respond.WriteProblem(c.exchange, refused.problem)
			return
		}
		a, aerr := r.endpoint.api.onInvalid(r, refused.problem)
		if aerr == nil {
			rerr := respond.RenderFree(&c.out, &a, jsonx.Append)
			if rerr == nil {
				r.write(c, nil)
				return
			}
			aerr = r.mistake(rerr)
		} else {
			respond.Discard(a)
		}
		err = aerr
	}
	if problem, ok := errors.AsType[*respond.Problem](err); ok {
		if problem.Status >= 500 || problem.Status < 400 {
			r.report(err)
		}
		respond.WriteProblem(c.exchange, problem)
		return
	}
	if err == errTimeout || errors.Is(err, context.DeadlineExceeded) && r.Err() != nil {
		respond.WriteProblem(c.exchange, timeoutError)
		return
	}
	if bind.IsTooLarge(err) {
		wire.RefuseContent(c.exchange)
		respond.WriteProblem(c.exchange, tooLarge)
		return
	}
	r.report(err)
	respond.WriteProblem(c.exchange, internalError)
}

// left reports whether the client is gone.
func (c *call) left() bool { return c.exchange.Context().Err() == context.Canceled }

func isPanic(err error) bool {
	_, ok := errors.AsType[*PanicError](err)
	return ok
}

func isAbort(err error) bool {
	p, ok := errors.AsType[*PanicError](err)
	return ok && p.Value == http.ErrAbortHandler
}
