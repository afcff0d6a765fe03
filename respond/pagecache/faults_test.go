package pagecache_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// A store that is down costs a render and a line in the log, never an answer; a
// revalidate says so.
func TestStoreDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &faulty{Store: pagecache.Memory(1 << 20)}
		s := newSite(t, plainPolicy(), store)
		s.expect("MISS", "render 1", "/posts/1")
		store.fail.Store(true)
		for i := range 3 {
			s.expect("MISS", fmt.Sprint("render ", i+2), "/posts/1")
		}
		require.Contains(t, s.log.String(), errDown.Error())
		require.Equal(t, 1, strings.Count(s.log.String(), "level=ERROR"), "one line a second")
		require.ErrorIs(t, s.cache.Revalidate(t.Context(), "/posts/1"), errDown)
		require.ErrorIs(t, s.cache.Revalidate(t.Context(), "/posts/1"), pagecache.ErrStore)
		require.ErrorIs(t, s.cache.ExpireTag(t.Context(), "posts"), pagecache.ErrStore)
		require.ErrorIs(t, s.cache.RevalidateTag(t.Context(), "posts"), pagecache.ErrStore)
		require.ErrorIs(t, s.cache.Expire(t.Context(), "/posts/1"), pagecache.ErrStore)
		store.fail.Store(false)
		s.expect("HIT", "render 1", "/posts/1")

		// Also while it is down, a herd renders once.
		store.fail.Store(true)
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			time.Sleep(time.Second)
			return text(200, "page"), nil
		})
		n := s.renders.Load()
		for _, r := range s.all(100, "/posts/1") {
			require.Equal(t, "page", r.body)
		}
		require.Equal(t, n+1, s.renders.Load())
	})
}

// A store that panics is one that fails: pages are rendered, the log has the stack, and a
// revalidate says so.
func TestStorePanics(t *testing.T) {
	for call, inRevalidate := range map[string]bool{"Get": false, "Peek": false, "Token": true, "Put": true, "Bump": true, "Claim": false, "done": false} {
		t.Run(call, func(t *testing.T) {
			store := &panicking{Store: pagecache.Memory(1 << 20)}
			s := newSite(t, plainPolicy(), store)
			s.expect("MISS", "render 1", "/posts/1")
			store.call.Store(call)
			r := s.get("/posts/1")
			require.NoError(t, r.err)
			require.Equal(t, 200, r.status)
			require.NoError(t, s.get("/posts/2").err)
			err := s.cache.Revalidate(t.Context(), "/posts/1")
			log := s.log.String()
			if inRevalidate {
				require.ErrorIs(t, err, pagecache.ErrStore)
				require.ErrorContains(t, err, "the store panicked: the store's own fault in "+call)
				log += err.Error()
			} else {
				require.NoError(t, err)
			}
			require.Contains(t, log, "the store's own fault in "+call)
			require.Contains(t, log, "spy_test.go", "the stack")
			store.call.Store("")
			require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"))
			require.Equal(t, "HIT", s.get("/posts/1").cache())
		})
	}
}

// A store that is full: pages are served, not stored.
func TestStoreFull(t *testing.T) {
	store := &faulty{Store: pagecache.Memory(1 << 20)}
	store.failPut.Store(true)
	s := newSite(t, plainPolicy(), store)
	s.expect("MISS", "render 1", "/posts/1")
	s.expect("MISS", "render 2", "/posts/1")
	require.ErrorIs(t, s.cache.Revalidate(t.Context(), "/posts/1"), pagecache.ErrStore)
}

