package pagecache_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
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
	t.Run("P4 a render that nobody waits for ends", abandonedRenders)
	t.Run("P4 renders are bounded", boundedRenders)
	t.Run("P5 a revalidate that gives no page is an error", revalidateWithoutPage)
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
	t.Run("P7 a store that hangs costs one deadline", hangingStore)
	t.Run("P7 also one that does not heed its context", deafStore)
	t.Run("P9 freshness is exact", exactFreshness)
	t.Run("P9 a handler's Age and Date count", handlersAge)
	t.Run("P9 values in quotes are told apart", quotedVary)
	t.Run("P10 an empty page is not stored", emptyPage)
	t.Run("P11 dot segments make no key", dotSegments)
	t.Run("S12 a refresh that finds no place gives it back", refreshPlaces)
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

// abandonedRenders asks for many new pages and leaves at once.
func abandonedRenders(t *testing.T) {
	for _, heeds := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := newSite(t, plainPolicy(), nil)
			var running, most atomic.Int64
			s.rendering(func(ctx context.Context, _ pages.Request) (*pages.Page, error) {
				most.Store(max(most.Load(), running.Add(1)))
				defer running.Add(-1)
				if !heeds {
					ctx = context.WithoutCancel(ctx)
				}
				select {
				case <-time.After(3 * time.Second):
				case <-ctx.Done():
				}
				return text(200, "page"), ctx.Err()
			})
			ctx, leave := context.WithTimeout(t.Context(), 15*time.Millisecond)
			defer leave()
			var wg sync.WaitGroup
			for i := range 2_400 {
				wg.Go(func() {
					if r := s.do(ctx, "GET", fmt.Sprint("/posts/", i)); r.err == nil {
						t.Error("it was answered")
					}
				})
			}
			wg.Wait()
			synctest.Wait()
			require.LessOrEqual(t, most.Load(), int64(256))
			if heeds {
				require.Zero(t, running.Load(), "renders run and nobody waits")
			}
			time.Sleep(3 * time.Second)
			synctest.Wait()
			require.Zero(t, running.Load())
			if !heeds {
				require.Equal(t, int64(256), s.renders.Load(), "what waited for a place was not rendered")
			}
			require.Equal(t, "page", s.get("/posts/1").body, "it is no failed render: nothing waits for the next try")

			// Whoever still waits keeps the render, and so does an old page that it replaces.
			again, leave := context.WithCancel(t.Context())
			for _, ctx := range []context.Context{again, again, t.Context()} {
				wg.Go(func() { s.do(ctx, "GET", "/posts/new") })
			}
			synctest.Wait()
			before := s.renders.Load()
			leave()
			wg.Wait()
			s.expect("HIT", "page", "/posts/new")
			require.Equal(t, before, s.renders.Load())
			time.Sleep(10 * time.Second)
			again, leave = context.WithCancel(t.Context())
			require.Equal(t, "STALE", s.do(again, "GET", "/posts/new").cache())
			leave()
			time.Sleep(3 * time.Second)
			synctest.Wait()
			s.expect("HIT", "page", "/posts/new")
		})
	}
}

// boundedRenders lets one render at a time run.
func boundedRenders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil, func(_ *pages.Endpoint, o *pagecache.Options) { o.MaxRenders = 1 })
		s.expect("MISS", "render 1", "/posts/old")
		time.Sleep(45 * time.Second) // error-stale
		takes := 7 * time.Second
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			time.Sleep(takes)
			return text(200, "page"), nil
		})
		ask := func(target string, header ...string) chan reply {
			answered := make(chan reply, 1)
			go func() { answered <- s.get(target, header...) }()
			synctest.Wait()
			return answered
		}
		began := time.Now()
		first, second, old := ask("/posts/1"), ask("/posts/2"), ask("/posts/old")
		third, without := ask("/posts/3"), ask("/posts/%00")
		require.Equal(t, "page", (<-first).body)
		require.Equal(t, "page", (<-second).body, "it has waited for longer than for a render that another one began")
		require.Equal(t, 14*time.Second, time.Since(began))
		for _, busy := range []chan reply{third, without} {
			require.ErrorIs(t, (<-busy).err, pages.ErrBusy)
		}
		require.Equal(t, []string{"render 1", "STALE"}, func() []string { r := <-old; return []string{r.body, r.cache()} }())
		require.Equal(t, int64(3), s.renders.Load())

		// A render that goes on after its deadline keeps its place.
		takes = 15 * time.Second
		stuck := ask("/posts/4")
		require.ErrorIs(t, (<-stuck).err, pages.ErrRenderTimeout)
		began = time.Now()
		require.Error(t, s.cache.Revalidate(t.Context(), "/posts/5"))
		require.Equal(t, 15*time.Second, time.Since(began), "five for the place, ten for the render")
		time.Sleep(time.Minute)
	})
}

