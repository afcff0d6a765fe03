package redisstore_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache/redisstore"
)

// fault is something that goes wrong while the harness writes and reads.
type fault struct {
	name string
	args []string // of the server
	opts func(*redisstore.Options)
	do   func(h *harness)
}

func (h *harness) any() *node { return h.nodes[rand.IntN(len(h.nodes))] }

var faults = []fault{
	{name: "nothing", do: func(h *harness) { time.Sleep(h.leases(3)) }},
	{name: "slow renders", do: func(h *harness) {
		h.slow.Store(true)
		time.Sleep(h.leases(3) + 300*time.Millisecond)
		h.slow.Store(false)
	}},
	{name: "a node is killed", do: func(h *harness) {
		n := h.any()
		n.kill()
		time.Sleep(h.leases(2))
		n.start()
	}},
	{name: "a node stands still", do: func(h *harness) {
		n := h.any()
		n.signal(syscall.SIGSTOP)
		time.Sleep(h.leases(2.5))
		n.signal(syscall.SIGCONT)
	}},
	{name: "a link is a black hole", do: func(h *harness) {
		n := h.any()
		n.proxy.blackHole(true)
		time.Sleep(h.leases(3))
		n.proxy.blackHole(false)
	}},
	{name: "a link is reset", do: func(h *harness) {
		n := h.any()
		for range 3 {
			n.proxy.reset()
			time.Sleep(h.leases(0.2))
		}
		n.proxy.refuseAll(true)
		time.Sleep(h.leases(1.5))
		n.proxy.refuseAll(false)
	}},
	{name: "a link is slow", do: func(h *harness) {
		n := h.any()
		n.proxy.slow(80 * time.Millisecond)
		time.Sleep(h.leases(4))
		n.proxy.slow(0)
	}},
	{name: "the server is restarted", do: func(h *harness) {
		h.server.kill()
		time.Sleep(h.leases(1))
		h.server.start()
	}},
	{name: "with all it had written", args: []string{"--appendonly", "yes", "--appendfsync", "always"}, do: restart},
	{name: "as Durable says", args: []string{"--appendonly", "yes", "--appendfsync", "always"},
		opts: func(o *redisstore.Options) { o.Durable = true }, do: restart},
	{name: "with an old snapshot", do: func(h *harness) {
		h.server.do("SAVE")
		time.Sleep(h.leases(2)) // one second, in the long form
		restart(h)
	}},
	{name: "the server stands still", do: func(h *harness) {
		h.server.signal(syscall.SIGSTOP)
		time.Sleep(max(h.leases(3), 3*h.lease))
		h.server.signal(syscall.SIGCONT)
	}},
	{name: "FLUSHALL", do: func(h *harness) {
		for range 3 {
			h.server.do("FLUSHALL")
			time.Sleep(h.leases(1.3))
		}
	}},
	{name: "control keys are evicted", do: func(h *harness) {
		h.server.do("DEL", "{harness}:log")
		time.Sleep(h.leases(1.3))
		h.server.do("DEL", "{harness}:c")
		time.Sleep(h.leases(1.3))
		h.fill("allkeys-lru", 3)
		h.fill("allkeys-random", 3)
	}},
	{name: "the server is full", do: func(h *harness) { h.fill("noeviction", 3) }},
	{name: "a lagging replica takes over", do: failover},
	{name: "split brain, guarded", do: splitBrain},
}

func restart(h *harness) {
	h.server.kill()
	time.Sleep(h.leases(0.5))
	h.server.start()
}

// fill gives the server less memory than it needs for what others write to it.
func (h *harness) fill(policy string, leases float64) {
	h.server.do("CONFIG", "SET", "maxmemory-policy", policy)
	h.server.do("CONFIG", "SET", "maxmemory", "3mb")
	until := time.Now().Add(h.leases(leases))
	for i := 0; time.Now().Before(until); i++ {
		_, _ = h.server.try("SET", fmt.Sprint("junk:", i), strings.Repeat("x", 20_000))
	}
	h.server.do("CONFIG", "SET", "maxmemory", "0")
	h.server.do("CONFIG", "SET", "maxmemory-policy", "noeviction")
	h.server.do("EVAL", "for _, k in ipairs(redis.call('KEYS', 'junk:*')) do redis.call('DEL', k) end", "0")
}

