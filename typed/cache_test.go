package typed_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

type cachedPost struct {
	ID   int    `path:"id"`
	Page int    `query:"page"`
	Lang string `header:"Accept-Language"`
}

type postPage struct {
	ID, Page, Render int
	Lang             string
}

func postPolicy() pagecache.Policy {
	return pagecache.Policy{
		TTL: time.Minute, StaleWhileRevalidate: 10 * time.Minute, StaleIfError: time.Hour,
		Tags: []string{"posts", "post:{id}"}, Query: []string{"page"}, Vary: []string{"Accept-Language"},
	}
}

// newPages is a page cache that a test closes.
func newPages(t testing.TB, opts *pagecache.Options) *pagecache.Cache {
	pages := pagecache.New(pagecache.Memory(16<<20), opts)
	t.Cleanup(func() { pages.Close() })
	return pages
}

// blog counts its renders.
type blog struct {
	renders atomic.Int64
	fail    atomic.Pointer[error]
	api     *typed.API
	pages   *pagecache.Cache
}

func newBlog(t testing.TB, opts *typed.Options) *blog {
	b := &blog{pages: newPages(t, nil)}
	if opts == nil {
		opts = &typed.Options{OnError: func(context.Context, error) {}}
	}
	opts.Pages = b.pages
	b.api = typed.New("Blog", "1.0.0", opts)
	typed.Handle(b.api, "GET /posts/{id}", func(ctx context.Context, in cachedPost, res *typed.Response[postPage]) (typed.Answer, error) {
		n := b.renders.Add(1)
		if err := b.fail.Load(); err != nil {
			return typed.Fail(*err)
		}
		return res.JSON(postPage{in.ID, in.Page, int(n), in.Lang})
	}, typed.Cache(postPolicy()))
	typed.Handle(b.api, "POST /posts/{id}", func(ctx context.Context, in struct {
		ID   int    `path:"id"`
		Then string `json:"then"`
	}, res *typed.Response[string]) (typed.Answer, error) {
		switch in.Then {
		case "fail":
			return typed.Fail(respond.Conflict("taken"))
		case "revalidate":
			if err := res.Revalidate(ctx, fmt.Sprintf("/posts/%d", in.ID)); err != nil {
				return typed.Fail(err)
			}
		case "redirect":
			return res.Status(303).Redirect("/posts/1")
		}
		return res.Send("saved")
	}, typed.Status(200, 303))
	return b
}

func (b *blog) setError(err error) {
	if err == nil {
		b.fail.Store(nil)
		return
	}
	b.fail.Store(&err)
}

// ask sends a request and returns the recorded answer.
func ask(h http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, content)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func (b *blog) expect(t testing.TB, state string, render int, target string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	w := ask(b.api, "GET", target, "", header...)
	require.Equal(t, state, w.Header().Get("X-Cache"), w.Body.String())
	require.Contains(t, w.Body.String(), fmt.Sprintf(`"Render":%d,`, render))
	return w
}

