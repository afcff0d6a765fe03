package typed

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
)

// Most handlers are called by [endpoint.run] itself. Here are those whose context does not
// end with that of the request: under a Timeout, and those of streams.

// result is what a handler came to.
type result struct {
	answer Answer
	err    error
}

// callWithin calls the handler, and returns what it came to, or that its time is over. The
// time begins when the request has been read: how long a client may take to send it is
// the server's ReadTimeout.
func (b *base) callWithin(r *reply, c caller) (Answer, error) {
	x, timeout := b.extra(), b.endpoint.api.timeout
	x.ctx, r.cancel = context.WithTimeout(b.carried.Context(), timeout)
	return b.await(timeout, c.call)
}

// callPouring calls the handler of a stream. Its context has no deadline, as the stream is
// going to be made with it; where the handler's time is over it ends after the 503.
func (b *base) callPouring(r *reply, c caller) (Answer, error) {
	x := b.extra()
	x.ctx, r.cancel = context.WithCancel(b.carried.Context())
	if timeout := b.endpoint.api.timeout; timeout > 0 {
		return b.await(timeout, c.call)
	}
	return c.call()
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

// readHeartbeat takes what the options say of heartbeats.
func (c *compilation) readHeartbeat() {
	e, s := c.endpoint, &c.settings
	if e.plan == nil {
		return
	}
	e.pours = e.plan.SendsItems()
	e.extended = e.pours || c.api.timeout > 0 || c.api.pages != nil
	if s.heartbeat != nil && !e.plan.SendsEvents() {
		c.refuse("an option gives a heartbeat, and the endpoint sends no events", "answer with typed.Events, or drop the option")
	}
}

// pour sends what was rendered as items. What goes wrong before anything was sent is
// answered like an error of the handler.
func (b *base) pour(r *reply, a *Answer) {
	x := b.extra()
	beat := b.endpoint.operation.heartbeat
	if beat == nil {
		beat = &defaultHeartbeat
	}
	sender := r.rendering.NewSender(r.exchange, x.ctx, r.cancel, *beat, recovered)
	if sender == nil {
		return
	}
	finished := false
	defer func() {
		if !finished { // a panic, or runtime.Goexit: finish answers for it
			r.begun, _, _ = sender.Finish()
		}
	}()
	hook.Pour((*answer.Answer)(a).Payload(), sender)
	finished = true
	begun, left, err := sender.Finish()
	if left && err == nil {
		err = context.Cause(x.ctx)
	}
	r.begun = begun
	switch {
	case err == nil && !begun:
		r.begun = true
		sender.SendEmpty()
	case err == nil:
	case !begun:
		b.fail(r, err)
	default:
		if !left {
			b.report(err)
		}
		r.exchange.Abort()
	}
}

func recovered(v any) error { return &PanicError{Value: v, Stack: debug.Stack()} }
