package pagecache

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// maxWait is how long a request waits for a render that another one began.
const maxWait = 5 * time.Second

// Answer answers a request from the store, or by waiting for the render of its page.
func (rt *route) Answer(x wire.Exchange, values []string) (past wire.Exchange, release func(), err error) {
	if rt.policy.BypassAuthorization && len(x.Header("Authorization")) > 0 {
		if !rt.enterAlone() {
			return nil, nil, pages.ErrBusy
		}
		r := result{route: rt}
		r.mark(x)
		return unshared{x}, rt.leaveAlone, nil
	}
	r := rt.cache.serve(x, rt, values)
	if r.err == nil {
		_ = r.send(x) // an error is that of the client's connection: nothing more can be sent
	}
	return nil, nil, r.err
}

// unshared is the exchange of a request that is answered past the cache, with everything
// that its client sent: no field of the answer may let a cache store it.
type unshared struct{ wire.Exchange }

// SetHeader leaves out what would replace the Cache-Control of result.mark by a weaker one.
func (x unshared) SetHeader(name string, values []string) {
	if !letsStore(name, values) {
		x.Exchange.SetHeader(name, values)
	}
}

// AddHeader is like SetHeader.
func (x unshared) AddHeader(name, value string) {
	if !letsStore(name, []string{value}) {
		x.Exchange.AddHeader(name, value)
	}
}

// letsStore tells whether a field could make a shared cache store an answer: a
// Cache-Control that forbids it may replace ours, and one for caches of a certain kind
// (RFC 9213) would come before ours.
func letsStore(name string, values []string) bool {
	if name == "Cache-Control" {
		return !parseControl(http.Header{name: values}).forbidden
	}
	return name == "Surrogate-Control" || strings.HasSuffix(name, "-Cache-Control")
}

// serve finds or makes the page of a request.
func (c *Cache) serve(x wire.Request, rt *route, values []string) result {
	var (
		a   ask
		buf [256]byte
	)
	n, ok := rt.read(&a, buf[:0], values, x.RawQuery(), x)
	if !ok || c.closed.Load() {
		return c.alone(x.Context(), job{route: rt, req: rt.unkeyed(x, values)}, true)
	}
	key := c.hasher.key(n)
	r := result{route: rt, now: time.Now(), public: true}
	e, v, blind := c.find(key, rt.prefix, n.rest(), r.now)
	f := gone
	if e != nil {
		f = e.freshness(r.now, v)
	}
	if e != nil && e.Marker {
		if f == fresh {
			return c.alone(x.Context(), rt.job(&a, values, n, key), false)
		}
		e, f = nil, gone
	}
	r.entry = e
	switch p := f.plan(); {
	case p.refresh:
		if c.mayRefresh(key, r.now) {
			c.refresh(rt.job(&a, values, n, key))
		}
		r.served = staleHit
		return r
	case p.serve:
		r.served = hit
		return r
	case p.rescue && c.backoff.waiting(key, r.now):
		r.served = staleHit
		return r
	default:
		if !p.rescue {
			r.entry = nil
		}
		return c.wait(x.Context(), rt.job(&a, values, n, key), r, e != nil, blind)
	}
}

// find reads a page. What is fresh in the memory of a [Peeker] needs neither a context nor a
// timer.
func (c *Cache) find(key Key, prefix, rest []byte, now time.Time) (e *Entry, v Verdict, blind bool) {
	if c.peeker != nil {
		e, ok := c.peeker.Peek(key)
		if ok && !e.Marker && joins(e.Tuple, prefix, rest) && e.freshness(now, Current) == fresh {
			return e, Current, false
		}
	}
	// A store in the process has no use for the context, and a client's context would cost
	// more than the look-up.
	return c.get(c.base, key, prefix, rest)
}

// mayRefresh is false while a render of the key runs, and for a while after one failed.
func (c *Cache) mayRefresh(key Key, now time.Time) bool {
	return !c.flights.running(key) && !c.backoff.waiting(key, now)
}

