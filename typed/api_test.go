package typed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// do answers one request in-process.
func do(h http.Handler, method, target string, body string, header ...string) *httptest.ResponseRecorder {
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, target, content)
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

// recorded collects what OnError gets.
type recorded struct {
	mu   sync.Mutex
	errs []error
}

func (r *recorded) on(_ context.Context, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

func (r *recorded) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.errs...).Error()
}

func (r *recorded) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.errs)
}

func hello(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
	return res.JSON("hello")
}

func TestRouting(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /", hello)
	typed.Handle(api, "GET /users/{id}", func(_ context.Context, in struct {
		ID string `path:"id"`
	}, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON(in.ID)
	})
	typed.Handle(api, "PUT /users/{id}", func(_ context.Context, in struct {
		ID string `path:"id"`
	}, res *typed.Response[typed.None]) (typed.Answer, error) {
		return res.End()
	})
	typed.Handle(api, "GET /users/me", hello)
	typed.Handle(api, "GET /files/{path...}", func(_ context.Context, in struct {
		Path string `path:"path"`
	}, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON(in.Path)
	})
	tests := []struct {
		method, target string
		status         int
		body           string // a part of it
		allow          string
	}{
		{"GET", "/", 200, `"hello"`, ""},
		{"GET", "/users/7", 200, `"7"`, ""},
		{"GET", "/users/me", 200, `"hello"`, ""},
		{"GET", "/users/a%2Fb", 200, `"a/b"`, ""},
		{"GET", "/users/a%20b", 200, `"a b"`, ""},
		{"GET", "/users/%E4%B8%AD", 200, `"中"`, ""},
		{"GET", "/%75sers/7", 200, `"7"`, ""},
		{"GET", "/users/%ff", 400, "not well-formed", ""},
		{"GET", "/users/7/", 404, "problem", ""},
		{"GET", "/users/", 404, "", ""},
		{"GET", "//users/7", 404, "", ""},
		{"GET", "/users//7", 404, "", ""},
		{"GET", "/users/./7", 404, "", ""},
		{"GET", "/users/../users/7", 404, "", ""},
		{"GET", "/users/%2e%2e", 404, "", ""},
		{"GET", "/Users/7", 404, "", ""},
		{"GET", "/nothing", 404, "Nothing is served", ""},
		{"GET", "/files/a/b.txt", 200, `"a/b.txt"`, ""},
		{"GET", "/files/", 200, `""`, ""},
		{"GET", "/files/a//b", 404, "", ""},
		{"PUT", "/users/7", 204, "", ""},
		{"POST", "/users/7", 405, "does not support", "GET, HEAD, OPTIONS, PUT"},
		{"PUT", "/users/me", 204, "", ""},
		{"get", "/users/7", 405, "", "GET, HEAD, OPTIONS, PUT"},
		{"TRACE", "/users/7", 405, "", "GET, HEAD, OPTIONS, PUT"},
		{"OPTIONS", "/users/7", 204, "", "GET, HEAD, OPTIONS, PUT"},
		{"OPTIONS", "/nothing", 404, "", ""},
		{"DELETE", "/", 405, "", "GET, HEAD, OPTIONS"},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			w := do(api, tt.method, tt.target, "")
			body := w.Body.String()
			if w.Code != tt.status || (tt.body != "problem" && !strings.Contains(body, tt.body)) {
				t.Errorf("%d %s, want %d with %q", w.Code, body, tt.status, tt.body)
			}
			if got := w.Header().Get("Allow"); got != tt.allow {
				t.Errorf("Allow: %q, want %q", got, tt.allow)
			}
			if w.Code >= 400 {
				require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
				checkProblem(t, w.Code, w.Body.Bytes())
			}
		})
	}
}

func TestHeadFollowsGet(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /hello", hello)
	get, head := do(api, "GET", "/hello", ""), do(api, "HEAD", "/hello", "")
	require.Equal(t, get.Code, head.Code)
	require.Empty(t, head.Body.String())
	if diff := cmp.Diff(get.Header(), head.Header()); diff != "" {
		t.Errorf("HEAD has other fields than GET:\n%s", diff)
	}
	tag := get.Header().Get("ETag")
	require.Equal(t, 304, do(api, "HEAD", "/hello", "", "If-None-Match", tag).Code)
	require.Equal(t, 304, do(api, "GET", "/hello", "", "If-None-Match", tag).Code)
	require.Equal(t, 404, do(api, "HEAD", "/nothing", "").Code)
	require.Empty(t, do(api, "HEAD", "/nothing", "").Body.String())
}

