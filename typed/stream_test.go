package typed_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

// closing is a payload that knows whether it was closed, and reads with a context.
type closing struct {
	io.Reader
	ctx    context.Context // nil: any
	closed atomic.Int32
}

func (c *closing) Read(p []byte) (int, error) {
	if c.ctx != nil && c.ctx.Err() != nil {
		return 0, c.ctx.Err()
	}
	return c.Reader.Read(p)
}

func (c *closing) Close() error { c.closed.Add(1); return nil }

func TestStreamedPayloadIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, tt := range map[string]struct {
			opts   typed.Options
			answer func(context.Context, *typed.Response[io.Reader], io.Reader) (typed.Answer, error)
			status int
			report int
		}{
			"sent": {typed.Options{}, func(_ context.Context, res *typed.Response[io.Reader], s io.Reader) (typed.Answer, error) {
				return res.Send(s)
			}, 200, 0},
			"with an error": {typed.Options{}, func(_ context.Context, res *typed.Response[io.Reader], s io.Reader) (typed.Answer, error) {
				a, _ := res.Send(s)
				return a, respond.Gone("Gone.")
			}, 410, 0},
			"with a status that was not declared": {typed.Options{}, func(_ context.Context, res *typed.Response[io.Reader], s io.Reader) (typed.Answer, error) {
				return res.Status(418).Send(s)
			}, 500, 1},
			"too late": {typed.Options{Timeout: time.Second}, func(_ context.Context, res *typed.Response[io.Reader], s io.Reader) (typed.Answer, error) {
				<-time.After(time.Minute)
				return res.Send(s)
			}, 503, 0},
			"in time": {typed.Options{Timeout: time.Second}, func(ctx context.Context, res *typed.Response[io.Reader], s io.Reader) (typed.Answer, error) {
				s.(*closing).ctx = ctx // still alive while the payload is read
				return res.Send(s)
			}, 200, 0},
		} {
			var rec recorded
			tt.opts.OnError = rec.on
			api := typed.New("Test", "1", &tt.opts)
			src := &closing{Reader: strings.NewReader("abc")}
			typed.Handle(api, "GET /", func(ctx context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
				return tt.answer(ctx, res, src)
			})
			w := do(api, "GET", "/", "")
			<-time.After(time.Hour)
			synctest.Wait()
			require.Equal(t, tt.status, w.Code, name)
			require.EqualValues(t, 1, src.closed.Load(), name)
			require.Equal(t, tt.report, rec.len(), "%s: %v", name, rec.errs)
			if tt.status == 200 {
				require.Equal(t, "abc", w.Body.String(), name)
			}
		}
	})
}

// A handler's context ends with its answer, and a panic that came too late to be
// answered is still reported.
func TestTimeoutEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorded
		api := typed.New("Test", "1", &typed.Options{Timeout: time.Second, OnError: rec.on})
		var kept context.Context
		typed.Handle(api, "GET /quick", func(ctx context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
			kept = ctx
			return res.JSON("x")
		})
		typed.Handle(api, "GET /late", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
			<-time.After(time.Minute)
			panic("late")
		})
		require.Equal(t, 200, do(api, "GET", "/quick", "").Code)
		require.ErrorIs(t, kept.Err(), context.Canceled)
		require.Equal(t, 503, do(api, "GET", "/late", "").Code)
		require.Zero(t, rec.len())
		<-time.After(time.Hour)
		synctest.Wait()
		require.Equal(t, "panic: late", rec.String())
	})
}

// A body that a handler reads itself is the client's doing all the same.
func TestStreamedBodyBreaksOff(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
	got := make(chan error, 1)
	typed.Handle(api, "POST /", func(_ context.Context, in struct {
		Body io.ReadCloser `body:""`
	}, res *typed.Response[typed.None]) (typed.Answer, error) {
		_, err := io.Copy(io.Discard, in.Body)
		got <- err
		if err != nil {
			return typed.Fail(err)
		}
		return res.End()
	})
	srv := httptest.NewServer(api)
	body, w := io.Pipe()
	go func() {
		_, _ = w.Write([]byte("abc"))
		_ = w.CloseWithError(errors.New("cut"))
	}()
	_, err := srv.Client().Post(srv.URL, "", body)
	require.Error(t, err)
	require.ErrorIs(t, <-got, io.ErrUnexpectedEOF)
	srv.Close()
	require.Zero(t, rec.len(), "%v", rec.errs)

	// What the client sends is nonsense, and it is there to hear so.
	req := httptest.NewRequest("POST", "/", nil)
	req.Body, req.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader("abc"), brokenReader{})), -1
	answer := httptest.NewRecorder()
	api.ServeHTTP(answer, req)
	require.ErrorContains(t, <-got, "the disk is gone")
	require.Equal(t, 400, answer.Code)
	require.Zero(t, rec.len(), "%v", rec.errs)
	checkProblem(t, 400, answer.Body.Bytes())
	require.NotContains(t, answer.Body.String(), "disk")
}

