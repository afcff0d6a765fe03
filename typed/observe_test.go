package typed_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

// observed is an API whose observations go to a channel.
func observed(opts *typed.Options) (*typed.API, chan *typed.Observation) {
	api := typed.New("Test", "1", opts)
	all := make(chan *typed.Observation, 100)
	api.Observe(func(ctx context.Context, o *typed.Observation) (context.Context, func()) {
		return ctx, func() { all <- o }
	})
	return api, all
}

func silent(context.Context, error) {}

// Several observers are nested like middleware; a nil context and a nil function are fine.
func TestObserve(t *testing.T) {
	api := typed.New("Test", "1", nil)
	var order []string
	for _, name := range []string{"a", "b"} {
		api.Observe(func(ctx context.Context, o *typed.Observation) (context.Context, func()) {
			order = append(order, "begin "+name+fmt.Sprint(ctx.Value(keyOf("a"))))
			o.OnHead(func() { order = append(order, fmt.Sprint("head ", name, " ", o.Status)) })
			return context.WithValue(ctx, keyOf(name), name), func() {
				o.AddHeader("X-Late", "1")
				order = append(order, "end "+name)
			}
		})
	}
	api.Observe(func(context.Context, *typed.Observation) (context.Context, func()) { return nil, nil })
	typed.Handle(api, "GET /users/{id}", func(ctx context.Context, in getUser, res *typed.Response[int]) (typed.Answer, error) {
		order = append(order, "handler "+ctx.Value(keyOf("b")).(string)+" "+said(ctx))
		return res.JSON(in.ID)
	})
	w := do(api, "GET", "/users/7", "")
	require.Equal(t, 200, w.Code)
	require.NotContains(t, w.Header(), "X-Late")
	require.Equal(t, []string{"begin a<nil>", "begin ba", "handler b GET /users/{id}", "head a 200", "head b 200", "end b", "end a"}, order)
	require.Panics(t, func() {
		api.Observe(func(ctx context.Context, _ *typed.Observation) (context.Context, func()) { return ctx, nil })
	})
	require.Panics(t, func() { typed.New("", "", nil).Observe(nil) })
}

// What the observer sees of a request on net/http: what middleware answers, what is flushed, taken over or cut.
func TestObserveNetHTTP(t *testing.T) {
	api, all := observed(&typed.Options{OnError: silent})
	writes := func(f func(w http.ResponseWriter)) typed.Option {
		return typed.Use(func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { f(w) })
		})
	}
	handler := typed.Func(func(context.Context, typed.None) (string, error) { return "", nil })
	for path, f := range map[string]func(w http.ResponseWriter){
		"nothing": func(http.ResponseWriter) {},
		"early":   func(w http.ResponseWriter) { w.WriteHeader(103); w.WriteHeader(204) },
		"twice":   func(w http.ResponseWriter) { w.WriteHeader(201); _, _ = io.WriteString(w, "four") },
		"flush":   func(w http.ResponseWriter) { w.(http.Flusher).Flush(); _, _ = io.WriteString(w, "four") },
		"copy": func(w http.ResponseWriter) {
			_, _ = w.(io.ReaderFrom).ReadFrom(strings.NewReader("four"))
		},
		"hijack": func(w http.ResponseWriter) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		},
		"abort":  func(w http.ResponseWriter) { w.WriteHeader(200); panic(http.ErrAbortHandler) },
		"panic":  func(http.ResponseWriter) { panic("x") },
		"broken": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "four"); panic("x") },
	} {
		typed.Handle(api, "GET /"+path, handler, writes(f))
	}
	srv := httptest.NewServer(api)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // else it tries again
	for path, want := range map[string]string{
		"nothing": "200 0 false false", "early": "204 0 false false", "twice": "201 4 false false", "flush": "200 4 false false", "copy": "200 4 false false",
		"hijack": "0 0 false false", "abort": "200 0 true false", "panic": "500 46 false true", "broken": "200 4 true true",
	} {
		res, err := client.Get(srv.URL + "/" + path)
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			require.NoError(t, res.Body.Close())
		}
		o := <-all
		require.Equal(t, "/"+path, o.Route())
		require.Equal(t, srv.Listener.Addr().String(), o.Host)
		require.Equal(t, want, fmt.Sprint(o.Status, o.Sent, o.Aborted, o.Panic != nil), path)
	}
	require.Empty(t, all)
}