func TestNoETag(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /hello", hello, typed.NoETag())
	w := do(api, "GET", "/hello", "", "If-None-Match", "*")
	require.Equal(t, 200, w.Code)
	require.Empty(t, w.Header().Get("ETag"))
}

func TestBasePath(t *testing.T) {
	api := typed.New("Test", "1", &typed.Options{BasePath: "/api/v1/"})
	var url string
	e := typed.Get[getUser, string]("/users/{id}")
	e.Handle(api, func(ctx context.Context, in getUser, res *typed.Response[string]) (typed.Answer, error) {
		url = typed.URL(ctx, e, getUser{ID: 8, Limit: 5, Verbose: true})
		return res.JSON("x")
	})
	require.Equal(t, "/api/v1", api.BasePath())
	require.Equal(t, 200, do(api, "GET", "/api/v1/users/7", "").Code)
	require.Equal(t, "/api/v1/users/8?limit=5&verbose=true", url)
	require.Equal(t, "/users/8", e.Path(getUser{ID: 8}))
	require.Equal(t, "/users/8", typed.URL(context.Background(), e, getUser{ID: 8}))
	for _, path := range []string{"/users/7", "/api/v10/users/7", "/api/v1", "/api/v1/"} {
		require.Equal(t, 404, do(api, "GET", path, "").Code, path)
	}
	for _, bad := range []string{"api", "/a//b", "/a/{b}", "/a/../b", "/a?b", "/a%20b", "/a b", "/é", "/a\\b", "/a\n"} {
		require.Panics(t, func() { typed.New("", "", &typed.Options{BasePath: bad}) }, bad)
	}
}

func TestBodyLimit(t *testing.T) {
	api := typed.New("Test", "1", &typed.Options{MaxBody: 100})
	handler := func(_ context.Context, in struct {
		Name string `json:"name"`
	}, res *typed.Response[int]) (typed.Answer, error) {
		return res.JSON(len(in.Name))
	}
	typed.Handle(api, "POST /a", handler)
	typed.Handle(api, "POST /b", handler, typed.MaxBody(200))
	typed.Handle(api, "POST /stream", func(_ context.Context, in struct {
		Body io.Reader `body:""`
	}, res *typed.Response[int]) (typed.Answer, error) {
		b, err := io.ReadAll(in.Body)
		if err != nil {
			return typed.Fail(fmt.Errorf("reading: %w", err))
		}
		return res.JSON(len(b))
	})
	body := func(n int) string { return `{"name":"` + strings.Repeat("a", n-11) + `"}` }
	for _, tt := range []struct {
		path   string
		n      int
		status int
	}{{"/a", 100, 200}, {"/a", 101, 413}, {"/b", 200, 200}, {"/b", 201, 413}, {"/stream", 100, 200}, {"/stream", 101, 413}} {
		for _, chunked := range []bool{false, true} {
			req := httptest.NewRequest("POST", tt.path, strings.NewReader(body(tt.n)))
			req.Header.Set("Content-Type", "application/json")
			if chunked {
				req.ContentLength = -1
			}
			w := httptest.NewRecorder()
			api.ServeHTTP(w, req)
			require.Equal(t, tt.status, w.Code, "%v chunked=%t: %s", tt, chunked, w.Body)
			if tt.status == 413 {
				require.Equal(t, "close", w.Header().Get("Connection"))
				checkProblem(t, 413, w.Body.Bytes())
			}
		}
	}
}

func TestMediaTypes(t *testing.T) {
	api := typed.New("Test", "1", nil)
	handler := func(_ context.Context, _ newUser, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON("x")
	}
	typed.Handle(api, "POST /users", handler)
	typed.Handle(api, "PATCH /users", handler)
	w := do(api, "POST", "/users", "{}", "Content-Type", "text/plain")
	require.Equal(t, 415, w.Code)
	require.Contains(t, w.Header().Get("Accept"), "application/json")
	w = do(api, "PATCH", "/users", "{}", "Content-Type", "text/plain")
	require.Contains(t, w.Header().Get("Accept-Patch"), "application/json")
	w = do(api, "POST", "/users", "{}", "Content-Type", "application/json", "Content-Encoding", "gzip")
	require.Equal(t, 415, w.Code)
	require.Equal(t, "identity", w.Header().Get("Accept-Encoding"))
}

