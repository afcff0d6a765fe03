package redisstore_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/redisstore"
	"github.com/apiroutes/apiroutes/typed"
)

// bound expects a figure in the long form of the tests, for which the machine does nothing
// else; it is always logged.
func bound(t *testing.T, what string, is, most time.Duration) {
	t.Helper()
	t.Logf("%s: %v, at most %v", what, is, most)
	if proof() {
		require.LessOrEqual(t, is, most, what)
	}
}

// What a Revalidate takes over three nodes that have nothing else to do, and what it takes
// once when one of them has died.
func TestCostOfRevalidate(t *testing.T) {
	const lease = 500 * time.Millisecond
	h := newHarness(t, startRedis(t), redisstore.Options{Prefix: "figures", Lease: lease}, false)
	time.Sleep(2 * lease) // the epoch is settled
	n := 20
	if proof() {
		n = 300
	}
	var took []time.Duration
	for i := range n {
		began := time.Now()
		require.NoError(t, h.nodes[i%len(h.nodes)].change("revalidate", 1))
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	bound(t, "Revalidate over 3 idle nodes, median", took[n/2], 5*time.Millisecond)

	h.nodes[2].kill()
	began := time.Now()
	require.NoError(t, h.nodes[0].change("revalidate", 1))
	bound(t, "the first Revalidate after a node has died", time.Since(began), lease*12/10)
	time.Sleep(lease) // it is dropped behind the answer
	began = time.Now()
	require.NoError(t, h.nodes[0].change("revalidate", 1))
	bound(t, "the next one", time.Since(began), 50*time.Millisecond)
}

// Ten thousand requests for a page that nobody has, on three nodes, are one render.
func TestOneRender(t *testing.T) {
	requests, rounds := 1000, 2
	if proof() {
		requests, rounds = 10_000, 10
	}
	h := newHarness(t, startRedis(t), redisstore.Options{
		// So many requests keep a small machine busy for longer than a lease of 500 ms.
		Prefix: "herd", Lease: 5 * time.Second, Timeout: 5 * time.Second,
	}, false)
	h.slow.Store(true)
	renders := func() (sum int64) {
		for _, n := range h.nodes {
			sum += n.stats().Renders
		}
		return sum
	}
	for round := range rounds {
		before := renders()
		var wg sync.WaitGroup
		start := make(chan struct{})
		slots := make(chan struct{}, 500)
		for i := range requests {
			wg.Go(func() {
				<-start
				slots <- struct{}{}
				defer func() { <-slots }()
				if _, _, _, err := h.nodes[i%len(h.nodes)].read(round); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		wg.Wait()
		for i, n := range h.nodes {
			if st := n.stats(); renders()-before != 1 {
				t.Logf("node %d: %+v", i, st)
			}
		}
		require.Equal(t, int64(1), renders()-before, "renders of %d requests on %d nodes", requests, len(h.nodes))
	}
	t.Logf("1 render of %d requests on %d nodes, %d of %d times", requests, len(h.nodes), rounds, rounds)
}

// A page that is in this node's memory is a hit in at most 1.7 times of what it takes in
// pagecache.Memory, and allocates no more.
func TestCostOfNearHits(t *testing.T) {
	if racing {
		t.Skip("the race detector multiplies time")
	}
	memory := hits(t, pagecache.Memory(0))
	near := hits(t, open(t, startRedis(t).option(), redisstore.Options{Lease: 10 * time.Second}))
	require.LessOrEqual(t, testing.AllocsPerRun(1000, near), testing.AllocsPerRun(1000, memory))
	least := [2]time.Duration{time.Hour, time.Hour}
	for range 10 { // the machine has other work
		least[0], least[1] = min(least[0], took(memory)), min(least[1], took(near))
	}
	ratio := float64(least[1]) / float64(least[0])
	t.Logf("a hit takes %v in memory, %v near: %.2f times, with %v allocations", least[0], least[1], ratio, testing.AllocsPerRun(1000, near))
	require.LessOrEqual(t, ratio, 1.7)
}

func took(hit func()) time.Duration {
	const rounds = 5000
	began := time.Now()
	for range rounds {
		hit()
	}
	return time.Since(began) / rounds
}

// hits returns a function that asks for a page that is fresh.
func hits(t *testing.T, store pagecache.Store) func() {
	cache := pagecache.New(store, &pagecache.Options{Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { require.NoError(t, cache.Close()) })
	api := typed.New("Figures", "1.0.0", &typed.Options{Pages: cache})
	renders := 0
	typed.Handle(api, "GET /posts/{id}", typed.Func(func(context.Context, getValue) (string, error) {
		renders++
		return fmt.Sprint("page ", renders), nil
	}), typed.Cache(pagecache.Policy{TTL: time.Hour, Tags: []string{"posts"}}))
	w, r := &discard{h: http.Header{}}, httptest.NewRequest("GET", "/posts/1", nil)
	return func() {
		api.ServeHTTP(w, r)
		if renders != 1 {
			t.Fatalf("%d renders", renders)
		}
	}
}

// discard is a writer whose header is used again.
type discard struct{ h http.Header }

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) Write(b []byte) (int, error) { return io.Discard.Write(b) }
func (d *discard) WriteHeader(int)             {}
