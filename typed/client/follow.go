package client

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/stream"
	"github.com/apiroutes/apiroutes/typed"
)

// Follow calls an endpoint that answers with events, and calls it again whenever the stream
// ends or breaks, with the ID of the last event in Last-Event-ID, as a browser's EventSource
// does (WHATWG HTML, 9.2). It sends nothing before the loop over it begins, and a second
// loop begins from the start.
//
// The loop ends, without an error, at a 204 (No Content); with one when ctx ends, at an
// answer of 4xx other than 429, and at an answer or event that does not fit the endpoint.
// Else there is another call, after the time that the server's retry says, or
// Options.Retry.Base, or a second. That time doubles, up to Options.Retry.Max or a minute,
// while no event comes, and grows by up to a half at random; a longer Retry-After is
// heeded. With Options.Retry.Tries the loop gives up after so many calls without an event.
//
// A connection on which nothing comes for three of the endpoint's heartbeats is cut. A
// stream without heartbeats may be silent for ever.
func Follow[Req, T any](ctx context.Context, c *Client, e *typed.Endpoint[Req, typed.Response[typed.Events[T]]], in Req) typed.Events[T] {
	return func(yield func(typed.Event[T], error) bool) {
		p, err := planOf(e, reflect.TypeFor[Req](), reflect.TypeFor[typed.Response[typed.Events[T]]]())
		if err != nil {
			yield(typed.Event[T]{}, err)
			return
		}
		f := &follower{ctx: ctx, client: c, plan: p, in: &in}
		defer f.disconnect()
		var events typed.Events[T]
		hook.Fill(&events, f.next)
		events(yield)
	}
}

// follower reads the events of one connection after the other.
type follower struct {
	ctx    context.Context
	client *Client
	plan   *plan
	in     any // *Req

	events   *itemReader // of the connection; nil: there is none
	cancel   context.CancelFunc
	watchdog *time.Timer
	lastID   string
	retry    time.Duration // that the server asks for; 0: it has not
	failures int           // calls without an event since the last one
}

// next is for hook.Fill.
func (f *follower) next(h *stream.Head, item any) error {
	for {
		var err error
		var after time.Duration
		if f.events == nil {
			after, err = f.connect()
		}
		if err == nil && f.events != nil {
			err = f.read(h, item)
			if err == nil {
				return nil
			}
		}
		f.disconnect()
		if ctxErr := f.ctx.Err(); ctxErr != nil {
			return f.plan.wrap(ctxErr)
		}
		var final *finalError
		if errors.As(err, &final) {
			return final.error
		}
		f.failures++
		if tries := f.client.retry.Tries; tries > 0 && f.failures >= tries {
			if err == io.EOF {
				err = f.plan.wrap(errors.New("the stream ended without an event, again and again"))
			}
			return err
		}
		if err := sleep(f.ctx, max(after, f.delay())); err != nil {
			return f.plan.wrap(err)
		}
	}
}

// finalError is one after which there is no other call.
type finalError struct{ error }

// read reads one event.
func (f *follower) read(h *stream.Head, item any) error {
	err := f.events.next(h, item)
	f.lastID = f.events.reader.LastID()
	if d := f.events.reader.Retry(); d > 0 {
		f.retry = d
	}
	if err == nil {
		f.failures = 0
	} else if _, wrong := errors.AsType[*UnexpectedAnswer](err); wrong {
		return &finalError{err}
	}
	return err
}

// connect calls the endpoint. after is how long the server asks to wait if it fails.
func (f *follower) connect() (after time.Duration, err error) {
	ctx, cancel := context.WithCancel(f.ctx)
	f.cancel = cancel
	silence := 3 * f.plan.beat.Every
	if silence > 0 {
		f.watchdog = time.AfterFunc(silence, cancel)
	}
	req, err := f.client.request(ctx, f.plan, f.in)
	if err == nil && f.lastID != "" {
		if strings.ContainsFunc(f.lastID, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			err = errors.New("the ID of an event has a control character, which Last-Event-ID cannot hold")
		}
		req.Header["Last-Event-Id"] = []string{f.lastID}
	}
	if err != nil {
		return 0, &finalError{f.plan.wrap(err)}
	}
	got, err := f.client.exchange(f.plan, req.Request)
	if err != nil {
		return 0, f.plan.wrap(err)
	}
	if got.status == http.StatusNoContent {
		got.release()
		return 0, &finalError{io.EOF}
	}
	reading := reading{client: f.client, plan: f.plan, got: got, receiver: receiver{payload: new(typed.None)}}
	if err = reading.readType(); err == nil {
		if o := reading.match(false); o != nil && o.form == answer.FormEvents {
			if silence > 0 {
				got.body = &watched{got.body, f.watchdog, silence}
			}
			f.events = reading.newItemReader(o)
			f.events.reader.Resume(f.lastID)
			return 0, nil
		}
		err = reading.readContent(req)
	}
	if err == nil {
		err = reading.decide(req)
	}
	if err == nil { // another outcome, which has no events
		err = reading.unexpected(nil, "which are no events")
	}
	got.release()
	if got.status == http.StatusTooManyRequests || got.status >= 500 {
		return retryAfter(got.field("Retry-After")), err
	}
	return 0, &finalError{err}
}

func (f *follower) disconnect() {
	if f.watchdog != nil {
		f.watchdog.Stop()
		f.watchdog = nil
	}
	if f.events != nil {
		_ = f.events.body.Close() // what was read was read
		f.events = nil
	}
	if f.cancel != nil {
		f.cancel()
		f.cancel = nil
	}
}

// delay is how long to wait before the next call.
func (f *follower) delay() time.Duration {
	base, most := f.retry, f.client.retry.Max
	if base == 0 {
		base = f.client.retry.Base
	}
	if base <= 0 {
		base = time.Second
	}
	if most <= 0 {
		most = time.Minute
	}
	wait := base
	for range f.failures - 1 {
		if wait *= 2; wait >= most {
			break
		}
	}
	wait = max(base, min(wait, most)) // a server that asks for more gets it
	return wait + rand.N(wait/2+1)
}

// watched is content whose connection is cut when nothing comes for some time.
type watched struct {
	io.ReadCloser
	watchdog *time.Timer
	silence  time.Duration
}

// Read lets the time pass only while it waits: who reads may be busy with what came.
func (w *watched) Read(p []byte) (int, error) {
	w.watchdog.Reset(w.silence)
	defer w.watchdog.Stop()
	return w.ReadCloser.Read(p)
}
