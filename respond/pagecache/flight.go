package pagecache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// ErrRenderTimeout says that a render did not end before its deadline.
var ErrRenderTimeout = errors.New("pagecache: the render did not end in time")

// errClosed answers what waits for a render when the cache is closed.
var errClosed = errors.New("pagecache: the cache is closed")

// job is one page to render: a key and the request that leads to it.
type job struct {
	route *Route
	key   Key
	tuple []byte
	bare  bool
	req   RenderRequest
}

func (rt *Route) job(a *ask) job {
	return job{route: rt, key: a.key, tuple: slices.Clone(a.tuple), bare: a.bare, req: rt.request(a)}
}

// flight is one render that any number of requests may wait for. Its result is set
// before done is closed, and not changed afterwards.
type flight struct {
	job   job
	own   []string // the marks that are known before the render ends
	token Token
	bump  bool // on success the path's other pages become old; guarded by flights.mu

	ended sync.Once
	done  chan struct{}

	entry   *Entry
	err     error // no page: entry is nil, or an answer with a 5xx status
	private bool  // the answer may not be shared
	// superseded: a hard bump came while it ran. Who began to wait after that bump
	// looks again.
	superseded bool
	storeErr   error
	bumpErr    error
}

// slot is what flies for one key. Readers join lead, which is a render on demand as
// well if there is no other. Renders on demand are never joined by one that was asked
// for later: that one waits in queued until forced has ended, and all that are asked
// for meanwhile share it.
type slot struct {
	lead, forced, queued *flight
}

// flights are the renders that run. The zero value is ready.
type flights struct {
	mu     sync.Mutex
	slots  map[Key]*slot
	closed bool
}

// detach is called for every bump before it returns: who comes after it must not wait
// for a render that began before it.
func (fs *flights) detach(b Bump) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, s := range fs.slots {
		if f := s.lead; f != nil && b.Hard && f.token < b.At && f.touches(b) {
			s.lead = nil
		}
	}
}

func (f *flight) touches(b Bump) bool {
	return slices.ContainsFunc(b.Marks, func(m string) bool { return slices.Contains(f.own, m) })
}

func (fs *flights) slot(key Key) *slot {
	if fs.slots == nil {
		fs.slots = make(map[Key]*slot)
	}
	s := fs.slots[key]
	if s == nil {
		s = &slot{}
		fs.slots[key] = s
	}
	return s
}

func newFlight(j job) *flight {
	return &flight{job: j, own: j.route.ownMarks(&j.req), done: make(chan struct{})}
}

// failedFlight is one that ended before it began.
func failedFlight(j job, err error) *flight {
	f := newFlight(j)
	f.err = err
	close(f.done)
	return f
}

// join returns the render that runs for the job, or starts one; then leads is true.
func (c *Cache) join(j job) (f *flight, leads bool) {
	fs := &c.flights
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.closed {
		return failedFlight(j, errClosed), true
	}
	s := fs.slot(j.key)
	if s.lead != nil {
		return s.lead, false
	}
	f = newFlight(j)
	s.lead = f
	c.start(f)
	return f, true
}

// running tells whether readers of the key have a render to wait for.
func (fs *flights) running(key Key) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	s := fs.slots[key]
	return s != nil && s.lead != nil
}

// demand returns a render of the job that has not begun yet when it is called. With
// bump, its success makes all other pages of the path old.
func (c *Cache) demand(j job, bump bool) *flight {
	fs := &c.flights
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.closed {
		return failedFlight(j, errClosed)
	}
	s := fs.slot(j.key)
	if s.queued == nil {
		s.queued = newFlight(j)
	}
	f := s.queued
	f.bump = f.bump || bump
	if s.forced == nil {
		c.startQueued(s)
	}
	return f
}

// startQueued is called with flights.mu held.
func (c *Cache) startQueued(s *slot) {
	s.forced, s.queued = s.queued, nil
	if s.forced == nil {
		return
	}
	if s.lead == nil {
		s.lead = s.forced
	}
	c.start(s.forced)
}

