package client_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

var postRows = typed.Post[typed.Lines[row], row]("/rows")

type row struct {
	V string `json:"v"`
}

func newRows() *typed.API {
	api := typed.New("Rows", "1", nil)
	postRows.Handle(api, typed.Func(func(_ context.Context, rows typed.Lines[row]) (last row, err error) {
		for last, err = range rows {
			if err != nil {
				return row{}, err
			}
		}
		return last, nil
	}))
	return api
}

// both are clients of an API over a socket and over Local.
func both(t *testing.T, api *typed.API) map[string]*client.Client {
	s := httptest.NewServer(api)
	t.Cleanup(s.Close)
	return map[string]*client.Client{"socket": client.New(s.URL, nil), "local": client.Local(api)}
}

// The context ends a call whose lines wait for something else.
func TestContextEndsLines(t *testing.T) {
	for name, c := range both(t, newRows()) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			wait := make(chan row)
			defer close(wait)
			_, err := client.Call(ctx, c, postRows, func(yield func(row, error) bool) {
				for more := yield(row{"a"}, nil); more; {
					v, ok := <-wait
					more = ok && yield(v, nil)
				}
			})
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}

// A loop that ends its goroutine, as t.FailNow does, ends the request.
func TestGoexitEndsLines(t *testing.T) {
	for name, c := range both(t, newRows()) {
		t.Run(name, func(t *testing.T) {
			_, err := client.Call(t.Context(), c, postRows, func(yield func(row, error) bool) {
				yield(row{"a"}, nil)
				runtime.Goexit()
			})
			require.Error(t, err)
		})
	}
}

// closing is a body that knows whether it was closed.
type closing struct {
	io.Reader
	closed chan struct{}
}

func (c *closing) Close() error {
	close(c.closed)
	return nil
}

// The content of a request is closed once, whatever becomes of it.
func TestContentIsClosed(t *testing.T) {
	type in struct {
		Content io.Reader `body:""`
	}
	e := typed.Post[in, typed.None]("/content")
	streams := typed.Post[in, io.Reader]("/stream")
	newAPI := func(abort bool) *typed.API {
		api := typed.New("Contents", "1", nil)
		e.Handle(api, typed.Func(func(context.Context, in) (typed.None, error) { return typed.None{}, nil }))
		streams.Handle(api, typed.Func(func(context.Context, in) (io.Reader, error) { return strings.NewReader("x"), nil }))
		api.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if abort {
					panic(http.ErrAbortHandler)
				}
				next.ServeHTTP(w, r)
			})
		})
		return api
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, abort := range []bool{false, true} {
		for name, c := range both(t, newAPI(abort)) {
			for _, ctx := range []context.Context{t.Context(), ended} {
				t.Run(fmt.Sprintf("%s abort=%t ended=%t", name, abort, ctx == ended), func(t *testing.T) {
					content := &closing{strings.NewReader("x"), make(chan struct{})}
					_, err := client.Call(ctx, c, e, in{content})
					require.Equal(t, abort || ctx == ended, err != nil)
					<-content.closed
					content = &closing{strings.NewReader("x"), make(chan struct{})}
					if answer, err := client.Call(ctx, c, streams, in{content}); err == nil {
						_, _ = io.ReadAll(answer)
					}
					<-content.closed
				})
			}
		}
	}
}

// A handler that http.TimeoutHandler has left behind still reads its own request.
func TestLocalRequestIsReadLater(t *testing.T) {
	api := typed.New("Slow", "1", nil)
	var left sync.WaitGroup
	read := make(chan string, 5)
	api.Use(func(http.Handler) http.Handler {
		return http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			defer left.Done()
			<-r.Context().Done()
			text, _ := io.ReadAll(r.Body)
			read <- string(text)
		}), time.Millisecond, "")
	})
	e := typed.Post[row, typed.None]("/slow")
	e.Handle(api, typed.Func(func(context.Context, row) (typed.None, error) { return typed.None{}, nil }))
	c := client.Local(api)
	want := map[string]bool{}
	for i := range cap(read) {
		v := strings.Repeat(fmt.Sprint(i), 200)
		want[fmt.Sprintf(`{"v":%q}`, v)] = true
		left.Add(1)
		_, err := client.Call(t.Context(), c, e, row{v})
		require.Error(t, err)
	}
	left.Wait()
	close(read)
	for text := range read {
		require.True(t, want[text], text)
		delete(want, text)
	}
}

// The largest limit is none.
func TestMaxAnswerOfAnySize(t *testing.T) {
	api := typed.New("Limits", "1", nil)
	e := typed.Get[typed.None, row]("/a")
	e.Handle(api, typed.Func(func(context.Context, typed.None) (row, error) { return row{"x"}, nil }))
	s := httptest.NewServer(api)
	defer s.Close()
	opts := &client.Options{MaxAnswer: math.MaxInt64}
	for _, c := range []*client.Client{client.New(s.URL, opts), client.Local(api, opts)} {
		got, err := client.Call(t.Context(), c, e, typed.None{})
		require.NoError(t, err)
		require.Equal(t, row{"x"}, got)
	}
}
