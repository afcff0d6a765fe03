package typed

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

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

// opener is a [HandlerOf] whose types are forgotten. It makes a new request: its base, a
// pointer to its *Req, the address of its *Out, and what calls the handler with them.
type opener interface {
	open(e *endpoint, from carried) (b *base, in any, out unsafe.Pointer, c caller)
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
	binds     bool         // there is something to bind
	lines     bool         // the body is read line by line, by the handler
	extended  bool         // a request has an extra
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
// [API.process] takes it, and the deferred [reply.finish] gives it back.
type scratch struct {
	net    wire.NetHTTP
	values [4]string // of the pattern's wildcards, for most patterns
	buffer []byte    // of the answer
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// maxKept bounds the buffer that a scratch keeps after one large answer.
const maxKept = 256 << 10

// ServeHTTP answers one request. It sets the Pattern of the request, before any
// middleware of the API runs, as http.ServeMux does: "GET /v1/users/{id}", with the base path.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.start.Do(a.freeze)
	switch {
	case a.observers != nil:
		a.observeHTTP(w, r)
		return
	case a.chain != nil:
		a.chain.ServeHTTP(w, a.matched(r))
		return
	}
	a.process(wire.NetHTTP{W: w, R: r}, nil, nil)
}

// serve is the inside of the API's middleware.
func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	a.process(wire.NetHTTP{W: w, R: r}, nil, a.matchOf(r))
}

// serveExchange is hook.ServeExchange. If the API has middleware, the carrier bridges to
// net/http for it.
func (a *API) serveExchange(ex wire.Exchange) {
	a.start.Do(a.freeze)
	switch {
	case a.chain != nil:
		bridge(ex, http.HandlerFunc(a.ServeHTTP))
		return
	case a.observers != nil:
		a.observeExchange(ex)
		return
	}
	a.process(wire.NetHTTP{}, ex, nil)
}

// process answers one request: of net/http, or of ex where that is not nil. m is what is
// known of it already, or nil. What it takes for that, the deferred finish gives back.
func (a *API) process(net wire.NetHTTP, ex wire.Exchange, m *match) {
	s := scratches.Get().(*scratch)
	r := reply{scratch: s}
	defer r.finish()
	var from carried
	if ex == nil { // the scratch is going to carry another request, so it is not kept
		s.net = net
		ex, from = &s.net, netRequest{net.R}
	} else {
		from = ex
	}
	r.exchange = ex
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
	if e.cached != nil && !isRendition(ex) && e.fromCache(&r, from, values) {
		return
	}
	e.run(&r, from, values)
}

// find returns the endpoint, and the values of its pattern's wildcards appended to values.
func (a *API) find(method, path string, values []string) (*endpoint, []string, pattern.Verdict) {
	if base := *a.basePath.Load(); base != "" {
		var ok bool
		if path, ok = below(path, base); !ok {
			return nil, values, pattern.NotFound
		}
	}
	id, values, found := a.router.Match(method, path, values)
	if found != pattern.Found {
		return nil, values, found
	}
	return a.endpoints[id], values, found
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

// reply is how far the answer to a request has come, and what it holds until then. It
// stays on the stack of [API.process].
type reply struct {
	scratch   *scratch
	exchange  wire.Exchange
	base      *base // nil: the request has not reached the pipeline of an endpoint
	rendering answer.Rendering
	begun     bool               // the client may have got a part of it
	finished  bool               // the pipeline came to its end
	cancel    context.CancelFunc // of the handler's context; nil: it has none of its own
	files     *upload.Store      // of the request; nil: none
	release   func()             // tells the page cache that a request has passed it by; nil: none has
}

// finish is deferred by process: it gives back what the request has had, and answers for
// what panicked or called runtime.Goexit. It is careful to write no more than it has to,
// because a write of pointers costs much while the collector works: the row W1 of the
// performance guide.
func (r *reply) finish() {
	if r.release != nil {
		defer r.release()
	}
	if r.files != nil {
		defer r.files.Close() // an answer may be read from them
	}
	if r.cancel != nil {
		r.cancel() // not before: a payload may be read with the handler's context
	}
	if r.base != nil && !r.finished {
		r.rescue(recover()) // the scratch is left to the collector
		return
	}
	s := r.scratch
	if cap(r.rendering.Buffer) > cap(s.buffer) {
		s.buffer = r.rendering.Buffer
	}
	if cap(s.buffer) > maxKept {
		s.buffer = nil
	}
	if s.values[0] != "" {
		clear(s.values[:])
	}
	s.net = wire.NetHTTP{}
	scratches.Put(s)
}

// rescue answers a request whose pipeline has not come to its end: v is what recover said.
func (r *reply) rescue(v any) {
	b := r.base
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
		b.endpoint.api.writeProblem(b, r.exchange, &r.scratch.buffer, internalError, cause)
	}
}

