package pagecache_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// 10 000 requests on a key that is missing, expired or stale: exactly one render each,
// and inside the stale window everybody gets the old page.
func TestHerd(t *testing.T) {
	const clients = 10_000
	rounds := proof(100, 1)
	for round := range rounds {
		synctest.Test(t, func(t *testing.T) {
			s := newSite(t, plainPolicy(), nil)
			s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
				n := s.renders.Load()
				time.Sleep(100 * time.Millisecond)
				return text(200, fmt.Sprint("render ", n)), nil
			})
			for i, c := range []struct {
				after time.Duration
				body  string
			}{
				{0, "render 1"},                // cold
				{15 * time.Second, "render 1"}, // stale
				{70 * time.Second, "render 3"}, // gone
				{45 * time.Second, "render 4"}, // error-stale
			} {
				time.Sleep(c.after)
				var wrong atomic.Int64
				var wg sync.WaitGroup
				for range clients {
					wg.Go(func() {
						if r := s.get("/posts/1"); r.err != nil || r.body != c.body {
							wrong.Add(1)
						}
					})
				}
				wg.Wait()
				synctest.Wait()
				time.Sleep(time.Second) // the render behind the answers
				require.Zero(t, wrong.Load(), "round %d, herd %d", round, i)
				require.Equal(t, int64(i+1), s.renders.Load(), "round %d, herd %d", round, i)
			}
		})
	}
	t.Logf("%d herds of %d requests, one render each", 4*rounds, clients)
}

// The same without a fake clock, so that goroutines really run at the same time.
func TestHerdInRealTime(t *testing.T) {
	for range proof(100, 1) {
		s := newSite(t, plainPolicy(), nil)
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			runtime.Gosched()
			return text(200, "page"), nil
		})
		var wg sync.WaitGroup
		for range 10_000 {
			wg.Go(func() { s.get("/posts/1") })
		}
		wg.Wait()
		require.Equal(t, int64(1), s.renders.Load())
		s.cache.Close()
	}
}

// A render survives the client that caused it; those who wait with it get its page.
func TestLeaderGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		s.rendering(func(ctx context.Context, _ pages.Request) (*pages.Page, error) {
			select {
			case <-time.After(time.Second):
				return text(200, "page"), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})
		ctx, leave := context.WithCancel(t.Context())
		leader := make(chan reply, 1)
		go func() { leader <- s.do(ctx, "GET", "/posts/1") }()
		synctest.Wait()
		follower := make(chan reply, 1)
		go func() { follower <- s.get("/posts/1") }()
		synctest.Wait()
		leave()
		require.ErrorIs(t, (<-leader).err, context.Canceled)
		require.Equal(t, "page", (<-follower).body)
		require.Equal(t, int64(1), s.renders.Load())
		s.expect("HIT", "page", "/posts/1")
	})
}

// A render that ends its goroutine, as a test's FailNow does, keeps nobody waiting for its deadline.
func TestRenderGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			runtime.Goexit()
			return nil, nil
		})
		start := time.Now()
		require.ErrorContains(t, s.get("/posts/1").err, "Goexit")
		require.ErrorContains(t, s.cache.Revalidate(t.Context(), "/posts/1"), "Goexit")
		require.Zero(t, time.Since(start))
	})
}

// A render that ends after a Revalidate that began later is dropped: it never
// overwrites the newer page.
func TestNoLostUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		var data atomic.Value
		data.Store("old")
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			read, n := data.Load().(string), s.renders.Load()
			if n == 1 {
				time.Sleep(3 * time.Second)
			}
			return text(200, read), nil
		})
		slow := make(chan reply)
		go func() { slow <- s.get("/posts/1") }()
		synctest.Wait()
		data.Store("new")
		require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"))
		s.expect("HIT", "new", "/posts/1")
		require.Equal(t, "old", (<-slow).body, "it asked before")
		s.expect("HIT", "new", "/posts/1")
		require.Equal(t, int64(2), s.renders.Load())
	})
}

// The same with the slow render behind a stale page, and with a tag in place of the
// path.
func TestNoLostUpdateBehindStalePage(t *testing.T) {
	for _, by := range []string{"path", "tag", "unsafe"} {
		t.Run(by, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, plainPolicy(), nil)
				s.expect("MISS", "render 1", "/posts/1")
				data := "old"
				s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
					read := data
					if s.renders.Load() == 2 {
						time.Sleep(3 * time.Second)
					}
					return text(200, read), nil
				})
				time.Sleep(10 * time.Second)
				s.expect("STALE", "render 1", "/posts/1")
				synctest.Wait()
				data = "new"
				switch by {
				case "path":
					require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"))
				case "tag":
					require.NoError(t, s.cache.ExpireTag(t.Context(), "post:1"))
				case "unsafe":
					require.NoError(t, s.cache.Expire(t.Context(), "/posts/1"))
				}
				require.Equal(t, "new", s.get("/posts/1").body)
				time.Sleep(5 * time.Second)
				s.expect("HIT", "new", "/posts/1")
			})
		})
	}
}

