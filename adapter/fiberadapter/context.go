package fiberadapter

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// life is a handler's context. It has the values of fiber's, and ends with the
// request as a context of net/http does. fasthttp does not notice a client that leaves while
// a handler runs, so that does not end it.
//
// fiber uses its contexts again, so nothing here refers to one.
type life struct {
	inherited *inherited // nil: nothing, as for most requests
	drain     shutdown   // of the server, for an answer that is detached

	mu   sync.Mutex
	done chan struct{} // made by the first call of Done
	err  error
}

// inherited is what middleware left in fiber's context.
type inherited struct {
	context context.Context
	locals  []local
	stop    func() bool // ends watching context; nil if it never ends
}

type local struct{ key, value any }

// begin takes what middleware left in c.
func (l *life) begin(c fiber.Ctx, ctx *fasthttp.RequestCtx) {
	plain := true
	ctx.VisitUserValuesAll(func(_, value any) { plain = plain && value == nil })
	if plain {
		return
	}
	from := &inherited{context: c.Context()}
	l.inherited = from
	ctx.VisitUserValuesAll(func(key, value any) {
		if value != nil && !from.isContext(value) {
			from.locals = append(from.locals, local{key, value})
		}
	})
	if from.context.Done() != nil {
		from.stop = context.AfterFunc(from.context, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.cancel(from.context.Err())
		})
	}
}

// isContext recognises the context, which fiber keeps among the locals.
func (i *inherited) isContext(value any) bool {
	_, ok := value.(context.Context)
	return ok && reflect.ValueOf(value).Comparable() && value == any(i.context)
}

func (l *life) Deadline() (time.Time, bool) {
	if l.inherited == nil {
		return time.Time{}, false
	}
	return l.inherited.context.Deadline()
}

func (l *life) Value(key any) any {
	if _, asked := key.(wire.DrainingKey); asked && l.drain.done != nil {
		return l.drain
	}
	if l.inherited == nil {
		return nil
	}
	for _, local := range l.inherited.locals {
		if local.key == key {
			return local.value
		}
	}
	return l.inherited.context.Value(key)
}

// shutdown is a context that ends when fasthttp's server begins to shut down.
type shutdown struct{ done <-chan struct{} }

func (s shutdown) Deadline() (time.Time, bool) { return time.Time{}, false }
func (s shutdown) Done() <-chan struct{}       { return s.done }
func (s shutdown) Value(any) any               { return nil }
func (s shutdown) Err() error {
	select {
	case <-s.done:
		return context.Canceled
	default:
		return nil
	}
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

// end ends the context with its request, or the making of its answer.
func (l *life) end() {
	l.unwatch()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel(context.Canceled)
}

// cancel ends the context, once. mu is held.
func (l *life) cancel(err error) {
	if l.err != nil {
		return
	}
	l.err = err
	if l.done != nil {
		close(l.done)
	}
}

// unwatch stops waiting for the end of the context of fiber's middleware.
func (l *life) unwatch() {
	if l.inherited != nil && l.inherited.stop != nil {
		l.inherited.stop()
	}
}
