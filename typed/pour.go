package typed

import (
	"context"
	"runtime/debug"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
)

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
