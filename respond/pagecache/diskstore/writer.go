package diskstore

import (
	"cmp"
	"maps"
	"slices"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// ghost is what is known of a page that could not be written: the file still has the
// one that it should have replaced.
type ghost struct {
	token pagecache.Token
	marks []string
}

// batch is what one transaction writes. A nil page is a deletion.
type batch struct {
	pages   map[pagecache.Key]*pagecache.Entry
	bumps   []pagecache.Bump
	waiters []chan error
	bytes   int
}

func (b *batch) empty() bool { return len(b.pages) == 0 && len(b.bumps) == 0 && len(b.waiters) == 0 }

// inOrder returns the keys, deletions first, then as the renders began.
func (b *batch) inOrder() []pagecache.Key {
	token := func(k pagecache.Key) pagecache.Token {
		if e := b.pages[k]; e != nil {
			return e.Token
		}
		return 0
	}
	return slices.SortedFunc(maps.Keys(b.pages), func(j, k pagecache.Key) int { return cmp.Compare(token(j), token(k)) })
}

// signal wakes the writer.
func (s *Store) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write is the writer's goroutine.
func (s *Store) write() {
	defer close(s.done)
	for {
		select {
		case <-s.wake:
			s.commit()
		case <-s.quit:
			s.commit()
			return
		}
	}
}

// commit writes what waits, in one transaction.
func (s *Store) commit() {
	s.mu.Lock()
	s.writing, s.pending = s.pending, batch{}
	b := &s.writing
	empty := b.empty()
	s.mu.Unlock()
	if empty {
		return
	}
	err := s.save(b)
	if err != nil {
		s.opts.Log.Error("diskstore: pages could not be written; they will be rendered again", "pages", len(b.pages), "error", err)
	}
	s.mu.Lock()
	s.commits++
	s.remember(b.pages, err)
	waiters := b.waiters
	s.writing = batch{}
	s.mu.Unlock()
	for _, w := range waiters {
		w <- err
	}
}

// maxLost is how many pages are remembered one by one.
const maxLost = 10_000

// remember is called with mu held. What could not be written must not give way to what
// the file has under its key: that is older.
func (s *Store) remember(pages map[pagecache.Key]*pagecache.Entry, err error) {
	for key, e := range pages {
		if err == nil {
			delete(s.lost, key)
			continue
		}
		if _, newer := s.pending.pages[key]; !newer && s.front != nil {
			s.front.Invalidate(key)
		}
		if s.lost == nil {
			s.lost = make(map[pagecache.Key]ghost)
		}
		var g ghost
		if e != nil {
			g = ghost{e.Token, e.Marks}
		}
		s.lost[key] = g
	}
	if len(s.lost) > maxLost {
		s.lost = nil
		s.floor = pagecache.Token(s.clock.Load())
	}
}
