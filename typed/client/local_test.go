package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

type ctxKey struct{}

// A request of a local client looks like one that came through a socket: the context ends
// with that of the call, and has none of its values.
func TestLocalRequest(t *testing.T) {
	api := typed.New("Local", "1", &typed.Options{BasePath: "/v1"})
	var got *http.Request
	var path string
	api.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got, path = r, r.URL.Path
			next.ServeHTTP(w, r)
		})
	})
	type in struct {
		Name string `path:"name"`
		Q    string `query:"q"`
		V    int    `json:"v"`
	}
	e := typed.Post[in, typed.None]("/x/{name}")
	var value any
	e.Handle(api, typed.Func(func(ctx context.Context, _ in) (typed.None, error) {
		value = ctx.Value(ctxKey{})
		<-ctx.Done()
		return typed.None{}, ctx.Err()
	}))
	ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), ctxKey{}, "secret"), 10*time.Millisecond)
	defer cancel()
	_, err := client.Call(ctx, client.Local(api), e, in{"a/b é", "?", 1})
	require.Error(t, err)
	require.Nil(t, value)
	require.Equal(t, "/v1/x/a/b é", path)
	require.Equal(t, "/v1/x/a%2Fb%20%C3%A9?q=%3F", got.RequestURI)
	require.Equal(t, "POST /v1/x/{name}", got.Pattern)
	require.Equal(t, "localhost", got.Host)
	require.Equal(t, "", got.URL.Host)
	require.EqualValues(t, len(`{"v":1}`), got.ContentLength)
	deadline, ok := got.Context().Deadline()
	require.True(t, ok)
	want, _ := ctx.Deadline()
	require.Equal(t, want, deadline)

	_, err = client.Call(ctx, client.Local(api), e, in{"a", "", 1})
	require.ErrorIs(t, err, context.DeadlineExceeded) // before the API is asked
	var none context.Context
	_, err = client.Call(none, client.Local(api), e, in{"a", "", 1})
	require.EqualError(t, err, "client: POST /x/{name}: the context is nil")
	_, err = client.Call(t.Context(), client.Local(api), (*typed.Endpoint[in, typed.Response[typed.None]])(nil), in{})
	require.EqualError(t, err, "client: the endpoint is nil")
}

// What a middleware has kept of a request, and what the caller has given for it, stays as it
// is when others follow.
func TestLocalRequestIsKept(t *testing.T) {
	api := typed.New("Local", "1", nil)
	var kept []*http.Request
	api.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kept = append(kept, r)
			if len(kept) > 1 { // the first is not read
				next.ServeHTTP(w, r)
			}
		})
	})
	raw := typed.Post[[]byte, typed.None]("/raw")
	raw.Handle(api, typed.Func(func(context.Context, []byte) (typed.None, error) { return typed.None{}, nil }))
	type in struct {
		V string `json:"v"`
	}
	e := typed.Post[in, typed.None]("/json")
	e.Handle(api, typed.Func(func(context.Context, in) (typed.None, error) { return typed.None{}, nil }))
	c := client.Local(api, &client.Options{Retry: client.Retry{Tries: 2}})
	_, err := client.Call(t.Context(), c, e, in{"first"})
	require.Error(t, err) // a 200 without content
	given := []byte("given")
	_, err = client.Call(t.Context(), c, raw, given)
	require.NoError(t, err)
	_, err = client.Call(t.Context(), c, e, in{"second"})
	require.NoError(t, err)
	require.Equal(t, "given", string(given))
	require.Equal(t, "/json", kept[0].RequestURI)
	require.Equal(t, "/raw", kept[1].URL.Path)
	content, err := io.ReadAll(kept[0].Body)
	require.NoError(t, err)
	require.Equal(t, `{"v":"first"}`, string(content))
	again, err := kept[2].GetBody()
	require.NoError(t, err)
	_, err = client.Call(t.Context(), c, e, in{"third"})
	require.NoError(t, err)
	content, err = io.ReadAll(again)
	require.NoError(t, err)
	require.Equal(t, `{"v":"second"}`, string(content))
}

// behind is an API with only this middleware, whose endpoint is never reached.
func behind(h http.HandlerFunc, opts *client.Options) *client.Client {
	api := typed.New("Behind", "1", nil)
	typed.Handle(api, "GET /users/{id}", typed.Func(func(context.Context, getUser) (user, error) { return user{}, nil }))
	api.Use(func(http.Handler) http.Handler { return h })
	return client.Local(api, opts)
}

