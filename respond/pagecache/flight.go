package pagecache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/apiroutes/apiroutes/internal/pages"
)

// errGoexit is a render that ended its goroutine.
var errGoexit = errors.New("pagecache: the render ended its goroutine (runtime.Goexit)")

// errClosed answers what waits for a render when the cache is closed.
var errClosed = errors.New("pagecache: the cache is closed")

// job is one page to render: a key and the request that leads to it.
type job struct {
	route *route
	key   Key
	tuple []byte
	bare  bool
	req   pages.Request
}

func (rt *route) job(a *ask, values []string, n name, key Key) job {
	return job{route: rt, key: key, tuple: slices.Concat(rt.prefix, n.rest()), bare: a.bare, req: rt.request(a, values)}
}

// size is about how many bytes of memory j takes.
func (j *job) size() int {
	n := 300 + cap(j.tuple) + len(j.req.Path) + len(j.req.RawQuery)
	for _, v := range j.req.Values {
		n += 16 + len(v)
	}
	for name, lines := range j.req.Header {
		n += 200 + len(name)
		for _, l := range lines {
			n += 16 + len(l)
		}
	}
	return n
}

// flight is one render that any number of requests may wait for. Its result is set
// before done is closed, and not changed afterwards.
type flight struct {
	job      job
	own      []string // the marks that are known before the render ends
	token    Token
	onDemand bool
	behind   bool // behind an answer with an old page
	bump     bool // success makes the path's other pages old; set before it starts

	cancel context.CancelFunc
	ended  sync.Once
	done   chan struct{}

	entry   *Entry
	err     error // no page: entry is nil, or an answer with a 5xx status
	private bool  // the answer may not be shared
	// superseded: a hard bump came while it ran. Who waits for it looks again.
	superseded bool
	storeErr   error
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

func (f *flight) touches(b Bump) bool {
	return len(b.Marks) == 0 || slices.ContainsFunc(b.Marks, func(m string) bool { return slices.Contains(f.own, m) })
}

// start is called with flights.mu held.
func (c *Cache) start(f *flight) {
	c.renders.Add(1)
	var ctx context.Context
	ctx, f.cancel = context.WithTimeout(c.renderBase(), f.job.route.policy.RenderTimeout)
	context.AfterFunc(ctx, func() {
		c.land(f, func() { c.settle(f, nil, c.deadlineError()) })
	})
	go c.fly(ctx, f)
}

// renderBase is the context that every render's descends from. Requests that come after
// Close are rendered all the same.
func (c *Cache) renderBase() context.Context {
	base := c.base
	if base.Err() != nil {
		base = context.WithoutCancel(base)
	}
	return context.WithValue(base, rendering{}, true)
}

func (c *Cache) deadlineError() error {
	if c.base.Err() != nil {
		return errClosed
	}
	return pages.ErrRenderTimeout
}

func (c *Cache) fly(ctx context.Context, f *flight) {
	c.takeToken(ctx, f)
	if !f.onDemand {
		// Between this request's look into the store and its turn here, another
		// flight may have landed.
		if e, v := c.get(ctx, f.job.key, f.job.tuple, nil); e != nil && !e.Marker && e.freshness(time.Now(), v) == fresh {
			c.land(f, func() { f.entry = e })
			return
		}
	}
	p, err := (*pages.Page)(nil), errGoexit
	defer func() { c.land(f, func() { c.settle(f, p, err) }) }()
	p, err = render(ctx, f.job)
}

// takeToken does without one when the store is down: the page is served, not stored.
func (c *Cache) takeToken(ctx context.Context, f *flight) {
	sctx, cancel := c.storeContext(ctx)
	defer cancel()
	token, err := c.store.Token(sctx)
	if err != nil {
		c.storeFailed("token", err)
	}
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	f.token, f.storeErr = token, err
}

// rendering marks the context of a render.
type rendering struct{}

// render calls the endpoint. A panic is an error.
func render(ctx context.Context, j job) (p *pages.Page, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("pagecache: the render panicked: %v\n%s", r, debug.Stack())
		}
	}()
	p, err = j.route.endpoint.Render(ctx, j.req)
	switch {
	case err != nil:
		return nil, err
	case p == nil:
		return nil, errors.New("pagecache: the render returned no page")
	case p.Status < 200 || p.Status > 599:
		return nil, fmt.Errorf("pagecache: the render returned status %d", p.Status)
	}
	return p, nil
}

// land ends a flight once: by its render, or by its deadline. A render that comes back
// after that is forgotten.
func (c *Cache) land(f *flight, settle func()) {
	f.ended.Do(func() {
		settle()
		f.cancel()
		c.flights.mu.Lock()
		if s := c.flights.slots[f.job.key]; s != nil {
			if s.lead == f {
				s.lead = nil
			}
			if s.forced == f {
				c.startQueued(s)
			}
			if s.lead == nil && s.forced == nil {
				delete(c.flights.slots, f.job.key)
			}
		}
		c.flights.mu.Unlock()
		if f.behind {
			c.behind.Add(-1)
			if f.err != nil && !errors.Is(f.err, errClosed) {
				c.opts.Log.Warn("pagecache: a page could not be refreshed; the old one stays", "path", f.job.req.Path, "error", f.err)
			}
		}
		close(f.done)
		c.renders.Done()
	})
}

// settle makes the flight's result of what was rendered, and stores it.
func (c *Cache) settle(f *flight, p *pages.Page, err error) {
	now := time.Now()
	j := &f.job
	if err == nil {
		f.entry, err = j.route.entry(&j.req, p, j.tuple, f.token, now)
		f.private = err != nil && !failed(p)
	}
	if err != nil && !f.private {
		f.err = err
		if !f.onDemand {
			c.backoff.failed(j.key, now)
		}
		return
	}
	c.backoff.succeeded(j.key)
	if f.storeErr != nil {
		return
	}
	put := f.entry
	if f.private {
		put = j.route.marker(&j.req, j.tuple, f.token, now)
	}
	c.put(f, put)
	if f.bump {
		ctx, cancel := c.storeContext(c.base)
		defer cancel()
		err := c.store.Bump(ctx, Bump{At: f.token, Hard: true, Marks: []string{pathMark(j.req.Path)}})
		f.storeErr = errors.Join(f.storeErr, err)
	}
}

// put stores what was rendered.
func (c *Cache) put(f *flight, e *Entry) {
	// The render's deadline may be near: storing has its own.
	ctx, cancel := c.storeContext(c.base)
	defer cancel()
	switch err := c.store.Put(ctx, f.job.key, e); {
	case errors.Is(err, ErrSuperseded):
		f.superseded = true
	case err != nil:
		c.storeFailed("put", err)
		f.storeErr = err
	default:
		c.remember(ctx, f.job)
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