// A store that hangs delays an answer by the store's deadline, once per call.
func TestStoreHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &faulty{Store: pagecache.Memory(1 << 20)}
		s := newSite(t, plainPolicy(), store, func(_ *pages.Endpoint, o *pagecache.Options) { o.StoreTimeout = 100 * time.Millisecond })
		store.hang.Store(true)
		began := time.Now()
		s.expect("MISS", "render 1", "/posts/1")
		require.LessOrEqual(t, time.Since(began), 400*time.Millisecond)
		began = time.Now()
		require.ErrorIs(t, s.cache.Revalidate(t.Context(), "/posts/1"), context.DeadlineExceeded)
		require.LessOrEqual(t, time.Since(began), 400*time.Millisecond)
		store.hang.Store(false)
	})
}

// Damaged bytes are one line in the log and a miss.
func TestStoreDamaged(t *testing.T) {
	store := &faulty{Store: pagecache.Memory(1 << 20)}
	s := newSite(t, plainPolicy(), store)
	s.expect("MISS", "render 1", "/posts/1")
	store.damaged.Store(true)
	s.expect("MISS", "render 2", "/posts/1")
	require.Equal(t, 1, strings.Count(s.log.String(), "level=ERROR"))
	require.Equal(t, int64(1), store.deleted.Load())
	s.expect("HIT", "render 2", "/posts/1")
}

// A page that another key with the same hash stored is a miss.
func TestStoreForeignPage(t *testing.T) {
	store := &faulty{Store: pagecache.Memory(1 << 20)}
	s := newSite(t, plainPolicy(), store)
	s.expect("MISS", "render 1", "/posts/1")
	store.foreignTuple.Store(true)
	s.expect("MISS", "render 2", "/posts/1")
}

// A store that forgets everything: no old page, one render.
func TestStoreEmptied(t *testing.T) {
	store := pagecache.Memory(1 << 20)
	first := newSite(t, plainPolicy(), &keepOpen{store})
	first.expect("MISS", "render 1", "/posts/1")
	require.NoError(t, store.Close())
	first.expect("MISS", "render 2", "/posts/1")
	first.expect("HIT", "render 2", "/posts/1")
}

// keepOpen survives the cache.
type keepOpen struct{ pagecache.Store }

func (keepOpen) Close() error { return nil }

// Pages of another build are not served.
func TestBuilds(t *testing.T) {
	store := &keepOpen{pagecache.Memory(1 << 20)}
	build := func(id string) siteOption {
		return func(_ *pages.Endpoint, o *pagecache.Options) { o.Build = id }
	}
	newSite(t, plainPolicy(), store, build("one")).expect("MISS", "render 1", "/posts/1")
	s := newSite(t, plainPolicy(), store, build("one"))
	s.answer(func(int64) *pages.Page { return text(200, "second program") })
	s.expect("HIT", "render 1", "/posts/1")
	s = newSite(t, plainPolicy(), store, build("two"))
	s.answer(func(int64) *pages.Page { return text(200, "second build") })
	s.expect("MISS", "second build", "/posts/1")
}

// Two caches over one store are two nodes: what one revalidates, the other serves, and
// a slow render of one does not overwrite it.
func TestTwoNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &keepOpen{pagecache.Memory(1 << 20)}
		a, b := newSite(t, plainPolicy(), store), newSite(t, plainPolicy(), store)
		data := "old"
		slow := func(d time.Duration) pages.Render {
			return func(context.Context, pages.Request) (*pages.Page, error) {
				read := data
				time.Sleep(d)
				return text(200, read), nil
			}
		}
		a.rendering(slow(3 * time.Second))
		b.rendering(slow(time.Second))
		waiting := make(chan reply, 1)
		go func() { waiting <- a.get("/posts/1") }()
		synctest.Wait()
		data = "new"
		require.NoError(t, b.cache.Revalidate(t.Context(), "/posts/1"))
		a.expect("HIT", "new", "/posts/1")
		<-waiting
		a.expect("HIT", "new", "/posts/1")
		b.expect("HIT", "new", "/posts/1")
		require.NoError(t, a.cache.Expire(t.Context(), "/posts/1"))
		b.expect("REVALIDATED", "new", "/posts/1")
	})
}