// A client that leaves is seen, whether its answer has begun or not.
func TestObserveClientLeaves(t *testing.T) {
	api, all := observed(nil)
	entered := make(chan struct{})
	typed.Handle(api, "GET /wait", typed.Func(func(ctx context.Context, _ typed.None) (string, error) {
		entered <- struct{}{}
		<-ctx.Done()
		return "", ctx.Err()
	}))
	typed.Handle(api, "GET /stream", func(ctx context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(endless{ctx})
	})
	srv := httptest.NewServer(api)
	defer srv.Close()
	for path, status := range map[string]int{"/wait": 0, "/stream": 200} {
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		require.NoError(t, err)
		_, err = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
		if path == "/wait" {
			<-entered
		} else {
			_, err = bufio.NewReader(conn).ReadString('\n')
			require.NoError(t, err)
		}
		require.NoError(t, conn.Close())
		o := <-all
		require.Equal(t, status, o.Status)
		require.True(t, o.Aborted, path)
		require.Nil(t, o.Problem)
	}
	require.Empty(t, all)
}

type endless struct{ ctx context.Context }

func (e endless) Read(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	return copy(p, "more"), nil
}

// A problem is noted without what the client sent, in whatever form it was answered.
func TestObserveProblems(t *testing.T) {
	type body struct {
		Tags   []string       `json:"tags" validate:"dive,max=3"`
		Labels map[string]int `json:"labels" validate:"dive,max=3"`
		Limit  int            `query:"limit" validate:"max=3"`
	}
	forms := map[string]*typed.Options{
		"problems": {OnError: silent},
		"Errors":   {OnError: silent, Errors: typed.Errors("application/json", func(context.Context, *respond.Problem) string { return "no" })},
		"OnInvalid": {OnError: silent, OnInvalid: func(_ context.Context, p *respond.Problem) (typed.Answer, error) {
			return new(typed.Response[string]).Status(p.Status).Send("no")
		}},
		"Message": {OnError: silent, Message: func(_ context.Context, e respond.FieldError) string { return "secret" }},
	}
	for name, opts := range forms {
		t.Run(name, func(t *testing.T) {
			api, all := observed(opts)
			typed.Handle(api, "POST /", typed.Func(func(_ context.Context, in body) (string, error) {
				return "", (&respond.Problem{
					Type: "https://example.com/taken", Title: "secret", Status: 409, Detail: "secret", Instance: "/secret",
					Errors:     []respond.FieldError{{In: "body", Pointer: "/secret", Name: "secret", Rule: "taken", Param: "secret", Detail: "secret"}, {In: "query", Name: "limit", Rule: "much"}},
					Extensions: map[string]any{"secret": "secret"},
				}).Header("X-Secret", "secret").Because(errors.New("secret"))
			}))
			typed.Handle(api, "GET /strange", typed.Func(func(context.Context, typed.None) (string, error) {
				return "", &respond.Problem{Status: 42, Errors: make([]respond.FieldError, 1000)}
			}))
			typed.Handle(api, "GET /within", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }),
				typed.Use(func(http.Handler) http.Handler { return respond.TooManyRequests("secret") }))
			for _, tt := range []struct {
				method, target, body string
				want                 *respond.Problem
			}{
				{"POST", "/?limit=secret", `{}`, &respond.Problem{Status: 422, Errors: []respond.FieldError{{In: "query", Name: "limit", Rule: "type"}}}},
				{"POST", "/?limit=9", `{"tags":["a","secret"],"labels":{"secret":9}}`, &respond.Problem{Status: 422, Errors: []respond.FieldError{
					{In: "body", Pointer: "/tags/1", Rule: "max"}, {In: "body", Pointer: "/labels/*", Rule: "max"}, {In: "query", Name: "limit", Rule: "max"}}}},
				{"POST", "/", `{"secret":{"secret":1}}`, &respond.Problem{Status: 422, Errors: []respond.FieldError{{In: "body", Pointer: "/*", Rule: "unknown"}}}},
				{"POST", "/", `{"secret`, &respond.Problem{Status: 400, Errors: []respond.FieldError{{In: "body", Rule: "syntax"}}}},
				{"POST", "/", `{}`, &respond.Problem{Type: "https://example.com/taken", Status: 409, Errors: []respond.FieldError{{In: "body", Pointer: "/*", Name: "*", Rule: "taken"}, {In: "query", Name: "limit", Rule: "much"}}}},
				{"GET", "/strange", "", &respond.Problem{Status: 500, Errors: make([]respond.FieldError, 100)}},
				{"GET", "/within", "", &respond.Problem{Status: 429}},
				{"GET", "/secret", "", &respond.Problem{Status: 404}},
				{"PUT", "/", "", &respond.Problem{Status: 405}},
			} {
				w := do(api, tt.method, tt.target, tt.body, "Content-Type", "application/json")
				o := <-all
				require.Equal(t, w.Code, o.Status)
				require.ElementsMatch(t, tt.want.Errors, o.Problem.Errors, tt.body)
				tt.want.Errors, o.Problem.Errors = nil, nil
				require.Equal(t, tt.want, o.Problem, "%s %s", tt.method, tt.target)
				require.EqualValues(t, w.Body.Len(), o.Sent)
			}
		})
	}
}

