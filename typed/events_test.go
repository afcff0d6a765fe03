package typed_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type price struct {
	Symbol string  `json:"symbol"`
	Cents  float64 `json:"cents"`
}

type (
	yield[T any] = func(typed.Event[T], error) bool
	change       struct {
		Added   *price  `event:"added"`
		Removed *string `event:"removed"`
	}
)

// watching is an API whose GET /events sends what f yields.
func watching[T any](opts *typed.Options, f func(ctx context.Context, yield yield[T]), options ...typed.Option) *typed.API {
	api := typed.New("Test", "1", opts)
	typed.Handle(api, "GET /events", func(ctx context.Context, _ typed.None, res *typed.Response[typed.Events[T]]) (typed.Answer, error) {
		return res.Send(func(yield func(typed.Event[T], error) bool) { f(ctx, yield) })
	}, options...)
	return api
}

func TestEventsAreSent(t *testing.T) {
	for name, tt := range map[string]struct {
		api  *typed.API
		want string
	}{
		"JSON": {watching(nil, func(_ context.Context, yield yield[price]) {
			yield(typed.Event[price]{ID: "1", Name: "a", Retry: time.Second, Data: price{"X", 1.5}}, nil)
			yield(typed.Event[price]{Data: price{"<\n>", 0}}, nil)
		}), "id: 1\nevent: a\nretry: 1000\ndata: {\"symbol\":\"X\",\"cents\":1.5}\n\ndata: {\"symbol\":\"<\\n>\",\"cents\":0}\n\n"},
		"text": {watching(nil, func(_ context.Context, yield yield[string]) {
			yield(typed.Event[string]{Data: "one\ntwo"}, nil)
			yield(typed.Event[string]{}, nil)
		}), "data: one\ndata: two\n\ndata: \n\n"},
		"kinds": {watching(nil, func(_ context.Context, yield yield[change]) {
			yield(typed.Event[change]{ID: "1", Data: change{Added: &price{"X", 1}}}, nil)
			yield(typed.Event[change]{Name: "removed", Data: change{Removed: new("X")}}, nil)
		}), "id: 1\nevent: added\ndata: {\"symbol\":\"X\",\"cents\":1}\n\nevent: removed\ndata: X\n\n"},
		"pointers": {watching(nil, func(_ context.Context, yield yield[*price]) {
			yield(typed.Event[*price]{Data: &price{}}, nil)
			yield(typed.Event[*price]{}, nil)
		}), "data: {\"symbol\":\"\",\"cents\":0}\n\ndata: null\n\n"},
		"none": {watching(nil, func(context.Context, yield[int]) {}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := do(tt.api, "GET", "/events", "")
			require.Equal(t, 200, w.Code)
			require.Equal(t, tt.want, w.Body.String())
			require.Equal(t, http.Header{"Content-Type": {"text/event-stream"}, "Cache-Control": {"no-store"}, "X-Accel-Buffering": {"no"}}, w.Header())
			w = do(tt.api, "HEAD", "/events", "")
			require.Equal(t, 200, w.Code)
			require.Empty(t, w.Body.String())
			require.Equal(t, "text/event-stream", w.Header().Get("Content-Type"))
		})
	}
}

// What the handler sets stays, but for what would no longer be events.
func TestEventsHeader(t *testing.T) {
	for contentType, want := range map[string]string{"text/event-stream; charset=utf-8": "text/event-stream; charset=utf-8", "text/html": "text/event-stream"} {
		api := typed.New("Test", "1", nil)
		typed.Handle(api, "GET /", func(_ context.Context, _ typed.None, res *typed.Response[typed.Events[int]]) (typed.Answer, error) {
			return res.Header("Content-Type", contentType).Header("Cache-Control", "private").Header("X-Accel-Buffering", "yes").
				Header("Content-Length", "5").Header("ETag", `"x"`).Cookie(&http.Cookie{Name: "a", Value: "b"}).Status(202).Send(nil)
		}, typed.Status(200, 202, 204))
		typed.Handle(api, "GET /none", func(_ context.Context, _ typed.None, res *typed.Response[typed.Events[int]]) (typed.Answer, error) {
			return res.Status(204).Send(func(yield[int]) { panic("nobody asked") })
		}, typed.Status(200, 204))
		w := do(api, "GET", "/", "")
		require.Equal(t, 202, w.Code)
		require.Equal(t, http.Header{"Content-Type": {want}, "Cache-Control": {"private"}, "X-Accel-Buffering": {"yes"}, "Etag": {`"x"`}, "Set-Cookie": {"a=b"}}, w.Header())
		require.Equal(t, 204, do(api, "GET", "/none", "").Code)
	}
}

