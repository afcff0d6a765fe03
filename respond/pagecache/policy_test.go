package pagecache_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/conditional"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// Every fault of a policy is named at once, with what to write instead.
func TestPolicyFaults(t *testing.T) {
	c := pagecache.New(pagecache.Memory(1<<20), nil)
	defer c.Close()
	many := make([]string, 129)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	pat, err := pattern.Parse("GET /posts/{slug}")
	require.NoError(t, err)
	_, faults := hook.Pages(c).Register(pages.Endpoint{Pattern: pat}, pagecache.Policy{
		StaleWhileRevalidate: -1, StaleIfError: -1, RenderTimeout: -1, MaxBody: -1, MaxVariants: -1, MaxBypass: -1,
		Tags:  append(many, "post:{nope}", "post:{id", "", strings.Repeat("x", 257)),
		Query: []string{"a", "a", ""},
		Vary:  []string{"Cookie", "authorization", "*", "A, B", "X-A", "x-a", "1", "2", "3", "", "host", "Transfer-Encoding", "trailer"},
	})
	var all strings.Builder
	for _, f := range faults {
		require.NotEmpty(t, f.Fix, f.Problem)
		fmt.Fprintln(&all, f)
	}
	for _, want := range []string{
		"Policy.TTL is 0s", "Policy.StaleWhileRevalidate is -1ns", "Policy.StaleIfError", "Policy.RenderTimeout", "Policy.MaxBody is -1",
		"Policy.MaxVariants", "Policy.MaxBypass", "has 133 tags", `"post:{nope}" names a path value`, `"post:{id" names`, `"" is empty or longer`,
		`Policy.Query lists "a" twice`, "lists Cookie", "lists Authorization", `lists "*"`, `lists "A, B"`, `"x-a" twice`, "lists 13 headers",
		"lists Host, which", "lists Transfer-Encoding, which", "lists Trailer, which",
	} {
		require.Contains(t, all.String(), want)
	}
}

// A tag that names no path value of the pattern is told which there are.
func TestTagsOfOtherPathValues(t *testing.T) {
	c := pagecache.New(pagecache.Memory(1<<20), nil)
	defer c.Close()
	for _, tt := range []struct {
		path, tag, fix string
	}{
		{"/posts", "post:{id}", "write a tag without braces, because the pattern has no path values"},
		{"/posts/{slug}", "post:{id}", "write {slug}"},
		{"/posts/{slug}", "post:{slug", "write {slug}"},
		{"/posts/{slug}/{page}", "post:{}", "write {slug} or {page}"},
	} {
		pat, err := pattern.Parse("GET " + tt.path)
		require.NoError(t, err)
		_, faults := hook.Pages(c).Register(pages.Endpoint{Pattern: pat}, pagecache.Policy{TTL: time.Hour, Tags: []string{tt.tag}})
		require.Len(t, faults, 1)
		require.Equal(t, tt.fix, faults[0].Fix, tt.tag)
	}
}

// New says what no cache can work with.
func TestNewRefuses(t *testing.T) {
	for want, tt := range map[string]struct {
		store pagecache.Store
		opts  *pagecache.Options
	}{
		"pagecache: New: the store is nil: give it pagecache.Memory(64<<20), for instance": {nil, nil},
		"pagecache: New: Options.RenderTimeout is -1s: write zero or more":                 {pagecache.Memory(0), &pagecache.Options{RenderTimeout: -time.Second}},
		"pagecache: New: Options.StoreTimeout is -1ns: write zero or more":                 {pagecache.Memory(0), &pagecache.Options{StoreTimeout: -1}},
		"pagecache: New: Options.MaxBackground is -2: write zero or more":                  {pagecache.Memory(0), &pagecache.Options{MaxBackground: -2}},
		"pagecache: New: Options.MaxRenders is -1: write zero or more":                     {pagecache.Memory(0), &pagecache.Options{MaxRenders: -1}},
	} {
		func() {
			defer func() {
				if diff := cmp.Diff(any(want), recover()); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}()
			pagecache.New(tt.store, tt.opts)
		}()
	}
}

