package typed_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// testAnonymousPages fills a small cache with pages of long queries, and changes as many
// others, beside one page that was asked for twice.
func testAnonymousPages(t *testing.T) {
	gets, posts := 8_192, 9_000
	if os.Getenv("APIROUTES_PROOF") == "1" {
		gets, posts = 65_536, 66_000
	}
	pages := pagecache.New(pagecache.Memory(1<<20), nil)
	defer pages.Close()
	api := typed.New("", "", &typed.Options{Pages: pages})
	type page struct {
		ID string `path:"id"`
		Q  string `query:"q"`
	}
	cached := typed.Cache(pagecache.Policy{TTL: time.Hour, Query: []string{"q"}, Tags: []string{"page:{id}"}})
	typed.Handle(api, "GET /p/{id}", typed.Func(func(_ context.Context, in page) (string, error) { return in.ID, nil }), cached)
	typed.Handle(api, "POST /p/{id}", typed.Func(func(context.Context, struct {
		ID string `path:"id"`
	}) (string, error) {
		return "", nil
	}))
	typed.Handle(api, "GET /other", typed.Func(func(context.Context, typed.None) (string, error) { return "other", nil }),
		typed.Cache(pagecache.Policy{TTL: time.Hour}))
	ask(api, "GET", "/other", "")
	require.Equal(t, "HIT", ask(api, "GET", "/other", "").Header().Get("X-Cache"))
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before, query := heap(), strings.Repeat("%20x", 950)
	for i := range gets {
		require.Equal(t, 200, ask(api, "GET", fmt.Sprintf("/p/%d?q=%s", i, query), "").Code)
	}
	for i := range posts {
		require.Equal(t, 200, ask(api, "POST", fmt.Sprintf("/p/other-%d", i), "").Code)
	}
	grown := heap() - before
	t.Logf("%d GETs and %d POSTs: the heap has grown by %.1f MiB", gets, posts, float64(grown)/(1<<20))
	if !raceDetector {
		require.LessOrEqual(t, grown, int64(8<<20))
	}
	require.Equal(t, "HIT", ask(api, "GET", "/other", "").Header().Get("X-Cache"))
}

// testUnkeyedRequest asks for a page that has no key, with a client's header, cookie and
// what a middleware adds.
func testUnkeyedRequest(t *testing.T) {
	type userKey struct{}
	pages := newPages(t, nil)
	api := typed.New("", "", &typed.Options{Pages: pages})
	api.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, "alice")))
		})
	})
	typed.Handle(api, "GET /p/{id}", func(ctx context.Context, in struct {
		ID string   `path:"id"`
		Q  []string `query:"q"`
	}, res *typed.Response[string]) (typed.Answer, error) {
		r := typed.HTTPRequest(ctx)
		return res.Header("Cache-Control", "public, max-age=60").Send(fmt.Sprint(len(in.ID), len(in.Q), r.Header, r.Cookies(), r.URL.RawQuery != "", ctx.Value(userKey{})))
	}, typed.Cache(pagecache.Policy{TTL: time.Minute, Query: []string{"q"}}))
	for target, want := range map[string]string{
		"/p/1%00":                          "2 0 map[] [] false <nil>",
		"/p/1%00?secret=1":                 "2 0 map[] [] false <nil>",
		"/p/..%2f":                         "3 0 map[] [] false <nil>",
		"/p/" + strings.Repeat("x", 5_000): "5000 0 map[] [] false <nil>",
		"/p/1?" + strings.Repeat("q=1&", 17) + "z": "1 17 map[] [] true <nil>",
	} {
		w := ask(api, "GET", target, "", "Cookie", "session=1", "X-User", "alice", "Authorization", "Bearer x")
		require.Equal(t, 200, w.Code, w.Body)
		require.Equal(t, want, w.Body.String())
		require.Equal(t, "BYPASS", w.Header().Get("X-Cache"))
		require.NotContains(t, w.Header().Get("Cache-Control"), "max-age=60")
	}
}

// testPrivateBypass has a handler that sees its client, and says that its answer is public.
func testPrivateBypass(t *testing.T) {
	pages := newPages(t, nil)
	api := typed.New("", "", &typed.Options{Pages: pages})
	typed.Handle(api, "GET /me", func(ctx context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		res.Header("Cache-Control", "public, max-age=60").Header("CDN-Cache-Control", "max-age=60").Header("Surrogate-Control", "max-age=60")
		return res.Send("hello " + typed.HTTPRequest(ctx).Header.Get("Authorization"))
	}, typed.Cache(pagecache.Policy{TTL: time.Minute, BypassAuthorization: true}))
	w := ask(api, "GET", "/me", "", "Authorization", "alice")
	require.Equal(t, "hello alice", w.Body.String())
	require.Equal(t, "private, no-cache, no-store, max-age=0, must-revalidate", w.Header().Get("Cache-Control"))
	require.Empty(t, w.Header().Values("Cdn-Cache-Control"))
	require.Empty(t, w.Header().Values("Surrogate-Control"))
	require.Equal(t, "hello ", ask(api, "GET", "/me", "").Body.String(), "the next request is not answered with alice's")
	require.Equal(t, "hello ", ask(api, "GET", "/me", "").Body.String())
}