func TestInvalidRequestsSayWhere(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /users/{id}", func(_ context.Context, _ struct {
		ID    int8     `path:"id" validate:"min=1"`
		Limit int      `query:"limit" validate:"omitempty,max=10"`
		Trace string   `header:"X-Trace" validate:"omitempty,uuid4"`
		Name  string   `json:"name" validate:"required,max=3"`
		Tags  []string `json:"tags" validate:"dive,max=2"`
		Flat  address  `json:"flat"`
	}, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON("x")
	})
	type fieldError struct{ In, Pointer, Name, Rule, Param string }
	post := func(target, body string) (int, []fieldError) {
		w := do(api, "POST", target, body, "Content-Type", "application/json", "X-Trace", "abc")
		checkNothingLeaks(t, w.Body.Bytes())
		var p struct{ Errors []fieldError }
		decodeJSON(t, w.Body.Bytes(), &p)
		return w.Code, p.Errors
	}
	status, errs := post("/users/0?limit=11", `{"name":"abcd","tags":["a","bcd"],"flat":{"city":""}}`)
	require.Equal(t, 422, status)
	want := []fieldError{
		{In: "path", Name: "id", Rule: "min", Param: "1"},
		{In: "query", Name: "limit", Rule: "max", Param: "10"},
		{In: "header", Name: "X-Trace", Rule: "uuid4"},
		{In: "body", Pointer: "/name", Rule: "max", Param: "3"},
		{In: "body", Pointer: "/tags/1", Rule: "max", Param: "2"},
		{In: "body", Pointer: "/flat/city", Rule: "required"},
	}
	if diff := cmp.Diff(want, errs); diff != "" {
		t.Error(diff)
	}
	status, errs = post("/users/300?limit=x", `{"name":"abc"}`)
	require.Equal(t, 422, status)
	require.Len(t, errs, 2, "%v", errs)
	status, errs = post("/users/1", `{"name":"abc","id":5}`)
	require.Equal(t, 422, status)
	require.Equal(t, "/id", errs[0].Pointer)
	status, _ = post("/users/x", `{"name"`)
	require.Equal(t, 400, status, "syntax wins")
}

func TestHandlerErrors(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
	fail := func(name string, err error) {
		typed.Handle(api, "GET /"+name, func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
			res.Header("X-Failed", "1").Cookie(&http.Cookie{Name: "a", Value: "b"})
			a, _ := res.JSON("not this")
			return a, err
		})
	}
	fail("plain", errors.New("secret"))
	fail("problem", respond.NotFound("There is no user 7."))
	fail("wrapped", fmt.Errorf("a: %w", errors.Join(io.EOF, respond.Conflict("Taken."))))
	fail("hidden", respond.Unavailable("secret").Because(io.ErrUnexpectedEOF))
	fail("exposed", respond.Unavailable("Back at noon.").Expose())
	fail("nan", nil)
	for _, tt := range []struct {
		path   string
		status int
		body   string
		report int
	}{
		{"/plain", 500, `{"title":"Internal Server Error","status":500}`, 1},
		{"/problem", 404, `{"title":"Not Found","status":404,"detail":"There is no user 7."}`, 0},
		{"/wrapped", 409, `{"title":"Conflict","status":409,"detail":"Taken."}`, 0},
		{"/hidden", 503, `{"title":"Service Unavailable","status":503}`, 1},
		{"/exposed", 503, `{"title":"Service Unavailable","status":503,"detail":"Back at noon."}`, 1},
	} {
		before := rec.len()
		w := do(api, "GET", tt.path, "")
		require.Equal(t, tt.status, w.Code, tt.path)
		require.Equal(t, tt.body, w.Body.String())
		require.Equal(t, tt.report, rec.len()-before, tt.path)
		require.Empty(t, w.Header().Get("X-Failed")+w.Header().Get("Set-Cookie"), "the failed answer's header is gone")
	}
	require.Contains(t, rec.String(), "secret")
	require.ErrorIs(t, rec.errs[1], io.ErrUnexpectedEOF)
}