// run is the pipeline: guard, parameters, body, validation, handler, write. Whatever
// happens in it, the client gets one answer or, after its first byte, a cut connection.
func (e *endpoint) run(r *reply, from carried, values []string) {
	b, in, out, c := e.handler.open(e, from)
	r.base = b
	if e.extended {
		b.extend()
	}
	if e.streams {
		r.scratch.buffer = nil // a stream may last, and is not going to need it
	}
	r.rendering.Buffer = r.scratch.buffer
	if err := b.admit(r, values, in); err != nil {
		b.fail(r, err)
		r.finished = true
		return
	}
	var a Answer
	var err error
	switch {
	case e.pours:
		a, err = b.callPouring(r, c)
	case e.api.timeout > 0:
		a, err = b.callWithin(r, c)
	default:
		a, err = c.call()
	}
	if err == nil {
		if err = r.rendering.Render((*answer.Answer)(&a), e.plan, out); err != nil {
			err = b.mistake(err)
		} else if e.api.pages != nil {
			noteAnswer(r.exchange, (*answer.Answer)(&a))
			b.expirePages(r)
		}
	}
	if err == nil && e.streams && r.rendering.Items == nil {
		err = selectContent(r)
	}
	switch {
	case err != nil:
		answer.Discard((*answer.Answer)(&a))
		b.fail(r, err)
	case r.rendering.Items != nil:
		b.pour(r, &a)
	default:
		r.begun = true
		if err := r.rendering.Write(r.exchange, !e.untagged && (e.cached == nil || !isRendition(r.exchange))); err != nil {
			b.cut(r, err)
		}
	}
	r.finished = true
}

// admit brings the request of r into in, a *Req, and its files into r.
func (b *base) admit(r *reply, values []string, in any) error {
	e, ex := b.endpoint, r.exchange
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
	if e.binds {
		files, p := e.binding.BindFiles(ex, values, in)
		if p != nil {
			if p.Status >= http.StatusInternalServerError {
				return p // not the client's fault: reported
			}
			return &refused{p}
		}
		r.files = files
	}
	if e.lines {
		b.openRows(ex, in)
	}
	if e.checker != nil {
		if err := e.checker.Check(b, in); err != nil {
			return b.invalid(err)
		}
	}
	return nil
}

// cut cuts the connection: there is no way back to another answer. A payload that heeds the
// context fails because its client has disconnected, which is nothing to report.
func (b *base) cut(r *reply, err error) {
	if !hasLeft(r.exchange) {
		b.report(err)
	}
	r.exchange.Abort()
}

// fail answers an error.
func (b *base) fail(r *reply, err error) {
	if p, ok := err.(*respond.Problem); ok && p == nil {
		err = errNilProblem
	}
	switch refused, isRefused := err.(*refused); {
	case isRefused:
		if err = b.refuse(r, refused.problem); err == nil {
			return
		}
	case hasLeft(r.exchange) && !isPanic(err) && !b.isStreamEnd(err):
		// Nobody reads an answer, and there is nothing to report. Returning would make
		// net/http send an empty 200 to a client that only closed its half.
		r.exchange.Abort()
		return
	default:
		noteCause(r.exchange, err)
	}
	f := failureOf(err, b.Err() != nil)
	if line, ok := errors.AsType[*LineError](err); ok && !f.reported {
		if l := listenerOf(b); l != nil {
			l.Refused(line.Err)
		}
	}
	if f.reported {
		b.report(err)
	}
	if f.unread {
		wire.RefuseContent(r.exchange)
	}
	b.endpoint.api.writeProblem(b, r.exchange, &r.scratch.buffer, f.problem, causeOf(err))
}

// refuse answers a request that does not reach its handler. The error is one of
// [Options.OnInvalid], which is to be answered then.
func (b *base) refuse(r *reply, p *respond.Problem) error {
	a := b.endpoint.api
	if a.message != nil {
		p = b.worded(p)
	}
	if x, ok := r.exchange.(*rendition); ok {
		x.page.NoStore, x.page.Cause = true, p
	}
	if l := listenerOf(b); l != nil {
		l.Refused(p)
	}
	if p.Status == http.StatusRequestEntityTooLarge {
		wire.RefuseContent(r.exchange)
	}
	if a.onInvalid == nil || bind.IsDisconnected(p) {
		a.writeProblem(b, r.exchange, &r.scratch.buffer, p, nil)
		return nil
	}
	if a.observers != nil {
		a.noteProblem(b, p)
	}
	return b.replyInvalid(r, p)
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
			r.begun = true
			if err := r.rendering.Write(r.exchange, false); err != nil {
				b.cut(r, err)
			}
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
