package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// Each token is higher than the one before; the first is not zero, which is before
// everything.
func tokensGrow(s *subject) {
	last := pagecache.Token(0)
	for range 100 {
		next := s.token()
		require.Greater(s.t, next, last)
		last = next
	}
}

// No two callers get the same token.
func tokensGrowConcurrently(s *subject) {
	var seen sync.Map
	together(8, func(int) {
		last := pagecache.Token(0)
		for range 200 {
			token, err := s.store.Token(s.t.Context())
			if err != nil || token <= last {
				s.t.Errorf("token %d after %d, error %v", token, last, err)
				return
			}
			if _, twice := seen.LoadOrStore(token, true); twice {
				s.t.Errorf("token %d twice", token)
			}
			last = token
		}
	})
}

// A page that is not stored is nil without an error.
func missingIsNoError(s *subject) { s.expectMissing(key("nothing")) }

// What is put comes back, field by field, binary bodies and several lines included.
func keepsEverything(s *subject) {
	want := page(s.token(), "", "p:/a", "t:x", "t:y")
	want.Body = bytes.Repeat([]byte{0, 0xff, '\n', 'a'}, 2000)
	want.Header = append(want.Header, pagecache.Field{Name: "Link", Values: []string{"</a>", "</b>"}})
	want.Status = 404
	s.put(key("a"), want)
	got, verdict, err := s.store.Get(s.t.Context(), key("a"))
	require.NoError(s.t, err)
	if got == nil && s.opts.Evicts {
		return
	}
	require.Equal(s.t, pagecache.Current, verdict)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(pagecache.Entry{})); diff != "" {
		s.t.Errorf("the page changed (-put +got):\n%s", diff)
	}
}

// Of two renders of one key, the one that began later stays, in whichever order they
// end: a slow render never overwrites newer content.
func laterRenderWins(s *subject) {
	early, late := s.token(), s.token()
	s.put(key("a"), page(late, "late", "p:/a"))
	err := s.store.Put(s.t.Context(), key("a"), page(early, "early", "p:/a"))
	if err == nil && s.opts.Evicts {
		return
	}
	require.ErrorIs(s.t, err, pagecache.ErrSuperseded)
	s.expect(key("a"), "late", pagecache.Current)
	later := s.token()
	s.put(key("a"), page(later, "later", "p:/a"))
	s.expect(key("a"), "later", pagecache.Current)
}

// A deleted page is missing; deleting it again is no error.
func deletes(s *subject) {
	s.put(key("a"), page(s.token(), "a", "p:/a"))
	for range 2 {
		require.NoError(s.t, s.store.Delete(s.t.Context(), key("a")))
		s.expectMissing(key("a"))
	}
}

// A soft bump of any mark makes a page outdated; the page itself stays.
func softBump(s *subject) {
	s.put(key("a"), page(s.token(), "a", "p:/a", "t:x"))
	s.bump(pagecache.Bump{At: s.token(), Marks: []string{"t:x"}})
	s.expect(key("a"), "a", pagecache.Outdated)
}

// A hard bump makes it expired.
func hardBump(s *subject) {
	s.put(key("a"), page(s.token(), "a", "p:/a", "t:x"))
	s.bump(pagecache.Bump{At: s.token(), Hard: true, Marks: []string{"t:x"}})
	s.expectExpired(key("a"))
}

// expectExpired accepts a store that drops what it knows to be expired.
func (s *subject) expectExpired(key pagecache.Key) {
	s.t.Helper()
	_, verdict, err := s.store.Get(s.t.Context(), key)
	require.NoError(s.t, err)
	require.Equal(s.t, pagecache.Expired, verdict)
}

// A soft bump after a hard one does not soften it.
func hardWinsOverSoft(s *subject) {
	s.put(key("a"), page(s.token(), "a", "p:/a"))
	s.bump(pagecache.Bump{At: s.token(), Hard: true, Marks: []string{"p:/a"}})
	s.bump(pagecache.Bump{At: s.token(), Marks: []string{"p:/a"}})
	s.expectExpired(key("a"))
}

// A page whose render took the token of the bump is not older than it: Revalidate
// bumps the path at the token of its own render.
func bumpAtOwnToken(s *subject) {
	old := s.token()
	s.put(key("other"), page(old, "other", "p:/a"))
	own := s.token()
	s.put(key("a"), page(own, "a", "p:/a"))
	s.bump(pagecache.Bump{At: own, Hard: true, Marks: []string{"p:/a"}})
	s.expect(key("a"), "a", pagecache.Current)
	s.expectExpired(key("other"))
}

