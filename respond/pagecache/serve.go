package pagecache

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// maxWait is how long a request waits for a render that another one began.
const maxWait = 5 * time.Second

// Serve answers a request for a cached endpoint whose path values are values: from the
// store, by waiting for the one render of its key, or not at all (Result.Past). It
// reads nothing but the method, the query and the keyed headers, and does not keep req
// or values.
func (c *Cache) Serve(req wire.Request, rt *Route, values []string) Result {
	if m := req.Method(); m != http.MethodGet && m != http.MethodHead || c.closed.Load() {
		return Result{Past: true, route: rt}
	}
	if rt.policy.BypassAuthorization && len(req.Header("Authorization")) > 0 {
		return Result{Past: true, route: rt}
	}
	var (
		a   ask
		buf [256]byte
	)
	n, ok := rt.read(&a, buf[:0], values, req.RawQuery(), req)
	if !ok {
		return Result{Past: true, route: rt}
	}
	key := c.hasher.key(n)
	// A store in the process has no use for the context, and a client's context
	// would cost more than the look-up.
	ctx := c.base
	e, v := c.get(ctx, key, rt.prefix, n.rest())
	r := Result{route: rt, now: time.Now(), public: true, entry: e}
	s := gone
	if e != nil {
		s = e.state(r.now, v)
	}
	if e != nil && e.Marker {
		if s == fresh {
			return c.alone(req.Context(), rt.job(&a, values, n, key), nil)
		}
		e, r.entry, s = nil, nil, gone
	}
	switch p := s.plan(); {
	case p.refresh:
		if c.mayRefresh(key, r.now) {
			c.refresh(rt.job(&a, values, n, key))
		}
		r.State = Stale
		return r
	case p.serve:
		r.State = Hit
		return r
	case p.rescue && c.backoff.waiting(key, r.now):
		r.State = Stale
		return r
	default:
		if !p.rescue {
			r.entry = nil
		}
		return c.wait(req.Context(), rt.job(&a, values, n, key), r, e != nil)
	}
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
// if it fails, or nil; replaced says that an old page was stored.
func (c *Cache) wait(ctx context.Context, j job, r Result, replaced bool) Result {
	r.State = Miss
	if replaced {
		r.State = Revalidated
	}
	patience := time.NewTimer(maxWait)
	defer patience.Stop()
	for {
		f, leads := c.join(j, false)
		if err := await(ctx, f, patience, leads); err != nil {
			switch {
			case ctx.Err() != nil:
				return Result{Err: ctx.Err(), route: r.route}
			case r.entry != nil:
				r.State = Stale
				return r
			}
			return c.alone(ctx, j, j.route)
		}
		r.now = time.Now()
		switch {
		case errors.Is(f.err, errClosed):
			return Result{Past: true, route: r.route}
		case f.err != nil && r.entry != nil:
			r.State = Stale
			return r
		case f.err != nil:
			return Result{State: Bypass, entry: f.entry, Err: noPage(f), route: r.route, now: r.now}
		case f.private && leads:
			return Result{State: Bypass, entry: f.entry, route: r.route, now: r.now}
		case f.private:
			return c.alone(ctx, j, nil)
		case f.superseded && !leads:
			// What made the page old may have happened before this request came.
			if e, v := c.get(c.base, j.key, j.tuple, nil); e != nil && !e.Marker && e.state(r.now, v).plan().serve {
				r.entry = e
				return r
			}
			continue
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
// leader's own; the others have their patience.
func await(ctx context.Context, f *flight, patience *time.Timer, leads bool) error {
	limit := patience.C
	if leads {
		limit = nil
	}
	select {
	case <-f.done:
		return nil
	case <-limit:
		return errPatience
	case <-ctx.Done():
		return ctx.Err()
	}
}

// alone renders for one request and stores nothing. With a route, the render counts
// against its limit; an answer that may not be stored does not.
func (c *Cache) alone(ctx context.Context, j job, limited *Route) Result {
	r := Result{State: Bypass, route: j.route}
	if limited != nil {
		if !limited.enterAlone() {
			r.Err = ErrBusy
			return r
		}
		defer limited.leaveAlone()
	}
	rctx, cancel := context.WithTimeout(c.renderBase(), j.route.policy.RenderTimeout)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	p, err := render(rctx, j)
	r.now = time.Now()
	if err != nil {
		r.Err = err
		return r
	}
	var refused error
	r.entry, refused = j.route.entry(&j.req, p, j.tuple, 0, r.now)
	r.public = refused == nil
	return r
}
