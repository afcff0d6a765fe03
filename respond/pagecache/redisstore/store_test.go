package redisstore_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/redisstore"
	"github.com/apiroutes/apiroutes/respond/pagecache/storetest"
)

// suiteLease is long, since the suites keep the machine busy.
const suiteLease = 2 * time.Second

// prefixes gives each store of a test a cache of its own, on which no lease of an earlier
// epoch has to be waited for.
type prefixes struct{ n, made int }

// prepare makes n caches, all at the same time.
func (p *prefixes) prepare(t *testing.T, client rueidis.ClientOption, settled func(prefix string) bool, n int) {
	t.Helper()
	var all []*redisstore.Store
	for i := range n {
		all = append(all, open(t, client, redisstore.Options{Prefix: fmt.Sprint("test", p.made+i), Lease: suiteLease}))
	}
	for i, s := range all {
		require.Eventually(t, func() bool { return settled(fmt.Sprint("test", p.made+i)) }, 20*time.Second, 5*time.Millisecond)
		require.NoError(t, s.Close())
	}
	p.made += n
}

func (p *prefixes) next(t *testing.T) string {
	p.n++
	require.LessOrEqual(t, p.n, p.made, "prepare more")
	return p.last()
}

func (p *prefixes) last() string { return fmt.Sprint("test", p.n-1) }

func (s *server) settled(prefix string) bool {
	answer, err := s.try("HGET", "{"+prefix+"}:c", "settled")
	return err == nil && answer == "1"
}

func TestRedisStore(t *testing.T) {
	t.Parallel()
	for _, path := range servers(t) {
		srv := startServer(t, path)
		var names prefixes
		names.prepare(t, srv.option(), srv.settled, many(60, 120))
		for name, opts := range map[string]redisstore.Options{
			"memory": {}, "server only": {Memory: -1}, "sealed": {Memory: -1, Seal: make([]byte, 32)}, "durable": {Durable: true},
		} {
			if !proof() && name != "memory" && name != "sealed" {
				continue
			}
			t.Run(filepath.Base(path)+"/"+name, func(t *testing.T) {
				storetest.Run(t, func(t *testing.T) pagecache.Store {
					o := opts
					o.Lease = suiteLease
					o.Prefix = names.next(t)
					return open(t, srv.option(), o)
				}, &storetest.Options{Reopen: func(t *testing.T, s pagecache.Store) pagecache.Store {
					require.NoError(t, s.Close())
					o := opts
					o.Lease = suiteLease
					o.Prefix = names.last()
					return open(t, srv.option(), o)
				}})
			})
		}
	}
}

// many is a number for the short form of the tests, or for the long one.
func many(short, long int) int {
	if proof() {
		return long
	}
	return short
}

// shared opens stores of several nodes on one cache.
func shared(t *testing.T, client rueidis.ClientOption, opts redisstore.Options) []pagecache.Store {
	t.Helper()
	var all []pagecache.Store
	for range 3 {
		all = append(all, open(t, client, opts))
	}
	return all
}

func TestShared(t *testing.T) {
	t.Parallel()
	for _, path := range servers(t) {
		srv := startServer(t, path)
		var names prefixes
		names.prepare(t, srv.user("pages"), srv.settled, many(20, 60))
		var mu sync.Mutex
		for name, opts := range map[string]redisstore.Options{"memory": {}, "server only": {Memory: -1}, "sealed": {Seal: make([]byte, 32)}} {
			if !proof() && name != "sealed" {
				continue
			}
			t.Run(filepath.Base(path)+"/"+name, func(t *testing.T) {
				t.Parallel()
				storetest.RunShared(t, func(t *testing.T) []pagecache.Store {
					o := opts
					mu.Lock()
					defer mu.Unlock()
					o.Prefix, o.Lease = names.next(t), suiteLease
					return shared(t, srv.user("pages"), o)
				})
			})
		}
	}
}
