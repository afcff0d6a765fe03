package typed_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

type middleware = func(http.Handler) http.Handler

// before is middleware that does something, then passes the request on.
func before(do func(w http.ResponseWriter, r *http.Request)) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			do(w, r)
			next.ServeHTTP(w, r)
		})
	}
}

type keyOf string

func TestMiddleware(t *testing.T) {
	api := typed.New("Test", "1", nil)
	var order []string
	mark := func(name string) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				order = append(order, name+" "+r.PathValue("id")+" "+r.Pattern)
				w.Header().Set("X-"+name, "1")
				next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), keyOf(name), name)))
			})
		}
	}
	api.Use(mark("a"), mark("b"))
	typed.Handle(api, "GET /users/{id}", func(ctx context.Context, in getUser, res *typed.Response[int]) (typed.Answer, error) {
		require.Equal(t, "a", ctx.Value(keyOf("a")))
		require.Equal(t, "c", ctx.Value(keyOf("c")))
		req := typed.HTTPRequest(ctx)
		require.Equal(t, "7", req.PathValue("id"))
		require.Equal(t, "GET /users/{id}", req.Pattern)
		return res.JSON(in.ID)
	}, typed.Use(mark("c"), mark("d")))
	typed.Handle(api, "GET /plain/{id}", func(ctx context.Context, in struct {
		ID int `path:"id"`
	}, res *typed.Response[int]) (typed.Answer, error) {
		require.Equal(t, "7", typed.HTTPRequest(ctx).PathValue("id"))
		return res.JSON(in.ID)
	})
	w := do(api, "GET", "/users/7", "")
	require.Equal(t, "7", w.Body.String())
	require.Equal(t, []string{"a 7 GET /users/{id}", "b 7 GET /users/{id}", "c 7 GET /users/{id}", "d 7 GET /users/{id}"}, order)
	order = nil
	require.Equal(t, "7", do(api, "GET", "/plain/7", "").Body.String())
	w = do(api, "GET", "/nothing", "")
	require.Equal(t, 404, w.Code)
	require.Equal(t, "1", w.Header().Get("X-A"), "middleware sees what no endpoint answers")
	require.Panics(t, func() { api.Use(mark("late")) })
	require.Panics(t, func() { typed.Handle(api, "GET /late", hello) })
	require.Panics(t, func() { typed.New("", "", nil).Use(nil) })
	require.Nil(t, typed.HTTPRequest(context.Background()))
}

// Middleware that panics is answered like a handler that does, wherever it stands.
func TestMiddlewarePanics(t *testing.T) {
	for name, tt := range map[string]struct {
		panics middleware
		want   string // the whole answer; "": the connection is cut
		report bool
	}{
		"before the answer": {before(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(http.StatusEarlyHints)
			panic("secret")
		}), `{"title":"Internal Server Error","status":500}`, true},
		"uncomparable":   {before(func(http.ResponseWriter, *http.Request) { panic([]int{1}) }), `{"title":"Internal Server Error","status":500}`, true},
		"after the head": {before(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200); panic("secret") }), "", true},
		"after a byte":   {before(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("a")); panic("secret") }), "", true},
		"after a flush":  {before(func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush(); panic("secret") }), "", true},
		"after a copy": {before(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, strings.NewReader("a"))
			panic("secret")
		}), "", true},
		"after a hijack": {before(hijackAndPanic), "", true},
		"to abort":       {before(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), "", false},
		"after all": {func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r); panic("secret") })
		}, "", true},
		"not at all": {before(func(http.ResponseWriter, *http.Request) {}), `"hello"`, false},
	} {
		for _, level := range []string{"api", "endpoint"} {
			t.Run(name+" "+level, func(t *testing.T) {
				reports := make(chan error, 10)
				api := typed.New("Test", "1", &typed.Options{OnError: func(_ context.Context, err error) { reports <- err }})
				var opts []typed.Option
				if level == "api" {
					api.Use(tt.panics)
				} else {
					opts = append(opts, typed.Use(tt.panics))
				}
				typed.Handle(api, "GET /hello", hello, opts...)
				srv := httptest.NewServer(api)
				defer srv.Close()
				client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
				res, err := client.Get(srv.URL + "/hello")
				body := ""
				if err == nil {
					b, readErr := io.ReadAll(res.Body)
					_ = res.Body.Close()
					body, err = string(b), readErr
				}
				if tt.want == "" {
					require.Error(t, err, "half an answer must not pass for a whole one: %s", body)
				} else {
					require.NoError(t, err)
					require.Equal(t, tt.want, body)
					require.Empty(t, res.Header.Get("Content-Encoding"))
				}
				if tt.report {
					p, ok := errors.AsType[*typed.PanicError](<-reports)
					require.True(t, ok)
					require.Contains(t, string(p.Stack), "middleware_test.go")
				}
				srv.Close()
				require.Empty(t, reports)
			})
		}
	}
}