// The ways of a handler to a stream.
func TestEventsOfOtherHandlers(t *testing.T) {
	api := typed.New("Test", "1", nil)
	numbers := typed.Events[int](func(yield yield[int]) { yield(typed.Event[int]{Data: 1}, nil) })
	typed.Handle(api, "GET /func", typed.Func(func(context.Context, typed.None) (typed.Events[int], error) { return numbers, nil }))
	typed.Handle(api, "GET /set", func(_ context.Context, _ typed.None, out *struct {
		OK   typed.Reply[typed.Events[int]] `status:"200"`
		Gone typed.Empty                    `status:"204"`
	}) (typed.Answer, error) {
		return out.OK.Send(numbers, respond.SetHeader("X-A", "1"))
	})
	typed.Handle(api, "GET /through", typed.Func(func(context.Context, typed.None) (typed.Events[int], error) { return numbers, nil }),
		typed.Use(func(h http.Handler) http.Handler { return h }))
	for _, path := range []string{"/func", "/set", "/through"} {
		require.Equal(t, "data: 1\n\n", do(api, "GET", path, "").Body.String(), path)
	}
}

type notJSON struct{ F func() int }

type panicsInJSON struct{}

func (panicsInJSON) MarshalJSON() ([]byte, error) { panic("encoding") }

// What fails before anything was sent is a clean problem; what fails later cuts the
// connection. Both are reported, a problem below 500 only where it could not be sent.
func TestEventsFail(t *testing.T) {
	fails := errors.New("the disk is gone")
	type fault = func(yield yield[any])
	for name, tt := range map[string]struct {
		fail   fault
		status int
		report string
	}{
		"an error":                  {func(yield yield[any]) { yield(typed.Event[any]{}, fails) }, 500, "the disk is gone"},
		"a problem":                 {func(yield yield[any]) { yield(typed.Event[any]{}, respond.NotFound("No such list.")) }, 404, ""},
		"a panic":                   {func(yield[any]) { panic("at once") }, 500, "panic: at once"},
		"an item that is not JSON":  {func(yield yield[any]) { yield(typed.Event[any]{Data: notJSON{}}, nil) }, 500, "an event cannot be encoded"},
		"an item that panics":       {func(yield yield[any]) { yield(typed.Event[any]{Data: panicsInJSON{}}, nil) }, 500, "panic: encoding"},
		"an ID with a line break":   {func(yield yield[any]) { yield(typed.Event[any]{ID: "1\n2"}, nil) }, 500, "the ID of an event holds"},
		"a name with a NUL":         {func(yield yield[any]) { yield(typed.Event[any]{Name: "\x00"}, nil) }, 500, "the name of an event holds"},
		"a negative time":           {func(yield yield[any]) { yield(typed.Event[any]{Retry: -1}, nil) }, 500, "the Retry of an event is negative"},
		"an iterator that goes on":  {func(yield yield[any]) { yield(typed.Event[any]{}, fails); yield(typed.Event[any]{}, errors.New("x")) }, 500, "the disk is gone"},
		"an iterator that goes off": {func(yield yield[any]) { yield(typed.Event[any]{}, fails); panic("afterwards") }, 500, "panic: afterwards"},
	} {
		t.Run(name, func(t *testing.T) {
			var rec recorded
			w := do(watching(&typed.Options{OnError: rec.on}, func(_ context.Context, yield yield[any]) { tt.fail(yield) }), "GET", "/events", "")
			require.Equal(t, tt.status, w.Code)
			checkProblem(t, tt.status, w.Body.Bytes())
			require.NotEqual(t, "text/event-stream", w.Header().Get("Content-Type"))
			require.Empty(t, w.Header().Get("X-Accel-Buffering"))
			if tt.report == "" {
				require.Zero(t, rec.len())
			} else {
				require.Equal(t, 1, rec.len(), "%v", rec.errs)
				require.ErrorContains(t, rec.errs[0], tt.report)
			}

			var later recorded
			w = httptest.NewRecorder()
			api := watching(&typed.Options{OnError: later.on}, func(_ context.Context, yield yield[any]) {
				yield(typed.Event[any]{Data: 1}, nil)
				tt.fail(yield)
			})
			require.PanicsWithValue(t, http.ErrAbortHandler, func() { api.ServeHTTP(w, httptest.NewRequest("GET", "/events", nil)) })
			require.Equal(t, "data: 1\n\n", w.Body.String())
			require.Equal(t, 1, later.len(), "%v", later.errs)
			if tt.report != "" {
				require.ErrorContains(t, later.errs[0], tt.report)
			}
		})
	}
}