func TestProgrammingErrorsAreReported(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
	var foreign typed.Response[string]
	type out struct {
		OK typed.Reply[string] `status:"200"`
	}
	var foreignSet out
	typed.Handle(api, "GET /zero", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
		return typed.Answer{}, nil
	})
	typed.Handle(api, "GET /foreign", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
		return foreign.JSON("x")
	})
	typed.Handle(api, "GET /foreignreply", func(context.Context, typed.None, *out) (typed.Answer, error) { return foreignSet.OK.JSON("x") })
	typed.Handle(api, "GET /status", func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		return res.Status(418).JSON("x")
	})
	typed.Handle(api, "GET /nan", func(_ context.Context, _ typed.None, res *typed.Response[float64]) (typed.Answer, error) {
		return res.Header("X-A", "1").JSON(math.NaN())
	})
	typed.Handle(api, "GET /nilmap", func(_ context.Context, _ typed.None, res *typed.Response[map[string]int]) (typed.Answer, error) {
		return res.JSON(nil)
	})
	for path, want := range map[string]string{
		"/zero":         "typed: GET /zero: the handler returned the zero Answer",
		"/foreign":      "was not made by the Response or outcome set of this request",
		"/foreignreply": "typed: GET /foreignreply: the Answer was not made by",
		"/status":       "status 418 is not declared: add it with typed.Status",
		"/nan":          "the payload cannot be encoded",
	} {
		w := do(api, "GET", path, "")
		require.Equal(t, 500, w.Code, path)
		require.Equal(t, `{"title":"Internal Server Error","status":500}`, w.Body.String())
		require.Empty(t, w.Header().Get("X-A"))
		require.Contains(t, rec.String(), want)
	}
	w := do(api, "GET", "/nilmap", "")
	require.Equal(t, "{}", w.Body.String())
}

func TestPanics(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
	typed.Handle(api, "GET /error", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) { panic(io.EOF) })
	typed.Handle(api, "GET /nil", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) { panic(nil) })
	typed.Handle(api, "GET /abort", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
		panic(http.ErrAbortHandler)
	})
	typed.Handle(api, "GET /halfway", func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(io.MultiReader(strings.NewReader("abc"), brokenReader{}))
	})
	require.Equal(t, 500, do(api, "GET", "/error", "").Code)
	p, ok := errors.AsType[*typed.PanicError](rec.errs[0])
	require.True(t, ok)
	require.ErrorIs(t, p, io.EOF)
	require.Contains(t, string(p.Stack), "api_test.go")
	require.Equal(t, "panic: EOF", p.Error())
	require.Equal(t, 500, do(api, "GET", "/nil", "").Code)
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { do(api, "GET", "/abort", "") })
	require.Equal(t, 2, rec.len(), "an abort is no error")

	srv := httptest.NewServer(api)
	defer srv.Close()
	res, err := http.Get(srv.URL + "/halfway")
	require.NoError(t, err)
	defer res.Body.Close()
	_, err = io.ReadAll(res.Body)
	require.Error(t, err, "half an answer must not pass for a whole one")
	require.Contains(t, rec.String(), "the disk is gone")
}

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

func TestConcurrentClients(t *testing.T) {
	api, done := fixtures(nil)
	defer done()
	srv := httptest.NewServer(api)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			for j := range 5 {
				name := fmt.Sprintf("User %d-%d", i, j)
				res, err := client.Post(srv.URL+"/users", "application/json", strings.NewReader(`{"name":"`+name+`","email":"a@b.co","address":{"city":"P"}}`))
				if err != nil {
					t.Error(err)
					return
				}
				body, _ := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if want := `{"id":1,"name":"` + name + `"}`; res.StatusCode != 201 || string(body) != want {
					t.Errorf("%d %s, want 201 %s", res.StatusCode, body, want)
				}
			}
		})
	}
	wg.Wait()
}

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
	require.Equal(t, []string{"a  ", "b  ", "c 7 GET /users/{id}", "d 7 GET /users/{id}"}, order)
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

type keyOf string

