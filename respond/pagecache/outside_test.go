package pagecache_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// TestOutside has the situations that others' reports and attacks showed.
func TestOutside(t *testing.T) {
	t.Run("P1 anonymous requests do not fill the memory", func(t *testing.T) { anonymousRequests(t, "x") })
	t.Run("P1 nor do those with escapes", func(t *testing.T) { anonymousRequests(t, "%20") })
	t.Run("P2 many other paths leave a page as it is", otherPaths)
	t.Run("P3 a request without a key", func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		var seen pages.Request
		s.rendering(func(ctx context.Context, r pages.Request) (*pages.Page, error) {
			seen = r
			require.Nil(t, ctx.Value(user{}))
			return text(200, "page", "Cache-Control", "public, max-age=60"), nil
		})
		ctx := context.WithValue(t.Context(), user{}, "alice")
		for target, query := range map[string]string{
			"/posts/1?page=%zz&utm=1":                      "page=%zz",
			"/posts/1?page=1;b=2&q=3&x":                    "page=1;b=2&q=3",
			"/posts/1?%zz=1&%70age=2":                      "%70age=2",
			"/posts/%00?page=1&secret=2":                   "page=1",
			"/posts/..":                                    "",
			"/posts/%ff":                                   "",
			"/posts/1?" + strings.Repeat("page=1&", 17):    strings.TrimSuffix(strings.Repeat("page=1&", 17), "&"),
			"/posts/1?x=1&q=" + strings.Repeat("x", 5_000): "q=" + strings.Repeat("x", 5_000),
			"/posts/a%00b?other=1":                         "",
		} {
			r := s.do(ctx, "GET", target, "Cookie", "session=1", "Authorization", "Bearer x", "X-User", "alice", "Accept-Language", "de")
			require.NoError(t, r.err, target)
			require.Equal(t, "BYPASS", r.cache(), target)
			require.Equal(t, query, seen.RawQuery, target)
			require.Equal(t, http.Header{"Accept-Language": {"de"}}, seen.Header, target)
			require.Equal(t, "public, max-age=0, must-revalidate", r.header.Get("Cache-Control"), target)
		}
		require.Equal(t, int64(9), s.renders.Load(), "nothing is stored")
	})
	t.Run("P3 an answer past the cache is not public", func(t *testing.T) {
		p := plainPolicy()
		p.BypassAuthorization = true
		s := newSite(t, p, nil)
		const ours = "private, no-cache, no-store, max-age=0, must-revalidate"
		for line, want := range map[string]string{
			"public, max-age=60": ours, "max-age=60": ours, "s-maxage=1": ours, "immutable": ours, "": ours,
			"private, max-age=60": "private, max-age=60", "no-store": "no-store",
		} {
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/posts/1", nil)
			r.Header.Set("Authorization", "Bearer x")
			past, release, err := s.route.Answer(&wire.NetHTTP{W: w, R: r}, []string{"1"})
			require.NoError(t, err)
			past.SetHeader("Cache-Control", []string{line})
			for _, name := range []string{"Cdn-Cache-Control", "Cloudflare-Cdn-Cache-Control", "Surrogate-Control"} {
				past.SetHeader(name, []string{"max-age=60"})
				past.AddHeader(name, "max-age=60")
			}
			past.AddHeader("Cache-Control", "public")
			past.SetHeader("X-Mine", []string{"1"})
			require.NoError(t, past.Send(200, nil))
			release()
			require.Equal(t, map[string][]string{
				"Cache-Control": {want}, "Cache-Status": {"apiroutes; fwd=bypass"}, "X-Cache": {"BYPASS"}, "X-Mine": {"1"},
			}, map[string][]string(w.Header()), line)
		}
		require.Zero(t, s.renders.Load())
	})
	t.Run("P6 the first good answer takes the place of a marker", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newSite(t, plainPolicy(), nil)
			s.answer(func(n int64) *pages.Page {
				if n <= 2 {
					return text(200, "private", "Set-Cookie", "a=b")
				}
				return text(200, fmt.Sprint("render ", n))
			})
			s.expect("BYPASS", "private", "/posts/1")
			s.expect("BYPASS", "private", "/posts/1")
			s.expect("BYPASS", "render 3", "/posts/1")
			s.expect("HIT", "render 3", "/posts/1")
			// A render that a hard bump has overtaken is not stored.
			s.answer(func(int64) *pages.Page { return text(200, "private", "Cache-Control", "no-store") })
			require.NoError(t, s.cache.Expire(t.Context(), "/posts/1"))
			s.expect("BYPASS", "private", "/posts/1")
			s.rendering(func(ctx context.Context, _ pages.Request) (*pages.Page, error) {
				require.NoError(t, s.cache.ExpireTag(context.WithoutCancel(ctx), "posts"))
				return text(200, "overtaken"), nil
			})
			s.expect("BYPASS", "overtaken", "/posts/1")
			s.answer(func(int64) *pages.Page { return text(200, "last") })
			require.Equal(t, "last", s.get("/posts/1").body)
		})
	})
}

// user is the key of a middleware's value.
type user struct{}

// anonymousRequests asks for many pages with long queries and expires as many paths, and
// measures what is remembered of all that.
func anonymousRequests(t *testing.T, char string) {
	measured(t)
	query := strings.Repeat(char, 3_800/len(char)-10)
	requests := proof(65_536, 16_384)
	p := plainPolicy()
	p.TTL = time.Hour
	s := newSite(t, p, pagecache.Memory(1<<20))
	s.answer(func(int64) *pages.Page { return text(200, "page") })
	s.expect("MISS", "page", "/posts/popular")
	s.expect("HIT", "page", "/posts/popular")
	before := heap()
	for i := range requests {
		require.Equal(t, 200, s.get(fmt.Sprintf("/posts/%d?q=%s", i, query)).status)
	}
	for i := range requests + 500 {
		require.NoError(t, s.cache.Expire(t.Context(), fmt.Sprintf("/posts/%d-%s", i, query)))
	}
	grown := heap() - before
	t.Logf("%d requests and as many changes: the heap has grown by %.1f MiB", requests, float64(grown)/(1<<20))
	require.LessOrEqual(t, grown, int64(8<<20))
	require.Equal(t, "HIT", s.get("/posts/popular").cache())
	runtime.KeepAlive(s)
}

// otherPaths expires more paths than are remembered.
func otherPaths(t *testing.T) {
	s := newSite(t, plainPolicy(), pagecache.Memory(1<<20))
	s.expect("MISS", "render 1", "/posts/1")
	s.expect("MISS", "render 2", "/posts/2?q=1")
	require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"))
	for i := range 200_000 {
		require.NoError(t, s.cache.Expire(t.Context(), fmt.Sprintf("/posts/other-%d", i)))
	}
	s.expect("HIT", "render 3", "/posts/1")
	s.expect("HIT", "render 2", "/posts/2?q=1")
	require.NoError(t, s.cache.Expire(t.Context(), "/posts/2"))
	s.expect("REVALIDATED", "render 4", "/posts/2?q=1")
}