func TestEventsOfNoOrTwoKinds(t *testing.T) {
	for want, data := range map[string]typed.Event[change]{
		"an event has none of its kinds":                {},
		"an event has two of its kinds":                 {Data: change{Added: &price{}, Removed: new("x")}},
		`an event of the kind "added" has the Name "x"`: {Name: "x", Data: change{Added: &price{}}},
	} {
		var rec recorded
		w := do(watching(&typed.Options{OnError: rec.on}, func(_ context.Context, yield yield[change]) { yield(data, nil) }), "GET", "/events", "")
		require.Equal(t, 500, w.Code)
		require.ErrorContains(t, rec.errs[0], want)
	}
}

// A yield after the end, on this goroutine or another, is refused and does nothing.
func TestYieldAfterTheEnd(t *testing.T) {
	var kept yield[int]
	api := watching(nil, func(_ context.Context, yield yield[int]) {
		kept = yield
		require.True(t, yield(typed.Event[int]{Data: 1}, nil))
	})
	w := do(api, "GET", "/events", "")
	require.False(t, kept(typed.Event[int]{Data: 2}, nil))
	require.False(t, kept(typed.Event[int]{}, errors.New("x")))
	other := make(chan bool)
	go func() { other <- kept(typed.Event[int]{Data: 3}, nil) }()
	require.False(t, <-other)
	require.Equal(t, "data: 1\n\n", w.Body.String())
}

// Several goroutines may yield.
func TestYieldConcurrently(t *testing.T) {
	const each = 100
	api := watching(nil, func(_ context.Context, yield yield[int]) {
		done := make(chan struct{})
		for range 4 {
			go func() {
				for i := range each {
					yield(typed.Event[int]{Data: i}, nil)
				}
				done <- struct{}{}
			}()
		}
		for range 4 {
			<-done
		}
	}, typed.Heartbeat(time.Microsecond))
	body := strings.ReplaceAll(do(api, "GET", "/events", "").Body.String(), ":\n\n", "")
	require.Equal(t, 4*each, strings.Count(body, "data: "))
	require.Regexp(t, `^(data: \d+\n\n)+$`, body)
}

