package redisstore_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/redisstore"
	"github.com/apiroutes/apiroutes/typed"
)

// site is an API of one page, which shows what it is and what its data is.
type site struct {
	cache *pagecache.Cache
	api   *typed.API
}

func newSite(t *testing.T, client rueidis.ClientOption, opts redisstore.Options, title, build string, data *string) *site {
	t.Helper()
	store := open(t, client, opts)
	s := &site{cache: pagecache.New(store, &pagecache.Options{Build: build, Log: slog.New(slog.DiscardHandler)})}
	t.Cleanup(func() { require.NoError(t, s.cache.Close()) })
	s.api = typed.New(title, "1.0.0", &typed.Options{Pages: s.cache})
	typed.Handle(s.api, "GET /p", typed.Func(func(context.Context, typed.None) (string, error) {
		return title + " " + build + " " + *data, nil
	}), typed.Cache(pagecache.Policy{TTL: time.Hour, Tags: []string{"all"}}))
	return s
}

func (s *site) page() string {
	w := httptest.NewRecorder()
	s.api.ServeHTTP(w, httptest.NewRequest("GET", "/p", nil))
	return w.Body.String() + w.Header().Get("X-Cache")
}

// Two builds of one API, and two APIs that share a prefix by mistake, never serve each
// other's pages, and none is old once one of them has revalidated.
func TestOnePrefix(t *testing.T) {
	t.Parallel()
	data := "first"
	srv := startRedis(t)
	names := [][2]string{{"Blog", "1"}, {"Blog", "2"}, {"Shop", "2"}}
	var sites []*site
	for _, n := range names {
		sites = append(sites, newSite(t, srv.option(), redisstore.Options{}, n[0], n[1], &data))
	}
	time.Sleep(600 * time.Millisecond) // the epoch is settled
	for range 2 {
		for i, s := range sites {
			require.Contains(t, s.page(), `"`+names[i][0]+" "+names[i][1]+" first\"")
		}
	}
	for i, s := range sites {
		require.Contains(t, s.page(), "HIT", "site %d", i)
	}
	data = "second"
	require.NoError(t, sites[1].cache.Revalidate(t.Context(), "/p"))
	for i, s := range sites {
		require.Contains(t, s.page(), `"`+names[i][0]+" "+names[i][1]+" second\"")
	}
}

// A server that hangs costs the first request one deadline and the others nothing, none
// fails, and Cache-Status does not claim that a page was stored.
func TestHangingServerUnderACache(t *testing.T) {
	data := "data"
	link := startProxy(t, startRedis(t).addr)
	const deadline = 400 * time.Millisecond
	s := newSite(t, rueidis.ClientOption{InitAddress: []string{link.addr}},
		redisstore.Options{Timeout: deadline, Lease: 10 * time.Second, Memory: -1}, "Blog", "1", &data)
	require.Contains(t, s.page(), "MISS")
	require.Contains(t, s.page(), "HIT")
	link.blackHole(true)
	defer link.blackHole(false)
	for i := range 20 {
		began := time.Now()
		w := httptest.NewRecorder()
		s.api.ServeHTTP(w, httptest.NewRequest("GET", "/p", nil))
		most := 300 * time.Millisecond
		if i == 0 {
			most += deadline
		}
		require.Less(t, time.Since(began), most, "request %d", i)
		require.Equal(t, 200, w.Code)
		require.Contains(t, w.Body.String(), "Blog 1 data")
		require.NotContains(t, w.Header().Get("Cache-Status"), "stored", "request %d", i)
	}
}