func TestOneCacheOneAPI(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	require.Error(t, hook.Pages(s.cache).Bind(func(string) (pages.Route, []string, error) { return nil, nil, errors.New("no") }))
}

// What is never stored, whatever the policy says.
func TestNeverStored(t *testing.T) {
	large := strings.Repeat("x", 1<<20+1)
	for name, p := range map[string]func() *pages.Page{
		"cookie":        func() *pages.Page { return text(200, "a", "Set-Cookie", "a=b") },
		"vary star":     func() *pages.Page { return text(200, "a", "Vary", "*") },
		"unkeyed vary":  func() *pages.Page { return text(200, "a", "Vary", "Cookie") },
		"private":       func() *pages.Page { return text(200, "a", "Cache-Control", "private") },
		"no-store":      func() *pages.Page { return text(200, "a", "Cache-Control", "public, no-store") },
		"partial":       func() *pages.Page { return text(206, "a") },
		"empty 204":     func() *pages.Page { return text(204, "") },
		"not modified":  func() *pages.Page { return text(304, "") },
		"unauthorized":  func() *pages.Page { return text(401, "a") },
		"forbidden":     func() *pages.Page { return text(403, "a") },
		"unprocessable": func() *pages.Page { return text(422, "a") },
		"too many":      func() *pages.Page { return text(429, "a") },
		"server error":  func() *pages.Page { return text(500, "a") },
		"too large":     func() *pages.Page { return text(200, large) },
		"refused": func() *pages.Page {
			p := text(200, "a")
			p.NoStore = true
			return p
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, plainPolicy(), nil)
			s.answer(func(int64) *pages.Page { return p() })
			for i := range 3 {
				r := s.get("/posts/1")
				require.NoError(t, r.err)
				require.Equal(t, "BYPASS", r.cache())
				require.Equal(t, int64(i+1), s.renders.Load())
			}
		})
	}
}

// Windows that are longer together than any duration.
func TestLongestWindows(t *testing.T) {
	const century, most = 100 * 365 * 24 * time.Hour, time.Duration(math.MaxInt64)
	for _, p := range []pagecache.Policy{
		{TTL: most},
		{TTL: most, StaleIfError: time.Hour},
		{TTL: time.Hour, StaleWhileRevalidate: time.Hour, StaleIfError: most},
		{TTL: most, StaleWhileRevalidate: most, StaleIfError: most},
		{TTL: century, StaleWhileRevalidate: century, StaleIfError: century},
		{TTL: most, CDN: true},
	} {
		s := newSite(t, p, nil)
		s.expect("MISS", "render 1", "/posts/1")
		s.expect("HIT", "render 1", "/posts/1")
		s.answer(func(int64) *pages.Page { return text(200, "an old page", "Age", "3600") })
		require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"), "%+v", p)
		require.Equal(t, "an old page", s.get("/posts/1").body)
	}
}

// An answer that is none.
func TestNoAnswer(t *testing.T) {
	for _, p := range []*pages.Page{nil, {}, {Status: 101}, {Status: 600}} {
		s := newSite(t, plainPolicy(), nil)
		s.answer(func(int64) *pages.Page { return p })
		require.Error(t, s.get("/posts/1").err)
	}
}

// Of the variants of one path, the one stored longest ago makes room.
func TestMaxVariants(t *testing.T) {
	p := plainPolicy()
	p.MaxVariants = 3
	s := newSite(t, p, nil)
	s.answer(func(int64) *pages.Page { return text(200, "page") })
	s.get("/posts/1")
	for i := range 4 {
		s.expect("MISS", "page", fmt.Sprintf("/posts/1?q=%d", i))
	}
	s.expect("HIT", "page", "/posts/1")
	s.expect("HIT", "page", "/posts/1?q=3")
	s.expect("HIT", "page", "/posts/1?q=1")
	s.expect("MISS", "page", "/posts/1?q=0")
}

