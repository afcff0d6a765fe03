package pagecache_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// The four states in time: fresh 10 s, stale 20 s, error-stale 30 s, gone.
func TestStatesInTime(t *testing.T) {
	for _, c := range []struct {
		name       string
		after      time.Duration
		fails      bool
		cache      string
		body       string
		renders    int64 // after the request and what it started
		nextBody   string
		nextCache  string
		ageSeconds string
	}{
		{"fresh", 9999 * time.Millisecond, false, "HIT", "render 1", 1, "render 1", "HIT", "9"},
		{"just stale", 10 * time.Second, false, "STALE", "render 1", 2, "render 2", "HIT", "10"},
		{"stale, render fails", 10 * time.Second, true, "STALE", "render 1", 2, "render 1", "STALE", "10"},
		{"late stale", 29 * time.Second, false, "STALE", "render 1", 2, "render 2", "HIT", "29"},
		{"error-stale waits", 30 * time.Second, false, "REVALIDATED", "render 2", 2, "render 2", "HIT", "0"},
		{"error-stale, render fails", 30 * time.Second, true, "STALE", "render 1", 2, "render 1", "STALE", "30"},
		{"late error-stale, render fails", 59 * time.Second, true, "STALE", "render 1", 2, "render 1", "STALE", "59"},
		{"gone", 60 * time.Second, false, "REVALIDATED", "render 2", 2, "render 2", "HIT", "0"},
		{"gone, render fails", 60 * time.Second, true, "BYPASS", "broken", 2, "broken", "BYPASS", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, plainPolicy(), nil)
				s.expect("MISS", "render 1", "/posts/1")
				if c.fails {
					s.answer(func(int64) *pages.Page { return text(503, "broken") })
				}
				time.Sleep(c.after)
				r := s.expect(c.cache, c.body, "/posts/1")
				require.Equal(t, c.ageSeconds, r.header.Get("Age"))
				synctest.Wait()
				require.Equal(t, c.renders, s.renders.Load())
				s.expect(c.nextCache, c.nextBody, "/posts/1")
			})
		})
	}
}

// A failed render waits 1 s, doubling to 30 s, before another one starts behind old
// pages; a success forgets it.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := plainPolicy()
		p.StaleWhileRevalidate = time.Hour
		s := newSite(t, p, nil)
		s.expect("MISS", "render 1", "/posts/1")
		s.answer(func(int64) *pages.Page { return text(500, "broken") })
		time.Sleep(10 * time.Second)
		began := time.Now()
		var at []time.Duration
		for time.Since(began) < 2*time.Minute {
			before := s.renders.Load()
			s.expect("STALE", "render 1", "/posts/1")
			synctest.Wait()
			if s.renders.Load() > before {
				at = append(at, time.Since(began))
			}
			time.Sleep(250 * time.Millisecond)
		}
		want := []time.Duration{0, 1, 3, 7, 15, 31, 61, 91}
		for i := range want {
			want[i] *= time.Second
		}
		require.Equal(t, want, at)

		s.answer(func(int64) *pages.Page { return text(200, "well") })
		time.Sleep(30 * time.Second)
		s.get("/posts/1")
		synctest.Wait()
		s.expect("HIT", "well", "/posts/1")
		s.answer(func(int64) *pages.Page { return text(500, "broken") })
		time.Sleep(10 * time.Second)
		s.get("/posts/1")
		synctest.Wait()
		n := s.renders.Load()
		time.Sleep(time.Second)
		s.get("/posts/1")
		synctest.Wait()
		require.Equal(t, n+1, s.renders.Load(), "the first wait is one second again")
	})
}

// isr: five requests in a row while the render fails are all answered with the old
// page, and render once.
func TestErrorsInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		s.expect("MISS", "render 1", "/posts/1")
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			return nil, errors.New("database down")
		})
		for _, after := range []time.Duration{15 * time.Second, 30 * time.Second} {
			time.Sleep(after)
			n := s.renders.Load()
			for range 5 {
				s.expect("STALE", "render 1", "/posts/1")
				synctest.Wait()
			}
			require.Equal(t, n+1, s.renders.Load())
		}
		require.Contains(t, s.log.String(), "database down")
	})
}