// revalidateWithoutPage revalidates a good page whose render then answers something else.
func revalidateWithoutPage(t *testing.T) {
	cause := errors.New("the handler's own error")
	for name, p := range map[string]*pages.Page{
		"400": text(400, "a"), "401": text(401, "a"), "403": text(403, "a"), "408": text(408, "a"), "422": text(422, "a"),
		"425": text(425, "a"), "429": text(429, "a"), "500": text(500, "a"), "503": text(503, "a"), "206": text(206, "a"), "204": text(204, ""), "205": text(205, ""),
		"304": text(304, ""), "cookie": text(200, "a", "Set-Cookie", "a=b"), "no-store": text(200, "a", "Cache-Control", "no-store"),
		"private": text(200, "a", "Cache-Control", "private"), "vary": text(200, "a", "Vary", "User-Agent"), "vary star": text(200, "a", "Vary", "*"),
		"empty": text(200, ""), "expired": text(200, "a", "Expires", "0"), "refused": {Status: 200, Body: []byte("a"), NoStore: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, plainPolicy(), nil)
				s.expect("MISS", "render 1", "/posts/1")
				s.expect("MISS", "render 2", "/posts/1?page=2")
				p.Cause = cause
				s.answer(func(int64) *pages.Page { return p })
				time.Sleep(5 * time.Second)
				for range 2 {
					err := s.cache.Revalidate(t.Context(), "/posts/1")
					require.ErrorIs(t, err, pagecache.ErrRenderFailed)
					require.ErrorIs(t, err, cause)
					r := s.expect("HIT", "render 1", "/posts/1")
					require.Equal(t, "5", r.header.Get("Age"), "its clock stays")
					s.expect("HIT", "render 2", "/posts/1?page=2")
				}
			})
		})
	}
	// Too many requests is not an answer that is kept: the last good page takes its place.
	for _, status := range []int{408, 425, 429} {
		synctest.Test(t, func(t *testing.T) {
			s := newSite(t, plainPolicy(), nil)
			s.expect("MISS", "render 1", "/posts/1")
			s.answer(func(int64) *pages.Page { return text(status, "later") })
			time.Sleep(45 * time.Second)
			s.expect("STALE", "render 1", "/posts/1")
			require.Equal(t, status, s.expect("BYPASS", "later", "/posts/2").status)
		})
	}
	// Not found, gone and a redirect are pages.
	for _, status := range []int{404, 410, 301, 302, 303, 307, 308} {
		s := newSite(t, plainPolicy(), nil)
		s.expect("MISS", "render 1", "/posts/1")
		s.answer(func(int64) *pages.Page { return text(status, "", "Location", "/") })
		require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"))
		require.Equal(t, status, s.expect("HIT", "", "/posts/1").status)
	}
	s := newSite(t, plainPolicy(), nil)
	require.ErrorIs(t, s.cache.Revalidate(t.Context(), "/posts/%2e%2e%2fa"), pagecache.ErrPath)
}

// hangingStore asks while every call of the store ends with its context.
func hangingStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &faulty{Store: pagecache.Memory(1 << 20)}
		s := newSite(t, plainPolicy(), store)
		s.expect("MISS", "render 1", "/posts/1")
		store.hang.Store(true)
		took := func(n int) time.Duration {
			began := time.Now()
			for _, r := range s.all(n, "/posts/1") {
				require.Equal(t, 200, r.status)
				require.NotContains(t, r.header.Get("Cache-Status"), "stored")
				require.Contains(t, r.header.Get("Cache-Status"), "fwd=uri-miss")
			}
			return time.Since(began)
		}
		require.Equal(t, 2*time.Second, took(10), "one deadline")
		require.Zero(t, took(10), "none: the store is left alone")
		require.ErrorIs(t, s.cache.Revalidate(t.Context(), "/posts/1"), pagecache.ErrStore)
		require.ErrorIs(t, s.cache.ExpireTag(t.Context(), "posts"), context.DeadlineExceeded)
		for range 20 {
			time.Sleep(10 * time.Second)
			require.LessOrEqual(t, took(1), 2*time.Second, "the probe waits for its deadline, once")
			require.Zero(t, took(10))
		}
		require.Less(t, strings.Count(s.log.String(), "\n"), 150)
		store.hang.Store(false)
		time.Sleep(10 * time.Second)
		s.get("/posts/1")
		require.Contains(t, s.get("/posts/2").header.Get("Cache-Status"), "; stored")
		s.expect("HIT", s.get("/posts/2").body, "/posts/2")
	})
}

