package fiberadapter

import (
	"context"
	"sync"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
)

// requestContext is a handler's context. It has the values of fiber's, and ends with
// the request as a context of net/http does. fasthttp does not notice a client that
// leaves while a handler runs, so that does not end it.
//
// fiber's contexts are used again, so nothing here refers to one.
type requestContext struct {
	parent context.Context
	locals []local

	mu   sync.Mutex
	done chan struct{} // made by the first call of Done
	err  error
	stop func() bool // ends watching parent
}

type local struct{ key, value any }

// seed takes what middleware left in c.
func (r *requestContext) seed(c fiber.Ctx, ctx *fasthttp.RequestCtx) {
	r.parent = c.Context()
	ctx.VisitUserValuesAll(func(key, value any) {
		if value != r.parent && value != nil { // fiber keeps the context there as well
			r.locals = append(r.locals, local{key, value})
		}
	})
	if r.parent.Done() != nil {
		r.stop = context.AfterFunc(r.parent, func() { r.end(r.parent.Err()) })
	}
}

func (r *requestContext) Deadline() (time.Time, bool) { return r.parent.Deadline() }

func (r *requestContext) Value(key any) any {
	for i := range r.locals {
		if r.locals[i].key == key {
			return r.locals[i].value
		}
	}
	return r.parent.Value(key)
}

func (r *requestContext) Done() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done == nil {
		r.done = make(chan struct{})
		if r.err != nil {
			close(r.done)
		}
	}
	return r.done
}

func (r *requestContext) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// end ends the context, once.
func (r *requestContext) end(err error) {
	if r.stop != nil {
		r.stop()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	r.err = err
	if r.done != nil {
		close(r.done)
	}
}
