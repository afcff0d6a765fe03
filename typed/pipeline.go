package typed

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"sync"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/validate"
)

// opener is a [HandlerOf] whose types are forgotten. It makes the record of a request
// together with room for what the handler takes and gives.
type opener interface{ open() (*record, caller) }

// caller is a [frame] whose types are forgotten. It calls conclude once, unless it panics.
type caller interface{ call(one string) }

// call is a call to be made. It goes from hand to hand, because the record must be small.
type call struct {
	caller caller
	one    string // the value of the pattern's wildcard, decoded, if it has one
}

func (c call) make() { c.caller.call(c.one) }

// endpoint is a handled endpoint, its types erased.
type endpoint struct {
	api       *API
	name      string // "GET /users/{id}", for reports
	pattern   *pattern.Pattern
	wildcards int // of the pattern
	binding   *bind.Plan
	checker   *validate.Checker
	plan      *respond.Plan
	handler   opener
	etags     *respond.ETags   // nil: none
	guarded   bool             // unsafe, and binds what a foreign page can make a browser send
	streams   bool             // a payload may be an io.Reader
	cached    *pagecache.Route // nil: without Cache
	chain     http.Handler     // the endpoint's middleware around it; nil without middleware
	operation *Operation
	requests  sync.Mutex // held while HTTPRequest completes one
}

// open makes the record of a request that net/http carries, or of the one in the seat.
func (e *endpoint) open(net wire.NetHTTP, seat *wire.Seat, values []string) (*record, call) {
	r, c := e.handler.open()
	r.endpoint, r.net, r.seat = e, net, seat
	return r, call{c, r.keep(values)}
}

// serve runs the endpoint's middleware, if it has any, and answers a request that
// net/http carries, or the one in the seat.
func (e *endpoint) serve(net wire.NetHTTP, seat *wire.Seat, values []string) {
	if e.chain != nil {
		// Middleware may pass on another request or writer, so the record is made
		// inside; the request carries the path values there.
		ex := exchange(net, seat)
		e.setPathValues(ex.HTTPRequest(), values)
		bridge(ex, e.chain)
		return
	}
	r, c := e.open(net, seat, values)
	if e.streams {
		if d, ok := r.exchange().(wire.Detacher); ok {
			d.Detach(func() { r.run(c) })
			return
		}
	}
	r.run(c)
}

// inner answers a request that comes out of the endpoint's middleware.
func (e *endpoint) inner(w http.ResponseWriter, req *http.Request) {
	r, c := e.open(wire.NetHTTP{W: w, R: req}, nil, e.pathValues(req))
	r.run(c)
}

// pathValues are those that serve has given the request.
func (e *endpoint) pathValues(req *http.Request) []string {
	names := e.pattern.Names()
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = req.PathValue(name)
	}
	return values
}

func (e *endpoint) setPathValues(req *http.Request, values []string) {
	req.Pattern = e.name
	for i, name := range e.pattern.Names() {
		req.SetPathValue(name, values[i])
	}
}

// run answers a request that has passed the middleware: from the cache, or by the pipeline.
func (r *record) run(c call) {
	if r.endpoint.cached != nil {
		answered, release := r.fromCache(c.one)
		if answered {
			return
		}
		defer release()
	}
	r.answer(c)
}

// answer is the pipeline: guard, bind, decode, validate, handler, write. Whatever
// happens in it, the client gets one answer or, after its first byte, a cut connection.
func (r *record) answer(c call) {
	r.needOwn()
	finished := false
	defer func() {
		if own := r.own(); own != nil && own.cancel != nil {
			own.cancel() // not before: a payload may be read with the handler's context
		}
		if !finished {
			r.reportLost(recover())
			respond.WriteProblem(r.exchange(), internalError)
		}
	}()
	if timeout := r.endpoint.api.timeout; timeout > 0 {
		r.callWithin(timeout, c)
	} else {
		c.make()
	}
	finished = true
}