// testRevalidateCause has a handler that fails after a good page was stored.
func testRevalidateCause(t *testing.T) {
	pages := newPages(t, nil)
	api := typed.New("", "", &typed.Options{Pages: pages, OnError: func(context.Context, error) {}})
	var fails error
	typed.Handle(api, "GET /p", typed.Func(func(context.Context, typed.None) (string, error) { return "good", fails }), typed.Cache(pagecache.Policy{TTL: time.Hour}))
	ask(api, "GET", "/p", "")
	for _, fails = range []error{errors.New("database down"), respond.Forbidden("Not today."), respond.TooManyRequests("Later."), &respond.Problem{Status: 401}} {
		err := pages.Revalidate(t.Context(), "/p")
		require.ErrorIs(t, err, pagecache.ErrRenderFailed)
		require.ErrorIs(t, err, fails)
		w := ask(api, "GET", "/p", "")
		require.Equal(t, []string{"HIT", `"good"`}, []string{w.Header().Get("X-Cache"), w.Body.String()})
	}
	fails = respond.NotFound("It is gone.")
	require.NoError(t, pages.Revalidate(t.Context(), "/p"))
	w := ask(api, "GET", "/p", "")
	require.Equal(t, 404, w.Code)
	require.Equal(t, "HIT", w.Header().Get("X-Cache"))
}

// testStrictHook sends bodies that two readers could read in two ways.
func testStrictHook(t *testing.T) {
	b := hooked(t, "secret")
	b.expect(t, "MISS", 1, "/posts/1")
	for _, body := range []string{
		`null`, `{"paths":null}`, `{"tags":[null]}`, `{"paths":["/posts/1"],"paths":[]}`, `{"Paths":["/posts/1"]}`, `{"PATHS":[]}`,
		`{"expiretags":["posts"]}`, `{"expireTags":["posts"],"expireTags":null}`, `[]`, `{"path":["/posts/1"]}`, `{} {}`, `{"paths":"x"}`, `{"paths":[1]}`,
		"{\"tags\":[\"\xff\"]}", `x`, ``, `{"paths":["/posts/1"]`,
	} {
		require.Equal(t, 400, deliver(b, rawHook(t, body)).Code, body)
	}
	b.expect(t, "HIT", 1, "/posts/1")
}

// testHookAllOrNothing sends a change of which one part cannot be done.
func testHookAllOrNothing(t *testing.T) {
	b := hooked(t, "secret")
	b.expect(t, "MISS", 1, "/posts/1")
	long := strings.Repeat("x", 257)
	for _, ch := range []pagecache.Change{
		{ExpireTags: []string{"posts"}, Tags: []string{""}},
		{ExpireTags: []string{"posts"}, Tags: []string{long}},
		{Tags: []string{"posts"}, ExpireTags: []string{"posts", long}},
		{ExpireTags: []string{"posts"}, Paths: []string{"/nothing"}},
		{ExpireTags: []string{"posts"}, Paths: []string{"/posts/%2e%2e%2f"}},
	} {
		require.Equal(t, 422, deliver(b, signed(t, "secret", ch)).Code)
		b.expect(t, "HIT", 1, "/posts/1")
	}
}

// testManyHooks sends more requests within the window than are remembered.
func testManyHooks(t *testing.T) {
	if raceDetector {
		t.Skip("one goroutine, and slow")
	}
	synctest.Test(t, func(t *testing.T) {
		b := hooked(t, "secret")
		deliverAll := func(n int) (codes map[int]int) {
			codes = map[int]int{}
			for i := range n {
				if i%1_000 == 0 {
					time.Sleep(time.Second)
				}
				codes[deliver(b, signed(t, "secret", pagecache.Change{})).Code]++
			}
			return codes
		}
		first := signed(t, "secret", pagecache.Change{})
		require.Equal(t, 200, deliver(b, first).Code)
		require.Empty(t, cmp.Diff(map[int]int{200: 100_000}, deliverAll(100_000)))
		replay := first.Clone(t.Context())
		replay.Body, _ = first.GetBody()
		require.Equal(t, 409, deliver(b, replay).Code, "what is forgotten is not accepted again")
		time.Sleep(5*time.Minute + time.Second)
		require.Empty(t, cmp.Diff(map[int]int{200: 1_000}, deliverAll(1_000)))
		b.pages.Close()
	})
}