// deafStore asks while the store does not come back at all.
func deafStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &deaf{Store: pagecache.Memory(1 << 20), hear: make(chan struct{})}
		s := newSite(t, plainPolicy(), store)
		began := time.Now()
		require.Equal(t, 200, s.get("/posts/1").status)
		require.Equal(t, 2*time.Second, time.Since(began))
		require.Equal(t, 200, s.get("/posts/1").status)
		require.Equal(t, 2*time.Second, time.Since(began))
		close(store.hear)
		time.Sleep(time.Second)
		require.Equal(t, 200, s.get("/posts/1").status)
		require.Equal(t, "HIT", s.get("/posts/1").cache())
	})
}

// exactFreshness has freshness information that is not well-formed, which makes a page
// stale, and some that is.
func exactFreshness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := func(d time.Duration, layout string) string { return time.Now().UTC().Add(d).Format(layout) }
		good := in(time.Hour, http.TimeFormat)
		for _, c := range []struct {
			name, line string
			stored     bool
		}{
			{"Expires", good, true},
			{"Expires", in(time.Hour, "Monday, 02-Jan-06 15:04:05 GMT"), true},
			{"Expires", in(time.Hour, time.ANSIC), true},
			{"Expires", strings.Replace(good, " ", "  ", 1), false},
			{"Expires", strings.Replace(good, ",", "", 1), false},
			{"Expires", in(time.Hour, "Mon, 02 Jan 2006 3:04:05 GMT"), false},
			{"Expires", in(time.Hour, "Mon, 2 Jan 2006 15:04:05 GMT") + " ", false},
			{"Expires", in(time.Hour, "Mon, 02 Jan 2006 15:04:05 UTC"), false},
			{"Expires", in(time.Hour, "Mon, 02 Jan 2006 15:04:05 +0000"), false},
			{"Expires", strings.ToLower(good), false},
			{"Expires", strings.Replace(good, good[:3], "Xyz", 1), false},
			{"Expires", "0", false},
			{"Expires", "", false},
			{"Cache-Control", "max-age=10", true},
			{"Cache-Control", "max-age=\"10\"", true},
			{"Cache-Control", "MAX-AGE=10 ,\tpublic", true},
			{"Cache-Control", `extension="a, no-store", max-age=10`, true},
			{"Cache-Control", "max-age =10", false},
			{"Cache-Control", "max-age= 10", false},
			{"Cache-Control", "max-age=10s", false},
			{"Cache-Control", "max-age=-1", false},
			{"Cache-Control", "max-age=+10", false},
			{"Cache-Control", "max-age=1.5", false},
			{"Cache-Control", "max-age=", false},
			{"Cache-Control", "max-age", false},
			{"Cache-Control", `max-age=""`, false},
			{"Cache-Control", "max-age=0x10", false},
			{"Cache-Control", "max-age=10, max-age=0", false},
			{"Cache-Control", "s-maxage =10", false},
		} {
			s := controlled(t, 200, c.name, c.line)
			s.get("/posts/1")
			got := "BYPASS"
			if c.stored {
				got = "HIT"
			}
			require.Equal(t, got, s.get("/posts/1").cache(), "%s: %q", c.name, c.line)
		}
		s := controlled(t, 200, "Expires", good, "Expires", good)
		s.get("/posts/1")
		require.Equal(t, "BYPASS", s.get("/posts/1").cache(), "two lines")
	})
}