// conclude takes what the handler came to: it answers, or under a Timeout hands it to
// the goroutine that is going to.
func (r *record) conclude(a *Answer, from respond.Origin, err error) {
	if own := r.own(); own != nil && own.wait != nil {
		own.wait.handOver(r, conclusion{*a, from, err})
		return
	}
	r.reply(a, from, err)
}

func (r *record) reply(a *Answer, from respond.Origin, err error) {
	if err != nil {
		respond.Discard(*a)
		r.fail(err)
		return
	}
	var out respond.Rendering
	if err := r.endpoint.plan.Render(&out, from, a); err != nil {
		r.fail(r.mistake(err))
		return
	}
	if r.seat != nil { // else there are no pages
		r.note(a)
		r.expire(out.Status)
	}
	r.write(&out, r.endpoint.etags)
}

// write writes what was rendered. There is no way back to another answer: what goes
// wrong cuts the connection.
func (r *record) write(out *respond.Rendering, etags *respond.ETags) {
	finished := false
	defer func() {
		if !finished {
			v := recover()
			defer r.exchange().Abort()
			defer out.Release() // which may panic, too
			r.reportLost(v)
		}
	}()
	if err := out.Write(r.exchange(), etags); err != nil {
		if !r.left() { // a payload that heeds the context fails because its client has left
			r.report(err)
		}
		r.exchange().Abort()
	}
	out.Release()
	finished = true
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
func (r *record) admit(one string, in any) error {
	e := r.endpoint
	if e.guarded {
		if err := e.api.crossOrigin.Check(r.exchange().HTTPRequest()); err != nil {
			return &refused{problem: respond.Forbidden("The request comes from another origin.")}
		}
	}
	if rejection := e.binding.Bind(r.exchange(), r.path(&[1]string{one}), in); rejection != nil {
		return refuse(rejection)
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
func (r *record) fail(err error) {
	if p, ok := err.(*respond.Problem); ok && p == nil {
		err = errNilProblem
	}
	if isPanic(err) { // whatever it was given: an error that is thrown is no answer
		r.report(err)
		respond.WriteProblem(r.exchange(), internalError)
		return
	}
	refused, ok := errors.AsType[*refused](err)
	if ok {
		r.doNotStore()
		if refused.problem.Status == http.StatusRequestEntityTooLarge {
			wire.RefuseContent(r.exchange())
		}
	}
	if !ok && r.left() {
		// Nobody to answer, and nothing to report. Returning
		// would make net/http send an empty 200 to a client that only closed its half.
		r.exchange().Abort()
		return
	}
	if ok {
		if r.endpoint.api.onInvalid == nil || refused.gone {
			respond.WriteProblem(r.exchange(), refused.problem)
			return
		}
		a, aerr := r.endpoint.api.onInvalid(r, refused.problem)
		if aerr == nil {
			var out respond.Rendering
			rerr := respond.RenderFree(&out, &a, jsonx.Append)
			if rerr == nil {
				r.write(&out, nil)
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
		respond.WriteProblem(r.exchange(), problem)
		return
	}
	if err == errTimeout || errors.Is(err, context.DeadlineExceeded) && r.Err() != nil {
		respond.WriteProblem(r.exchange(), timeoutError)
		return
	}
	if bind.IsTooLarge(err) {
		wire.RefuseContent(r.exchange())
		respond.WriteProblem(r.exchange(), tooLarge)
		return
	}
	if rejection, ok := errors.AsType[*bind.Rejection](err); ok { // of a body that the handler reads itself
		respond.WriteProblem(r.exchange(), refuse(rejection).problem)
		return
	}
	r.report(err)
	respond.WriteProblem(r.exchange(), internalError)
}

// left reports whether the client is gone.
func (r *record) left() bool { return r.exchange().Context().Err() == context.Canceled }

func isPanic(err error) bool {
	_, ok := errors.AsType[*PanicError](err)
	return ok
}

func isAbort(err error) bool {
	p, ok := errors.AsType[*PanicError](err)
	return ok && p.Value == http.ErrAbortHandler
}
