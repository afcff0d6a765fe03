package typed

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/upload"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// opener is a [HandlerOf] whose types are forgotten. It makes a new request: its base,
// a *Req and a bound *Out, and what calls the handler with them.
type opener interface {
	open(prototype any, signs bool) (b *base, in, out any, c caller)
}

// endpoint is a handled endpoint, its types erased.
type endpoint struct {
	api       *API
	name      string                 // "GET /users/{id}", for reports
	declared  *declaration           // that it was made of
	route     atomic.Pointer[string] // the same with the base path, for http.Request.Pattern
	pattern   *pattern.Pattern
	binding   *bind.Plan
	checker   *rules.Checker // nil: no value breaks a rule
	plan      *answer.Plan
	prototype any // *Out, bound to the plan
	handler   opener
	guarded   bool         // requests from other origins are refused
	streams   bool         // a payload may be an io.Reader, or Events or Lines
	pours     bool         // a payload may be Events or Lines
	untagged  bool         // answers get no entity tag
	cached    pages.Route  // nil: without Cache
	signIn    *signIn      // nil: it does not ask who the client is
	chain     http.Handler // the endpoint's middleware around it; nil without middleware
	operation Operation
	requests  sync.Mutex // held while HTTPRequest completes one
}

func (e *endpoint) setRoute(base string) {
	route := e.operation.Method + " " + base + e.operation.Path
	e.route.Store(&route)
}

