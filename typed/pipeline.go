package typed

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
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
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// opener is a [HandlerOf] whose types are forgotten. It makes a new request: its base,
// a *Req and a bound *Out, and what calls the handler with them.
type opener interface {
	open(prototype any) (b *base, in, out any, c caller)
}

// endpoint is a handled endpoint, its types erased.
type endpoint struct {
	api       *API
	name      string                 // "GET /users/{id}", for reports
	route     atomic.Pointer[string] // the same with the base path, for http.Request.Pattern
	pattern   *pattern.Pattern
	binding   *bind.Plan
	checker   *rules.Checker
	plan      *answer.Plan
	prototype any // *Out, bound to the plan
	handler   opener
	guarded   bool         // requests from other origins are refused
	streams   bool         // a payload may be an io.Reader
	untagged  bool         // answers get no entity tag
	cached    pages.Route  // nil: without Cache
	chain     http.Handler // the endpoint's middleware around it; nil without middleware
	operation Operation
	requests  sync.Mutex // held while HTTPRequest completes one
}

func (e *endpoint) setRoute(base string) {
	route := e.operation.Method + " " + base + e.operation.Path
	e.route.Store(&route)
}

// scratch is what the pipeline needs for one request and no handler sees, so that it can
// be used again. [API.process] takes it and gives it back.
type scratch struct {
	exchange  wire.Exchange // the request: &net, or carrier
	net       wire.NetHTTP
	carrier   wire.Exchange // nil where net/http carries the request
	values    []string      // of the pattern's wildcards, decoded
	room      [4]string     // of values, for most patterns
	answer    Answer
	rendering answer.Rendering
	writing   bool // the answer may have begun
	finished  bool // the pipeline came to its end
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// release empties the scratch and gives it back.
func (s *scratch) release() {
	s.rendering.Release()
	s.exchange, s.net, s.carrier, s.values, s.room = nil, wire.NetHTTP{}, nil, nil, [4]string{}
	s.answer, s.writing, s.finished = Answer{}, false, false
	scratches.Put(s)
}

// process answers one request: of net/http, or of ex where that is not nil. m is what is
// known of it already, or nil. It is the one function that takes a scratch; it gives it back.
func (a *API) process(net wire.NetHTTP, ex wire.Exchange, m *match) {
	s := scratches.Get().(*scratch)
	defer s.release()
	s.net, s.carrier, s.exchange = net, ex, ex
	if ex == nil {
		s.exchange = &s.net
	}
	var e *endpoint
	if m == nil {
		method, path := s.exchange.Method(), s.exchange.EscapedPath()
		var found pattern.Verdict
		if e, s.values, found = a.find(method, path, s.room[:0]); e == nil {
			a.writeDeadEnd(s, found, method, path)
			return
		}
		if net.R != nil {
			net.R.Pattern = *e.route.Load()
		}
	} else if e, s.values = m.endpoint, append(s.room[:0], m.values...); e == nil {
		a.writeDeadEnd(s, m.found, m.method, m.path)
		return
	}
	if m == nil || !m.inside {
		if e.chain != nil {
			// Middleware may pass on another request or writer; this one carries the values.
			a.complete(s.exchange.HTTPRequest(), e, s.values)
			bridge(s.exchange, e.chain)
			return
		}
		if d, ok := ex.(wire.Detacher); ok && e.streams {
			d.Detach(func() { a.process(net, ex, &match{endpoint: e, values: s.values, inside: true}) })
			return
		}
	}
	if e.cached != nil && !isRendition(ex) {
		leave, answered := e.fromCache(s)
		if answered {
			return
		}
		defer leave()
	}
	e.run(s)
}

// run is the pipeline: guard, parameters, body, validation, handler, write. Whatever
// happens in it, the client gets one answer or, after its first byte, a cut connection.
func (e *endpoint) run(s *scratch) {
	b, in, out, c := e.handler.open(e.prototype)
	b.endpoint, b.http, b.carrier = e, s.net.R, s.carrier
	if e.api.timeout > 0 || e.api.pages != nil {
		b.extra = new(extra)
	}
	defer b.finish(s)
	err := b.admit(s, in)
	if err == nil {
		if e.api.timeout > 0 {
			err = b.callWithin(e.api.timeout, s, c)
		} else {
			s.answer, err = c.call()
		}
	}
	if err == nil {
		var a *answer.Answer
		if a, err = hook.Accept(&s.answer, out, e.plan); err == nil {
			err = s.rendering.Render(a, e.plan)
		}
		if err != nil {
			err = b.mistake(err)
		} else if e.api.pages != nil {
			noteAnswer(s.exchange, a)
			b.expirePages(s)
		}
	}
	if err == nil {
		b.write(s, !e.untagged)
	} else {
		b.fail(s, err)
	}
	s.finished = true
}

// finish is deferred by run: it answers for what panicked or called runtime.Goexit.
func (b *base) finish(s *scratch) {
	if b.extra != nil && b.extra.cancel != nil {
		b.extra.cancel() // not before: a payload may be read with the handler's context
	}
	if s.finished {
		return
	}
	v := recover()
	if s.writing {
		defer s.exchange.Abort()
		defer s.rendering.Release() // which may panic, too
	}
	switch v {
	case nil:
		b.report(errGoexit)
	case http.ErrAbortHandler:
		panic(v)
	default:
		b.report(&PanicError{Value: v, Stack: debug.Stack()})
	}
	if !s.writing {
		s.rendering.Release()
		hook.WriteProblem(s.exchange, &s.rendering, internalError)
	}
}

// admit brings the request into in, a *Req.
func (b *base) admit(s *scratch, in any) error {
	e := b.endpoint
	if e.guarded {
		if err := e.api.crossOrigin.Check(s.exchange.HTTPRequest()); err != nil {
			return &refused{respond.Forbidden("The request comes from another origin.")}
		}
	}
	if p := e.binding.Bind(s.exchange, s.values, in); p != nil {
		return &refused{p}
	}
	if err := e.checker.Check(b, in); err != nil {
		return e.invalid(err)
	}
	return nil
}

// write writes what was rendered. There is no way back to another answer: what goes
// wrong cuts the connection.
func (b *base) write(s *scratch, tagged bool) {
	s.writing = true
	if err := s.rendering.Write(s.exchange, tagged); err != nil {
		if !s.left() { // a payload that heeds the context fails because its client has left
			b.report(err)
		}
		s.exchange.Abort()
	}
	s.rendering.Release()
}

// fail answers an error.
func (b *base) fail(s *scratch, err error) {
	answer.Discard(hook.FreeAnswer(&s.answer))
	if p, ok := err.(*respond.Problem); ok && p == nil {
		err = errNilProblem
	}
	refused, isRefused := errors.AsType[*refused](err)
	switch {
	case isRefused && !isPanic(err):
		doNotStore(s.exchange)
		if refused.problem.Status == http.StatusRequestEntityTooLarge {
			wire.RefuseContent(s.exchange)
		}
		if b.endpoint.api.onInvalid != nil && !bind.IsDisconnected(refused.problem) {
			if err = b.replyInvalid(s, refused.problem); err == nil {
				return
			}
		}
	case s.left() && !isPanic(err):
		// Nobody reads an answer, and there is nothing to report. Returning would make
		// net/http send an empty 200 to a client that only closed its half.
		s.exchange.Abort()
		return
	}
	f := failureOf(err, b.Err() != nil)
	if f.reported {
		b.report(err)
	}
	if f.unread {
		wire.RefuseContent(s.exchange)
	}
	hook.WriteProblem(s.exchange, &s.rendering, f.problem)
}

// replyInvalid lets [Options.OnInvalid] answer a request that was refused with p.
func (b *base) replyInvalid(s *scratch, p *respond.Problem) error {
	var err error
	s.answer, err = b.endpoint.api.onInvalid(b, p)
	a := hook.FreeAnswer(&s.answer)
	if err == nil {
		if err = s.rendering.RenderFree(a, jsonx.Append, hook.Form); err == nil {
			b.write(s, false)
			return nil
		}
		err = b.mistake(err)
	}
	answer.Discard(a)
	return err
}

// left reports whether the client has disconnected.
func (s *scratch) left() bool { return s.exchange.Context().Err() == context.Canceled }

// result is what a handler came to.
type result struct {
	answer Answer
	err    error
}

// callWithin calls the handler on a goroutine of its own, and returns what it came to, or
// that its time is over. The time begins when the request has been read: how long a client
// may take to send it is the server's ReadTimeout.
func (b *base) callWithin(timeout time.Duration, s *scratch, c caller) error {
	b.extra.ctx, b.extra.cancel = context.WithTimeout(b.context(), timeout)
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
		r.answer, r.err = c.call()
	}()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case r := <-done:
		if p, ok := errors.AsType[*PanicError](r.err); ok && p.Value == http.ErrAbortHandler {
			panic(http.ErrAbortHandler)
		}
		s.answer = r.answer
		return r.err
	case <-timer.C:
		close(dropped)
		return errTimeout
	}
}

// drop takes a result that comes too late. A panic is reported even then, on a goroutine
// that no server watches over: there a panic of OnError would end the process.
func (b *base) drop(r result) {
	answer.Discard(hook.FreeAnswer(&r.answer))
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
	b.report(r.err)
}
