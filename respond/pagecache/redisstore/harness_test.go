package redisstore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache/redisstore"
)

const (
	harnessNodes   = 3
	harnessIDs     = 24
	harnessWriters = 8
	harnessReaders = 16
)

// harness is a site on several nodes, with writers that change its data and tell a node,
// and readers that know what they must not see any more.
type harness struct {
	t      *testing.T
	server *server
	origin *httptest.Server
	nodes  []*node
	lease  time.Duration

	values [harnessIDs]atomic.Int64 // the data
	floors [harnessIDs]atomic.Int64 // what a revalidation has returned nil for
	slow   atomic.Bool              // renders take 150 ms after they have read the data

	count tally
}

// tally is what has been counted since the last report.
type tally struct {
	reads, stale, failed, down, changes, refused atomic.Int64
	mu                                           sync.Mutex
	notes                                        []string
}

func (c *tally) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.notes) < 5 {
		c.notes = append(c.notes, fmt.Sprintf(format, args...))
	}
}

func newHarness(t *testing.T, srv *server, opts redisstore.Options, publish bool) *harness {
	t.Helper()
	h := &harness{t: t, server: srv, lease: opts.Lease}
	h.origin = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.Atoi(r.URL.Path[len("/v/"):])
		v := h.values[id].Load()
		if h.slow.Load() && rand.IntN(2) == 0 {
			time.Sleep(150 * time.Millisecond)
		}
		fmt.Fprint(w, v)
	}))
	t.Cleanup(h.origin.Close)
	for range harnessNodes {
		h.nodes = append(h.nodes, startNode(t, nodeConfig{Origin: h.origin.URL, Options: opts, Publish: publish}, srv.addr))
	}
	for _, n := range h.nodes {
		n.awaitLease()
	}
	return h
}

// traffic writes and reads while f runs, and for a while after it.
func (h *harness) traffic(after time.Duration, f func()) {
	var wg sync.WaitGroup
	var stop atomic.Bool
	for w := range harnessWriters {
		wg.Go(func() {
			for !stop.Load() {
				h.write(w)
			}
		})
	}
	for range harnessReaders {
		wg.Go(func() {
			for !stop.Load() {
				h.read()
				if !proof() {
					time.Sleep(time.Millisecond) // several harnesses run at the same time
				}
			}
		})
	}
	f()
	time.Sleep(after)
	stop.Store(true)
	wg.Wait()
}

// write changes a datum, and raises its floor once a node has said that nobody sees the
// old one any more. Each writer has data of its own, so that it knows what it wrote last.
func (h *harness) write(writer int) {
	id := writer + harnessWriters*rand.IntN((harnessIDs-writer+harnessWriters-1)/harnessWriters)
	v := h.values[id].Add(1)
	what := "revalidate"
	if rand.IntN(2) == 0 {
		what = "expire"
	}
	n := h.nodes[rand.IntN(len(h.nodes))]
	err := n.change(what, id)
	switch {
	case err == nil:
		h.count.changes.Add(1)
		h.floors[id].Store(v)
	case errors.Is(err, errDown):
	default:
		h.count.refused.Add(1)
	}
	time.Sleep(time.Duration(rand.IntN(10)) * time.Millisecond)
}

func (h *harness) read() {
	id := rand.IntN(harnessIDs)
	which := rand.IntN(len(h.nodes))
	floor := h.floors[id].Load()
	began := time.Now()
	text, status, running, err := h.nodes[which].read(id)
	if !running {
		h.count.down.Add(1)
		time.Sleep(time.Millisecond)
		return
	}
	h.count.reads.Add(1)
	v, perr := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || perr != nil:
		h.count.failed.Add(1)
		h.count.note("node %d, page %d, after %v: failed: %v", which, id, time.Since(began), errors.Join(err, perr))
	case v < floor:
		h.count.stale.Add(1)
		h.count.note("node %d, page %d, after %v: %d, which is below %d (%s)", which, id, time.Since(began), v, floor, status)
	}
}

// report says what was counted, and expects nothing stale and nothing failed.
func (h *harness) report(name string) (reads int64) {
	h.t.Helper()
	c := &h.count
	reads = c.reads.Swap(0)
	stale, failed := c.stale.Swap(0), c.failed.Swap(0)
	h.t.Logf("%-28s %7d reads, %d stale, %d failed; %6d revalidations, %5d refused; %d reads of a node that was down",
		name, reads, stale, failed, c.changes.Swap(0), c.refused.Swap(0), c.down.Swap(0))
	require.NotZero(h.t, reads, "%s: nothing was read", name)
	if stale+failed > 0 {
		h.t.Errorf("%s: %d stale, %d failed of %d", name, stale, failed, reads)
		for _, n := range c.notes {
			h.t.Log("  ", n)
		}
	}
	c.notes = nil
	return reads
}

// leases is a time in leases.
func (h *harness) leases(n float64) time.Duration { return time.Duration(n * float64(h.lease)) }