func hijackAndPanic(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.Close()
	panic("secret")
}

// OnError is told of the endpoint, as for a handler.
func TestMiddlewarePanicHasItsRequest(t *testing.T) {
	var path string
	api := typed.New("Test", "1", &typed.Options{OnError: func(ctx context.Context, _ error) {
		path = typed.HTTPRequest(ctx).PathValue("id")
	}})
	typed.Handle(api, "GET /users/{id}", func(_ context.Context, in getUser, res *typed.Response[int]) (typed.Answer, error) {
		return res.JSON(in.ID)
	}, typed.Use(before(func(http.ResponseWriter, *http.Request) { panic("x") })))
	require.Equal(t, 500, do(api, "GET", "/users/7", "").Code)
	require.Equal(t, "7", path)
}

// Middleware may put another writer and another request in the place of what it got.
func TestMiddlewareReplaces(t *testing.T) {
	upper := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var buf bytes.Buffer
			next.ServeHTTP(&capture{ResponseWriter: w, body: &buf}, r)
			w.Header().Del("Content-Length")
			_, _ = w.Write(bytes.ToUpper(buf.Bytes()))
		})
	}
	rewrite := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			clone := r.Clone(context.WithValue(r.Context(), keyOf("k"), "v"))
			clone.URL.RawQuery = "limit=5"
			next.ServeHTTP(w, clone)
		})
	}
	for _, level := range []string{"api", "endpoint"} {
		api := typed.New("Test", "1", nil)
		var opts []typed.Option
		if level == "api" {
			api.Use(upper, rewrite, before(func(_ http.ResponseWriter, r *http.Request) { r.URL.Path = strings.TrimPrefix(r.URL.Path, "/v1") }))
		} else {
			api.Use(func(next http.Handler) http.Handler { return http.StripPrefix("/v1", next) })
			opts = append(opts, typed.Use(upper, rewrite))
		}
		typed.Handle(api, "GET /users/{id}", func(ctx context.Context, in getUser, res *typed.Response[[]any]) (typed.Answer, error) {
			return res.JSON([]any{in.ID, in.Limit, ctx.Value(keyOf("k")), typed.HTTPRequest(ctx).URL.RawQuery})
		}, opts...)
		w := do(api, "GET", "/v1/users/7?limit=9", "")
		require.Equal(t, `[7,5,"V","LIMIT=5"]`, w.Body.String(), level)
	}
}

type capture struct {
	http.ResponseWriter
	body *bytes.Buffer
}

func (c *capture) Write(p []byte) (int, error) { return c.body.Write(p) }

// The writer that middleware gets can still do what net/http's can.
func TestMiddlewareSeesTheWriter(t *testing.T) {
	api := typed.New("Test", "1", nil)
	api.Use(before(func(w http.ResponseWriter, _ *http.Request) {
		rc := http.NewResponseController(w)
		require.NoError(t, rc.SetWriteDeadline(time.Now().Add(time.Minute)))
		conn, rw, err := rc.Hijack()
		require.NoError(t, err)
		_, _ = rw.WriteString("HTTP/1.1 299 Mine\r\nContent-Length: 0\r\n\r\n")
		_ = rw.Flush()
		_ = conn.Close()
		panic(http.ErrAbortHandler)
	}))
	srv := httptest.NewServer(api)
	defer srv.Close()
	res, err := srv.Client().Get(srv.URL + "/")
	require.NoError(t, err)
	_ = res.Body.Close()
	require.Equal(t, 299, res.StatusCode)
}

// What ctx and the client's going look like does not depend on middleware.
func TestClientGoneBehindMiddleware(t *testing.T) {
	for _, level := range []string{"api", "endpoint"} {
		var rec recorded
		api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
		mw := before(func(http.ResponseWriter, *http.Request) {})
		var opts []typed.Option
		if level == "api" {
			api.Use(mw)
		} else {
			opts = append(opts, typed.Use(mw))
		}
		started, ended := make(chan struct{}), make(chan struct{})
		typed.Handle(api, "GET /slow", func(ctx context.Context, _ typed.None, _ *typed.Response[string]) (typed.Answer, error) {
			close(started)
			<-ctx.Done()
			defer close(ended)
			return typed.Fail(respond.Conflict("Nobody reads this."))
		}, opts...)
		srv := httptest.NewServer(api)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-started; cancel() }()
		req, err := http.NewRequestWithContext(ctx, "GET", srv.URL+"/slow", nil)
		require.NoError(t, err)
		_, err = srv.Client().Do(req)
		require.ErrorIs(t, err, context.Canceled)
		<-ended
		srv.Close()
		require.Zero(t, rec.len(), "%v", rec.errs)
	}
}
