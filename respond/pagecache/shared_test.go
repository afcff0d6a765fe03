package pagecache_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// shared is the store of one node; the nodes have the pages and the claims in common. A
// node that is cut off hears of nothing.
type shared struct {
	pagecache.Store
	claims *claims
	cutOff atomic.Bool // Get, Token, Claim, Put and Bump fail
	mute   atomic.Bool // Token fails
}

type claims struct {
	mu    sync.Mutex
	owner map[pagecache.Key]chan struct{}
}

// nodes makes the sites of n nodes.
func nodes(t *testing.T, n int, opts ...siteOption) (sites []*site, stores []*shared) {
	store, all := &keepOpen{pagecache.Memory(1 << 20)}, &claims{owner: map[pagecache.Key]chan struct{}{}}
	build := func(_ *pages.Endpoint, o *pagecache.Options) { o.Build = "shared" }
	for range n {
		stores = append(stores, &shared{Store: store, claims: all})
		sites = append(sites, newSite(t, plainPolicy(), stores[len(stores)-1], append(opts, build)...))
	}
	return sites, stores
}

func (s *shared) Get(ctx context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, error) {
	if s.cutOff.Load() {
		return nil, pagecache.Expired, errDown
	}
	return s.Store.Get(ctx, key)
}

func (s *shared) Token(ctx context.Context) (pagecache.Token, error) {
	if s.cutOff.Load() || s.mute.Load() {
		return 0, errDown
	}
	return s.Store.Token(ctx)
}

func (s *shared) Put(ctx context.Context, key pagecache.Key, e *pagecache.Entry) error {
	if s.cutOff.Load() {
		return errDown
	}
	return s.Store.Put(ctx, key, e)
}

// Subscribe has only bumps that reach the node.
func (s *shared) Subscribe(f func(pagecache.Bump)) func() {
	return s.Store.Subscribe(func(b pagecache.Bump) {
		if !s.cutOff.Load() && !s.mute.Load() {
			f(b)
		}
	})
}

func (s *shared) Claim(ctx context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, func(), error) {
	if s.cutOff.Load() {
		return nil, pagecache.Expired, nil, errDown
	}
	s.claims.mu.Lock()
	owner := s.claims.owner[key]
	if owner == nil {
		mine := make(chan struct{})
		s.claims.owner[key] = mine
		s.claims.mu.Unlock()
		e, v, err := s.Store.Get(ctx, key)
		return e, v, func() {
			s.claims.mu.Lock()
			defer s.claims.mu.Unlock()
			delete(s.claims.owner, key)
			close(mine)
		}, err
	}
	s.claims.mu.Unlock()
	select {
	case <-owner:
		e, v, err := s.Store.Get(ctx, key)
		return e, v, nil, err
	case <-ctx.Done():
		return nil, pagecache.Expired, nil, ctx.Err()
	}
}

// A node whose store does not answer cannot know what other nodes have made old: a request
// never joins a render that began before it. Also where only the token fails, which the
// render would have to be compared with.
func TestBlind(t *testing.T) {
	for name, cut := range map[string]func(s *shared){
		"cut off":  func(s *shared) { s.cutOff.Store(true) },
		"no token": func(s *shared) { s.mute.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sites, stores := nodes(t, 2)
				lost, other := sites[0], sites[1]
				var data atomic.Value
				data.Store("old")
				slow := func(context.Context, pages.Request) (*pages.Page, error) {
					read := data.Load().(string)
					time.Sleep(time.Second)
					return text(200, read), nil
				}
				lost.rendering(slow)
				other.rendering(slow)
				ask := func() chan reply {
					answered := make(chan reply, 1)
					go func() { answered <- lost.get("/posts/1") }()
					synctest.Wait()
					return answered
				}
				cut(stores[0])
				before := ask()
				data.Store("new")
				require.NoError(t, other.cache.ExpireTag(t.Context(), "posts"))
				time.Sleep(100 * time.Millisecond)
				after := []chan reply{ask(), ask(), ask()}
				require.Equal(t, "old", (<-before).body)
				for _, answered := range after {
					require.Equal(t, "new", (<-answered).body, "it began after ExpireTag had returned")
				}
				if name == "cut off" {
					require.Equal(t, int64(2), lost.renders.Load(), "one runs, one waits, and all that come share that one")
				}
				stores[0].cutOff.Store(false)
				stores[0].mute.Store(false)
				lost.get("/posts/1")
				lost.expect("HIT", "new", "/posts/1")
			})
		})
	}
}

