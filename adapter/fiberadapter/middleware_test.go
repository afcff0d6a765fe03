package fiberadapter_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/cache"
	"github.com/gofiber/fiber/v3/middleware/compress"
	"github.com/gofiber/fiber/v3/middleware/etag"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// A stream that fails is cut off, and kept by nobody, also where middleware of fiber
// collects the answer before it is sent (faults A25).
func TestStreamFailsInMiddleware(t *testing.T) {
	for name, mw := range map[string]fiber.Handler{"none": nil, "compress": compress.New(), "etag": etag.New(), "cache": cache.New()} {
		t.Run("A25 "+name, func(t *testing.T) {
			var whole atomic.Bool // from now on
			api := typed.New("Test", "1", &typed.Options{OnError: func(context.Context, error) {}})
			typed.Handle(api, "GET /stream", func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
				if !whole.Load() {
					return res.Send(io.MultiReader(strings.NewReader("the first half "), iotest.ErrReader(errors.New("the disk of the secret host is gone"))))
				}
				return res.Send(strings.NewReader("all of it"))
			})
			app := fiber.New()
			if mw != nil {
				app.Use(mw)
			}
			fiberadapter.Mount(app, api)
			server := serve(app)
			defer server.Close()
			for range 2 {
				res, err := http.Get(server.URL + "/stream")
				if err == nil {
					text, rerr := io.ReadAll(res.Body)
					_ = res.Body.Close()
					require.Error(t, rerr, "%d %q looks complete", res.StatusCode, text)
					require.NotContains(t, string(text), "secret")
				}
			}
			whole.Store(true)
			res, err := http.Get(server.URL + "/stream")
			require.NoError(t, err)
			text, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			_ = res.Body.Close()
			require.Equal(t, "all of it", string(text))
		})
	}
}

// What the adapter answers itself has the form of the API's errors, too.
func TestRefusedMountHasTheFormOfErrors(t *testing.T) {
	type envelope struct {
		Code int    `json:"code"`
		Text string `json:"text"`
	}
	api := typed.New("Test", "1", &typed.Options{Errors: typed.Errors("application/json", func(_ context.Context, p *respond.Problem) envelope {
		return envelope{p.Status, p.Title}
	})})
	typed.Handle(api, "GET /x", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }))
	require.NoError(t, api.Mount("/elsewhere"))
	inner, app := fiber.New(), fiber.New()
	fiberadapter.Mount(inner, api)
	app.Use("/v2", inner)
	status, body, header := ask(t, app, "GET", "/v2/elsewhere/x", "")
	require.Equal(t, http.StatusInternalServerError, status)
	require.Equal(t, `{"code":500,"text":"Internal Server Error"}`, body)
	require.Equal(t, "application/json", header.Get("Content-Type"))
}

// What middleware of fiber says of storing an answer holds for a page that is kept, whether
// or not middleware of net/http stands in between.
func TestPageHeedsMiddlewareOfFiber(t *testing.T) {
	const ours = "private, no-cache, no-store, max-age=0, must-revalidate"
	type storing struct{ CacheControl, CDN, Cookies []string }
	pass := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Cookie") != "" {
				w.Header().Add("Set-Cookie", "inner=3")
			}
			next.ServeHTTP(w, r)
		})
	}
	for name, tt := range map[string]struct {
		app    fiber.Config
		before fiber.Handler
		opts   []typed.Option
		header []string
		want   storing
	}{
		"nothing": {want: storing{[]string{"public, max-age=0, must-revalidate"}, []string{"max-age=60"}, nil}},
		"private": {before: func(c fiber.Ctx) error { c.Set("Cache-Control", "private"); return c.Next() }, want: storing{[]string{"private"}, nil, nil}},
		"as sent": {
			app:    fiber.Config{DisableHeaderNormalizing: true},
			before: func(c fiber.Ctx) error { c.Set("cache-control", "no-store"); return c.Next() },
			want:   storing{[]string{"no-store"}, nil, nil},
		},
		"cookies": {before: twoCookies, want: storing{[]string{ours}, nil, []string{"a=1; path=/; SameSite=Lax", "b=2; path=/; SameSite=Lax"}}},
		"cookies and net/http": {
			before: twoCookies, opts: []typed.Option{typed.Use(pass)}, header: []string{"X-Cookie", "1"},
			want: storing{[]string{ours}, nil, []string{"a=1; path=/; SameSite=Lax", "b=2; path=/; SameSite=Lax", "inner=3"}},
		},
		"private and net/http": {
			before: func(c fiber.Ctx) error { c.Set("Cache-Control", "private"); return c.Next() }, opts: []typed.Option{typed.Use(pass)},
			want: storing{[]string{"private"}, nil, nil},
		},
	} {
		t.Run(name, func(t *testing.T) {
			pages := pagecache.New(pagecache.Memory(1<<20), nil)
			defer func() { require.NoError(t, pages.Close()) }()
			api := typed.New("Test", "1", &typed.Options{Pages: pages})
			typed.Handle(api, "GET /x", typed.Func(func(context.Context, typed.None) (string, error) { return "x", nil }),
				append(tt.opts, typed.Cache(pagecache.Policy{TTL: time.Minute, CDN: true}))...)
			app := fiber.New(tt.app)
			if tt.before != nil {
				app.Use(tt.before)
			}
			fiberadapter.Mount(app, api)
			for range 2 {
				_, body, h := ask(t, app, "GET", "/x", "", tt.header...)
				require.Equal(t, `"x"`, body)
				if diff := cmp.Diff(tt.want, storing{h.Values("Cache-Control"), h.Values("Cdn-Cache-Control"), h.Values("Set-Cookie")}); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func twoCookies(c fiber.Ctx) error {
	c.Cookie(&fiber.Cookie{Name: "a", Value: "1"})
	c.Cookie(&fiber.Cookie{Name: "b", Value: "2"})
	return c.Next()
}