// refresh starts a render behind an answer, unless too many run.
func (c *Cache) refresh(j job) {
	if c.behind.Add(1) > int64(c.opts.MaxBackground) {
		c.behind.Add(-1)
		return
	}
	if f, leads := c.join(j, true); !leads || !f.behind {
		c.behind.Add(-1)
	}
}

// wait answers with the page of a render. r.entry is the old page that takes its place
// if it fails, or nil; replaced says that an old page was stored. A request that is blind
// does not join a render that began before it.
func (c *Cache) wait(ctx context.Context, j job, r result, replaced, blind bool) result {
	r.served = miss
	if replaced {
		r.served = revalidated
	}
	patience := time.NewTimer(maxWait)
	defer patience.Stop()
	for {
		var f *flight
		leads := false
		if blind {
			f = c.demand(j, false, false)
		} else {
			f, leads = c.join(j, false)
		}
		if err := c.await(ctx, f, patience, leads); err != nil {
			switch {
			case ctx.Err() != nil:
				return result{err: ctx.Err(), route: r.route}
			case r.entry != nil:
				r.served = staleHit
				return r
			}
			return c.alone(ctx, j, true)
		}
		r.now = time.Now()
		r.stored, r.collapsed = leads && f.stored, !leads
		switch {
		case errors.Is(f.err, errClosed):
			return c.alone(ctx, j, true)
		case errors.Is(f.err, errAbandoned):
			continue // it ended when this request came
		case f.err != nil && r.entry != nil:
			r.served, r.failed = staleHit, true
			return r
		case f.err != nil:
			return result{served: bypass, entry: f.entry, err: noPage(f), route: r.route, now: r.now}
		case f.refused != nil && leads:
			return result{served: bypass, entry: f.entry, route: r.route, now: r.now}
		case f.refused != nil:
			return c.alone(ctx, j, false)
		case f.superseded && !leads:
			// What made the page old may have happened before this request came.
			e, v, lost := c.get(c.base, j.key, j.tuple, nil)
			if e != nil && !e.Marker && e.freshness(r.now, v).plan().serve {
				r.entry = e
				return r
			}
			blind = lost
			continue
		}
		if f.found {
			r.served = hit
		}
		r.entry = f.entry
		return r
	}
}

// noPage is the error of a flight that has not even a failure's answer.
func noPage(f *flight) error {
	if f.entry != nil {
		return nil
	}
	return f.err
}

// errPatience says that a request has waited long enough.
var errPatience = errors.New("pagecache: waited long enough")

// await waits for a flight. The leader waits until it lands, for its deadline is the
// leader's own; the others have their patience, once it has begun.
func (c *Cache) await(ctx context.Context, f *flight, patience *time.Timer, leads bool) error {
	for {
		limit := patience.C
		if leads {
			limit = nil
		}
		select {
		case <-f.done:
			return nil
		case <-limit:
			patience.Reset(maxWait)
			if !f.began.Load() {
				continue
			}
			c.giveUp(f)
			return errPatience
		case <-ctx.Done():
			c.giveUp(f)
			return ctx.Err()
		}
	}
}

// alone renders for one request. If it is limited, the render counts against the limit of
// its endpoint, and nothing is stored. One that is not limited takes the place of a marker:
// the first answer that may be stored is.
func (c *Cache) alone(ctx context.Context, j job, limited bool) result {
	r := result{served: bypass, route: j.route}
	if limited {
		if !j.route.enterAlone() {
			r.err = pages.ErrBusy
			return r
		}
		defer j.route.leaveAlone()
	}
	f := c.single(j, limited)
	select {
	case <-f.done:
	case <-ctx.Done():
		c.giveUp(f)
		r.err = ctx.Err()
		return r
	}
	r.now, r.entry, r.err = time.Now(), f.entry, noPage(f)
	r.public = f.err == nil && f.refused == nil
	return r
}