// streamOf asks for the events of api within a bubble, and gives them to f. The server
// ends afterwards.
func streamOf(t *testing.T, s *typed.Server, f func(t *testing.T, body *bufio.Reader, res *http.Response, leave, end context.CancelFunc)) {
	t.Helper()
	for _, h2 := range []bool{false, true} {
		t.Run(fmt.Sprint("h2=", h2), func(t *testing.T) {
			server := *s
			server.H2C, server.Log = h2, slog.New(slog.DiscardHandler)
			inBubble(t, &server, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
				ctx, leave := context.WithCancel(t.Context())
				req, err := http.NewRequestWithContext(ctx, "GET", "http://test/events", nil)
				require.NoError(t, err)
				client := clientOf(t, p, h2)
				res, err := client.Do(req)
				require.NoError(t, err)
				f(t, bufio.NewReader(res.Body), res, leave, end)
				leave()
				_ = res.Body.Close()
				client.CloseIdleConnections()
				end()
				require.NoError(t, <-served)
			})
		})
	}
}

// The head does not wait for an event longer than a moment, heartbeats keep the stream, and
// no limit of time ends it.
func TestEventsLast(t *testing.T) {
	const day = 24 * time.Hour
	api := watching(&typed.Options{Timeout: time.Second}, func(ctx context.Context, yield yield[int]) {
		if _, has := ctx.Deadline(); has {
			panic("a stream with a deadline")
		}
		time.Sleep(day)
		yield(typed.Event[int]{Data: 1}, ctx.Err())
	}, typed.Heartbeat(time.Hour))
	streamOf(t, &typed.Server{Handler: api, ReadTimeout: time.Second, WriteTimeout: time.Second}, func(t *testing.T, body *bufio.Reader, res *http.Response, _, _ context.CancelFunc) {
		began := time.Now()
		require.Equal(t, 200, res.StatusCode)
		comments := 0
		for {
			line, err := body.ReadString('\n')
			require.NoError(t, err)
			if line == "data: 1\n" {
				break
			}
			if line == ":\n" {
				comments++
			}
		}
		require.Equal(t, 23, comments)
		require.InDelta(t, day, time.Since(began), float64(time.Second))
	})
}

// The same under a plain http.Server, whose limits are for whole requests.
func TestEventsLastUnderHTTPServer(t *testing.T) {
	api := watching(nil, func(ctx context.Context, yield yield[int]) {
		for i := range 3 {
			time.Sleep(time.Hour)
			if !yield(typed.Event[int]{Data: i}, ctx.Err()) {
				return
			}
		}
	}, typed.Heartbeat(0))
	for _, h2 := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p := newPipes()
			var protocols http.Protocols
			protocols.SetHTTP1(true)
			protocols.SetUnencryptedHTTP2(true)
			srv := &http.Server{Handler: api, ReadTimeout: time.Second, WriteTimeout: time.Second, Protocols: &protocols}
			go func() { _ = srv.Serve(p) }()
			client := clientOf(t, p, h2)
			res, err := client.Get("http://test/events")
			require.NoError(t, err)
			body, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.Equal(t, "data: 0\n\ndata: 1\n\ndata: 2\n\n", string(body))
			client.CloseIdleConnections()
			require.NoError(t, srv.Close())
			synctest.Wait()
		})
	}
}

func TestHeartbeatEvent(t *testing.T) {
	api := watching(nil, func(ctx context.Context, _ yield[int]) { <-ctx.Done() }, typed.HeartbeatEvent("alive", time.Minute))
	streamOf(t, &typed.Server{Handler: api}, func(t *testing.T, body *bufio.Reader, _ *http.Response, _, _ context.CancelFunc) {
		for range 3 {
			text := make([]byte, len("event: alive\ndata: \n\n"))
			_, err := io.ReadFull(body, text)
			require.NoError(t, err)
			require.Equal(t, "event: alive\ndata: \n\n", string(text))
		}
	})
}

// A stream without the option has a heartbeat, too.
func TestHeartbeatByDefault(t *testing.T) {
	api := watching(nil, func(ctx context.Context, _ yield[int]) { <-ctx.Done() })
	streamOf(t, &typed.Server{Handler: api}, func(t *testing.T, body *bufio.Reader, _ *http.Response, _, _ context.CancelFunc) {
		began := time.Now()
		for range 4 {
			_, err := body.ReadString('\n')
			require.NoError(t, err)
		}
		require.Equal(t, 30*time.Second, time.Since(began).Round(time.Second))
	})
}

