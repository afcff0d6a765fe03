package redisstore_test

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/redisstore"
	"github.com/apiroutes/apiroutes/respond/pagecache/storetest"
)

// startCluster starts three masters that share the slots.
func startCluster(t *testing.T, path string) []*server {
	t.Helper()
	const slots, masters = 16384, 3
	var all []*server
	var ports []string
	for range masters {
		_, bus, _ := net.SplitHostPort(freeAddr(t))
		all = append(all, startServer(t, path, "--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "15000"))
		ports = append(ports, bus)
	}
	for i, s := range all {
		s.do("CLUSTER", "ADDSLOTSRANGE", fmt.Sprint(i*slots/masters), fmt.Sprint((i+1)*slots/masters-1))
		s.do("CLUSTER", "SET-CONFIG-EPOCH", fmt.Sprint(i+1))
		host, port, _ := net.SplitHostPort(s.addr)
		all[0].do("CLUSTER", "MEET", host, port, ports[i])
	}
	for _, s := range all {
		require.Eventually(t, func() bool {
			info, err := s.try("CLUSTER", "INFO")
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3")
		}, 30*time.Second, 20*time.Millisecond, "the Cluster does not form")
	}
	return all
}

// The suites pass on a Cluster of three masters, whose pages are in all slots.
func TestCluster(t *testing.T) {
	t.Parallel()
	for _, path := range servers(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			all := startCluster(t, path)
			option := rueidis.ClientOption{}
			for _, s := range all {
				option.InitAddress = append(option.InitAddress, s.addr)
			}
			var names prefixes
			names.prepare(t, option, func(prefix string) bool {
				return slices.ContainsFunc(all, func(s *server) bool { return s.settled(prefix) })
			}, many(32, 50))
			storetest.Run(t, func(t *testing.T) pagecache.Store {
				return open(t, option, redisstore.Options{Prefix: names.next(t), Lease: suiteLease, Memory: -1})
			}, &storetest.Options{Reopen: func(t *testing.T, s pagecache.Store) pagecache.Store {
				require.NoError(t, s.Close())
				return open(t, option, redisstore.Options{Prefix: names.last(), Lease: suiteLease, Memory: -1})
			}})
			if proof() {
				storetest.RunShared(t, func(t *testing.T) []pagecache.Store {
					return shared(t, option, redisstore.Options{Prefix: names.next(t), Lease: suiteLease})
				})
			}
			s := open(t, option, redisstore.Options{Prefix: names.next(t), Lease: suiteLease})
			defer s.Close()
			for i := range 50 {
				k := pagecache.Key{byte(i)}
				require.NoError(t, s.Put(t.Context(), k, page(token(t, s), "a", "p:/a")))
			}
			for _, srv := range all {
				require.NotEqual(t, "0", srv.do("DBSIZE"), "a master has no page")
			}
		})
	}
}

// One address of a Cluster is not enough, and the log says so.
func TestClusterByOneAddress(t *testing.T) {
	t.Parallel()
	all := startCluster(t, servers(t)[0])
	for _, srv := range all {
		s, book := start(t, srv.option(), redisstore.Options{})
		if s.Ready(t.Context()) == nil {
			continue // the control state happens to be here
		}
		isAway(t, s, book, "give at least two addresses of it in InitAddress")
		return
	}
	t.Error("every master has the control state")
}
