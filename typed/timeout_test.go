package typed_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorded
		api := typed.New("Test", "1", &typed.Options{Timeout: time.Second, OnError: rec.on})
		stubborn := make(chan struct{})
		typed.Handle(api, "GET /heeds", func(ctx context.Context, _ typed.None, _ *typed.Response[string]) (typed.Answer, error) {
			<-ctx.Done()
			return typed.Fail(ctx.Err())
		})
		typed.Handle(api, "GET /ignores", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
			<-stubborn
			return typed.Answer{}, nil
		})
		typed.Handle(api, "GET /fast", hello)
		typed.Handle(api, "GET /panics", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) { panic("x") })
		typed.Handle(api, "GET /aborts", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
			panic(http.ErrAbortHandler)
		})
		for path, status := range map[string]int{"/heeds": 503, "/ignores": 503, "/fast": 200, "/panics": 500} {
			start := time.Now()
			w := do(api, "GET", path, "")
			require.Equal(t, status, w.Code, path)
			if status == 503 {
				require.Equal(t, time.Second, time.Since(start))
				require.Equal(t, `{"title":"Service Unavailable","status":503}`, w.Body.String())
			}
		}
		require.PanicsWithValue(t, http.ErrAbortHandler, func() { do(api, "GET", "/aborts", "") })
		close(stubborn)
		synctest.Wait()
		require.Equal(t, 1, rec.len(), "only the panic is an error: %v", rec.errs)
	})
}

// A deadline that middleware set is not the client going away.
func TestDeadlineOfMiddleware(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := typed.New("Test", "1", nil)
		api.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithTimeout(r.Context(), time.Second)
				defer cancel()
				next.ServeHTTP(w, r.WithContext(ctx))
			})
		})
		typed.Handle(api, "GET /slow", func(ctx context.Context, _ typed.None, _ *typed.Response[string]) (typed.Answer, error) {
			<-ctx.Done()
			return typed.Fail(ctx.Err())
		})
		require.Equal(t, 503, do(api, "GET", "/slow", "").Code)
	})
}

func TestClientGone(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
	started, ended := make(chan struct{}), make(chan struct{})
	typed.Handle(api, "GET /slow", func(ctx context.Context, _ typed.None, _ *typed.Response[string]) (typed.Answer, error) {
		close(started)
		<-ctx.Done()
		defer close(ended)
		return typed.Fail(fmt.Errorf("query: %w", ctx.Err()))
	})
	typed.Handle(api, "POST /users", func(_ context.Context, _ newUser, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON("x")
	})
	srv := httptest.NewServer(api)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	req, err := http.NewRequestWithContext(ctx, "GET", srv.URL+"/slow", nil)
	require.NoError(t, err)
	_, err = http.DefaultClient.Do(req)
	require.ErrorIs(t, err, context.Canceled)
	<-ended

	// A body that ends too early.
	body, w := io.Pipe()
	go func() {
		_, _ = w.Write([]byte(`{"name":`))
		_ = w.CloseWithError(errors.New("cut"))
	}()
	req, err = http.NewRequest("POST", srv.URL+"/users", body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	_, err = http.DefaultClient.Do(req)
	require.Error(t, err)
	srv.Close()
	http.DefaultClient.CloseIdleConnections()
	require.Zero(t, rec.len(), "a client that went away is no error: %v", rec.errs)
}

// A panic is a panic, also with an error that would be an answer if it were returned,
// and also on the goroutine that a Timeout needs.
func TestPanicWithAnError(t *testing.T) {
	for _, timeout := range []time.Duration{0, time.Minute} {
		for _, value := range []any{respond.NotFound("secret"), context.DeadlineExceeded, context.Canceled, io.EOF, []int{1}} {
			var rec recorded
			api := typed.New("Test", "1", &typed.Options{Timeout: timeout, OnError: rec.on})
			typed.Handle(api, "GET /", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) { panic(value) })
			w := do(api, "GET", "/", "")
			require.Equal(t, 500, w.Code, "%v", value)
			require.NotContains(t, w.Body.String(), "secret")
			require.Equal(t, 1, rec.len(), "%v", value)
			_, ok := errors.AsType[*typed.PanicError](rec.errs[0])
			require.True(t, ok)
		}
	}
}

// A handler that ends its goroutine, as a test's FailNow does, is answered at once.
func TestTimeoutGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorded
		api := typed.New("Test", "1", &typed.Options{Timeout: time.Second, OnError: rec.on})
		typed.Handle(api, "GET /", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
			runtime.Goexit()
			return typed.Answer{}, nil
		})
		start := time.Now()
		require.Equal(t, 500, do(api, "GET", "/", "").Code)
		require.Zero(t, time.Since(start))
		require.ErrorContains(t, rec.errs[0], "Goexit")
		require.Equal(t, 1, rec.len())
	})
}

// The answer of a handler that is over its time may be made while the client has its
// own: neither touches the other, nor the request that comes next.
func TestOvertaken(t *testing.T) {
	api := typed.New("Test", "1", &typed.Options{Timeout: 50 * time.Microsecond, OnError: func(context.Context, error) {}})
	var handlers sync.WaitGroup
	typed.Handle(api, "GET /s/{shelf}/{book}/p/{page...}", func(ctx context.Context, in filed, res *typed.Response[[]string]) (typed.Answer, error) {
		defer handlers.Done()
		time.Sleep(time.Duration(rand.IntN(100)) * time.Microsecond)
		in.Page = typed.HTTPRequest(ctx).PathValue("page")
		_, _ = res.JSON(nil)
		return res.JSON([]string{in.Shelf, in.Book, in.Page})
	})
	for i := range 300 {
		handlers.Add(1)
		w := do(api, "GET", fmt.Sprintf("/s/a/%d/p/x", i), "")
		if w.Code != 503 {
			require.Equal(t, fmt.Sprintf(`["a","%d","x"]`, i), w.Body.String())
		}
	}
	handlers.Wait()
}

// A panic of OnError about a handler whose time is over does not end the process.
func TestOnErrorPanicsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reported atomic.Bool
		api := typed.New("Test", "1", &typed.Options{Timeout: time.Second, OnError: func(context.Context, error) {
			reported.Store(true)
			panic("the hook")
		}})
		typed.Handle(api, "GET /", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
			time.Sleep(time.Minute)
			panic("the handler")
		})
		require.Equal(t, 503, do(api, "GET", "/", "").Code)
		time.Sleep(time.Hour)
		require.True(t, reported.Load())
	})
}