func TestObservePages(t *testing.T) {
	now := time.Minute
	pages := pagecache.New(pagecache.Memory(1<<20), nil)
	defer pages.Close()
	api, all := observed(&typed.Options{Pages: pages})
	typed.Handle(api, "GET /p/{id}", func(ctx context.Context, in matchedID, res *typed.Response[string]) (typed.Answer, error) {
		return res.Header("X-Cache", "secret").JSON(in.ID)
	}, typed.Cache(pagecache.Policy{TTL: now, BypassAuthorization: true}))
	typed.Handle(api, "GET /q/{id}", func(ctx context.Context, in matchedID, res *typed.Response[string]) (typed.Answer, error) {
		return res.Header("X-Cache", "HIT").JSON(in.ID)
	})
	page := func(target string, header ...string) string {
		do(api, "GET", target, "", header...)
		return (<-all).Page
	}
	require.Equal(t, []string{"MISS", "HIT", "MISS", "", ""}, []string{page("/p/1"), page("/p/1"), page("/p/2"), page("/q/1"), page("/p/1", "Authorization", "x")})
	require.Empty(t, all, "to render a page is no request")
}

// A panic of an observer is reported, and the answer is sent.
func TestObserverPanics(t *testing.T) {
	var reported []string
	api := typed.New("Test", "1", &typed.Options{OnError: func(_ context.Context, err error) { reported = append(reported, err.Error()) }})
	api.Observe(func(ctx context.Context, o *typed.Observation) (context.Context, func()) {
		o.OnHead(func() { panic("head") })
		return ctx, func() { panic("end") }
	})
	api.Observe(func(context.Context, *typed.Observation) (context.Context, func()) { panic(http.ErrAbortHandler) })
	typed.Handle(api, "GET /hello", hello)
	require.Equal(t, 200, do(api, "GET", "/hello", "").Code)
	require.Equal(t, []string{"panic: net/http: abort Handler", "panic: head", "panic: end"}, reported)
}

// What a timeout has left behind does not reach the observer, by the API's own timeout and by that of net/http.
func TestObserveTimeout(t *testing.T) {
	for _, own := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			opts := &typed.Options{OnError: silent}
			if own {
				opts.Timeout = time.Second
			}
			api, all := observed(opts)
			if !own {
				api.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Second, "late") })
			}
			typed.Handle(api, "GET /", typed.Func(func(context.Context, typed.None) (string, error) {
				time.Sleep(time.Minute)
				panic("late")
			}))
			require.Equal(t, 503, do(api, "GET", "/", "").Code)
			time.Sleep(2 * time.Minute)
			o := <-all
			require.Equal(t, []any{503, time.Second, own, false}, []any{o.Status, o.Duration, o.Problem != nil, o.Panic != nil})
		})
	}
}

// An API within another has its own observations.
func TestObserveNested(t *testing.T) {
	inner, ofInner := observed(nil)
	plain := typed.New("Plain", "1", nil)
	outer, ofOuter := observed(nil)
	typed.Handle(outer, "GET /", typed.Func(func(ctx context.Context, _ typed.None) (string, error) {
		for _, api := range []http.Handler{inner, plain} {
			api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/unknown", nil).WithContext(ctx))
		}
		return "", nil
	}))
	do(outer, "GET", "/", "")
	require.Nil(t, (<-ofOuter).Problem)
	require.Equal(t, 404, (<-ofInner).Problem.Status)
}

// Who does not observe pays nothing (TestAllocationBudgets); who does pays two objects, and
// what the observer makes.
func TestObserveAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools forget, so that allocations cannot be counted")
	}
	api := typed.New("Test", "1", nil)
	api.Observe(func(ctx context.Context, _ *typed.Observation) (context.Context, func()) { return ctx, nil })
	typed.Handle(api, "GET /hello", hello, typed.NoETag())
	n := allocations(t, api, httptest.NewRequest("GET", "/hello", nil), "", 200)
	t.Logf("%.0f allocations, at most 3", n)
	require.LessOrEqual(t, n, 3.0)
}