func TestOnInvalid(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on, OnInvalid: func(ctx context.Context, p *respond.Problem) (typed.Answer, error) {
		switch typed.HTTPRequest(ctx).Header.Get("X-Want") {
		case "problem":
			return typed.Fail(p)
		case "zero":
			return typed.Answer{}, nil
		}
		var page typed.Response[respond.HTML]
		return page.Status(p.Status).Send("<p>" + respond.HTML(p.Errors[0].Name) + "</p>")
	}})
	typed.Handle(api, "POST /form", func(_ context.Context, in form, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON(in.Name)
	})
	post := func(want string) *httptest.ResponseRecorder {
		return do(api, "POST", "/form", "name=", "Content-Type", "application/x-www-form-urlencoded", "X-Want", want)
	}
	w := post("")
	require.Equal(t, 422, w.Code)
	require.Equal(t, "<p>name</p>", w.Body.String())
	require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, 422, post("problem").Code)
	require.Zero(t, rec.len())
	require.Equal(t, 500, post("zero").Code)
	require.Equal(t, 1, rec.len())
}

func TestCrossOrigin(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /form", func(_ context.Context, in form, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON(in.Name)
	})
	typed.Handle(api, "POST /session", func(_ context.Context, in struct {
		Session string `cookie:"session"`
	}, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON(in.Session)
	})
	typed.Handle(api, "POST /json", func(_ context.Context, in address, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON(in.City)
	})
	for _, tt := range []struct {
		path, contentType, body, site string
		status                        int
	}{
		{"/form", "application/x-www-form-urlencoded", "name=A&email=a@b.co", "same-origin", 200},
		{"/form", "application/x-www-form-urlencoded", "name=A&email=a@b.co", "cross-site", 403},
		{"/session", "", "", "cross-site", 403},
		{"/session", "", "", "none", 200},
		{"/json", "application/json", `{"city":"P"}`, "cross-site", 200},
	} {
		w := do(api, "POST", tt.path, tt.body, "Content-Type", tt.contentType, "Sec-Fetch-Site", tt.site, "Origin", "https://evil.example")
		require.Equal(t, tt.status, w.Code, "%v: %s", tt, w.Body)
		if tt.status == 403 {
			checkProblem(t, 403, w.Body.Bytes())
		}
	}
	for op := range api.Operations() {
		require.Equal(t, op.Path != "/json", op.Guarded)
	}
}

func TestFunc(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /list", typed.Func(func(_ context.Context, in struct {
		Limit int `query:"limit" default:"20"`
	}) ([]int, error) {
		return make([]int, in.Limit), nil
	}))
	typed.Handle(api, "GET /none", typed.Func(func(context.Context, typed.None) (typed.None, error) { return typed.None{}, nil }))
	typed.Handle(api, "GET /html", typed.Func(func(context.Context, typed.None) (respond.HTML, error) { return "<p>", nil }))
	typed.Handle(api, "GET /stream", typed.Func(func(context.Context, typed.None) (*bytes.Buffer, error) { return bytes.NewBufferString("abc"), nil }))
	typed.Handle(api, "GET /fail", typed.Func(func(context.Context, typed.None) (string, error) { return "", respond.Gone("Gone.") }))
	require.Equal(t, "[0,0]", do(api, "GET", "/list?limit=2", "").Body.String())
	require.Equal(t, 41, do(api, "GET", "/list", "").Body.Len())
	require.Equal(t, "[]", do(api, "GET", "/list?limit=0", "").Body.String())
	require.Equal(t, 204, do(api, "GET", "/none", "").Code)
	require.Equal(t, "<p>", do(api, "GET", "/html", "").Body.String())
	require.Equal(t, "abc", do(api, "GET", "/stream", "").Body.String())
	require.Equal(t, 410, do(api, "GET", "/fail", "").Code)
}

// A client that breaks a hundred thousand rules is told of the first hundred.
func TestManyFailuresStaySmall(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /numbers", func(_ context.Context, in struct {
		Numbers []int `json:"numbers" validate:"dive,min=5"`
	}, res *typed.Response[int]) (typed.Answer, error) {
		return res.JSON(len(in.Numbers))
	})
	w := do(api, "POST", "/numbers", `{"numbers":[`+strings.Repeat("0, ", 99_999)+`0]}`, "Content-Type", "application/json")
	require.Equal(t, 422, w.Code)
	require.Less(t, w.Body.Len(), 64<<10)
	var p struct {
		Errors    []respond.FieldError
		Truncated bool
	}
	decodeJSON(t, w.Body.Bytes(), &p)
	require.Len(t, p.Errors, 100)
	require.True(t, p.Truncated)
}
