package pagecache

import "sync"

// slot is what flies for one key. Readers join lead, which is a render on demand as
// well if there is no other. Renders on demand are never joined by one that was asked
// for later: that one waits in queued until forced has ended, and all that are asked
// for meanwhile share it.
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

// join returns the render that runs for the job, or starts one; then leads is true.
func (c *Cache) join(j job, behind bool) (f *flight, leads bool) {
	fs := &c.flights
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.closed {
		return failedFlight(j, errClosed), true
	}
	s := fs.slot(&j)
	if s.lead != nil {
		return s.lead, false
	}
	f = newFlight(j)
	f.behind = behind
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
	s := fs.slot(&j)
	if s.queued == nil {
		s.queued = newFlight(j)
		s.queued.onDemand = true
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
	f := s.forced
	switch {
	case f == nil:
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
