package typed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

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
		{"GET", "/files/a//b", 200, `"a//b"`, ""},
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
