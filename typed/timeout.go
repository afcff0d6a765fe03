package typed

import (
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/apiroutes/apiroutes/respond"
)

var (
	timeoutError = &respond.Problem{Status: http.StatusServiceUnavailable}
	errTimeout   = errors.New("the endpoint's time is over")
)

// conclusion is what a handler came to.
type conclusion struct {
	answer Answer
	from   respond.Origin
	err    error
}

// wait is what goes between a handler under a Timeout, on a goroutine of its own, and
// the goroutine of its request.
type wait struct {
	admitted chan struct{} // closed when the request has been read
	done     chan conclusion
	dropped  chan struct{} // closed when nobody waits any more
}

// callWithin makes the call and replies with what it came to, or that its time is over.
func (r *record) callWithin(timeout time.Duration, c *call, f caller) {
	w := &wait{admitted: make(chan struct{}), done: make(chan conclusion), dropped: make(chan struct{})}
	r.own().wait = w
	go func() {
		returned := false
		defer func() {
			if v := recover(); v != nil {
				w.handOver(r, conclusion{err: &PanicError{Value: v, Stack: debug.Stack()}})
			} else if !returned {
				w.handOver(r, conclusion{err: errGoexit})
			}
		}()
		f.call(c)
		returned = true
	}()
	end := w.within(timeout)
	if isAbort(end.err) {
		panic(http.ErrAbortHandler)
	}
	r.reply(c, &end.answer, end.from, end.err)
}

// within waits. The time of the handler begins when the request has been read: how
// long a client may take to send it is the server's ReadTimeout.
func (w *wait) within(timeout time.Duration) conclusion {
	select {
	case c := <-w.done:
		return c
	case <-w.admitted:
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case c := <-w.done:
		return c
	case <-timer.C:
		close(w.dropped)
		return conclusion{err: errTimeout}
	}
}

// handOver gives a conclusion to whoever waits. What comes too late is dropped; a
// panic is reported even then.
func (w *wait) handOver(r *record, c conclusion) {
	select {
	case w.done <- c:
	case <-w.dropped:
		respond.Discard(c.answer)
		if isPanic(c.err) && !isAbort(c.err) {
			r.reportAlone(c.err)
		}
	}
}
