package typed_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

type numbered struct {
	N int `path:"n"`
}

type number struct {
	N int `json:"n"`
}

// What the pipeline uses again stays with one request at a time, whatever becomes of
// the others: panics, cut streams, handlers that come too late, and handlers that make
// requests of their own.
func TestCallsDoNotMix(t *testing.T) {
	api := typed.New("Test", "1", &typed.Options{OnError: func(context.Context, error) {}})
	typed.Handle(api, "GET /plain/{n}", func(_ context.Context, in numbered, res *typed.Response[number]) (typed.Answer, error) {
		return res.JSON(number(in))
	})
	typed.Handle(api, "GET /nested/{n}", func(_ context.Context, in numbered, res *typed.Response[string]) (typed.Answer, error) {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest("GET", fmt.Sprintf("/plain/%d", in.N), nil))
		return res.Send(w.Body.String())
	})
	typed.Handle(api, "GET /panic/{n}", func(context.Context, numbered, *typed.Response[number]) (typed.Answer, error) {
		panic("on purpose")
	})
	typed.Handle(api, "GET /cut/{n}", func(_ context.Context, in numbered, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(io.MultiReader(strings.NewReader(fmt.Sprint(in.N)), failing{}))
	})
	late := typed.New("Late", "1", &typed.Options{Timeout: time.Microsecond, OnError: func(context.Context, error) {}})
	goOn := make(chan struct{})
	typed.Handle(late, "GET /late/{n}", func(_ context.Context, in numbered, res *typed.Response[number]) (typed.Answer, error) {
		<-goOn
		return res.JSON(number(in))
	})

	get := func(h http.Handler, path string) (code int, body string) {
		w := httptest.NewRecorder()
		defer func() {
			if v := recover(); v != nil {
				require.Equal(t, http.ErrAbortHandler, v)
				code, body = -1, w.Body.String()
			}
		}()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code, w.Body.String()
	}
	var clients sync.WaitGroup
	for c := range 8 {
		clients.Go(func() {
			for i := range 50 {
				n := c*1000 + i
				want := fmt.Sprintf(`{"n":%d}`, n)
				check := func(h http.Handler, path string, code int, body string) {
					gotCode, gotBody := get(h, fmt.Sprintf("%s/%d", path, n))
					if gotCode != code || body != "" && gotBody != body {
						t.Errorf("%s/%d: %d %s, want %d %s", path, n, gotCode, gotBody, code, body)
					}
				}
				check(api, "/plain", 200, want)
				check(api, "/panic", 500, "")
				check(api, "/nested", 200, want)
				check(api, "/cut", -1, fmt.Sprint(n))
				check(api, "/missing", 404, "")
				code, body := get(late, fmt.Sprintf("/late/%d", n))
				if code != 503 && body != want { // 503, unless another client has let its handler go on at once
					t.Errorf("/late/%d: %d %s", n, code, body)
				}
				goOn <- struct{}{} // some handler that is too late comes to its end beside the next requests
			}
		})
	}
	clients.Wait()
}

// A Response that a handler keeps answers nothing any more, its own request nor another's.
func TestKeptResponse(t *testing.T) {
	var kept []*typed.Response[number]
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /{n}", func(_ context.Context, in numbered, res *typed.Response[number]) (typed.Answer, error) {
		for _, old := range kept {
			_, _ = old.Status(500).Header("X-Stale", "1").JSON(number{-1})
		}
		kept = append(kept, res)
		a, err := res.JSON(number(in))
		for _, old := range kept {
			_, _ = old.Header("X-Stale", "1").JSON(number{-1})
		}
		return a, err
	})
	for n := range 20 {
		w := do(api, "GET", fmt.Sprintf("/%d", n), "")
		require.Equal(t, fmt.Sprintf(`{"n":%d}`, n), w.Body.String())
		require.Equal(t, 200, w.Code)
		require.Empty(t, w.Header().Get("X-Stale"))
	}
}

// failing is a source that fails at once.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
