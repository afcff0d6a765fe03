package fiberadapter

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
)

// life is a handler's context. It has the values of fiber's, and ends with the
// request as a context of net/http does. fasthttp does not notice a client that leaves while
// a handler runs, so that does not end it.
//
// fiber uses its contexts again, so nothing here refers to one.
type life struct {
	parent context.Context
	locals []local

	mu   sync.Mutex
	done chan struct{} // made by the first call of Done
	err  error
	stop func() bool // ends watching parent; nil if it never ends
}

type local struct{ key, value any }

// begin takes what middleware left in c.
func (l *life) begin(c fiber.Ctx, ctx *fasthttp.RequestCtx) {
	l.parent = context.Background()
	plain := true
	ctx.VisitUserValuesAll(func(_, value any) { plain = plain && value == nil })
	if plain {
		return // most requests
	}
	l.parent = c.Context()
	ctx.VisitUserValuesAll(func(key, value any) {
		if value != nil && !l.isParent(value) {
			l.locals = append(l.locals, local{key, value})
		}
	})
	if l.parent.Done() != nil {
		l.stop = context.AfterFunc(l.parent, func() { l.cancel(l.parent.Err()) })
	}
}

// isParent recognises the context that fiber keeps among the locals.
func (l *life) isParent(value any) bool {
	_, ok := value.(context.Context)
	return ok && reflect.TypeOf(value).Comparable() && value == any(l.parent)
}

func (l *life) Deadline() (time.Time, bool) { return l.parent.Deadline() }

func (l *life) Value(key any) any {
	for i := range l.locals {
		if l.locals[i].key == key {
			return l.locals[i].value
		}
	}
	return l.parent.Value(key)
}

func (l *life) Done() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done == nil {
		l.done = make(chan struct{})
		if l.err != nil {
			close(l.done)
		}
	}
	return l.done
}

func (l *life) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// end ends the context with its request, or the sending of its answer.
func (l *life) end() {
	if l.stop != nil {
		l.stop()
	}
	l.cancel(context.Canceled)
}

// cancel ends the context, once.
func (l *life) cancel(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	l.err = err
	if l.done != nil {
		close(l.done)
	}
}
