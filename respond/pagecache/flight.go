package pagecache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apiroutes/apiroutes/internal/pages"
)

var (
	// errGoexit is a render that ended its goroutine.
	errGoexit = errors.New("pagecache: the render ended its goroutine (runtime.Goexit)")
	// errClosed answers what waits for a render when the cache is closed.
	errClosed = errors.New("pagecache: the cache is closed")
	// errAbandoned ends a render that no request waits for any more.
	errAbandoned = errors.New("pagecache: no request waits for the render")
)

// job is one page to render: a key and the request that leads to it.
type job struct {
	route *route
	key   Key
	tuple []byte
	bare  bool
	req   pages.Request
}

func (rt *route) job(a *ask, values []string, n name, key Key) job {
	return job{route: rt, key: key, tuple: slices.Concat(rt.prefix, n[len(Key{}):]), bare: a.bare, req: rt.request(a, values)}
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
	job   job
	marks []string // those that are known before the render ends
	token Token

	onDemand bool // Revalidate asked for it
	behind   bool // behind an answer with an old page
	alone    bool // past the cache: for one request, or those that waited long enough
	unstored bool // the answer is not stored
	awaited  bool // Close waits for it
	bump     bool // success makes the path's other pages old; set before it starts

	order   uint64      // by flights.clock; of a second one
	waiting int         // requests that wait for it, with flights.mu held
	began   atomic.Bool // it has one of the places of Options.MaxRenders
	cancel  context.CancelCauseFunc
	ended   sync.Once
	done    chan struct{}
	release func() // gives the claim of a Sharer back; nil: there is none.

	entry   *Entry
	found   bool  // entry was stored by somebody else; nothing was rendered
	err     error // no page: entry is nil, or an answer that counts as a failed render
	refused error // why the answer may not be shared
	stored  bool
	// superseded: a hard bump came while it ran. Requests that wait for it look again.
	superseded bool
	storeErr   error
}

func newFlight(j job) *flight {
	return &flight{job: j, marks: j.route.ownMarks(&j.req), done: make(chan struct{})}
}

// failedFlight is one that ended before it began.
func failedFlight(j job, err error) *flight {
	f := newFlight(j)
	f.err = err
	close(f.done)
	return f
}

func (f *flight) touches(b Bump) bool {
	return len(b.Marks) == 0 || slices.ContainsFunc(b.Marks, func(m string) bool { return slices.Contains(f.marks, m) })
}