func TestCachedEndpoint(t *testing.T) {
	b := newBlog(t, nil)
	w := b.expect(t, "MISS", 1, "/posts/1?page=2&utm=x", "Accept-Language", "de")
	require.Equal(t, `{"ID":1,"Page":2,"Render":1,"Lang":"de"}`, w.Body.String())
	require.Equal(t, "application/json; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, "public, max-age=0, must-revalidate", w.Header().Get("Cache-Control"))
	require.Equal(t, "Accept-Language", w.Header().Get("Vary"))
	w = b.expect(t, "HIT", 1, "/posts/1?page=2", "Accept-Language", "de")
	require.Equal(t, "0", w.Header().Get("Age"))
	require.Equal(t, "apiroutes; hit; ttl=60", w.Header().Get("Cache-Status"))
	b.expect(t, "MISS", 2, "/posts/1")
	b.expect(t, "MISS", 3, "/posts/1?page=2")

	tag := w.Header().Get("ETag")
	w = ask(b.api, "GET", "/posts/1?page=2", "", "Accept-Language", "de", "If-None-Match", tag)
	require.Equal(t, 304, w.Code)
	require.Equal(t, tag, w.Header().Get("ETag"))
	require.Empty(t, w.Body.String())

	w = ask(b.api, "HEAD", "/posts/1", "")
	require.Equal(t, []string{"HIT", ""}, []string{w.Header().Get("X-Cache"), w.Body.String()})
	require.NotEmpty(t, w.Header().Get("Content-Length"))

	// The key's query and the handler's are one parse; what neither could read is 400.
	b.expect(t, "HIT", 3, "/posts/1?%70age=2")
	require.Equal(t, 400, ask(b.api, "GET", "/posts/1?page=%zz", "").Code)
	require.Equal(t, 422, ask(b.api, "GET", "/posts/1?page=x", "").Code)
	require.Equal(t, int64(3), b.renders.Load())
	require.Equal(t, 404, ask(b.api, "GET", "//posts/1", "").Code)
	require.Equal(t, 405, ask(b.api, "DELETE", "/posts/1", "").Code)
}

func TestRevalidateFromHandler(t *testing.T) {
	b := newBlog(t, nil)
	b.expect(t, "MISS", 1, "/posts/1")
	require.Equal(t, 200, ask(b.api, "POST", "/posts/1", `{"then":"revalidate"}`).Code)
	require.Equal(t, int64(2), b.renders.Load())
	b.expect(t, "HIT", 2, "/posts/1")

	// On failure the old page stays, and the handler gets to know.
	b.setError(errors.New("database down"))
	require.Equal(t, 500, ask(b.api, "POST", "/posts/1", `{"then":"revalidate"}`).Code)
	b.expect(t, "HIT", 2, "/posts/1")

	// Not found is a result.
	b.setError(respond.NotFound("no such post"))
	require.Equal(t, 200, ask(b.api, "POST", "/posts/1", `{"then":"revalidate"}`).Code)
	w := ask(b.api, "GET", "/posts/1", "")
	require.Equal(t, 404, w.Code)
	require.Equal(t, "HIT", w.Header().Get("X-Cache"))
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
}

// OnError may revalidate as well, also for a request that its middleware did not let through.
func TestRevalidateFromOnError(t *testing.T) {
	var revalidated []error
	b := newBlog(t, &typed.Options{OnError: func(ctx context.Context, _ error) {
		revalidated = append(revalidated, typed.Revalidate(ctx, "/posts/1"))
	}})
	typed.Handle(b.api, "GET /handler", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) { panic("x") })
	typed.Handle(b.api, "GET /middleware", hello, typed.Use(before(func(http.ResponseWriter, *http.Request) { panic("x") })))
	require.Equal(t, 500, ask(b.api, "GET", "/handler", "").Code)
	require.Equal(t, 500, ask(b.api, "GET", "/middleware", "").Code)
	require.Equal(t, []error{nil, nil}, revalidated)
	require.Equal(t, int64(2), b.renders.Load())
}

// RFC 9111, 4.4: the success of an unsafe method makes the path's pages old; its
// failure does not.
func TestUnsafeMethodsExpire(t *testing.T) {
	b := newBlog(t, nil)
	b.expect(t, "MISS", 1, "/posts/1")
	require.Equal(t, 409, ask(b.api, "POST", "/posts/1", `{"then":"fail"}`).Code)
	require.Equal(t, 422, ask(b.api, "POST", "/posts/1", `{"then":1}`).Code)
	require.Equal(t, 200, ask(b.api, "POST", "/posts/2", `{"then":"save"}`).Code)
	b.expect(t, "HIT", 1, "/posts/1")
	require.Equal(t, 200, ask(b.api, "POST", "/posts/1", `{"then":"save"}`).Code)
	b.expect(t, "REVALIDATED", 2, "/posts/1")
	require.Equal(t, 303, ask(b.api, "POST", "/posts/%31", `{"then":"redirect"}`).Code)
	b.expect(t, "REVALIDATED", 3, "/posts/1")
}

func TestRevalidateErrors(t *testing.T) {
	b := newBlog(t, nil)
	require.ErrorIs(t, typed.Revalidate(t.Context(), "/posts/1"), respond.ErrNotCached)
	require.NoError(t, b.pages.Revalidate(t.Context(), "/posts/1"))
	for path, want := range map[string]error{
		"/nothing":       respond.ErrNotCached,
		"/posts/%zz":     respond.ErrNotCached,
		"//posts/1":      pagecache.ErrPath,
		"https://x/":     pagecache.ErrPath,
		"/posts/1?a=%zz": pagecache.ErrPath,
	} {
		require.ErrorIs(t, b.pages.Revalidate(t.Context(), path), want, path)
	}
	// A path whose values the endpoint refuses has no page.
	err := b.pages.Revalidate(t.Context(), "/posts/x")
	require.ErrorIs(t, err, pagecache.ErrRenderFailed)
	problem, ok := errors.AsType[*respond.Problem](err)
	require.True(t, ok)
	require.Equal(t, 422, problem.Status)
	require.Equal(t, 422, ask(b.api, "GET", "/posts/x", "").Code)

	without := typed.New("", "", nil)
	typed.Handle(without, "GET /", func(ctx context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		return res.Send(fmt.Sprint(errors.Is(res.Revalidate(ctx, "/"), respond.ErrNotCached)))
	})
	require.Equal(t, "true", ask(without, "GET", "/", "").Body.String())
}