// handlersAge has handlers that pass on the answer of another server.
func handlersAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ago := func(d time.Duration) string { return time.Now().UTC().Add(-d).Format(http.TimeFormat) }
		for i := range 8 {
			c := []struct {
				header []string
				age    string
				fresh  time.Duration
			}{
				{[]string{"Cache-Control", "max-age=60", "Age", "20"}, "20", 40 * time.Second},
				{[]string{"Cache-Control", "max-age=60", "Age", "20, 50"}, "20", 40 * time.Second},
				{[]string{"Cache-Control", "max-age=60", "Age", "old"}, "0", 60 * time.Second},
				{[]string{"Cache-Control", "max-age=60", "Age", "-5"}, "0", 60 * time.Second},
				{[]string{"Cache-Control", "max-age=60", "Date", ago(25 * time.Second)}, "25", 35 * time.Second},
				{[]string{"Cache-Control", "max-age=60", "Date", ago(25 * time.Second), "Age", "30"}, "30", 30 * time.Second},
				{[]string{"Cache-Control", "max-age=60", "Date", ago(-time.Hour)}, "0", 60 * time.Second},
				{[]string{"Expires", ago(-40 * time.Second), "Date", ago(20 * time.Second)}, "20", 40 * time.Second},
			}[i]
			s := controlled(t, 200, c.header...)
			require.Equal(t, c.age, s.get("/posts/1").header.Get("Age"), c.header)
			time.Sleep(c.fresh - time.Millisecond)
			require.Equal(t, "HIT", s.get("/posts/1").cache(), c.header)
			time.Sleep(time.Millisecond)
			require.Equal(t, "STALE", s.get("/posts/1").cache(), c.header)
			synctest.Wait()
		}
		s := controlled(t, 200, "Age", "99999999")
		s.get("/posts/1")
		require.Equal(t, "BYPASS", s.get("/posts/1").cache(), "older than all that the policy allows")
	})
}

// quotedVary has values of a header that differ inside of quotes only.
func quotedVary(t *testing.T) {
	s := controlled(t, 200)
	bodies := map[string]string{}
	for _, value := range []string{`"a,b"`, `"a, b"`, `"a,  b"`, `"a",b`, `x;q="1,2"`, `x;q="1, 2"`, `"a\",b"`, `"a\", b"`} {
		r := s.get("/posts/1", "Foo", value)
		require.Equal(t, "MISS", r.cache(), value)
		require.Empty(t, bodies[r.body])
		bodies[r.body] = value
	}
	s.expect("HIT", s.get("/posts/1", "Foo", `"a",b`).body, "/posts/1", "Foo", `"a" ,  b`)
}

// emptyPage has a handler that answers with nothing where a body is declared.
func emptyPage(t *testing.T) {
	s := controlled(t, 200)
	s.answer(func(int64) *pages.Page { return text(200, "") })
	require.Equal(t, 200, s.expect("BYPASS", "", "/posts/1").status)
	s.answer(func(int64) *pages.Page { return text(200, "page") })
	s.expect("BYPASS", "page", "/posts/1")
	s.expect("HIT", "page", "/posts/1")
	s = newSite(t, plainPolicy(), nil, func(e *pages.Endpoint, _ *pagecache.Options) { e.NoBody = true })
	s.answer(func(int64) *pages.Page { return text(200, "") })
	s.expect("MISS", "", "/posts/1")
	s.expect("HIT", "", "/posts/1")
}

// dotSegments has values that another program on the way could read as another path.
func dotSegments(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	for _, id := range []string{"..%2f", "..%2Fa", "%2e%2e%2f", "a%2f..%2fb", "a%2f..", ".%2fa", "a%2f.", "..%5c", "a%5c..%5cb", "..%3b%2fa", "%2fa", "%2f%2fa", "a%2f%2fb"} {
		s.answer(func(int64) *pages.Page { return text(200, "page") })
		require.Equal(t, "BYPASS", s.get("/posts/"+id).cache(), id)
		require.Equal(t, "BYPASS", s.get("/posts/"+id).cache(), id)
		require.ErrorIs(t, s.cache.Revalidate(t.Context(), "/posts/"+id), pagecache.ErrPath, id)
	}
	for _, id := range []string{"a%2fb", "..a", "a..", "...", "a.b", ".well-known%2fx", "a%5cb"} {
		s.get("/posts/" + id)
		require.Equal(t, "HIT", s.get("/posts/"+id).cache(), id)
	}
}

// refreshPlaces makes more pages old than may be rendered behind answers.
func refreshPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil, func(_ *pages.Endpoint, o *pagecache.Options) { o.MaxBackground = 2 })
		for i := range 20 {
			s.get(fmt.Sprint("/posts/", i))
		}
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			time.Sleep(time.Second)
			return text(200, "new"), nil
		})
		time.Sleep(10 * time.Second)
		for round := range 3 {
			before := s.renders.Load()
			for i := range 20 {
				s.get(fmt.Sprint("/posts/", i))
			}
			synctest.Wait()
			require.Equal(t, before+2, s.renders.Load(), "round %d", round)
			time.Sleep(time.Second)
			synctest.Wait()
		}
	})
}
