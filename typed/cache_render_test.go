package typed_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// A failing render is a 500 for all who wait, reported, and never kept.
func TestFailingRender(t *testing.T) {
	var reported atomic.Int64
	b := newBlog(t, &typed.Options{OnError: func(context.Context, error) { reported.Add(1) }})
	for i, err := range []error{errors.New("secret"), respond.Unavailable("later")} {
		b.setError(err)
		w := ask(b.api, "GET", "/posts/1", "")
		require.GreaterOrEqual(t, w.Code, 500)
		require.NotContains(t, w.Body.String(), "secret")
		require.Equal(t, "BYPASS", w.Header().Get("X-Cache"))
		require.Equal(t, "private, no-cache, no-store, max-age=0, must-revalidate", w.Header().Get("Cache-Control"))
		require.Equal(t, int64(i+1), reported.Load())
	}
	b.setError(nil)
	b.expect(t, "MISS", 3, "/posts/1")
}

// Panics, aborts and hanging handlers end in an answer.
func TestRenderEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pages := newPages(t, &pagecache.Options{RenderTimeout: time.Second})
		var reports []error
		api := typed.New("", "", &typed.Options{Pages: pages, OnError: func(_ context.Context, err error) { reports = append(reports, err) }})
		typed.Handle(api, "GET /{how}", typed.Func(func(ctx context.Context, in struct {
			How string `path:"how"`
		}) (string, error) {
			switch in.How {
			case "panic":
				panic("boom")
			case "abort":
				panic(http.ErrAbortHandler)
			}
			<-ctx.Done()
			return "", ctx.Err()
		}), typed.Cache(pagecache.Policy{TTL: time.Minute}))
		require.Equal(t, 500, ask(api, "GET", "/panic", "").Code)
		require.Len(t, reports, 1)
		require.Equal(t, 500, ask(api, "GET", "/abort", "").Code)
		require.Equal(t, 503, ask(api, "GET", "/wait", "").Code)
	})
}

// A client that leaves is not answered; its render goes on.
func TestClientLeavesDuringRender(t *testing.T) {
	b := newBlog(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequest("GET", "/posts/1", nil).WithContext(ctx)
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		for { // the render may be quicker than the look at the context
			b.api.ServeHTTP(httptest.NewRecorder(), r)
			require.NoError(t, b.pages.Expire(t.Context(), "/posts/1"))
		}
	})
}

// Bypassed requests are rendered with everything they sent, marked, and limited.
func TestBypass(t *testing.T) {
	pages := newPages(t, nil)
	api := typed.New("", "", &typed.Options{Pages: pages})
	policy := pagecache.Policy{TTL: time.Minute, BypassAuthorization: true, MaxBypass: 1}
	inside := make(chan struct{})
	typed.Handle(api, "GET /me", func(ctx context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		who := typed.HTTPRequest(ctx).Header.Get("Authorization")
		if who == "slow" {
			inside <- struct{}{}
			<-inside
		}
		return res.Send("hello " + who)
	}, typed.Cache(policy))
	w := ask(api, "GET", "/me", "", "Authorization", "alice")
	require.Equal(t, "hello alice", w.Body.String())
	require.Equal(t, "BYPASS", w.Header().Get("X-Cache"))
	require.Equal(t, "private, no-cache, no-store, max-age=0, must-revalidate", w.Header().Get("Cache-Control"))
	require.Equal(t, "apiroutes; fwd=bypass", w.Header().Get("Cache-Status"))
	require.Equal(t, "hello ", ask(api, "GET", "/me", "").Body.String())

	var wg sync.WaitGroup
	wg.Go(func() { ask(api, "GET", "/me", "", "Authorization", "slow") })
	<-inside
	w = ask(api, "GET", "/me", "", "Authorization", "bob")
	require.Equal(t, 503, w.Code)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
	inside <- struct{}{}
	wg.Wait()
	require.Equal(t, 200, ask(api, "GET", "/me", "", "Authorization", "bob").Code)
}

// What Handle refuses about Cache.
func TestCacheRefused(t *testing.T) {
	policy := postPolicy()
	refused := func(t *testing.T, pages *pagecache.Cache, declare func(api *typed.API), want ...string) {
		t.Helper()
		defer func() {
			t.Helper()
			msg := fmt.Sprint(recover())
			for _, w := range want {
				require.Contains(t, msg, w)
			}
		}()
		declare(typed.New("", "", &typed.Options{Pages: pages}))
		t.Error("not refused")
	}
	type fromCookie struct {
		A string `cookie:"session"`
		B string `header:"X-User"`
		C string `query:"q"`
		D string `query:"page"`
		E string `header:"accept-language"`
	}
	refused(t, newPages(t, nil), func(api *typed.API) {
		typed.Handle(api, "GET /", typed.Func(func(context.Context, fromCookie) (string, error) { return "", nil }), typed.Cache(
			pagecache.Policy{TTL: 1, Query: []string{"page"}, Vary: []string{"Accept-Language"}}))
	}, "typed: GET /: field A: a cached page cannot depend on the cookie session: drop", "field B: ", "header X-User: add it to Policy.Vary", "field C: ", "query parameter q: add")
	refused(t, newPages(t, nil), func(api *typed.API) {
		typed.Handle(api, "POST /posts/{id}", typed.Func(func(context.Context, cachedPost) (io.Reader, error) { return nil, nil }), typed.Cache(policy))
	}, "the option Cache is for GET", "stream")
	refused(t, newPages(t, nil), func(api *typed.API) {
		typed.Handle(api, "GET /posts/{id}", typed.Func(func(context.Context, cachedPost) (string, error) { return "", nil }), typed.Cache(
			pagecache.Policy{Query: []string{"page"}, Vary: []string{"Accept-Language"}, Tags: []string{"post:{slug}"}}))
	}, "Policy.TTL is 0s: write", `"post:{slug}" names`)
	refused(t, nil, func(api *typed.API) {
		typed.Handle(api, "GET /posts/{id}", typed.Func(func(context.Context, cachedPost) (string, error) { return "", nil }), typed.Cache(policy))
	}, "the option Cache needs a page cache: set Options.Pages")
	refused(t, newPages(t, nil), func(api *typed.API) {
		typed.Handle(api, "GET /", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }))
		ask(api, "GET", "/", "")
	}, "no endpoint has the option Cache")
	pages := newPages(t, nil)
	typed.New("", "", &typed.Options{Pages: pages})
	refused(t, pages, func(*typed.API) {}, "used by another API")
}