// scratch is memory for one request that no handler sees, so that it can be used again.
// [API.process] takes it and gives it back.
type scratch struct {
	net    wire.NetHTTP
	values [4]string // of the pattern's wildcards, for most patterns
	buffer []byte    // of the answer
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// release empties the scratch and gives it back. It is careful to write no more than it
// has to, because a write of pointers costs much while the collector works: the row W1
// of the performance guide.
func (s *scratch) release() {
	s.net = wire.NetHTTP{}
	if s.values[0] != "" {
		clear(s.values[:])
	}
	if cap(s.buffer) > maxKept {
		s.buffer = nil
	}
	scratches.Put(s)
}

// maxKept bounds the buffer that a scratch keeps after one large answer.
const maxKept = 256 << 10

// process answers one request: of net/http, or of ex where that is not nil. m is what is
// known of it already, or nil. It is the one function that takes a scratch; it gives it back.
func (a *API) process(net wire.NetHTTP, ex wire.Exchange, m *match) {
	s := scratches.Get().(*scratch)
	defer s.release()
	if ex == nil {
		s.net = net
		ex = &s.net
	}
	var e *endpoint
	values := s.values[:0]
	if m == nil {
		method, path := ex.Method(), ex.EscapedPath()
		var found pattern.Verdict
		if e, values, found = a.find(method, path, values); e == nil {
			a.writeDeadEnd(s, ex, found, method, path)
			return
		}
		if net.R != nil {
			net.R.Pattern = *e.route.Load()
		}
	} else if e, values = m.endpoint, append(values, m.values...); e == nil {
		a.writeDeadEnd(s, ex, m.found, m.method, m.path)
		return
	}
	if m == nil || !m.inside {
		if e.chain != nil {
			// Middleware may pass on another request or writer; this one carries the values.
			a.complete(ex.HTTPRequest(), e, values)
			bridge(ex, e.chain)
			return
		}
		if e.streams && a.detach(ex, e, values) {
			return
		}
	}
	if e.cached != nil && !isRendition(ex) {
		release, bypass := e.fromCache(s, ex, values)
		if bypass == nil {
			return
		}
		defer release()
		ex = bypass
	}
	e.run(s, ex, values)
}

// detach processes a request again on a goroutine of its own, where the carrier asks for
// that: it returns while the answer is still streamed.
func (a *API) detach(ex wire.Exchange, e *endpoint, values []string) bool {
	d, ok := ex.(wire.Detacher)
	if ok {
		m := &match{endpoint: e, values: slices.Clone(values), inside: true}
		d.Detach(func() { a.process(wire.NetHTTP{}, ex, m) })
	}
	return ok
}

// reply is how far the answer to a request has come. It stays on the stack of [endpoint.run].
type reply struct {
	exchange  wire.Exchange
	rendering answer.Rendering
	begun     bool          // the client may have got a part of it
	finished  bool          // the pipeline came to its end
	files     *upload.Store // of the request; nil: none
}

// run is the pipeline: guard, parameters, body, validation, handler, write. Whatever
// happens in it, the client gets one answer or, after its first byte, a cut connection.
func (e *endpoint) run(s *scratch, ex wire.Exchange, values []string) {
	b, in, out, c := e.handler.open(e.prototype, e.signIn != nil)
	b.begin(e, s, ex)
	r := reply{exchange: ex}
	if e.streams {
		s.buffer = nil // a stream may last, and is not going to need it
	}
	r.rendering.Buffer = s.buffer
	defer b.finish(s, &r)
	var a Answer
	err := b.admit(ex, values, in, &r)
	if err == nil {
		if e.pours {
			a, err = b.callPouring(c)
		} else if e.api.timeout > 0 {
			a, err = b.callWithin(e.api.timeout, c)
		} else {
			a, err = c.call()
		}
	}
	if err == nil {
		if err = r.rendering.Render((*answer.Answer)(&a), e.plan, out); err != nil {
			err = b.mistake(err)
		} else if e.api.pages != nil {
			noteAnswer(ex, (*answer.Answer)(&a))
			b.expirePages(&r)
		}
	}
	if err == nil && e.streams && !r.rendering.IsItems() {
		err = selectContent(&r)
	}
	switch {
	case err == nil && r.rendering.IsItems():
		b.pour(s, &r, &a)
	case err == nil:
		b.write(&r, !e.untagged)
	default:
		answer.Discard((*answer.Answer)(&a))
		b.fail(s, &r, err)
	}
	r.finished = true
}

// finish is deferred by run: it answers for what panicked or called runtime.Goexit.
func (b *base) finish(s *scratch, r *reply) {
	if r.files != nil {
		defer r.files.Close() // an answer may be read from them
	}
	if x := b.extra(); x != nil && x.cancel != nil {
		x.cancel() // not before: a payload may be read with the handler's context
	}
	if cap(r.rendering.Buffer) > cap(s.buffer) {
		s.buffer = r.rendering.Buffer
	}
	if r.finished {
		return
	}
	v := recover()
	if r.begun {
		defer r.exchange.Abort()
		defer r.rendering.Release() // which may panic, too
	}
	switch v {
	case nil:
		b.report(errGoexit)
	case http.ErrAbortHandler:
		panic(v)
	default:
		b.report(&PanicError{Value: v, Stack: debug.Stack()})
	}
	if !r.begun {
		r.rendering.Release()
		cause := errGoexit
		if v != nil {
			cause = &PanicError{Value: v}
		}
		b.endpoint.api.writeProblem(b, r.exchange, &s.buffer, internalError, cause)
	}
}

// admit brings the request into in, a *Req, and its files into r.
func (b *base) admit(ex wire.Exchange, values []string, in any, r *reply) error {
	e := b.endpoint
	// Neither field: it is no browser. Asking first spares other carriers making the request.
	if e.guarded && (len(ex.Header("Sec-Fetch-Site")) > 0 || len(ex.Header("Origin")) > 0) {
		if err := e.api.crossOrigin.Check(ex.HTTPRequest()); err != nil {
			return &refused{respond.Forbidden("The request comes from another origin.")}
		}
	}
	if e.signIn != nil {
		if err := b.authenticate(ex, in); err != nil {
			return err
		}
	}
	if !e.binding.Nothing() {
		files, p := e.binding.BindFiles(ex, values, in)
		if p != nil {
			if p.Status >= http.StatusInternalServerError {
				return p // not the client's fault: reported
			}
			return &refused{b.worded(p)}
		}
		r.files = files
	}
	if e.binding.BodyKind() == bind.LinesBody {
		b.openRows(ex, in)
	}
	if e.checker != nil {
		if err := e.checker.Check(b, in); err != nil {
			return b.invalid(err)
		}
	}
	return nil
}

// write writes what was rendered. There is no way back to another answer: what goes
// wrong cuts the connection.
func (b *base) write(r *reply, tagged bool) {
	r.begun = true
	if err := r.rendering.Write(r.exchange, tagged); err != nil {
		if !hasLeft(r.exchange) { // a payload that heeds the context fails because its client has left
			b.report(err)
		}
		r.exchange.Abort()
	}
}

// fail answers an error.
func (b *base) fail(s *scratch, r *reply, err error) {
	if p, ok := err.(*respond.Problem); ok && p == nil {
		err = errNilProblem
	}
	refused, isRefused := errors.AsType[*refused](err)
	switch {
	case isRefused && !isPanic(err):
		doNotStore(r.exchange)
		noteCause(r.exchange, refused.problem)
		b.endpoint.api.noteProblem(b, refused.problem)
		if refused.problem.Status == http.StatusRequestEntityTooLarge {
			wire.RefuseContent(r.exchange)
		}
		if b.endpoint.api.onInvalid != nil && !bind.IsDisconnected(refused.problem) {
			if err = b.replyInvalid(r, refused.problem); err == nil {
				return
			}
		}
	case hasLeft(r.exchange) && !isPanic(err) && !b.isStreamEnd(err):
		// Nobody reads an answer, and there is nothing to report. Returning would make
		// net/http send an empty 200 to a client that only closed its half.
		r.exchange.Abort()
		return
	}
	if !isRefused {
		noteCause(r.exchange, err)
	}
	f := failureOf(err, b.Err() != nil)
	if f.reported {
		b.report(err)
	}
	if f.unread {
		wire.RefuseContent(r.exchange)
	}
	b.endpoint.api.writeProblem(b, r.exchange, &s.buffer, f.problem, causeOf(err))
}

// replyInvalid lets [Options.OnInvalid] answer a request that was refused with p.
func (b *base) replyInvalid(r *reply, p *respond.Problem) error {
	if p.Title == "" {
		titled := *p
		titled.Title = syntax.StatusText(p.Status)
		p = &titled
	}
	given, err := b.endpoint.api.onInvalid(b, p)
	a := answer.Answer(given)
	if err == nil {
		if err = r.rendering.RenderFree(&a, jsonx.Append, hook.Form); err == nil {
			b.write(r, false)
			return nil
		}
		err = b.mistake(err)
	}
	answer.Discard(&a)
	return err
}

// isStreamEnd reports whether an error may be the handler's although its context has
// ended: net/http ends it as well when a body that the handler itself reads comes too
// slowly, and then the client still waits for an answer.
func (b *base) isStreamEnd(err error) bool {
	kind := b.endpoint.binding.BodyKind()
	return (kind == bind.StreamBody || kind == bind.LinesBody) && !errors.Is(err, context.Canceled) && !bind.IsDisconnected(err)
}

// hasLeft reports whether the client has disconnected.
func hasLeft(ex wire.Exchange) bool { return ex.Context().Err() == context.Canceled }

// result is what a handler came to.
type result struct {
	answer Answer
	err    error
}

// callWithin calls the handler, and returns what it came to, or that its time is over. The
// time begins when the request has been read: how long a client may take to send it is
// the server's ReadTimeout.
func (b *base) callWithin(timeout time.Duration, c caller) (Answer, error) {
	x := b.extra()
	x.ctx, x.cancel = context.WithTimeout(b.carried.Context(), timeout)
	return b.await(timeout, c.call)
}

// await calls f, code of a user, on a goroutine of its own, and returns what it came to, or
// errTimeout. What comes later is dropped.
func (b *base) await(timeout time.Duration, f func() (Answer, error)) (Answer, error) {
	done, dropped := make(chan result), make(chan struct{})
	go func() {
		r := result{err: errGoexit}
		defer func() {
			if v := recover(); v != nil {
				r = result{err: &PanicError{Value: v, Stack: debug.Stack()}}
			}
			select {
			case done <- r:
			case <-dropped:
				b.drop(r)
			}
		}()
		r.answer, r.err = f()
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case r := <-done:
		if p, ok := errors.AsType[*PanicError](r.err); ok && p.Value == http.ErrAbortHandler {
			panic(http.ErrAbortHandler)
		}
		return r.answer, r.err
	case <-timer.C:
		close(dropped)
		return Answer{}, errTimeout
	}
}

// drop takes a result that comes too late. A panic is reported even then, on a goroutine
// that no server watches over: there a panic of OnError would end the process.
func (b *base) drop(r result) {
	answer.Discard((*answer.Answer)(&r.answer))
	p, ok := errors.AsType[*PanicError](r.err)
	if !ok || p.Value == http.ErrAbortHandler {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			logError(b, r.err)
			logError(b, &PanicError{Value: v, Stack: debug.Stack()})
		}
	}()
	b.endpoint.api.onError(b, r.err) // not for observers, whose request may be over
}
