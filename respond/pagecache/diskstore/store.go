package diskstore

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// maxPending bounds the pages that wait to be written: a disk that is slower than the
// renders costs pages, not memory.
const maxPending = 64 << 20

var (
	errClosed  = errors.New("diskstore: the store is closed")
	errLost    = errors.New("diskstore: a page could not be written")
	errPending = errors.New("diskstore: too much waits to be written")
)

// Options are those of [Open]; nil and every zero value are fine.
type Options struct {
	// MaxBytes bounds the pages in the file; the ones stored longest ago give
	// way. Zero: 1 GiB.
	MaxBytes int64
	// Memory bounds the pages that are kept in memory as well, ready to be served.
	// Zero: 32 MiB; negative: none.
	Memory int64
	// Interval is how long pages are gathered before they are written together.
	// Zero: 50 milliseconds.
	Interval time.Duration
	// Log gets what is wrong with the file or the disk. Nil: slog.Default.
	Log *slog.Logger
}

// Store is a [pagecache.Store] in a file.
type Store struct {
	db    *database
	said  sync.Once // that db is broken
	opts  Options
	marks pagecache.Marks
	clock atomic.Uint64
	front *otter.Cache[pagecache.Key, *pagecache.Entry] // nil: none

	mu      sync.Mutex
	pending batch // waits to be written
	writing batch // is being written
	commits uint64
	lost    map[pagecache.Key]ghost // pages that could not be written
	floor   pagecache.Token         // beyond what lost can hold: pages up to here are not to be trusted
	timer   *time.Timer
	closed  bool

	wake chan struct{} // holds one signal; more would say the same
	quit chan struct{}
	done chan struct{} // closed when the writer has ended
	file contents      // only the writer's

	maxMarks uint64 // in the file; 0: that constant
}

var (
	_ pagecache.Store  = (*Store)(nil)
	_ pagecache.Peeker = (*Store)(nil)
)

// Token needs no disk: see contents.clock.
func (s *Store) Token(context.Context) (pagecache.Token, error) {
	return pagecache.Token(s.clock.Add(1)), nil
}

// Get looks into what is not written yet, into the memory, and into the file.
func (s *Store) Get(_ context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, error) {
	s.mu.Lock()
	e, known := s.unwritten(key)
	commits := s.commits
	s.mu.Unlock()
	if !known && s.front != nil {
		e, known = s.front.GetIfPresent(key)
	}
	if !known {
		var err error
		if e, err = s.read(key); err != nil {
			return nil, pagecache.Expired, err
		}
		e = s.fill(key, e, commits)
	}
	if e == nil {
		return nil, pagecache.Expired, nil
	}
	return e, s.marks.Judge(e), nil
}

// Peek returns a page that is in memory and current. What is put is in memory at once, so
// the file has nothing newer.
func (s *Store) Peek(key pagecache.Key) (e *pagecache.Entry, ok bool) {
	if s.front == nil {
		return nil, false
	}
	e, ok = s.front.GetIfPresent(key)
	return e, ok && s.marks.Judge(e) == pagecache.Current
}

// unwritten is called with mu held. A page that is known to be deleted is nil.
func (s *Store) unwritten(key pagecache.Key) (e *pagecache.Entry, known bool) {
	if e, known = s.pending.pages[key]; known {
		return e, true
	}
	if e, known = s.writing.pages[key]; known {
		return e, true
	}
	_, known = s.lost[key]
	return nil, known
}

// fill keeps a page that was read from the file in memory, unless the file has changed
// meanwhile: then what was read may be older than what was put.
func (s *Store) fill(key pagecache.Key, e *pagecache.Entry, commits uint64) *pagecache.Entry {
	if e == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Token <= s.floor {
		return nil
	}
	if _, known := s.unwritten(key); s.front != nil && !known && s.commits == commits {
		s.front.SetIfAbsent(key, e)
	}
	return e
}