// Hit-for-miss: an answer that may not be stored keeps others from queueing for ten
// seconds and is given to nobody else. The first one that may be stored ends that.
func TestHitForMiss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		s.answer(func(n int64) *pages.Page { return text(200, string(rune('a'+n)), "Set-Cookie", "id=1") })
		for _, want := range []string{"b", "c", "d"} {
			r := s.expect("BYPASS", want, "/posts/1")
			require.Equal(t, "id=1", r.header.Get("Set-Cookie"))
			require.Equal(t, "private, no-cache, no-store, max-age=0, must-revalidate", r.header.Get("Cache-Control"))
		}
		s.answer(func(n int64) *pages.Page { return text(200, "plain") })
		s.expect("BYPASS", "plain", "/posts/1")
		s.expect("HIT", "plain", "/posts/1")
	})
}

// Clients that ask for a page while it may not be shared do not wait for one another.
func TestHitForMissDoesNotQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			time.Sleep(time.Second)
			p := text(200, "mine")
			p.NoStore = true
			return p, nil
		})
		began := time.Now()
		replies := s.all(10, "/posts/1")
		require.Equal(t, 2*time.Second, time.Since(began), "one render that all wait for, then everybody's own")
		for _, r := range replies {
			require.Equal(t, "mine", r.body)
		}
		require.Equal(t, int64(10), s.renders.Load())
		began = time.Now()
		s.all(10, "/posts/1")
		require.Equal(t, time.Second, time.Since(began))
	})
}

// all sends n requests at the same time.
func (s *site) all(n int, target string) []reply {
	out := make([]reply, n)
	done := make(chan struct{})
	for i := range n {
		go func() {
			out[i] = s.get(target)
			done <- struct{}{}
		}()
	}
	for range n {
		<-done
	}
	return out
}

// A waiter has five seconds of patience; then it renders past the cache and stores
// nothing. The leader waits for its render.
func TestWaitersGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		s.rendering(func(ctx context.Context, _ pages.Request) (*pages.Page, error) {
			if s.renders.Load() == 1 {
				time.Sleep(8 * time.Second)
				return text(200, "slow"), nil
			}
			return text(200, "quick"), nil
		})
		leader := make(chan reply)
		go func() { leader <- s.get("/posts/1") }()
		synctest.Wait()
		began := time.Now()
		r := s.get("/posts/1")
		require.Equal(t, 5*time.Second, time.Since(began))
		require.Equal(t, "quick", r.body)
		require.Equal(t, "BYPASS", r.cache())
		require.Equal(t, "slow", (<-leader).body)
		s.expect("HIT", "slow", "/posts/1")
	})
}

// A render that is slower than their patience is no herd: all who lose it share one more
// render, which begins after they came, and take the page of whichever ends first.
func TestImpatientWaitersShareARender(t *testing.T) {
	const clients = 1000
	for name, tt := range map[string]struct {
		first, others time.Duration // how long renders take
		body          string        // that they get, and after how long
		after         time.Duration
		late          string // what those get who came three seconds later
		renders       int64
	}{
		"the first ends first":  {6 * time.Second, 6 * time.Second, "render 1", 6 * time.Second, "render 1", 2},
		"the second ends first": {9500 * time.Millisecond, time.Second, "render 2", 6 * time.Second, "render 3", 3},
		"the first hangs":       {time.Hour, 7 * time.Second, "render 2", 12 * time.Second, "render 2", 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, plainPolicy(), nil)
				s.rendering(func(ctx context.Context, _ pages.Request) (*pages.Page, error) {
					n, d := s.renders.Load(), tt.others
					if n == 1 {
						d = tt.first
					}
					select {
					case <-time.After(d):
						return text(200, fmt.Sprint("render ", n)), nil
					case <-ctx.Done():
						return nil, ctx.Err()
					}
				})
				began := time.Now()
				leader := make(chan reply, 1)
				go func() { leader <- s.get("/posts/1") }()
				synctest.Wait()
				late := make(chan []reply, 1)
				go func() { time.Sleep(3 * time.Second); late <- s.all(clients, "/posts/1") }()
				for _, r := range s.all(clients, "/posts/1") {
					require.NoError(t, r.err)
					require.Equal(t, tt.body, r.body)
				}
				require.Equal(t, tt.after, time.Since(began))
				for _, r := range <-late {
					require.NoError(t, r.err)
					require.Equal(t, tt.late, r.body)
				}
				<-leader
				require.Equal(t, tt.renders, s.renders.Load())
			})
		})
	}
}