// Two users ask for one page. One render, one page, and the handler saw no user: not in
// its context, not in its request.
func TestCachedPageHasNoUser(t *testing.T) {
	type user struct{}
	var seen []string
	pages := newPages(t, nil)
	api := typed.New("", "", &typed.Options{Pages: pages, BasePath: "/v1"})
	asked := 0
	signIn := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			if r.Header.Get("Authorization") == "" {
				http.Error(w, "who are you", http.StatusUnauthorized)
				return
			}
			w.Header().Set("X-User", r.Header.Get("Authorization"))
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), user{}, r.Header.Get("Authorization"))))
		})
	}
	api.Use(signIn)
	typed.Handle(api, "GET /posts/{id}", func(ctx context.Context, in cachedPost, res *typed.Response[string]) (typed.Answer, error) {
		r := typed.HTTPRequest(ctx)
		seen = append(seen, fmt.Sprint(ctx.Value(user{}), r.Method, r.URL, r.Header, r.PathValue("id"), r.Context().Value(user{}), len(r.Cookies())))
		return res.Header("X-Of", "page").Send("the page")
	}, typed.Cache(postPolicy()), typed.Use(signIn))
	for _, name := range []string{"alice", "bob"} {
		w := ask(api, "GET", "/v1/posts/7?page=1&token=secret", "", "Authorization", name, "Cookie", "session="+name, "Accept-Language", "de")
		require.Equal(t, "the page", w.Body.String())
		require.Equal(t, name, w.Header().Get("X-User"), "middleware answers for itself")
	}
	require.Equal(t, []string{"<nil>GET/v1/posts/7?page=1 map[Accept-Language:[de]]7<nil> 0"}, seen)
	require.Equal(t, 4, asked, "middleware ran on the hit as well")
	require.Equal(t, 401, ask(api, "GET", "/v1/posts/7?page=1", "").Code, "and guards it")
}

// NoETag holds for pages as well; a handler's own tag is kept.
func TestCachedPageNoETag(t *testing.T) {
	api := typed.New("", "", &typed.Options{Pages: newPages(t, nil)})
	typed.Handle(api, "GET /{tag}", func(_ context.Context, in struct {
		Tag string `path:"tag"`
	}, res *typed.Response[string]) (typed.Answer, error) {
		if in.Tag == "own" {
			res.Header("ETag", `"mine"`)
		}
		return res.Send("page")
	}, typed.Cache(pagecache.Policy{TTL: time.Minute}), typed.NoETag())
	for range 2 {
		require.Empty(t, ask(api, "GET", "/none", "").Header().Get("ETag"))
		require.Equal(t, `"mine"`, ask(api, "GET", "/own", "").Header().Get("ETag"))
	}
	require.Equal(t, 304, ask(api, "GET", "/own", "", "If-None-Match", `W/"mine"`).Code)
}

// Tag and NoStore reach the cache through the answer.
func TestTagAndNoStore(t *testing.T) {
	pages := newPages(t, nil)
	api := typed.New("", "", &typed.Options{Pages: pages})
	n := 0
	typed.Handle(api, "GET /a", func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		n++
		return res.Tag("author:7").Send(fmt.Sprint(n))
	}, typed.Cache(pagecache.Policy{TTL: time.Minute}))
	typed.Handle(api, "GET /b", func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		n++
		return res.NoStore().Send(fmt.Sprint(n))
	}, typed.Cache(pagecache.Policy{TTL: time.Minute}))
	require.Equal(t, "1", ask(api, "GET", "/a", "").Body.String())
	require.Equal(t, "1", ask(api, "GET", "/a", "").Body.String())
	require.NoError(t, pages.ExpireTag(t.Context(), "author:7"))
	require.Equal(t, "2", ask(api, "GET", "/a", "").Body.String())
	require.Equal(t, "3", ask(api, "GET", "/b", "").Body.String())
	require.Equal(t, "4", ask(api, "GET", "/b", "").Body.String())
}

// An answer that OnInvalid makes of a refused request is not kept, whatever its status.
func TestOnInvalidIsNotCached(t *testing.T) {
	opts := &typed.Options{Pages: newPages(t, nil)}
	opts.OnInvalid = func(_ context.Context, p *respond.Problem) (typed.Answer, error) {
		return new(typed.Response[respond.HTML]).Send("try again")
	}
	api := typed.New("", "", opts)
	typed.Handle(api, "GET /posts/{id}", typed.Func(func(_ context.Context, in cachedPost) (string, error) { return "post", nil }), typed.Cache(postPolicy()))
	for range 2 {
		w := ask(api, "GET", "/posts/x", "")
		require.Equal(t, "try again", w.Body.String())
		require.Equal(t, "BYPASS", w.Header().Get("X-Cache"))
	}
}