// Authorization, cookies and request directives change nothing; with
// BypassAuthorization the first is rendered past the cache.
func TestRequestFieldsAreNotSeen(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	s.rendering(func(ctx context.Context, r pages.Request) (*pages.Page, error) {
		require.Empty(t, r.Header)
		return text(200, "page"), nil
	})
	s.expect("MISS", "page", "/posts/1", "Authorization", "Bearer x", "Cookie", "session=1", "X-Forwarded-Host", "evil.example")
	for _, h := range [][]string{
		{"Authorization", "Bearer y"}, {"Cookie", "session=2"}, {"Cache-Control", "no-cache"}, {"Cache-Control", "no-store"},
		{"Pragma", "no-cache"}, {"Range", "bytes=0-1"}, {"X-Middleware-Prefetch", "1"}, {"X-Apiroutes-Revalidate", "1"},
	} {
		require.Equal(t, 200, s.expect("HIT", "page", "/posts/1", h...).status)
	}
	require.Equal(t, int64(1), s.renders.Load())

	p := plainPolicy()
	p.BypassAuthorization = true
	s = newSite(t, p, nil)
	require.True(t, s.get("/posts/1", "Authorization", "Bearer x").past)
	require.False(t, s.get("/posts/1").past)
}

// HEAD is answered from the page of GET, and its miss stores that page.
func TestHead(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	r := s.do(t.Context(), "HEAD", "/posts/1")
	require.Equal(t, "", r.body)
	require.Equal(t, "8", r.header.Get("Content-Length"))
	require.Equal(t, "MISS", r.cache())
	s.expect("HIT", "render 1", "/posts/1")
	r = s.do(t.Context(), "HEAD", "/posts/1")
	require.Equal(t, []string{"HIT", "8", ""}, []string{r.cache(), r.header.Get("Content-Length"), r.body})
	require.Equal(t, 304, s.do(t.Context(), "HEAD", "/posts/1", "If-None-Match", r.header.Get("Etag")).status)
}

func TestHeaders(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	s.answer(func(int64) *pages.Page {
		return text(200, "page", "X-Mine", "1", "Age", "2", "Cache-Status", "liar", "X-Cache", "liar", "Date", "never", "Cache-Control", "max-age=5")
	})
	r := s.get("/posts/1")
	want := map[string][]string{
		"Age": {"2"}, "Cache-Control": {"public, max-age=0, must-revalidate"}, "Cache-Status": {"apiroutes; fwd=uri-miss; stored"},
		"Content-Length": {"4"}, "Content-Type": {"text/plain"}, "Etag": {conditional.PageTag([]byte("page"))}, "Vary": {"Accept-Language"}, "X-Cache": {"MISS"}, "X-Mine": {"1"},
	}
	require.Equal(t, want, map[string][]string(r.header))
	r = s.get("/posts/1")
	want["Cache-Status"], want["X-Cache"] = []string{"apiroutes; hit; ttl=3"}, []string{"HIT"}
	require.Equal(t, want, map[string][]string(r.header))
}

// The context of a render ends at the deadline, and holds nothing of the client's.
func TestRenderContext(t *testing.T) {
	p := plainPolicy()
	p.RenderTimeout = time.Minute
	s := newSite(t, p, nil)
	s.rendering(func(ctx context.Context, _ pages.Request) (*pages.Page, error) {
		require.Nil(t, ctx.Value(user{}))
		deadline, ok := ctx.Deadline()
		require.True(t, ok)
		require.InDelta(t, time.Minute, time.Until(deadline), float64(time.Second))
		return text(200, "page"), nil
	})
	ctx := context.WithValue(t.Context(), user{}, "alice")
	require.Equal(t, "page", s.do(ctx, "GET", "/posts/1").body)
}