// A client that leaves ends the context and the loop, and is no error. A handler that
// returns the context's error is none either.
func TestEventsClientLeaves(t *testing.T) {
	for name, f := range map[string]func(ctx context.Context, yield yield[int]){
		"waiting":   func(ctx context.Context, _ yield[int]) { <-ctx.Done() },
		"an error":  func(ctx context.Context, yield yield[int]) { <-ctx.Done(); yield(typed.Event[int]{}, ctx.Err()) },
		"its error": func(ctx context.Context, yield yield[int]) { <-ctx.Done(); yield(typed.Event[int]{}, errors.New("x")) },
		"sending": func(_ context.Context, yield yield[int]) {
			for i := 0; yield(typed.Event[int]{Data: i}, nil); i++ {
				time.Sleep(time.Second)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var rec recorded
			var ended atomic.Int32
			api := watching(&typed.Options{OnError: rec.on}, func(ctx context.Context, yield yield[int]) {
				defer ended.Add(1)
				f(ctx, yield)
			})
			streamOf(t, &typed.Server{Handler: api}, func(t *testing.T, _ *bufio.Reader, res *http.Response, leave, _ context.CancelFunc) {
				leave()
				_ = res.Body.Close()
				time.Sleep(2 * time.Second)
				require.Positive(t, ended.Swap(0))
			})
			require.Zero(t, rec.len(), "%v", rec.errs)
		})
	}
}

// A client that takes nothing any more is cut off by the write deadline of a heartbeat, and
// that wakes a handler that waits for what to send next.
func TestEventsClientStalls(t *testing.T) {
	var ended time.Time
	api := watching(nil, func(ctx context.Context, _ yield[int]) {
		<-ctx.Done()
		ended = time.Now()
	}, typed.Heartbeat(time.Minute))
	inBubble(t, &typed.Server{Handler: api, WriteTimeout: 10 * time.Second}, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
		conn, err := p.Dial(t.Context(), "", "")
		require.NoError(t, err)
		_, err = io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: test\r\n\r\n")
		require.NoError(t, err)
		_, err = http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		began := time.Now()
		time.Sleep(time.Hour) // nobody reads the heartbeat
		synctest.Wait()
		require.Equal(t, 70*time.Second, ended.Sub(began).Round(time.Second))
		require.NoError(t, conn.Close())
		end()
		require.NoError(t, <-served)
	})
}

// A server that drains ends its events, cleanly and at once.
func TestEventsDrain(t *testing.T) {
	for name, f := range map[string]func(ctx context.Context, yield yield[int]){
		"waiting": func(ctx context.Context, _ yield[int]) { <-ctx.Done() },
		"an error": func(ctx context.Context, yield yield[int]) {
			<-ctx.Done()
			yield(typed.Event[int]{}, context.Cause(ctx))
		},
		"sending": func(_ context.Context, yield yield[int]) {
			for i := 0; yield(typed.Event[int]{Data: i}, nil); i++ {
				time.Sleep(time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			var rec recorded
			api := watching(&typed.Options{OnError: rec.on}, f)
			streamOf(t, &typed.Server{Handler: api}, func(t *testing.T, body *bufio.Reader, _ *http.Response, _, end context.CancelFunc) {
				began := time.Now()
				end()
				_, err := io.ReadAll(body)
				require.NoError(t, err)
				require.Less(t, time.Since(began), time.Second)
			})
			require.Zero(t, rec.len(), "%v", rec.errs)
		})
	}
}

// Lines come to their end while a server drains: half of them could pass for all.
func TestLinesDrain(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /events", typed.Func(func(ctx context.Context, _ typed.None) (typed.Lines[int], error) {
		return func(yield func(int, error) bool) {
			for i := range 10 {
				time.Sleep(time.Second)
				yield(i, ctx.Err())
			}
		}, nil
	}))
	streamOf(t, &typed.Server{Handler: api}, func(t *testing.T, body *bufio.Reader, res *http.Response, _, end context.CancelFunc) {
		require.Equal(t, "application/x-ndjson", res.Header.Get("Content-Type"))
		end()
		all, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Equal(t, "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", string(all))
	})
}

