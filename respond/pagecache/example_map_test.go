package pagecache_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/storetest"
)

// pageMap is a whole Store, the smallest there is: pages in a map, and Marks that judge them.
type pageMap struct {
	marks pagecache.Marks

	mu    sync.Mutex
	clock pagecache.Token
	pages map[pagecache.Key]*pagecache.Entry
	bytes int
}

// newPageMap has the bumps of an earlier run: pages that are older stay old.
func newPageMap(kept ...pagecache.Bump) *pageMap {
	s := &pageMap{pages: map[pagecache.Key]*pagecache.Entry{}}
	for _, b := range kept {
		s.marks.Restore(b)
		s.clock = max(s.clock, b.At)
	}
	return s
}

func (s *pageMap) Token(context.Context) (pagecache.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock++
	return s.clock, nil
}

func (s *pageMap) Get(_ context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, error) {
	s.mu.Lock()
	e := s.pages[key]
	s.mu.Unlock()
	if e == nil {
		return nil, pagecache.Expired, nil
	}
	return e, s.marks.Judge(e), nil
}

func (s *pageMap) Put(_ context.Context, key pagecache.Key, e *pagecache.Entry) error {
	return s.marks.Admit(e, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if old := s.pages[key]; old != nil && old.Token > e.Token {
			return pagecache.ErrSuperseded
		}
		s.remove(key)
		s.pages[key] = e
		s.bytes += e.Size()
		for key := range s.pages { // any of them: a store may drop what it likes
			if s.bytes <= 8<<20 {
				break
			}
			s.remove(key)
		}
		return nil
	})
}

func (s *pageMap) Delete(_ context.Context, key pagecache.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(key)
	return nil
}

func (s *pageMap) remove(key pagecache.Key) {
	if e := s.pages[key]; e != nil {
		s.bytes -= e.Size()
		delete(s.pages, key)
	}
}

func (s *pageMap) Bump(_ context.Context, b pagecache.Bump) error {
	s.marks.Bump(b)
	return nil
}

func (s *pageMap) Subscribe(f func(pagecache.Bump)) (cancel func()) { return s.marks.Subscribe(f) }

func (s *pageMap) Close() error { return nil }

// A store of one's own. Package storetest checks it.
func ExampleStore_map() {
	store := newPageMap(pagecache.Bump{At: 41, Hard: true, Marks: []string{"tag:goods"}})
	cancel := store.Subscribe(func(b pagecache.Bump) { fmt.Println("bumped at", b.At) })
	defer cancel()

	api, pages := shop(store)
	defer pages.Close()
	visit(api)
	visit(api)
	fmt.Println(pages.ExpireTag(context.Background(), "goods"))
	visit(api)
	// Output:
	// "render 1"
	// "render 1"
	// bumped at 43
	// <nil>
	// "render 2"
}

func TestPageMap(t *testing.T) {
	storetest.Run(t, func(*testing.T) pagecache.Store { return newPageMap() }, nil)
}