// What a client that has a copy is told is the same with and without a page cache.
func TestConditionalAlike(t *testing.T) {
	api := typed.New("", "", &typed.Options{Pages: newPages(t, nil)})
	const modified = "Mon, 02 Jan 2006 15:04:05 GMT"
	answers := map[string]func(res *typed.Response[string]) (typed.Answer, error){
		"tagged": func(res *typed.Response[string]) (typed.Answer, error) { return res.Send("page") },
		"empty":  func(res *typed.Response[string]) (typed.Answer, error) { return res.Send("") },
		"own":    func(res *typed.Response[string]) (typed.Answer, error) { return res.Header("ETag", `"x"`).Send("page") },
		"modified": func(res *typed.Response[string]) (typed.Answer, error) {
			return res.Header("Last-Modified", modified).Send("page")
		},
		"fields": func(res *typed.Response[string]) (typed.Answer, error) {
			return res.Header("Link", "</a>; rel=next").Header("X-Total-Count", "3").Header("Content-Language", "de").Header("Content-Location", "/a").Send("page")
		},
		"missing": func(res *typed.Response[string]) (typed.Answer, error) { return res.Status(404).Send("page") },
	}
	for name, answer := range answers {
		h := func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
			return answer(res)
		}
		typed.Handle(api, "GET /plain/"+name, h, typed.Status(200, 404))
		typed.Handle(api, "GET /cached/"+name, h, typed.Status(200, 404), typed.Cache(pagecache.Policy{TTL: time.Hour}))
	}
	for name := range answers {
		tag := ask(api, "GET", "/plain/"+name, "").Header().Get("Etag")
		lines := []string{"", "*", " * ", `"x"`, `W/"x"`, `"x", *`, `*, "x"`, `"x"T`, `"x" "x"`, `"x`, `x`, `"x",`, `,"x"`, `"y", "x"`, `"y" , W/"x"`, `"a,b", "x"`, `"\x", "x"`}
		for _, line := range append(lines, strings.ReplaceAll(strings.Join(lines, "\n"), `"x"`, tag)) {
			for _, line := range strings.Split(line, "\n") {
				requireAlike(t, api, name, "If-None-Match", line)
				requireAlike(t, api, name, "If-None-Match", line, "If-Modified-Since", modified)
			}
		}
		requireAlike(t, api, name, "If-None-Match", `"y"`, "If-None-Match", tag)
		cached := ask(api, "GET", "/cached/"+name, "").Header().Get("Etag")
		const sha256 = len(`W/""`) + 32
		if (tag == "") != (cached == "") || strings.HasPrefix(tag, "W/") && len(cached) != sha256 {
			t.Errorf("%s has the tags %q and, with a page cache, %q", name, tag, cached)
		}
		for _, date := range []string{modified, "Sun, 01 Jan 2006 15:04:05 GMT", "Tue, 03 Jan 2006 15:04:05 GMT", "Monday, 02-Jan-06 15:04:05 GMT", "Mon Jan  2 15:04:05 2006", "yesterday", "", "0"} {
			requireAlike(t, api, name, "If-Modified-Since", date)
		}
		requireAlike(t, api, name, "If-Modified-Since", modified, "If-Modified-Since", modified)
	}
}

func requireAlike(t *testing.T, api http.Handler, name string, header ...string) {
	t.Helper()
	type seen struct {
		Status int
		Body   string
		Header http.Header
	}
	look := func(w *httptest.ResponseRecorder) seen {
		h := w.Header().Clone()
		if strings.HasPrefix(h.Get("Etag"), "W/") {
			h.Set("Etag", "made by us") // a page's is another one
		}
		for _, f := range []string{"Age", "Cache-Control", "Cache-Status", "X-Cache"} {
			h.Del(f) // of the page cache
		}
		return seen{w.Code, w.Body.String(), h}
	}
	plain := ask(api, "GET", "/plain/"+name, "").Header().Get("Etag")
	cached := ask(api, "GET", "/cached/"+name, "").Header().Get("Etag")
	for _, method := range []string{"GET", "HEAD"} {
		want := look(ask(api, method, "/plain/"+name, "", header...))
		for range 2 { // also as a hit
			got := look(ask(api, method, "/cached/"+name, "", withTag(header, plain, cached)...))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s, %q (-without +with a page cache):\n%s", method, name, header, diff)
			}
		}
	}
}

// withTag writes one tag for another in header lines, whether weak or strong.
func withTag(header []string, old, tag string) []string {
	if old == "" {
		return header
	}
	out := slices.Clone(header)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], strings.TrimPrefix(old, "W/"), strings.TrimPrefix(tag, "W/"))
	}
	return out
}
