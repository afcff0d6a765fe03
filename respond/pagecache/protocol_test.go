package pagecache_test

import (
	"encoding/json"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// protocolCase is a fact of HTTP caching, named after the case of the public suite of
// cache tests that states it.
type protocolCase struct {
	ID, Fact, Ours string
}

func readCases(t *testing.T) (protocol []protocolCase, native []string) {
	t.Helper()
	var file struct {
		Protocol []protocolCase `json:"protocol_cases"`
		Native   []protocolCase `json:"native_cases"`
	}
	data, err := os.ReadFile("testdata/page_cache.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &file))
	for _, c := range file.Native {
		native = append(native, c.ID)
	}
	return file.Protocol, native
}

// TestProtocol runs every case of the file that this cache must meet, and those in
// which it differs on purpose, to show how.
func TestProtocol(t *testing.T) {
	cases, _ := readCases(t)
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			run := protocol[c.ID]
			if c.Ours == "adapter" {
				t.Skip("of a cache that stores what another server sent: ", c.Fact)
			}
			require.NotNil(t, run, "no test for: %s", c.Fact)
			synctest.Test(t, run)
		})
	}
}

// controlled is a site whose handler sets Cache-Control, with a policy that is longer
// than anything the cases say.
func controlled(t *testing.T, status int, header ...string) *site {
	p := pagecache.Policy{TTL: time.Hour, StaleWhileRevalidate: time.Hour, StaleIfError: time.Hour, Vary: []string{"Foo"}, Query: []string{"a"}}
	s := newSite(t, p, nil)
	s.answer(func(n int64) *pages.Page { return text(status, string(rune('a'+n-1)), header...) })
	return s
}

// notReused shows that two requests get two renders, also one after another.
func notReused(header ...string) func(t *testing.T) {
	return func(t *testing.T) {
		s := controlled(t, 200, header...)
		for _, want := range []string{"a", "b", "c"} {
			s.expect("BYPASS", want, "/posts/1")
		}
	}
}

// reusedFor shows that a page is fresh for a time and not served after it.
func reusedFor(d time.Duration, status int, header ...string) func(t *testing.T) {
	return func(t *testing.T) {
		s := controlled(t, status, header...)
		require.Equal(t, status, s.expect("MISS", "a", "/posts/1").status)
		time.Sleep(d - time.Millisecond)
		require.Equal(t, status, s.expect("HIT", "a", "/posts/1").status)
		time.Sleep(time.Millisecond)
		require.NotEqual(t, "HIT", s.get("/posts/1").cache())
	}
}

// noStaleOnError shows that a failing render is answered with its failure once the
// page is not fresh.
func noStaleOnError(after time.Duration, header ...string) func(t *testing.T) {
	return func(t *testing.T) {
		s := controlled(t, 200, header...)
		s.get("/posts/1")
		s.answer(func(int64) *pages.Page { return text(503, "broken") })
		time.Sleep(after)
		r := s.expect("BYPASS", "broken", "/posts/1")
		require.Equal(t, 503, r.status)
		require.Equal(t, "private, no-cache, no-store, max-age=0, must-revalidate", r.header.Get("Cache-Control"))
	}
}

