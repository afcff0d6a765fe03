package typed_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

func TestHTTP(t *testing.T) {
	h := typed.HTTP("GET /users/{id}", func(_ context.Context, in getUser, res *typed.Response[int]) (typed.Answer, error) {
		return res.JSON(in.ID)
	})
	mux := http.NewServeMux()
	mux.Handle("GET /api/users/{id}", h)
	mux.Handle("/all/users/{id}", h)
	require.Equal(t, "7", do(mux, "GET", "/api/users/7", "").Body.String(), "below a prefix")
	require.Equal(t, 422, do(mux, "GET", "/api/users/x", "").Code)
	require.Equal(t, 200, do(mux, "HEAD", "/api/users/7", "").Code)
	w := do(mux, "POST", "/all/users/7", "")
	require.Equal(t, 405, w.Code)
	require.Equal(t, "GET, HEAD, OPTIONS", w.Header().Get("Allow"))
	require.Equal(t, 204, do(mux, "OPTIONS", "/all/users/7", "").Code)
	require.Equal(t, "7", do(h, "GET", "/users/7", "").Body.String(), "without a mux")
	require.Equal(t, 404, do(h, "GET", "/api/users/7", "").Code)
	require.Panics(t, func() { typed.HTTP("GET", hello) })

	// {name...} that a mux matched with nothing, below a prefix of its own.
	files := typed.HTTP("GET /{path...}", func(_ context.Context, in struct {
		Path string `path:"path"`
	}, res *typed.Response[string]) (typed.Answer, error) {
		return res.Send("[" + in.Path + "]")
	})
	mux.Handle("GET /files/{path...}", files)
	require.Equal(t, "[]", do(mux, "GET", "/files/", "").Body.String())
	require.Equal(t, "[a/b]", do(mux, "GET", "/files/a%2Fb", "").Body.String())
	require.Equal(t, 400, do(mux, "GET", "/files/%ff", "").Code)
	mux.Handle("/static/", http.StripPrefix("/static", files))
	require.Equal(t, "[x]", do(mux, "GET", "/static/x", "").Body.String(), "a mux whose pattern has no wildcard")

	wrapped := typed.HTTP("GET /users/{id}", func(_ context.Context, in getUser, res *typed.Response[int]) (typed.Answer, error) {
		return res.JSON(in.ID)
	}, typed.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-A", "1")
			next.ServeHTTP(w, r)
		})
	}))
	mux = http.NewServeMux()
	mux.Handle("GET /users/{id}", wrapped)
	w = do(mux, "GET", "/users/7", "")
	require.Equal(t, "7", w.Body.String())
	require.Equal(t, "1", w.Header().Get("X-A"))
}

func TestDecode(t *testing.T) {
	type request struct {
		ID   int    `path:"id"`
		Sort string `query:"sort" default:"name"`
		Name string `json:"name" validate:"required"`
	}
	var got request
	var err error
	mux := http.NewServeMux()
	mux.HandleFunc("POST /users/{id}", func(_ http.ResponseWriter, r *http.Request) { got, err = typed.Decode[request](r) })
	do(mux, "POST", "/users/7", `{"name":"Ada"}`, "Content-Type", "application/json")
	require.NoError(t, err)
	require.Equal(t, request{7, "name", "Ada"}, got)
	for body, status := range map[string]int{`{"name":""}`: 422, `{"name"`: 400, `{"name":"Ada","x":1}`: 422} {
		do(mux, "POST", "/users/7", body, "Content-Type", "application/json")
		var p *respond.Problem
		require.ErrorAs(t, err, &p)
		require.Equal(t, status, do(p, "POST", "/", "").Code, "the problem answers net/http")
		require.Equal(t, status, p.Status, body)
	}
	do(mux, "POST", "/users/x", `{"name":"Ada"}`, "Content-Type", "application/json")
	require.Error(t, err)
	require.Panics(t, func() {
		_, _ = typed.Decode[struct {
			A int `qurey:"a"`
			B int `query:"b"`
		}](httptest.NewRequest("GET", "/", nil))
	})
	type body struct {
		Name string `json:"name"`
	}
	in, err := typed.Decode[body](newJSON("POST", `{"name":"Ada"}`))
	require.NoError(t, err)
	require.Equal(t, body{"Ada"}, in)
}

func newJSON(method, body string) *http.Request {
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// A handler that opens what a {name...} says can rely on there being no dot segments, below
// a foreign mux too, which lets those pass that are percent-encoded.
func TestDotSegmentsBelowAMux(t *testing.T) {
	type file struct {
		Dir  string `path:"dir"`
		Path string `path:"path"`
	}
	handler := typed.Func(func(_ context.Context, in file) (string, error) { return in.Dir + " " + in.Path, nil })
	mux := http.NewServeMux()
	mux.Handle("GET /http/{dir}/{path...}", typed.HTTP("GET /{dir}/{path...}", handler))
	mux.HandleFunc("GET /decode/{dir}/{path...}", func(w http.ResponseWriter, r *http.Request) {
		in, err := typed.Decode[file](r)
		if problem, ok := errors.AsType[*respond.Problem](err); ok {
			problem.ServeHTTP(w, r)
			return
		}
		_, _ = io.WriteString(w, in.Dir+" "+in.Path)
	})
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /api/{dir}/{path...}", handler)
	mux.Handle("/api/", api)
	for path, want := range map[string]int{
		"a/b": 200, "a/..b/c.": 200, "a/...": 200, "a/": 200, "a/b%2Fc": 200, "a%2Fb/c": 200, "a/%2e%2ea": 200,
		"a/%2e%2e": 404, "a/..%2Fb": 404, "a/b%2F%2E%2E": 404, "a/b%2F%2E%2Fc": 404, "a/%2e%2e/%2e%2e/etc": 404, "%2e%2e/b": 404, "%2E/b": 404,
	} {
		for _, below := range []string{"/api/", "/http/", "/decode/"} {
			w := do(mux, "GET", below+path, "")
			require.Equal(t, want, w.Code, below+path)
			if want == 404 {
				require.JSONEq(t, `{"title":"Not Found","status":404,"detail":"Nothing is served at this path."}`, w.Body.String(), below+path)
			}
		}
	}
}