// What makes an answer one client's is found out by the one who began the render.
func TestImpatientWaitersShareNoPrivateAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			n := s.renders.Load()
			if n == 1 {
				time.Sleep(9 * time.Second)
			}
			return text(200, fmt.Sprint("render ", n), "Set-Cookie", fmt.Sprint("n=", n)), nil
		})
		go s.get("/posts/1")
		synctest.Wait()
		cookies := map[string]bool{}
		for _, r := range s.all(20, "/posts/1") {
			require.NoError(t, r.err)
			cookies[r.header.Get("Set-Cookie")] = true
		}
		require.Len(t, cookies, 20)
		time.Sleep(10 * time.Second)
	})
}

// With an old page to show, a waiter that gives up gets that.
func TestWaitersGiveUpWithAnOldPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		s.expect("MISS", "render 1", "/posts/1")
		s.rendering(func(ctx context.Context, _ pages.Request) (*pages.Page, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		time.Sleep(45 * time.Second)
		began := time.Now()
		for _, r := range s.all(3, "/posts/1") {
			require.Equal(t, "render 1", r.body)
			require.Equal(t, "STALE", r.cache())
		}
		require.Equal(t, 10*time.Second, time.Since(began), "the leader's deadline")
		require.Equal(t, int64(2), s.renders.Load())
	})
}

// Requests past the cache are counted against a limit.
func TestBypassLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := plainPolicy()
		p.MaxBypass = 2
		s := newSite(t, p, nil)
		s.rendering(func(ctx context.Context, _ pages.Request) (*pages.Page, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		busy := 0
		for _, r := range s.all(5, "/posts/..") {
			if errors.Is(r.err, pages.ErrBusy) {
				busy++
			}
		}
		require.Equal(t, 3, busy, "requests without a key")

		p.BypassAuthorization = true
		s = newSite(t, p, nil)
		r := httptest.NewRequest("GET", "/posts/1", nil)
		r.Header.Set("Authorization", "Bearer x")
		answer := func() (release func(), err error) {
			_, release, err = s.route.Answer(&wire.NetHTTP{W: httptest.NewRecorder(), R: r}, []string{"1"})
			return release, err
		}
		release, err := answer()
		require.NoError(t, err)
		_, err = answer()
		require.NoError(t, err)
		_, err = answer()
		require.ErrorIs(t, err, pages.ErrBusy)
		release()
		_, err = answer()
		require.NoError(t, err)
	})
}

// The page that a clock set back has put into the future is not fresh for longer.
func TestClockSetBack(t *testing.T) {
	store := pagecache.Memory(1 << 20)
	s := newSite(t, plainPolicy(), &future{Store: store})
	s.expect("MISS", "render 1", "/posts/1")
	require.Equal(t, "STALE", s.get("/posts/1").cache())
}

// future hands out pages born tomorrow.
type future struct{ pagecache.Store }

func (f *future) Put(ctx context.Context, key pagecache.Key, e *pagecache.Entry) error {
	e.Born = e.Born.Add(24 * time.Hour)
	return f.Store.Put(ctx, key, e)
}

// Requests after Close are rendered for themselves.
func TestClosed(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	s.expect("MISS", "render 1", "/posts/1")
	require.NoError(t, s.cache.Close())
	require.NoError(t, s.cache.Close())
	s.expect("BYPASS", "render 2", "/posts/1")
	require.Error(t, s.cache.Revalidate(t.Context(), "/posts/1"))
}