// The answers of OnInvalid are under the rules of a handler's.
func TestOnInvalidAnswersWrongly(t *testing.T) {
	for name, tt := range map[string]struct {
		answer func(*closing) (typed.Answer, error)
		status int // 0: cut off
	}{
		"a status that there is not": {func(*closing) (typed.Answer, error) { return new(typed.Response[string]).Status(1000).Send("x") }, 500},
		"half an answer": {func(c *closing) (typed.Answer, error) {
			c.Reader = io.MultiReader(strings.NewReader("abc"), brokenReader{})
			return new(typed.Response[io.Reader]).Status(422).Send(c)
		}, 0},
		"a panic halfway": {func(c *closing) (typed.Answer, error) {
			c.Reader = io.MultiReader(strings.NewReader("abc"), panickingReader{})
			return new(typed.Response[io.Reader]).Status(422).Send(c)
		}, 0},
		"a panic": {func(*closing) (typed.Answer, error) { panic("x") }, 500},
		"an error": {func(c *closing) (typed.Answer, error) {
			a, _ := new(typed.Response[io.Reader]).Send(c)
			return a, errors.New("x")
		}, 500},
	} {
		t.Run(name, func(t *testing.T) {
			var rec recorded
			src := &closing{Reader: strings.NewReader("abc")}
			api := typed.New("Test", "1", &typed.Options{OnError: rec.on, OnInvalid: func(context.Context, *respond.Problem) (typed.Answer, error) {
				return tt.answer(src)
			}})
			typed.Handle(api, "GET /{id}", func(_ context.Context, in getUser, res *typed.Response[int]) (typed.Answer, error) {
				return res.JSON(in.ID)
			})
			srv := httptest.NewServer(api)
			defer srv.Close()
			res, err := http.Get(srv.URL + "/x")
			require.NoError(t, err)
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if tt.status == 0 {
				require.Error(t, err, "%s", body)
			} else {
				require.Equal(t, tt.status, res.StatusCode)
				require.Equal(t, `{"title":"Internal Server Error","status":500}`, string(body))
			}
			require.Equal(t, 1, rec.len(), "%v", rec.errs)
			if strings.Contains(name, "halfway") || name == "an error" || name == "half an answer" {
				require.EqualValues(t, 1, src.closed.Load())
			}
		})
	}
}

type panickingReader struct{}

func (panickingReader) Read([]byte) (int, error) { panic("reading") }

type fallingShut struct{ io.Reader }

func (fallingShut) Close() error { panic("shut") }

// A payload that panics when it is closed, after its answer was begun, cuts the
// connection once. If reading has panicked before, that is what is reported.
func TestStreamPanicsOnClose(t *testing.T) {
	for want, src := range map[string]io.Reader{
		"panic: shut":    strings.NewReader("all of it"),
		"panic: reading": io.MultiReader(strings.NewReader("all of it"), panickingReader{}),
	} {
		var rec recorded
		api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
		typed.Handle(api, "GET /", func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
			return res.Send(fallingShut{src})
		})
		w := httptest.NewRecorder()
		require.PanicsWithValue(t, http.ErrAbortHandler, func() { api.ServeHTTP(w, httptest.NewRequest("GET", "/", nil)) })
		require.Equal(t, "all of it", w.Body.String())
		require.Equal(t, want, rec.String())
	}
}

// A stream that ends because its client has left is not reported; one that breaks by
// itself is.
func TestStreamOfClientThatLeft(t *testing.T) {
	for name, tt := range map[string]struct {
		leaves bool
		report int
	}{"leaves": {true, 0}, "stays": {false, 1}} {
		t.Run(name, func(t *testing.T) {
			var rec recorded
			api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
			broken := make(chan struct{})
			typed.Handle(api, "GET /events", func(ctx context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
				r, w := io.Pipe()
				go func() {
					_, _ = io.WriteString(w, "data: 1\n\n")
					select {
					case <-ctx.Done():
						_ = w.CloseWithError(ctx.Err())
					case <-broken:
						_ = w.CloseWithError(errors.New("the disk is gone"))
					}
				}()
				return res.Header("Content-Type", "text/event-stream").Send(r)
			})
			srv := httptest.NewServer(api)
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			req, err := http.NewRequestWithContext(ctx, "GET", srv.URL+"/events", nil)
			require.NoError(t, err)
			res, err := srv.Client().Do(req)
			require.NoError(t, err)
			_, err = io.ReadFull(res.Body, make([]byte, 9))
			require.NoError(t, err)
			if tt.leaves {
				leave()
			} else {
				close(broken)
			}
			_, err = io.ReadAll(res.Body)
			require.Error(t, err)
			require.NoError(t, res.Body.Close())
			srv.Close() // waits for the handler
			require.Equal(t, tt.report, rec.len(), "%v", rec.errs)
		})
	}
}
