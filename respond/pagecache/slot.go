package pagecache

import "sync"

// slot is what flies for one key. Readers join lead, which is a render on demand as
// well if there is no other. Who may not join a render that began before waits in queued
// until forced has ended, and all that come meanwhile share it.
type slot struct {
	tuple                []byte
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

// leave is called with mu held: nobody joins f from now on.
func (fs *flights) leave(f *flight) {
	if s := fs.slots[f.job.key]; s != nil && s.lead == f {
		s.lead = nil
	}
}

// slot returns the job's. If two tuples have one key, the second gets a slot that
// nobody finds: its render is not shared.
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

// single starts a render for one request, which nobody joins.
func (c *Cache) single(j job, unstored bool) *flight {
	f := newFlight(j)
	f.alone, f.unstored, f.waiting = true, unstored, 1
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	c.start(f)
	return f
}

// giveUp is called for a request that does not wait for f any more. A render that nobody
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