// A tag that only the render knows: who waits for a render that the tag's bump has
// overtaken looks again.
func TestWaiterOfAnOvertakenRender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		data := "old"
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			p := text(200, data)
			p.Tags = []string{"author:7"}
			time.Sleep(time.Second)
			return p, nil
		})
		leader := make(chan reply, 1)
		go func() { leader <- s.get("/posts/1") }()
		synctest.Wait()
		data = "new"
		require.NoError(t, s.cache.ExpireTag(t.Context(), "author:7"))
		for _, r := range s.all(10, "/posts/1") {
			require.Equal(t, "new", r.body)
		}
		require.Equal(t, "old", (<-leader).body)
		require.Equal(t, int64(2), s.renders.Load())
	})
}

// A render that never returns ends at its deadline for everybody who waits, and a
// later revalidate is not stuck behind it.
func TestWedgedRender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		release := make(chan struct{})
		defer close(release)
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			if s.renders.Load() <= 2 {
				<-release // it does not even look at its context
			}
			return text(200, fmt.Sprint("render ", s.renders.Load())), nil
		})
		began := time.Now()
		go s.get("/posts/1")
		synctest.Wait()
		wedged := make(chan error, 1)
		go func() { wedged <- s.cache.Revalidate(t.Context(), "/posts/1") }()
		synctest.Wait()
		require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"))
		require.Equal(t, 10*time.Second, time.Since(began), "the deadline of the render before it")
		err := <-wedged
		require.ErrorIs(t, err, pagecache.ErrRenderFailed)
		require.ErrorIs(t, err, pages.ErrRenderTimeout)
		s.expect("HIT", "render 3", "/posts/1")
	})
}

// While a normal render hangs, a revalidate does not wait at all.
func TestRevalidateDoesNotWaitForAMiss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		release := make(chan struct{})
		defer close(release)
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			if s.renders.Load() == 1 {
				<-release
			}
			return text(200, "page"), nil
		})
		go s.get("/posts/1")
		synctest.Wait()
		began := time.Now()
		require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"))
		require.Zero(t, time.Since(began))
		s.expect("HIT", "page", "/posts/1")
	})
}

// Of 100 concurrent revalidations of one path the first renders at once, the others
// share one render after it; each returns with content at least as new as its call.
func TestConcurrentRevalidate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		var data atomic.Int64
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			read := data.Load()
			time.Sleep(time.Second)
			return text(200, fmt.Sprintf("%03d", read)), nil
		})
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				written := data.Add(1)
				if err := s.cache.Revalidate(t.Context(), "/posts/1"); err != nil {
					t.Error(err)
				}
				if got := s.get("/posts/1").body; got < fmt.Sprintf("%03d", written) {
					t.Errorf("revalidated %03d, served %s", written, got)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		require.Equal(t, int64(2), s.renders.Load())
	})
}

// 10 000 revalidations over 100 paths in a second: every caller gets nil, and no
// goroutine stays.
func TestRevalidateStorm(t *testing.T) {
	defer goleak.VerifyNone(t)
	s := newSite(t, plainPolicy(), nil)
	s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
		runtime.Gosched()
		return text(200, "page"), nil
	})
	var wg sync.WaitGroup
	var failed atomic.Int64
	for i := range 10_000 {
		wg.Go(func() {
			if err := s.cache.Revalidate(t.Context(), fmt.Sprintf("/posts/%d", i%100)); err != nil {
				failed.Add(1)
			}
		})
	}
	wg.Wait()
	require.Zero(t, failed.Load())
	require.LessOrEqual(t, s.renders.Load(), int64(10_000))
	require.NoError(t, s.cache.Close())
}

// No read that begins after Revalidate has returned sees an older number, with slow
// renders in flight all the time.
func TestFreshness(t *testing.T) {
	p := plainPolicy()
	p.TTL, p.StaleWhileRevalidate = time.Microsecond, time.Hour // a render behind every answer
	s := newSite(t, p, nil)
	var written, acknowledged atomic.Int64
	s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
		read := written.Load()
		for range int(read % 7 * 30) {
			runtime.Gosched() // slow
		}
		return text(200, fmt.Sprint(read)), nil
	})
	var stop atomic.Bool
	var writer, readers sync.WaitGroup
	writer.Go(func() {
		for !stop.Load() {
			n := written.Add(1)
			if err := s.cache.Revalidate(t.Context(), "/posts/1"); err != nil {
				t.Error(err)
				return
			}
			acknowledged.Store(n)
		}
	})
	reads, older := proof(1_000_000, 10_000), atomic.Int64{}
	const clients = 4
	for range clients {
		readers.Go(func() {
			for range reads / clients {
				floor := acknowledged.Load()
				var got int64
				if _, err := fmt.Sscan(s.get("/posts/1").body, &got); err != nil || got < floor {
					older.Add(1)
				}
			}
		})
	}
	readers.Wait()
	stop.Store(true)
	writer.Wait()
	require.Zero(t, older.Load())
	t.Logf("%d reads, %d revalidations, 0 older", reads, acknowledged.Load())
}