// start is called with flights.mu held.
func (c *Cache) start(f *flight) {
	if f.awaited = !c.flights.closed; f.awaited {
		c.renders.Add(1)
	}
	var ctx context.Context
	ctx, f.cancel = context.WithCancelCause(c.renderBase())
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

// fly waits for a place, renders and lands.
func (c *Cache) fly(ctx context.Context, f *flight) {
	timeout := f.job.route.policy.RenderTimeout
	if !c.enter(ctx, f, timeout) {
		return
	}
	defer func() { <-c.places }()
	if !f.onDemand && !f.alone {
		if e := c.lookAgain(ctx, f); e != nil {
			c.land(f, func() { f.entry, f.found = e, true })
			return
		}
		if ctx.Err() != nil {
			c.land(f, func() { c.finish(f, nil, context.Cause(ctx)) })
			return
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, pages.ErrRenderTimeout)
	defer cancel()
	// The flight lands at its deadline; a render that goes on keeps its place.
	context.AfterFunc(ctx, func() {
		c.land(f, func() { c.finish(f, nil, context.Cause(ctx)) })
	})
	if !f.unstored {
		c.takeToken(ctx, f)
	}
	p, err := (*pages.Page)(nil), errGoexit
	defer func() { c.land(f, func() { c.finish(f, p, err) }) }()
	p, err = render(ctx, f.job)
}

// enter waits for one of the places of Options.MaxRenders. It lands a flight that gets
// none in time.
func (c *Cache) enter(ctx context.Context, f *flight, timeout time.Duration) bool {
	select {
	case c.places <- struct{}{}:
		f.began.Store(true)
		return true
	default:
	}
	limit := time.NewTimer(timeout)
	defer limit.Stop()
	err := pages.ErrBusy
	select {
	case c.places <- struct{}{}:
		if ctx.Err() == nil {
			f.began.Store(true)
			return true
		}
		<-c.places
		err = context.Cause(ctx)
	case <-limit.C:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	c.land(f, func() { c.finish(f, nil, err) })
	return false
}

// lookAgain returns the page if it has become fresh since the request looked for it: another
// flight may have landed, or another node of a shared store has rendered it.
func (c *Cache) lookAgain(ctx context.Context, f *flight) *Entry {
	var e *Entry
	var v Verdict
	if c.sharer == nil {
		e, v, _ = c.get(ctx, f.job.key, f.job.tuple, nil)
	} else {
		e, v = c.claim(ctx, f)
	}
	if e != nil && !e.Marker && e.freshness(time.Now(), v) == fresh {
		return e
	}
	return nil
}

// claim asks a shared store for the right to render. A node is waited for no longer than
// another request's render in this process.
func (c *Cache) claim(ctx context.Context, f *flight) (*Entry, Verdict) {
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	var v Verdict
	e, err := recovered(func() (e *Entry, err error) {
		e, v, f.release, err = c.sharer.Claim(ctx, f.job.key)
		return e, err
	})
	if err != nil && ctx.Err() == nil {
		c.storeFailed("claim", err)
	}
	if err != nil || e == nil || !e.isOf(f.job.tuple, nil) {
		return nil, Expired
	}
	return e, v
}

// takeToken does without one when the store is down: the page is served, not stored. If
// the store is shared, this node would then miss bumps of others, so no later request may
// wait for this render.
func (c *Cache) takeToken(ctx context.Context, f *flight) {
	token, err := bounded(c, ctx, c.store.Token)
	if err != nil {
		c.storeFailed("token", err)
	}
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	f.token, f.storeErr = token, err
	if err != nil && c.sharer != nil {
		c.flights.leave(f)
	}
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
func (c *Cache) land(f *flight, finish func()) {
	f.ended.Do(func() {
		finish()
		f.cancel(nil)
		c.flights.mu.Lock()
		c.flights.leave(f)
		if s := c.flights.slots[f.job.key]; s != nil {
			if s.forced == f {
				c.startQueued(s)
			}
			if s.lead == nil && s.forced == nil && s.second == nil {
				delete(c.flights.slots, f.job.key)
			}
		}
		c.flights.mu.Unlock()
		if f.release != nil {
			if _, err := recovered(func() (struct{}, error) { f.release(); return struct{}{}, nil }); err != nil {
				c.storeFailed("done", err)
			}
		}
		if f.behind {
			c.behind.Add(-1)
			if f.err != nil && !errors.Is(f.err, errClosed) {
				c.opts.Log.Warn("pagecache: a page could not be refreshed; the old one stays", "path", f.job.req.Path, "error", f.err)
			}
		}
		close(f.done)
		if f.awaited {
			c.renders.Done()
		}
	})
}

// finish makes the flight's result of what was rendered, and stores it.
func (c *Cache) finish(f *flight, p *pages.Page, err error) {
	now := time.Now()
	j := &f.job
	if err == nil {
		f.entry, err = j.route.entry(&j.req, p, j.tuple, f.token, now)
		if err != nil {
			if p.Cause != nil {
				err = fmt.Errorf("%w: %w", err, p.Cause)
			}
			if !failed(p) {
				f.refused, err = err, nil
			}
		}
	}
	if err != nil {
		f.err = err
		if !f.onDemand && !f.alone && !errors.Is(err, errAbandoned) && !errors.Is(err, pages.ErrBusy) {
			c.backoff.failed(j.key, now)
		}
		return
	}
	if f.unstored {
		return
	}
	c.backoff.succeeded(j.key)
	// The marker of a flight on demand would take the place of a good page.
	if f.storeErr != nil || f.refused != nil && (f.onDemand || f.alone) {
		return
	}
	put := f.entry
	if f.refused != nil {
		put = j.route.marker(&j.req, j.tuple, f.token, now)
	}
	c.put(f, put)
	if f.bump {
		err := c.call(c.base, func(ctx context.Context) error {
			return c.store.Bump(ctx, Bump{At: f.token, Hard: true, Marks: []string{pathMark(j.req.Path)}})
		})
		f.storeErr = errors.Join(f.storeErr, err)
	}
}

// put stores what was rendered.
func (c *Cache) put(f *flight, e *Entry) {
	// The render's deadline may be near: storing has another.
	switch err := c.call(c.base, func(ctx context.Context) error { return c.store.Put(ctx, f.job.key, e) }); {
	case errors.Is(err, ErrSuperseded):
		f.superseded = true
	case errors.Is(err, errNoRoom):
		c.storeFailed("put", err)
	case err != nil:
		c.storeFailed("put", err)
		f.storeErr = err
	default:
		f.stored = true
		c.remember(f.job, e.Marker)
	}
}

// remember keeps the number of variants of a path within its policy, markers included.
func (c *Cache) remember(j job, marker bool) {
	if j.bare {
		return
	}
	if old, evict := c.variants.stored(j, marker, j.route.policy.MaxVariants); evict {
		if err := c.call(c.base, func(ctx context.Context) error { return c.store.Delete(ctx, old) }); err != nil {
			c.storeFailed("remove", err)
		}
	}
}

// slot is the renders of one key. Readers join lead, which is a render on demand as
// well if there is no other, and when they have waited long enough second. A request that may not join a render that began before it waits in queued
// until forced has ended, and all that come in the meantime share it.
type slot struct {
	tuple                []byte
	lead, forced, queued *flight
	second               *flight
}

// flights are the renders that run. The zero value is ready.
type flights struct {
	mu     sync.Mutex
	slots  map[Key]*slot
	closed bool
	clock  atomic.Uint64 // orders requests that wait and second renders
}

// detach is called for every bump before it returns: a request that comes after it must not
// wait for a render that began before it.
func (fs *flights) detach(b Bump) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, s := range fs.slots {
		if f := s.lead; f != nil && b.Hard && f.token < b.At && f.touches(b) {
			s.lead = nil
		}
	}
}

// leave is called with mu held: no request joins f from now on.
func (fs *flights) leave(f *flight) {
	s := fs.slots[f.job.key]
	switch {
	case s == nil:
	case s.lead == f:
		s.lead = nil
	case s.second == f:
		s.second = nil
	}
}

// slot returns the job's. If two tuples have one key, the second gets a slot that
// no other request finds: its render is not shared.
func (fs *flights) slot(j *job) *slot {
	if fs.slots == nil {
		fs.slots = make(map[Key]*slot)
	}
	s := fs.slots[j.key]
	if s == nil {
		s = &slot{tuple: j.tuple}
		fs.slots[j.key] = s
	}
	if string(s.tuple) != string(j.tuple) {
		return &slot{tuple: j.tuple}
	}
	return s
}

// join returns the render that runs for the job, or starts one; then leads is true. One
// behind an answer is not waited for; otherwise the caller calls giveUp if it does not
// wait until the end.
func (c *Cache) join(j job, behind bool) (f *flight, leads bool) {
	fs := &c.flights
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.closed {
		return failedFlight(j, errClosed), true
	}
	s := fs.slot(&j)
	if s.lead == nil {
		leads = true
		s.lead = newFlight(j)
		s.lead.behind = behind
		c.start(s.lead)
	}
	if !behind {
		s.lead.waiting++
	}
	return s.lead, leads
}

// single starts a render for one request, which no other joins.
func (c *Cache) single(j job, unstored bool) *flight {
	f := newFlight(j)
	f.alone, f.unstored, f.waiting = true, unstored, 1
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	c.start(f)
	return f
}

// again returns the render for those who have waited long enough for another one: one that
// began after the caller came, or starts it. What it renders is not stored.
func (c *Cache) again(j job, came uint64) (f *flight, leads bool) {
	fs := &c.flights
	fs.mu.Lock()
	defer fs.mu.Unlock()
	s := fs.slot(&j)
	if leads = s.second == nil || s.second.order < came; leads {
		s.second = newFlight(j)
		s.second.alone, s.second.unstored, s.second.order = true, true, fs.clock.Add(1)
		c.start(s.second)
	}
	s.second.waiting++
	return s.second, leads
}

// giveUp is called for a request that does not wait for f any more. A render that none
// waits for ends, unless it is to replace an old page.
func (c *Cache) giveUp(f *flight) {
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	f.waiting--
	if f.waiting == 0 && !f.behind && !f.onDemand && f.cancel != nil {
		c.flights.leave(f)
		f.cancel(errAbandoned)
	}
}

// running tells whether readers of the key have a render to wait for.
func (fs *flights) running(key Key) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	s := fs.slots[key]
	return s != nil && s.lead != nil
}

// demand returns a render of the job that has not begun yet when it is called. One that is
// onDemand leaves what is stored alone unless it has a good page; with bump, its success
// makes all other pages of the path old.
func (c *Cache) demand(j job, onDemand, bump bool) *flight {
	fs := &c.flights
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.closed {
		return failedFlight(j, errClosed)
	}
	s := fs.slot(&j)
	if s.queued == nil {
		s.queued = newFlight(j)
	}
	f := s.queued
	f.onDemand = f.onDemand || onDemand
	f.bump = f.bump || bump
	f.waiting++
	if s.forced == nil {
		c.startQueued(s)
	}
	return f
}

// startQueued is called with flights.mu held.
func (c *Cache) startQueued(s *slot) {
	s.forced, s.queued = s.queued, nil
	f := s.forced
	switch {
	case f == nil:
	case f.waiting == 0 && !f.onDemand:
		s.forced = nil
		f.err = errAbandoned
		close(f.done)
	case c.flights.closed:
		s.forced = nil
		f.err = errClosed
		close(f.done)
	default:
		if s.lead == nil {
			s.lead = f
		}
		c.start(f)
	}
}

func (fs *flights) close() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.closed = true
}