// Put keeps the page in memory and has it written soon.
func (s *Store) Put(_ context.Context, key pagecache.Key, e *pagecache.Entry) error {
	return s.marks.Admit(e, func() error {
		for {
			again, err := s.put(key, e)
			if !again {
				return err
			}
		}
	})
}

// put compares with the file outside of the lock, and has to look again when the file
// changed in between.
func (s *Store) put(key pagecache.Key, e *pagecache.Entry) (again bool, err error) {
	s.mu.Lock()
	commits := s.commits
	s.mu.Unlock()
	stored, err := s.read(key)
	if err != nil && !errors.Is(err, pagecache.ErrDamaged) {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.commits != commits {
		return true, nil
	}
	if old, known := s.unwritten(key); known {
		stored = old
	}
	switch {
	case s.closed:
		return false, errClosed
	case stored != nil && stored.Token > e.Token:
		return false, pagecache.ErrSuperseded
	case s.pending.bytes > maxPending:
		s.signal()
		return false, errPending
	}
	s.enqueue(key, e)
	return false, nil
}

// Delete is written as pages are.
func (s *Store) Delete(_ context.Context, key pagecache.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	s.enqueue(key, nil)
	return nil
}

// enqueue is called with mu held.
func (s *Store) enqueue(key pagecache.Key, e *pagecache.Entry) {
	if s.pending.pages == nil {
		s.pending.pages = make(map[pagecache.Key]*pagecache.Entry)
	}
	switch {
	case !s.pending.empty():
	case s.timer == nil:
		s.timer = time.AfterFunc(s.opts.Interval, s.signal)
	default: // one timer: those of batches that a Bump wrote early would hold the store
		s.timer.Reset(s.opts.Interval)
	}
	s.pending.pages[key] = e
	if e != nil {
		s.pending.bytes += e.Size()
	}
	if s.front == nil {
		return
	}
	if e == nil {
		s.front.Invalidate(key)
	} else {
		s.front.Set(key, e)
	}
}

// Bump applies at once, and returns when it is on the disk, with all that was put before.
// If it cannot be written, pages count as bumped all the same until the process ends.
func (s *Store) Bump(ctx context.Context, b pagecache.Bump) error {
	s.marks.Bump(b)
	written := make(chan error, 1)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return errClosed
	}
	s.pending.bumps = append(s.pending.bumps, b)
	s.pending.waiters = append(s.pending.waiters, written)
	s.signal()
	s.mu.Unlock()
	select {
	case err := <-written:
		if err == nil && s.lostFor(b) {
			err = errLost
		}
		return err
	case <-s.db.broken: // and the writer may wait for a lock for ever
		return s.db.cause
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lostFor tells whether a page that belongs to the bump was put before it and could not
// be written: to say that it is on the disk would be a lie.
func (s *Store) lostFor(b pagecache.Bump) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.At <= s.floor {
		return true
	}
	for _, g := range s.lost {
		if g.token >= b.At && (len(b.Marks) == 0 || slices.ContainsFunc(g.marks, func(m string) bool { return slices.Contains(b.Marks, m) })) {
			return true
		}
	}
	return false
}

// Subscribe has f called for every bump of this process.
func (s *Store) Subscribe(f func(pagecache.Bump)) (cancel func()) { return s.marks.Subscribe(f) }

// Close writes what waits and closes the file. It may be called again. Where the open file
// was damaged, the error says so.
func (s *Store) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	if first {
		close(s.quit)
	}
	select {
	case <-s.done:
	case <-s.db.broken:
	}
	if !first {
		return nil
	}
	if s.front != nil {
		s.front.StopAllGoroutines()
	}
	return s.db.close()
}

func newFront(bytes int64) *otter.Cache[pagecache.Key, *pagecache.Entry] {
	if bytes < 0 {
		return nil
	}
	return otter.Must(&otter.Options[pagecache.Key, *pagecache.Entry]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(_ pagecache.Key, e *pagecache.Entry) uint32 { return uint32(min(e.Size(), math.MaxUint32)) },
	})
}