// The recorder does what net/http does for handlers that are not of this toolkit.
func TestLocalRecorder(t *testing.T) {
	in := getUser{ID: 1, Fields: []string{"id"}}
	for _, tt := range []struct {
		name  string
		serve http.HandlerFunc
		opts  client.Options
		want  string // of the error; "": none
	}{
		{"an answer", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, `{"id":1,`)
			require.NoError(t, http.NewResponseController(w).Flush())
			w.Header().Set("Content-Type", "text/html") // the head was sent
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(500)
			_, _ = io.WriteString(w, `"name":"Ada"}`)
		}, client.Options{}, ""},
		{"sniffed", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "<html>") }, client.Options{}, `"text/html; charset=utf-8"`},
		{"nothing", func(http.ResponseWriter, *http.Request) {}, client.Options{}, "answered 200, and the endpoint declares"},
		{"content of a 204", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(204)
			_, err := io.WriteString(w, "x")
			require.ErrorIs(t, err, http.ErrBodyNotAllowed)
		}, client.Options{}, "answered 204, which"},
		{"less than was declared", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "30")
			_, _ = io.WriteString(w, `{"id":1,"name":"Ada"}`)
		}, client.Options{}, "its content broke off: unexpected EOF"},
		{"too much", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for n := 0; ; n++ {
				if _, err := io.WriteString(w, strings.Repeat(" ", 10)); err != nil {
					require.Less(t, n, 11)
					return
				}
			}
		}, client.Options{MaxAnswer: 100}, "its content is larger than 100 bytes"},
		{"cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, client.Options{}, "client: GET /users/{id}: unexpected EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := client.Call(t.Context(), behind(tt.serve, &tt.opts), endGet, in)
			if tt.want == "" {
				require.NoError(t, err)
				require.Equal(t, user{1, "Ada"}, got)
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
	c := behind(func(http.ResponseWriter, *http.Request) { panic("middleware") }, nil) // recovered by the API
	_, err := client.Call(t.Context(), c, endGet, in)
	require.ErrorContains(t, err, "client: GET /users/{id}: 500 Internal Server Error")
	require.PanicsWithValue(t, "OnError", func() {
		api := typed.New("Panicking", "1", &typed.Options{OnError: func(context.Context, error) { panic("OnError") }})
		endGet.Handle(api, typed.Func(func(context.Context, getUser) (user, error) { return user{}, errors.New("failed") }))
		_, _ = client.Call(t.Context(), client.Local(api), endGet, in)
	})
}

// newStreams is an API that answers with what a function writes.
func newStreams(write func(context.Context, *io.PipeWriter), mw ...func(http.Handler) http.Handler) *client.Client {
	api := typed.New("Streams", "1", nil)
	api.Use(mw...)
	endRead.Handle(api, func(ctx context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		if write == nil {
			return typed.Fail(respond.NotFound("No stream."))
		}
		r, w := io.Pipe()
		go write(ctx, w)
		return res.Send(r)
	})
	return client.Local(api)
}

// A stream is read while it is written, and closing it ends the request.
func TestLocalStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		c := newStreams(func(ctx context.Context, w *io.PipeWriter) {
			for range 3 {
				_, _ = io.WriteString(w, "tick")
				time.Sleep(time.Second)
			}
			<-ctx.Done()
			ended <- ctx.Err()
			_ = w.Close()
		})
		began := time.Now()
		r, err := client.Call(t.Context(), c, endRead, typed.None{})
		require.NoError(t, err)
		buf := make([]byte, 8)
		for range 3 {
			n, err := r.Read(buf)
			require.NoError(t, err)
			require.Equal(t, "tick", string(buf[:n]))
		}
		require.Equal(t, 2*time.Second, time.Since(began))
		require.NoError(t, r.(io.Closer).Close())
		require.ErrorIs(t, <-ended, context.Canceled)
	})
	synctest.Test(t, func(t *testing.T) { // the call's own context ends it
		ctx, cancel := context.WithCancel(t.Context())
		r, err := client.Call(ctx, newStreams(func(ctx context.Context, w *io.PipeWriter) {
			_, _ = io.WriteString(w, "tick")
			<-ctx.Done()
			_ = w.CloseWithError(ctx.Err())
		}), endRead, typed.None{})
		require.NoError(t, err)
		time.AfterFunc(time.Second, cancel)
		_, err = io.ReadAll(r)
		require.ErrorIs(t, err, context.Canceled)
	})
	synctest.Test(t, func(t *testing.T) { // before the head
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := client.Call(ctx, newStreams(nil, func(http.Handler) http.Handler {
			return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		}), endRead, typed.None{})
		require.Error(t, err)
	})
	synctest.Test(t, func(t *testing.T) {
		r, err := client.Call(t.Context(), newStreams(func(_ context.Context, w *io.PipeWriter) {
			_, _ = io.WriteString(w, "half")
			_ = w.CloseWithError(errors.New("disk"))
		}), endRead, typed.None{})
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.Equal(t, "half", string(content))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	})
	_, err := client.Call(t.Context(), newStreams(nil), endRead, typed.None{})
	p, ok := errors.AsType[*respond.Problem](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, 404, p.Status)

	for name, tt := range map[string]struct {
		h    http.HandlerFunc
		want string
	}{
		"cut":     {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "client: GET /read: unexpected EOF"},
		"sniffed": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, ""},
		"flushed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/x")
			w.WriteHeader(103)
			_ = http.NewResponseController(w).Flush()
		}, ""},
		"empty": {func(http.ResponseWriter, *http.Request) {}, "answered 200, and the endpoint declares application/octet-stream"},
	} {
		_, err := client.Call(t.Context(), newStreams(nil, func(http.Handler) http.Handler { return tt.h }), endRead, typed.None{})
		if tt.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, tt.want, name)
	}
	require.PanicsWithValue(t, "OnError", func() {
		api := typed.New("Panicking", "1", &typed.Options{OnError: func(context.Context, error) { panic("OnError") }})
		endRead.Handle(api, typed.Func(func(context.Context, typed.None) (io.Reader, error) { return nil, errors.New("failed") }))
		_, _ = client.Call(t.Context(), client.Local(api), endRead, typed.None{})
	})
	r, err := client.Call(t.Context(), newStreams(nil, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/x")
			_ = http.NewResponseController(w).Flush()
			panic("middleware")
		})
	}), endRead, typed.None{})
	if err == nil {
		_, err = io.ReadAll(r)
	}
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = client.Call(ctx, newStreams(nil), endRead, typed.None{})
	require.ErrorIs(t, err, context.Canceled)
}