var protocol = map[string]func(t *testing.T){
	"freshness-max-age":                         reusedFor(10*time.Second, 200, "Cache-Control", "max-age=10"),
	"freshness-max-age-0":                       notReused("Cache-Control", "max-age=0"),
	"freshness-max-age-s-maxage-shared-shorter": reusedFor(2*time.Second, 200, "Cache-Control", "max-age=3600, s-maxage=2"),
	"freshness-max-age-single-quoted":           notReused("Cache-Control", "max-age='3600'"),
	"cc-resp-no-store-case-insensitive":         notReused("Cache-Control", "No-StOrE"),
	"cc-resp-no-cache":                          notReused("Cache-Control", "no-cache"),
	"cc-resp-no-store-old-new": func(t *testing.T) {
		s := controlled(t, 200, "Cache-Control", "max-age=10")
		s.expect("MISS", "a", "/posts/1")
		s.answer(func(n int64) *pages.Page { return text(200, string(rune('a'+n-1)), "Cache-Control", "no-store") })
		time.Sleep(10 * time.Second)
		s.expect("STALE", "a", "/posts/1")
		synctest.Wait()
		s.expect("BYPASS", "c", "/posts/1")
		s.expect("BYPASS", "d", "/posts/1")
	},
	"cc-resp-must-revalidate-stale": func(t *testing.T) {
		s := controlled(t, 200, "Cache-Control", "max-age=2, must-revalidate")
		s.expect("MISS", "a", "/posts/1")
		time.Sleep(2 * time.Second)
		s.expect("REVALIDATED", "b", "/posts/1")
	},
	"stale-while-revalidate-window": func(t *testing.T) {
		s := controlled(t, 200, "Cache-Control", "max-age=1, stale-while-revalidate=2")
		s.expect("MISS", "a", "/posts/1")
		time.Sleep(2999 * time.Millisecond)
		s.expect("STALE", "a", "/posts/1")
		synctest.Wait()
		time.Sleep(3 * time.Second)
		s.expect("REVALIDATED", "c", "/posts/1")
	},
	"stale-sie-503": func(t *testing.T) {
		s := controlled(t, 200, "Cache-Control", "max-age=1, stale-while-revalidate=0, stale-if-error=60")
		s.expect("MISS", "a", "/posts/1")
		s.answer(func(int64) *pages.Page { return text(503, "broken") })
		time.Sleep(60 * time.Second)
		require.Equal(t, 200, s.expect("STALE", "a", "/posts/1").status)
		time.Sleep(time.Second)
		s.expect("BYPASS", "broken", "/posts/1")
	},
	"stale-close-must-revalidate": noStaleOnError(2*time.Second, "Cache-Control", "max-age=2, must-revalidate"),
	"stale-close-no-cache":        noStaleOnError(20*time.Second, "Cache-Control", "max-age=2, no-cache"),
	"stale-close-s-maxage=2":      noStaleOnError(2*time.Second, "Cache-Control", "s-maxage=2"),
	"status-404-fresh":            reusedFor(10*time.Second, 404, "Cache-Control", "max-age=10"),
	"status-301-fresh":            reusedFor(10*time.Second, 301, "Cache-Control", "max-age=10", "Location", "/posts/2"),
	"status-500-stale": func(t *testing.T) {
		s := controlled(t, 500, "Cache-Control", "max-age=3600")
		s.expect("BYPASS", "a", "/posts/1")
		s.expect("BYPASS", "b", "/posts/1")
	},
	// Ours: an empty page is stored only where the endpoint says that it has no body.
	"status-204-fresh": func(t *testing.T) {
		s := controlled(t, 204)
		s.get("/posts/1")
		s.get("/posts/1")
		require.Equal(t, int64(2), s.renders.Load())
		s = newSite(t, plainPolicy(), nil, func(e *pages.Endpoint, _ *pagecache.Options) { e.NoBody = true })
		s.answer(func(int64) *pages.Page { return &pages.Page{Status: 204} })
		s.get("/posts/1")
		r := s.expect("HIT", "", "/posts/1")
		require.Equal(t, 204, r.status)
		require.Empty(t, r.header.Values("Content-Length"))
	},
	"vary-omit": func(t *testing.T) {
		s := controlled(t, 200)
		s.expect("MISS", "a", "/posts/1", "Foo", "1")
		s.expect("MISS", "b", "/posts/1")
		s.expect("MISS", "c", "/posts/1", "Foo", "")
		require.Equal(t, "Foo", s.expect("HIT", "b", "/posts/1").header.Get("Vary"))
	},
	"vary-invalidate": func(t *testing.T) {
		s := controlled(t, 200)
		s.expect("MISS", "a", "/posts/1", "Foo", "1")
		s.expect("MISS", "b", "/posts/1", "Foo", "2")
		s.expect("HIT", "a", "/posts/1", "Foo", "1")
		s.expect("HIT", "b", "/posts/1", "Foo", " 2 ")
	},
	"vary-syntax-foo-star": notReused("Vary", "foo, *"),
	"conditional-304-etag": func(t *testing.T) {
		s := controlled(t, 200, "Etag", `"abc"`, "Content-Location", "/posts/one")
		s.get("/posts/1")
		r := s.expect("HIT", "", "/posts/1", "If-None-Match", `"abc"`)
		require.Equal(t, 304, r.status)
		require.Equal(t, `"abc"`, r.header.Get("Etag"))
		require.Equal(t, "/posts/one", r.header.Get("Content-Location"))
		require.Equal(t, "Foo", r.header.Get("Vary"))
		require.NotEmpty(t, r.header.Get("Cache-Control"))
		require.Empty(t, r.header.Get("Content-Type"))
		require.Empty(t, r.header.Get("Content-Length"))
	},
	"conditional-etag-precedence": func(t *testing.T) {
		s := controlled(t, 200, "Etag", `"abc"`, "Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		s.get("/posts/1")
		later := "Tue, 02 Jan 2007 15:04:05 GMT"
		require.Equal(t, 200, s.get("/posts/1", "If-None-Match", `"xyz"`, "If-Modified-Since", later).status)
		require.Equal(t, 304, s.get("/posts/1", "If-Modified-Since", later).status)
		require.Equal(t, 200, s.get("/posts/1", "If-Modified-Since", "Sun, 01 Jan 2006 15:04:05 GMT").status)
		require.Equal(t, 200, s.get("/posts/1", "If-Modified-Since", "yesterday").status)
	},
	"conditional-etag-weak-respond": func(t *testing.T) {
		s := controlled(t, 200)
		tag := s.get("/posts/1").header.Get("Etag")
		require.Regexp(t, `^W/"`, tag)
		strong := tag[2:]
		for _, line := range []string{tag, strong, `"x", ` + tag, `W/"x,y" ,` + strong, "*"} {
			require.Equal(t, 304, s.get("/posts/1", "If-None-Match", line).status, line)
		}
		for _, line := range []string{`"x"`, "x", `W/`, strong + "x", `"` + strong, "", tag[:len(tag)-1]} {
			if line != strong+"x" {
				require.Equal(t, 200, s.get("/posts/1", "If-None-Match", line).status, line)
			}
		}
	},
	"headers-omit-headers-listed-in-Connection": func(t *testing.T) {
		s := controlled(t, 200, "Connection", "close, X-Hop", "X-Hop", "1", "Keep-Alive", "timeout=5",
			"Transfer-Encoding", "chunked", "Proxy-Authenticate", "Basic", "X-End", "2")
		s.get("/posts/1")
		r := s.expect("HIT", "a", "/posts/1")
		for _, name := range []string{"Connection", "X-Hop", "Keep-Alive", "Transfer-Encoding", "Proxy-Authenticate"} {
			require.Empty(t, r.header.Values(name), name)
		}
		require.Equal(t, "2", r.header.Get("X-End"))
	},
	// Ours: a page that sets a cookie is not stored at all.
	"headers-store-Set-Cookie": notReused("Set-Cookie", "id=1"),
	"invalidate-POST": func(t *testing.T) {
		s := controlled(t, 200)
		s.expect("MISS", "a", "/posts/1")
		require.NoError(t, s.cache.Expire(t.Context(), "/posts/1", "/nothing", "//off"))
		s.expect("REVALIDATED", "b", "/posts/1")
	},
	"other-age-gen": func(t *testing.T) {
		s := controlled(t, 200)
		require.Equal(t, "0", s.get("/posts/1").header.Get("Age"))
		time.Sleep(3 * time.Second)
		require.Equal(t, "3", s.get("/posts/1").header.Get("Age"))
	},
	"query-args-different": func(t *testing.T) {
		s := controlled(t, 200)
		s.expect("MISS", "a", "/posts/1?a=1")
		s.expect("MISS", "b", "/posts/1?a=2")
		s.expect("HIT", "a", "/posts/1?a=1&utm=x")
	},
}

// A handler may shorten and forbid in every way that RFC 9111 knows; never lengthen.
func TestHandlerShortens(t *testing.T) {
	for _, c := range []struct {
		name    string
		header  []string
		fresh   time.Duration // 0: not stored
		stale   time.Duration
		onError time.Duration
	}{
		{"nothing said", nil, 10, 20, 30},
		{"longer", []string{"Cache-Control", "max-age=3600, stale-while-revalidate=3600, stale-if-error=3600"}, 10, 20, 30},
		{"shorter", []string{"Cache-Control", "max-age=3"}, 3, 20, 30},
		{"shared wins", []string{"Cache-Control", "max-age=3, s-maxage=5"}, 5, 0, 0},
		{"shared with errors", []string{"Cache-Control", "s-maxage=5, stale-if-error=7"}, 5, 0, 7},
		{"stale shorter", []string{"Cache-Control", "stale-while-revalidate=1, stale-if-error=2"}, 10, 1, 2},
		{"proxy-revalidate", []string{"Cache-Control", "proxy-revalidate"}, 10, 0, 0},
		{"quoted", []string{"Cache-Control", `max-age="4"`}, 4, 20, 30},
		{"the smaller of two", []string{"Cache-Control", "max-age=9", "Cache-Control", "max-age=2"}, 2, 20, 30},
		{"overflow", []string{"Cache-Control", "max-age=99999999999999999999"}, 10, 20, 30},
		{"negative", []string{"Cache-Control", "max-age=-1"}, 0, 0, 0},
		{"fraction", []string{"Cache-Control", "max-age=1.5"}, 0, 0, 0},
		{"no value", []string{"Cache-Control", "max-age"}, 0, 0, 0},
		{"comma in quotes", []string{"Cache-Control", `ext="no-store, \" max-age=1", max-age=6`}, 6, 20, 30},
		{"private fields", []string{"Cache-Control", `private="X-A"`}, 0, 0, 0},
		{"zero, stale allowed", []string{"Cache-Control", "max-age=0, stale-while-revalidate=8"}, 0, 8, 0},
		{"expires", []string{"Expires", "Sat, 01 Jan 2000 00:00:04 GMT"}, 4, 20, 30},
		{"expires, no date", []string{"Expires", "0"}, 0, 0, 0},
		{"max-age before expires", []string{"Expires", "0", "Cache-Control", "max-age=5"}, 5, 20, 30},
		{"for the CDN", []string{"Cdn-Cache-Control", "max-age=2"}, 2, 20, 30},
		{"not for the CDN", []string{"Cdn-Cache-Control", "no-store"}, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := pagecache.Memory(1 << 20)
				kept := &spy{Store: store}
				s := newSite(t, plainPolicy(), kept)
				s.answer(func(int64) *pages.Page { return text(200, "page", c.header...) })
				s.get("/posts/1")
				e := kept.last
				if c.fresh+c.stale+c.onError == 0 {
					require.True(t, e.Marker)
					return
				}
				require.False(t, e.Marker)
				require.Equal(t, []time.Duration{c.fresh * time.Second, c.stale * time.Second, c.onError * time.Second},
					[]time.Duration{e.Fresh, e.Stale, e.Error})
				for _, f := range e.Header {
					require.NotContains(t, []string{"Cache-Control", "Expires", "Cdn-Cache-Control"}, f.Name)
				}
			})
		})
	}
}