// A handler has Options.Timeout to answer; then its context ends, too.
func TestEventsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		api := typed.New("Test", "1", &typed.Options{Timeout: time.Second})
		typed.Handle(api, "GET /", func(ctx context.Context, _ typed.None, res *typed.Response[typed.Events[int]]) (typed.Answer, error) {
			<-ctx.Done()
			ended <- ctx.Err()
			return res.Send(func(yield[int]) { panic("too late") })
		})
		require.Equal(t, 503, do(api, "GET", "/", "").Code)
		require.ErrorIs(t, <-ended, context.Canceled)
		synctest.Wait()
	})
}

// A writer that panics on the goroutine of a heartbeat does not end the process.
type panickingWriter struct{ *httptest.ResponseRecorder }

func (panickingWriter) Write([]byte) (int, error) { panic("the writer is broken") }

func TestHeartbeatPanics(t *testing.T) {
	var rec recorded
	api := watching(&typed.Options{OnError: rec.on}, func(ctx context.Context, _ yield[int]) { <-ctx.Done() }, typed.Heartbeat(time.Millisecond))
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		api.ServeHTTP(panickingWriter{httptest.NewRecorder()}, httptest.NewRequest("GET", "/events", nil))
	})
	require.Equal(t, "panic: the writer is broken", rec.String())
}

type badKinds struct {
	A *int `event:"a"`
	B int  `event:"b"`
	C *int
	D *int `event:""`
	E *int `event:"a"`
	F *int `event:"x\ny"`
	g *int
}

// Mistakes are found when an endpoint is handled.
func TestEventsRefused(t *testing.T) {
	_ = badKinds{}.g
	handle := func(h func(*typed.API)) (text string) {
		defer func() { text = fmt.Sprint(recover()) }()
		h(typed.New("Test", "1", nil))
		return ""
	}
	events := func(options ...typed.Option) func(*typed.API) {
		return func(api *typed.API) {
			watching(nil, func(context.Context, yield[int]) {}, options...)
			typed.Handle(api, "GET /x", none[typed.Events[int]], options...)
		}
	}
	for want, h := range map[string]func(*typed.API){
		"field B: is a kind of event that could not be left out: make it a pointer, *int": func(api *typed.API) { typed.Handle(api, "GET /x", none[typed.Events[badKinds]]) },
		"field C: names no event":                                       func(api *typed.API) { typed.Handle(api, "GET /x", none[typed.Events[badKinds]]) },
		`field D: has the event tag ""`:                                 func(api *typed.API) { typed.Handle(api, "GET /x", none[typed.Events[badKinds]]) },
		`field E: names the event "a", which A does as well`:            func(api *typed.API) { typed.Handle(api, "GET /x", none[typed.Events[badKinds]]) },
		`field F: has the event tag "x\ny"`:                             func(api *typed.API) { typed.Handle(api, "GET /x", none[typed.Events[badKinds]]) },
		"field g: names no event":                                       func(api *typed.API) { typed.Handle(api, "GET /x", none[typed.Events[badKinds]]) },
		"send items of a type that JSON can hold":                       func(api *typed.API) { typed.Handle(api, "GET /x", none[typed.Lines[func()]]) },
		"holds a url.URL":                                               func(api *typed.API) { typed.Handle(api, "GET /x", none[typed.Events[withURL]]) },
		"text/plain is declared of events, which are text/event-stream": events(typed.Produces("text/plain")),
		"application/json is declared of lines of JSON": func(api *typed.API) {
			typed.Handle(api, "GET /x", none[typed.Lines[int]], typed.Produces("application/json"))
		},
		"the option Heartbeat was given -1s":            events(typed.Heartbeat(-time.Second)),
		"the option HeartbeatEvent was given 0s":        events(typed.HeartbeatEvent("x", 0)),
		`the option HeartbeatEvent has the name ""`:     events(typed.HeartbeatEvent("", time.Second)),
		`the option HeartbeatEvent has the name "a\nb"`: events(typed.HeartbeatEvent("a\nb", time.Second)),
		"an option gives a heartbeat, and the endpoint sends no events": func(api *typed.API) {
			typed.Handle(api, "GET /x", none[typed.Lines[int]], typed.Heartbeat(time.Second))
		},
		"JSON has no form for typed.Events[int]": func(api *typed.API) { typed.Handle(api, "GET /x", none[struct{ E typed.Events[int] }]) },
	} {
		require.Contains(t, handle(h), want)
	}
	require.Equal(t, "<nil>", handle(func(api *typed.API) {
		typed.Handle(api, "GET /x", none[typed.Lines[int]], typed.Produces("application/jsonl"))
	}))
}