// start is called with flights.mu held, so that the token is set before anybody else
// sees the flight. A store that asks another machine for it is asked by the render.
func (c *Cache) start(f *flight) {
	ctx, cancel := context.WithTimeout(context.WithValue(c.base, rendering{}, true), f.job.route.policy.RenderTimeout)
	if c.local {
		f.token, _ = c.store.Token(ctx)
	}
	stop := context.AfterFunc(ctx, func() {
		err := ErrRenderTimeout
		if c.closed() {
			err = errClosed
		}
		c.land(f, nil, err)
	})
	c.renders.Go(func() {
		<-f.done
		stop()
		cancel()
	})
	go func() {
		var err error
		if !c.local {
			err = c.takeToken(ctx, f)
		}
		var p *Page
		if err == nil {
			p, err = render(ctx, f.job)
		}
		c.land(f, p, err)
	}()
}

// takeToken does without one when the store is down: the page is served, not stored.
func (c *Cache) takeToken(ctx context.Context, f *flight) error {
	sctx, cancel := c.storeContext(ctx)
	defer cancel()
	token, err := c.store.Token(sctx)
	if err != nil {
		c.storeFailed("token", err)
		f.storeErr = err
		return nil
	}
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	f.token = token
	return nil
}

// rendering marks the context of a render.
type rendering struct{}

// render calls the endpoint. A panic is an error.
func render(ctx context.Context, j job) (p *Page, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("pagecache: the render panicked: %v\n%s", r, debug.Stack())
		}
	}()
	p, err = j.route.endpoint.Render(ctx, j.req)
	if err == nil && p == nil {
		err = errors.New("pagecache: the render returned no page")
	}
	return p, err
}

// land ends a flight once: by its render, or by its deadline. A render that comes back
// after that is forgotten.
func (c *Cache) land(f *flight, p *Page, err error) {
	f.ended.Do(func() {
		c.settle(f, p, err)
		c.flights.mu.Lock()
		defer c.flights.mu.Unlock()
		if s := c.flights.slots[f.job.key]; s != nil {
			if s.lead == f {
				s.lead = nil
			}
			if s.forced == f {
				c.startQueued(s)
			}
			if *s == (slot{}) {
				delete(c.flights.slots, f.job.key)
			}
		}
		close(f.done)
	})
}

// settle stores what was rendered and sets the flight's result.
func (c *Cache) settle(f *flight, p *Page, err error) {
	now := time.Now()
	j := &f.job
	if err == nil {
		f.entry, err = j.route.entry(&j.req, p, j.tuple, f.token, now)
		f.private = err != nil
		if p.failed() {
			f.err, f.private = err, false
		}
	} else {
		f.err = err
	}
	if f.err != nil {
		c.backoff.failed(j.key, now)
		return
	}
	c.backoff.succeeded(j.key)
	put := f.entry
	if f.private {
		put = j.route.marker(&j.req, j.tuple, f.token, now)
	}
	if f.storeErr != nil {
		return
	}
	// The client may be gone and the render's deadline near: storing has its own.
	ctx, cancel := c.storeContext(c.base)
	defer cancel()
	switch err := c.store.Put(ctx, j.key, put); {
	case errors.Is(err, ErrSuperseded):
		f.superseded = true
	case err != nil:
		c.storeFailed("put", err)
		f.storeErr = err
	default:
		c.remember(ctx, *j)
	}
	c.flights.mu.Lock()
	bump := f.bump
	c.flights.mu.Unlock()
	if bump {
		f.bumpErr = c.store.Bump(ctx, Bump{At: f.token, Hard: true, Marks: []string{PathMark(j.req.Path)}})
	}
}

// remember keeps the number of variants of a path within its policy.
func (c *Cache) remember(ctx context.Context, j job) {
	if j.bare {
		return
	}
	if old, evict := c.variants.stored(j, j.route.policy.MaxVariants); evict {
		if err := c.store.Delete(ctx, old); err != nil {
			c.storeFailed("remove", err)
		}
	}
}

func (fs *flights) close() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.closed = true
}