// replica starts a replica of the harness's server behind a link of its own.
func (h *harness) replica() (r *server, link *proxy) {
	link = startProxy(h.t, h.server.addr)
	r = startServer(h.t, h.server.path)
	host, port, _ := strings.Cut(link.addr, ":")
	r.do("REPLICAOF", host, port)
	require.Eventually(h.t, func() bool {
		info, err := r.try("INFO", "replication")
		return err == nil && strings.Contains(info, "master_link_status:up")
	}, 20*time.Second, 10*time.Millisecond, "the replica does not follow")
	return r, link
}

// failover lets a replica that lacks the last second take over.
func failover(h *harness) {
	r, link := h.replica()
	link.blackHole(true)
	time.Sleep(h.leases(1))
	h.server.kill()
	link.refuseAll(true)
	r.do("REPLICAOF", "NO", "ONE")
	h.leadTo(r, h.nodes...)
}

// leadTo sends nodes to another server, which is the harness's from then on.
func (h *harness) leadTo(r *server, nodes ...*node) {
	for _, n := range nodes {
		n.proxy.lead(r.addr)
	}
	h.server = r
}

// splitBrain promotes a replica while the old primary lives on with a node that follows
// it. It has no replica any more, so it must refuse to write.
func splitBrain(h *harness) {
	r, _ := h.replica()
	h.server.do("CONFIG", "SET", "min-replicas-max-lag", "1")
	h.server.do("CONFIG", "SET", "min-replicas-to-write", "1")
	time.Sleep(h.leases(1))
	r.do("REPLICAOF", "NO", "ONE")
	old := h.server
	h.leadTo(r, h.nodes[1:]...)
	time.Sleep(h.leases(3))
	h.nodes[0].proxy.lead(r.addr)
	time.Sleep(h.leases(0.5))
	old.kill()
}

// TestFaults lets everything of the list go wrong under traffic: no read is stale, and
// none fails. The long form reads at least 300 000 times.
func TestFaults(t *testing.T) {
	if !proof() {
		t.Parallel()
	}
	for _, path := range servers(t) {
		lease, rounds, wanted := 100*time.Millisecond, 1, int64(0)
		if proof() {
			lease, rounds, wanted = 500*time.Millisecond, 100, 300_000
		}
		var total atomic.Int64
		for round := 0; round < rounds && (round == 0 || total.Load() < wanted) && !t.Failed(); round++ {
			t.Run(filepath.Base(path), func(group *testing.T) {
				for _, f := range faults {
					group.Run(f.name, func(t *testing.T) {
						if !proof() {
							t.Parallel()
						}
						opts := redisstore.Options{Prefix: "harness", Lease: lease}
						if f.opts != nil {
							f.opts(&opts)
						}
						h := newHarness(t, startServer(t, path, f.args...), opts, false)
						h.traffic(3*lease, func() {
							time.Sleep(lease)
							f.do(h)
						})
						total.Add(h.report(f.name))
						for _, n := range h.nodes {
							n.awaitLease()
						}
					})
				}
			})
		}
		t.Logf("%s: %d reads in all", path, total.Load())
		require.GreaterOrEqual(t, total.Load(), wanted)
	}
}

// TestPublishOnly shows that the harness can see what it looks for.
func TestPublishOnly(t *testing.T) {
	t.Parallel()
	h := newHarness(t, startRedis(t), redisstore.Options{Prefix: "control", Lease: 100 * time.Millisecond}, true)
	h.traffic(0, func() {
		h.nodes[0].proxy.slow(20 * time.Millisecond)
		for until := time.Now().Add(20 * time.Second); h.count.stale.Load() < 5 && time.Now().Before(until); {
			time.Sleep(100 * time.Millisecond)
		}
	})
	reads, stale := h.count.reads.Load(), h.count.stale.Load()
	t.Logf("publish only: %d stale of %d reads", stale, reads)
	require.NotZero(t, stale, "the harness sees no stale read where there must be some")
}
