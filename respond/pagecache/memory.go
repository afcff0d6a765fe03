package pagecache

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
)

// memory is the store of [Memory]. A page that was asked for again after it was stored
// moves from waiting to asked: a scan of pages that are asked for once drives no other page
// out of asked, however long it is. Among the pages in asked, W-TinyLFU decides.
type memory struct {
	marks Marks
	clock atomic.Uint64
	bytes int
	asked *otter.Cache[Key, *Entry]

	mu      sync.Mutex // held while a page is put, moved or deleted; marks.mu comes before it
	waiting map[Key]*list.Element
	order   list.List // of waitingPage, the one stored last at the back
	size    int       // of the pages in waiting
}

type waitingPage struct {
	key   Key
	entry *Entry
}

// Memory returns a store that keeps at most about this many bytes of pages in the
// process; 64 MiB when bytes is not positive. Pages that are asked for often survive a
// scan of pages that are asked for once.
func Memory(bytes int64) Store {
	if bytes <= 0 {
		bytes = 64 << 20
	}
	s := &memory{bytes: int(bytes), waiting: make(map[Key]*list.Element)}
	s.asked = otter.Must(&otter.Options[Key, *Entry]{
		MaximumWeight: uint64(s.largest()),
		Weigher:       func(_ Key, e *Entry) uint32 { return uint32(min(e.Size(), math.MaxUint32)) },
	})
	s.marks.pages = s.each
	return s
}

func (s *memory) Token(context.Context) (Token, error) { return Token(s.clock.Add(1)), nil }

func (s *memory) Get(_ context.Context, key Key) (*Entry, Verdict, error) {
	for {
		forgotten := s.marks.forgotten.Load()
		e, ok := s.asked.GetIfPresent(key)
		if !ok {
			if e, ok = s.move(key); !ok {
				return nil, Expired, nil
			}
		}
		v := s.marks.Judge(e)
		// The marks of a page that is removed in between may be forgotten.
		if s.marks.forgotten.Load() == forgotten {
			return e, v, nil
		}
	}
}

// Peek is Get for a page that is current and was asked for before.
func (s *memory) Peek(key Key) (*Entry, bool) {
	forgotten := s.marks.forgotten.Load()
	e, ok := s.asked.GetIfPresent(key)
	return e, ok && s.marks.Judge(e) == Current && s.marks.forgotten.Load() == forgotten
}

// move takes the page from waiting to asked.
func (s *memory) move(key Key) (*Entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	el := s.waiting[key]
	if el == nil {
		return s.asked.GetIfPresent(key) // it was moved in between
	}
	e := s.remove(el)
	s.asked.Set(key, e)
	return e, true
}

// remove takes a page out of waiting, with mu held.
func (s *memory) remove(el *list.Element) *Entry {
	p := s.order.Remove(el).(waitingPage)
	delete(s.waiting, p.key)
	s.size -= p.entry.Size()
	return p.entry
}

func (s *memory) Put(_ context.Context, key Key, e *Entry) error {
	return s.marks.Admit(e, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		el := s.waiting[key]
		var old *Entry
		entry, asked := s.asked.GetEntryQuietly(key)
		switch {
		case asked:
			old = entry.Value
		case el != nil:
			old = el.Value.(waitingPage).entry
		}
		switch {
		case old != nil && old.Token > e.Token:
			return ErrSuperseded
		case asked && e.Size() > s.largest():
			s.asked.Invalidate(key)
			return s.noRoom(e)
		case asked:
			s.asked.Set(key, e)
			return nil
		case el != nil:
			s.remove(el)
		}
		if e.Size() > s.largest() {
			return s.noRoom(e)
		}
		s.waiting[key] = s.order.PushBack(waitingPage{key, e})
		s.size += e.Size()
		// What the pages in asked do not need is used.
		limit := max(s.bytes/8, s.bytes-int(s.asked.WeightedSize()))
		for s.size > limit {
			s.remove(s.order.Front())
		}
		if s.waiting[key] == nil {
			return s.noRoom(e)
		}
		return nil
	})
}

// largest is the size of the largest page that can move to asked.
func (s *memory) largest() int { return s.bytes - s.bytes/8 }

func (s *memory) noRoom(e *Entry) error {
	return fmt.Errorf("%w of %d bytes in Memory(%d)", errNoRoom, e.Size(), s.bytes)
}

// errNoRoom is a page that was not stored, and no failure: a store may drop any page.
var errNoRoom = errors.New("pagecache: there is no room for a page")

func (s *memory) Delete(_ context.Context, key Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if el := s.waiting[key]; el != nil {
		s.remove(el)
	}
	s.asked.Invalidate(key)
	return nil
}

// each lists the pages.
func (s *memory) each(yield func(*Entry) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for el := s.order.Front(); el != nil; el = el.Next() {
		if !yield(el.Value.(waitingPage).entry) {
			return
		}
	}
	s.asked.Values()(yield)
}

func (s *memory) Bump(_ context.Context, b Bump) error {
	s.marks.Bump(b)
	return nil
}

func (s *memory) Subscribe(f func(Bump)) (cancel func()) { return s.marks.Subscribe(f) }

// Close drops the pages.
func (s *memory) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order.Init()
	clear(s.waiting)
	s.size = 0
	s.asked.InvalidateAll()
	s.asked.StopAllGoroutines()
	return nil
}