// Without other nodes nothing is missed: a store of one process that fails costs no herd.
func TestStoreOfOneProcessIsNotBlind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &faulty{Store: pagecache.Memory(1 << 20)}
		store.fail.Store(true)
		s := newSite(t, plainPolicy(), store)
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			time.Sleep(time.Second)
			return text(200, "page"), nil
		})
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { s.get("/posts/1") })
			time.Sleep(100 * time.Millisecond)
		}
		wg.Wait()
		require.Equal(t, int64(1), s.renders.Load())
	})
}

// A herd on several nodes renders once, over all of them, also when the page is stale, and
// when the node that renders fails, once on each.
func TestOneRenderOverNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sites, _ := nodes(t, 3)
		var renders atomic.Int64
		fails := false
		for _, s := range sites {
			s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
				n := renders.Add(1)
				time.Sleep(100 * time.Millisecond)
				if fails {
					return nil, errDown
				}
				return text(200, fmt.Sprint("render ", n)), nil
			})
		}
		herd := func() {
			var wg sync.WaitGroup
			for i := range proof(10_000, 1_000) {
				wg.Go(func() { sites[i%3].get("/posts/1") })
			}
			wg.Wait()
			time.Sleep(time.Second)
		}
		herd()
		require.Equal(t, int64(1), renders.Load(), "cold")
		time.Sleep(10 * time.Second)
		herd()
		require.Equal(t, int64(2), renders.Load(), "stale")
		require.NoError(t, sites[0].cache.ExpireTag(t.Context(), "posts"))
		herd()
		require.Equal(t, int64(3), renders.Load(), "expired")
		for _, s := range sites {
			s.expect("HIT", "render 3", "/posts/1")
		}
		require.NoError(t, sites[0].cache.Expire(t.Context(), "/posts/1"))
		fails = true
		herd()
		require.LessOrEqual(t, renders.Load(), int64(6), "a failed render keeps no other node from trying")
		// A claim ends with its render's deadline.
		fails = false
		time.Sleep(time.Minute)
		sites[0].rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			time.Sleep(time.Hour)
			return nil, nil
		})
		go sites[0].get("/posts/1")
		synctest.Wait()
		began := time.Now()
		require.Equal(t, 200, sites[1].get("/posts/1").status)
		require.Equal(t, 5100*time.Millisecond, time.Since(began), "it waits as for a render in its own process")
		time.Sleep(2 * time.Hour)
	})
}

// peeking counts what is asked of the store beside Peek.
type peeking struct {
	pagecache.Store
	gets, peeks atomic.Int64
	foreign     atomic.Bool
}

func (p *peeking) Peek(key pagecache.Key) (*pagecache.Entry, bool) {
	p.peeks.Add(1)
	e, v, err := p.Store.Get(context.Background(), key)
	if e != nil && p.foreign.Load() {
		e = &pagecache.Entry{Tuple: []byte("another page"), Born: e.Born, Fresh: e.Fresh, Status: 200, Body: []byte("wrong")}
	}
	return e, err == nil && e != nil && v == pagecache.Current
}

func (p *peeking) Get(ctx context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, error) {
	p.gets.Add(1)
	return p.Store.Get(ctx, key)
}

// A fresh page is served from Peek alone. One that is not fresh, a marker, and a page of
// another key are not.
func TestPeek(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &peeking{Store: pagecache.Memory(1 << 20)}
		s := newSite(t, plainPolicy(), store)
		s.expect("MISS", "render 1", "/posts/1")
		gets := store.gets.Load()
		for range 10 {
			s.expect("HIT", "render 1", "/posts/1")
		}
		require.Equal(t, gets, store.gets.Load())
		require.GreaterOrEqual(t, store.peeks.Load(), int64(10))

		store.foreign.Store(true)
		s.expect("HIT", "render 1", "/posts/1")
		require.Equal(t, gets+1, store.gets.Load(), "Get decides")
		store.foreign.Store(false)

		time.Sleep(10 * time.Second)
		s.expect("STALE", "render 1", "/posts/1")
		synctest.Wait()
		s.expect("HIT", "render 2", "/posts/1")
		require.NoError(t, s.cache.ExpireTag(t.Context(), "posts"))
		s.expect("REVALIDATED", "render 3", "/posts/1")

		s.answer(func(int64) *pages.Page { return text(200, "private", "Set-Cookie", "a=b") })
		s.expect("BYPASS", "private", "/posts/2")
		s.expect("BYPASS", "private", "/posts/2")
	})
}