// A bump that comes late, at a lower token, lowers nothing.
func bumpNeverLowers(s *subject) {
	first, second := s.token(), s.token()
	s.put(key("a"), page(second, "a", "p:/a"))
	third := s.token()
	s.bump(pagecache.Bump{At: third, Hard: true, Marks: []string{"p:/a"}})
	s.bump(pagecache.Bump{At: first, Hard: true, Marks: []string{"p:/a"}})
	s.expectExpired(key("a"))
}

// One bump raises all its marks.
func bumpOfManyMarks(s *subject) {
	for i := range 10 {
		s.put(key(fmt.Sprint(i)), page(s.token(), "a", fmt.Sprintf("t:%d", i)))
	}
	b := pagecache.Bump{At: s.token()}
	for i := range 10 {
		b.Marks = append(b.Marks, fmt.Sprintf("t:%d", i))
	}
	s.bump(b)
	for i := range 10 {
		s.expect(key(fmt.Sprint(i)), "a", pagecache.Outdated)
	}
}

// A bump without marks is one of all pages, for subscribers and for what is put later as
// well.
func bumpOfAllPages(s *subject) {
	var heard []pagecache.Bump
	defer s.store.Subscribe(func(b pagecache.Bump) { heard = append(heard, b) })()
	s.put(key("a"), page(s.token(), "a", "p:/a"))
	soft := pagecache.Bump{At: s.token()}
	s.bump(soft)
	s.expect(key("a"), "a", pagecache.Outdated)
	began := s.token()
	hard := pagecache.Bump{At: s.token(), Hard: true}
	s.bump(hard)
	s.expectExpired(key("a"))
	require.ErrorIs(s.t, s.store.Put(s.t.Context(), key("b"), page(began, "b", "p:/b")), pagecache.ErrSuperseded)
	s.put(key("a"), page(s.token(), "new", "p:/a"))
	s.expect(key("a"), "new", pagecache.Current)
	require.Equal(s.t, []pagecache.Bump{soft, hard}, heard)
}

// Pages without the mark stay as they are; names that begin alike are other names.
func otherMarksStay(s *subject) {
	s.put(key("a"), page(s.token(), "a", "p:/a", "t:post"))
	s.put(key("b"), page(s.token(), "b", "p:/a/b", "t:post:1"))
	s.bump(pagecache.Bump{At: s.token(), Hard: true, Marks: []string{"t:post:1", "t:pos", ""}})
	s.expect(key("a"), "a", pagecache.Current)
	s.expectExpired(key("b"))
}

// A render that began before a hard bump is not stored after it, also where no page
// is stored: the bump is remembered, not only applied.
func putAfterHardBump(s *subject) {
	began := s.token()
	s.bump(pagecache.Bump{At: s.token(), Hard: true, Marks: []string{"t:x"}})
	err := s.store.Put(s.t.Context(), key("a"), page(began, "a", "p:/a", "t:x"))
	require.ErrorIs(s.t, err, pagecache.ErrSuperseded)
	s.expectMissing(key("a"))
}

// A soft bump does not forbid storing: an outdated page is better than an older one.
func putAfterSoftBump(s *subject) {
	began := s.token()
	s.bump(pagecache.Bump{At: s.token(), Marks: []string{"t:x"}})
	s.put(key("a"), page(began, "a", "p:/a", "t:x"))
	s.expect(key("a"), "a", pagecache.Outdated)
}

// A tag that was bumped while no page carried it makes nothing old that was rendered
// afterwards, and everything that was rendered before.
func evictedTagIsRemembered(s *subject) {
	s.put(key("a"), page(s.token(), "a", "t:x"))
	require.NoError(s.t, s.store.Delete(s.t.Context(), key("a")))
	before := s.token()
	s.bump(pagecache.Bump{At: s.token(), Marks: []string{"t:x"}})
	s.put(key("a"), page(s.token(), "new", "t:x"))
	s.expect(key("a"), "new", pagecache.Current)
	s.put(key("b"), page(before, "b", "t:x"))
	s.expect(key("b"), "b", pagecache.Outdated)
}

// Readers that begin after Bump has returned never see a page from before it as
// current, while other readers keep it busy.
func noOldPageAfterBump(s *subject) {
	var newest atomic.Uint64 // the token of the last bump that has returned
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for !stop.Load() {
				floor := newest.Load()
				e, verdict, err := s.store.Get(s.t.Context(), key("a"))
				if err != nil || e != nil && verdict == pagecache.Current && uint64(e.Token) < floor {
					s.t.Errorf("token %v after a bump at %d, error %v", e, floor, err)
					return
				}
			}
		})
	}
	until := time.Now().Add(200 * time.Millisecond)
	for time.Now().Before(until) {
		s.put(key("a"), page(s.token(), "a", "p:/a"))
		at := s.token()
		s.bump(pagecache.Bump{At: at, Hard: true, Marks: []string{"p:/a"}})
		newest.Store(uint64(at))
	}
	stop.Store(true)
	wg.Wait()
}