type withURL struct{ U struct{ V *url.URL } }

func none[T any](context.Context, typed.None, *typed.Response[T]) (typed.Answer, error) {
	return typed.Answer{}, nil
}

// JSON has no form of a stream, and OnInvalid no endpoint that declares one.
func TestEventsAsSomethingElse(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on, OnInvalid: func(context.Context, *respond.Problem) (typed.Answer, error) {
		return new(typed.Response[typed.Events[int]]).Status(422).Send(nil)
	}})
	typed.Handle(api, "GET /json", func(_ context.Context, _ typed.None, res *typed.Response[typed.Events[int]]) (typed.Answer, error) {
		return res.JSON(nil)
	})
	typed.Handle(api, "GET /{id}", func(_ context.Context, in getUser, res *typed.Response[int]) (typed.Answer, error) {
		return res.JSON(in.ID)
	})
	require.Equal(t, 500, do(api, "GET", "/json", "").Code)
	require.ErrorContains(t, rec.errs[0], "JSON cannot hold a stream: answer with Send")
	require.Equal(t, 500, do(api, "GET", "/x", "").Code)
	require.ErrorContains(t, rec.errs[1], "a stream of events or lines can only be sent by an endpoint that declares it")
}

// A client that closed only its half is one that has left: it must not take the events
// so far for all.
func TestEventsToHalfAClient(t *testing.T) {
	api := watching(nil, func(ctx context.Context, yield yield[int]) {
		yield(typed.Event[int]{Data: 1}, nil)
		<-ctx.Done()
	})
	srv := httptest.NewServer(api)
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite()) // sooner, it could end the context before the first event
	_, err = io.ReadAll(res.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// The context of a handler ends with its request, whatever has become of the stream.
func TestStreamContextEnds(t *testing.T) {
	for name, send := range map[string]func(res *typed.Response[typed.Events[int]]) (typed.Answer, error){
		"sent": func(res *typed.Response[typed.Events[int]]) (typed.Answer, error) {
			return res.Send(func(yield func(typed.Event[int], error) bool) { yield(typed.Event[int]{Data: 1}, nil) })
		},
		"failed": func(*typed.Response[typed.Events[int]]) (typed.Answer, error) {
			return typed.Answer{}, respond.NotFound("")
		},
		"panicked": func(*typed.Response[typed.Events[int]]) (typed.Answer, error) { panic("handler") },
	} {
		t.Run(name, func(t *testing.T) {
			var inside context.Context
			api := typed.New("Test", "1", &typed.Options{OnError: func(context.Context, error) {}})
			typed.Handle(api, "GET /", func(ctx context.Context, _ typed.None, res *typed.Response[typed.Events[int]]) (typed.Answer, error) {
				inside = ctx
				return send(res)
			})
			ctx, cancel := context.WithCancel(context.Background()) // outlives the request
			defer cancel()
			api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
			require.ErrorIs(t, inside.Err(), context.Canceled)
		})
	}
}