// Put judges and stores in one step: however puts and bumps interleave, no page that
// a returned bump made old is stored and called current.
func putsRaceWithBumps(s *subject) {
	for i := range 50 {
		k, mark := key(fmt.Sprint(i)), fmt.Sprintf("p:/%d", i)
		began, at := s.token(), s.token()
		together(2, func(n int) {
			if n == 0 {
				if err := s.store.Put(s.t.Context(), k, page(began, "old", mark)); err != nil && !errors.Is(err, pagecache.ErrSuperseded) {
					s.t.Error(err)
				}
				return
			}
			if err := s.store.Bump(s.t.Context(), pagecache.Bump{At: at, Hard: true, Marks: []string{mark}}); err != nil {
				s.t.Error(err)
			}
		})
		s.expectExpired(k)
	}
}

// Every subscriber has heard of a bump when Bump returns.
func subscribersBeforeReturn(s *subject) {
	var heard [2][]pagecache.Bump
	for i := range heard {
		defer s.store.Subscribe(func(b pagecache.Bump) { heard[i] = append(heard[i], b) })()
	}
	want := []pagecache.Bump{{At: s.token(), Hard: true, Marks: []string{"p:/a"}}, {At: s.token(), Marks: []string{"t:x", "t:y"}}}
	for i, b := range want {
		s.bump(b)
		for _, h := range heard {
			require.Len(s.t, h, i+1)
		}
	}
	require.Equal(s.t, want, heard[0])
	require.Equal(s.t, want, heard[1])
}

// A cancelled subscription is silent.
func unsubscribe(s *subject) {
	calls := 0
	cancel := s.store.Subscribe(func(pagecache.Bump) { calls++ })
	s.bump(pagecache.Bump{At: s.token(), Marks: []string{"t:x"}})
	cancel()
	s.bump(pagecache.Bump{At: s.token(), Marks: []string{"t:x"}})
	require.Equal(s.t, 1, calls)
}

// A marker is a page like any other.
func marker(s *subject) {
	s.put(key("a"), &pagecache.Entry{Tuple: []byte("t"), Token: s.token(), Marks: []string{"p:/a"}, Born: time.Now(), Fresh: time.Second, Marker: true})
	e, verdict, err := s.store.Get(s.t.Context(), key("a"))
	require.NoError(s.t, err)
	if e == nil && s.opts.Evicts {
		return
	}
	require.Equal(s.t, pagecache.Current, verdict)
	require.True(s.t, e.Marker)
	require.Equal(s.t, time.Second, e.Fresh)
}

// Pages and bumps that returned before the store was closed are there when it is
// opened again.
func keepsPagesAndBumps(s *subject) {
	s.put(key("a"), page(s.token(), "a", "p:/a"))
	s.put(key("b"), page(s.token(), "b", "p:/b"))
	s.put(key("c"), page(s.token(), "c", "p:/c"))
	began := s.token()
	s.bump(pagecache.Bump{At: s.token(), Hard: true, Marks: []string{"p:/b"}})
	s.bump(pagecache.Bump{At: s.token(), Marks: []string{"p:/c"}})
	s.store = s.opts.Reopen(s.t, s.store)
	s.expect(key("a"), "a", pagecache.Current)
	s.expectExpired(key("b"))
	s.expect(key("c"), "c", pagecache.Outdated)
	require.ErrorIs(s.t, s.store.Put(s.t.Context(), key("b"), page(began, "b", "p:/b")), pagecache.ErrSuperseded)
}

// A bump of all pages is kept as well.
func keepsBumpOfAllPages(s *subject) {
	s.put(key("a"), page(s.token(), "a", "p:/a"))
	s.bump(pagecache.Bump{At: s.token(), Hard: true})
	s.put(key("b"), page(s.token(), "b", "p:/b"))
	s.bump(pagecache.Bump{At: s.token(), Marks: []string{"t:other"}})
	s.store = s.opts.Reopen(s.t, s.store)
	s.expectExpired(key("a"))
	s.expect(key("b"), "b", pagecache.Current)
}

// A token is higher than every one that was used before the restart.
func tokensGrowOverRestarts(s *subject) {
	last := s.token()
	s.put(key("a"), page(last, "a", "p:/a"))
	for range 3 {
		s.store = s.opts.Reopen(s.t, s.store)
		next := s.token()
		require.Greater(s.t, next, last)
		s.put(key("a"), page(next, "a", "p:/a"))
		last = next
	}
}

// together runs f(0) ... f(n-1) at the same time.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	start, release := context.WithCancel(context.Background())
	for i := range n {
		wg.Go(func() {
			<-start.Done()
			f(i)
		})
	}
	release()
	wg.Wait()
}
