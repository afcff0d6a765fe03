package typed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// Cached and uncached answers treat a conditional request alike.
func outsideNotModified(t *testing.T) {
	var tag string
	handler := func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		if tag != "" {
			res.Header("ETag", tag)
		}
		return res.Header("Link", "</b>").Header("X-Total-Count", "1").Header("Content-Language", "en").Header("Cache-Control", "no-cache").Send("content")
	}
	for _, tag = range []string{"", `"v"`} {
		plain := typed.New("Test", "1", nil)
		typed.Handle(plain, "GET /page", handler)
		cached := typed.New("Test", "1", &typed.Options{Pages: pagecache.New(pagecache.Memory(1<<20), nil)})
		typed.Handle(cached, "GET /page", handler, typed.Cache(pagecache.Policy{TTL: time.Hour}))
		etag := do(plain, "GET", "/page", "").Header().Get("Etag")
		require.NotEmpty(t, etag)
		stored := do(cached, "GET", "/page", "").Header().Get("Etag") // another one, unless the handler made it
		require.NotEmpty(t, stored)
		require.Equal(t, tag != "", stored == etag)
		for match, want := range map[string]int{
			etag: 304, "*": 304, `"x", ` + etag: 304, `"x", *`: 200, etag + "T": 200, etag + `, "`: 200, `"x"`: 200, "": 200,
		} {
			a, b := do(plain, "GET", "/page", "", "If-None-Match", match), do(cached, "GET", "/page", "", "If-None-Match", strings.ReplaceAll(match, etag, stored))
			require.Equal(t, want, a.Code, match)
			require.Equal(t, want, b.Code, "cached: %s", match)
			require.Equal(t, a.Body.String(), b.Body.String())
			require.Equal(t, []string{stored}, b.Header()["Etag"])
			for _, name := range []string{"Link", "X-Total-Count", "Content-Language", "Content-Type"} {
				require.Equal(t, a.Header()[name], b.Header()[name], "%s of If-None-Match: %s", name, match)
			}
			if want == 304 {
				require.Equal(t, "1", a.Header().Get("X-Total-Count"))
				require.Empty(t, a.Header().Get("Content-Language"))
			}
		}
	}
	session := typed.New("Test", "1", nil)
	typed.Handle(session, "GET /me", func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
		return res.Cookie(&http.Cookie{Name: "session", Value: "renewed"}).Send("me")
	})
	w := do(session, "GET", "/me", "", "If-None-Match", "*")
	require.Equal(t, 304, w.Code)
	require.Equal(t, "session=renewed", w.Header().Get("Set-Cookie"))
}

func outsideTitle(t *testing.T) {
	var titles []string
	api := typed.New("Test", "1", &typed.Options{OnInvalid: func(_ context.Context, p *respond.Problem) (typed.Answer, error) {
		titles = append(titles, fmt.Sprint(p.Status, " ", p.Title))
		return typed.Fail(p)
	}})
	typed.Handle(api, "POST /a", func(_ context.Context, in address, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON("")
	})
	do(api, "POST", "/a", "{", "Content-Type", "application/json")
	do(api, "POST", "/a", "{}", "Content-Type", "text/plain")
	require.Equal(t, []string{"400 Bad Request", "415 Unsupported Media Type"}, titles)
}

// reporting is an API that keeps what OnError hears.
func reporting() (*typed.API, *[]error) {
	var heard []error
	return typed.New("Test", "1", &typed.Options{OnError: func(_ context.Context, err error) { heard = append(heard, err) }}), &heard
}

func outsideStatusZero(t *testing.T) {
	api, heard := reporting()
	typed.Handle(api, "GET /a", func(_ context.Context, _ typed.None, res *typed.Response[int]) (typed.Answer, error) {
		return res.Status(201).Status(0).JSON(1)
	}, typed.Status(200, 201))
	require.Equal(t, 500, do(api, "GET", "/a", "").Code)
	require.Len(t, *heard, 1)
	require.Panics(t, func() { on[typed.None]("GET /b", typed.Status(0))(api) })
}

// What is answered goes with the status, so that the document lists what is sent.
func TestStatusesWithoutContent(t *testing.T) {
	text := typed.Func(func(context.Context, typed.None) (string, error) { return "x", nil })
	nothing := typed.Func(func(context.Context, typed.None) (typed.None, error) { return typed.None{}, nil })
	for _, tt := range []struct {
		add  func(api *typed.API)
		want string
	}{
		{func(api *typed.API) { typed.Handle(api, "GET /a", text, typed.Status(302)) },
			"typed: GET /a: status 302 is a redirect, and typed.Func has no Location: take a *typed.Response and answer with its Redirect"},
		{func(api *typed.API) { typed.Handle(api, "GET /a", nothing, typed.Status(303)) },
			"typed: GET /a: status 303 is a redirect, and typed.Func has no Location: take a *typed.Response and answer with its Redirect"},
		{func(api *typed.API) { typed.Handle(api, "GET /a", text, typed.Status(204)) },
			"typed: GET /a: status 204 has no content, and there is a payload: answer with typed.None, or declare another status"},
		{func(api *typed.API) { typed.Handle(api, "GET /a", text, typed.Status(304)) },
			"typed: GET /a: status 304 has no content, and there is a payload: answer with typed.None, or declare another status"},
	} {
		require.PanicsWithValue(t, tt.want, func() { tt.add(typed.New("Test", "1", nil)) })
	}
	api, heard := reporting()
	typed.Handle(api, "GET /a", func(_ context.Context, _ typed.None, res *typed.Response[int]) (typed.Answer, error) {
		return res.Status(303).JSON(1)
	}, typed.Status(200, 303))
	require.Equal(t, 500, do(api, "GET", "/a", "").Code)
	require.Len(t, *heard, 1)
	require.ErrorContains(t, (*heard)[0], "status 303 is a redirect and has no content: answer with Redirect")
}

func outsideEmptyPayload(t *testing.T) {
	api := typed.New("Test", "1", nil)
	require.PanicsWithValue(t, "typed: GET /a: the payload type struct {} has no members: answer with typed.None where there is no content, or with a map for the object {}", func() {
		typed.Handle(api, "GET /a", func(_ context.Context, _ typed.None, res *typed.Response[struct{}]) (typed.Answer, error) {
			return res.JSON(struct{}{})
		})
	})
	typed.Handle(api, "GET /none", func(_ context.Context, _ typed.None, res *typed.Response[typed.None]) (typed.Answer, error) {
		return res.End()
	})
	require.Equal(t, 204, do(api, "GET", "/none", "").Code)
}

func outsideTargets(t *testing.T) {
	api, heard := reporting()
	type to struct {
		To string `query:"to"`
	}
	typed.Handle(api, "GET /go", func(_ context.Context, in to, res *typed.Response[typed.None]) (typed.Answer, error) {
		return res.Redirect(in.To)
	}, typed.Status(307))
	for query, location := range map[string]string{
		"": "", "//evil": "", "%2Fx%3F%25": "/x?%25", "%2Fx%3Fa%25%5Eb": "/x?a%25%5Eb", "%2Fx%25zz": "/x%25zz",
	} {
		w := do(api, "GET", "/go?to="+query, "")
		if location == "" {
			require.Equal(t, 400, w.Code, query)
			continue
		}
		require.Equal(t, 307, w.Code, query)
		require.Equal(t, location, w.Header().Get("Location"))
	}
	require.Empty(t, *heard)
}

func outsideHeaders(t *testing.T) {
	for _, field := range [][2]string{{"ETag", "v1"}, {"Transfer-Encoding", "chunked"}, {"Trailer", "X-A"}, {"Last-Modified", "now"}, {"Content-Length", "x"}, {"Date", "now"}, {"date", "2024-02-29"}, {"etag", `w/"v1"`}, {"ETag", `"a b"`}, {"Content-Length", "-1"}} {
		api, heard := reporting()
		typed.Handle(api, "GET /a", func(_ context.Context, _ typed.None, res *typed.Response[int]) (typed.Answer, error) {
			return res.Header(field[0], field[1]).JSON(1)
		})
		require.Equal(t, 500, do(api, "GET", "/a", "").Code, field)
		require.Len(t, *heard, 1, field)
	}
}

func outsideProblems(t *testing.T) {
	for name, tt := range map[string]struct {
		problem *respond.Problem
		status  int
	}{
		"the name of a member": {&respond.Problem{Status: 409, Extensions: map[string]any{"errors": 1}}, 409},
		"cannot be encoded":    {&respond.Problem{Status: 409, Extensions: map[string]any{"c": make(chan int)}}, 500},
		"a bad header":         {respond.Conflict("x").Header("X Y", "1"), 500},
	} {
		api, heard := reporting()
		typed.Handle(api, "GET /a", func(context.Context, typed.None, *typed.Response[int]) (typed.Answer, error) {
			return typed.Fail(tt.problem)
		})
		require.Equal(t, tt.status, do(api, "GET", "/a", "").Code, name)
		require.Len(t, *heard, 1, name)
	}
}

func outsidePattern(t *testing.T) {
	var before, after []string
	see := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			before = append(before, r.Pattern)
			next.ServeHTTP(w, r)
			after = append(after, r.Pattern)
		})
	}
	move := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v1/old" {
				r.URL.Path = "/v1/new"
			}
			next.ServeHTTP(w, r)
		})
	}
	build := func(mw ...func(http.Handler) http.Handler) *typed.API {
		api := typed.New("Test", "1", &typed.Options{BasePath: "/v1"})
		api.Use(mw...)
		on[getUser]("GET /users/{id}")(api)
		on[typed.None]("GET /old")(api)
		on[typed.None]("GET /new", typed.Use(see))(api)
		return api
	}
	do(build(see), "GET", "/v1/users/7?limit=1", "")
	do(build(see), "HEAD", "/v1/users/7?limit=1", "")
	do(build(see), "GET", "/v1/nothing", "")
	do(build(see, move), "GET", "/v1/old", "")
	require.Equal(t, []string{"GET /v1/users/{id}", "GET /v1/users/{id}", "", "GET /v1/old", "GET /v1/new"}, before)
	require.Equal(t, []string{"GET /v1/users/{id}", "GET /v1/users/{id}", "", "GET /v1/new", "GET /v1/new"}, after)
	r := httptest.NewRequest("GET", "/v1/old", nil)
	build().ServeHTTP(httptest.NewRecorder(), r)
	require.Equal(t, "GET /v1/old", r.Pattern)
}

// OPTIONS says what a PATCH of the path may be (RFC 5789, section 3.1), and the methods of
// the path that was asked for, also behind the middleware of one of its endpoints.
func TestOptionsOfAPath(t *testing.T) {
	passing := typed.Use(func(next http.Handler) http.Handler { return next })
	type change struct {
		ID   string `path:"id"`
		Name string `json:"name"`
	}
	type named struct {
		ID string `path:"id"`
	}
	for _, base := range []string{"", "/v1"} {
		api := typed.New("Test", "1", &typed.Options{BasePath: base})
		on[change]("PATCH /plain/{id}")(api)
		on[change]("PATCH /merge/{id}", typed.Accepts("application/merge-patch+json"), passing)(api)
		on[change]("PUT /merge/{id}", passing)(api)
		on[named]("PATCH /bare/{id}")(api)
		on[change]("PUT /other/{id}")(api)
		on[named]("GET /users/{id}", passing)(api)
		on[typed.None]("DELETE /users/me")(api)
		on[struct {
			Rest string `path:"rest"`
		}]("PURGE /users/{rest...}")(api)
		for _, c := range []struct{ path, asked, allow, patch string }{
			{"/plain/7", "", "OPTIONS, PATCH", "application/json"},
			{"/plain/7", "PATCH", "OPTIONS, PATCH", "application/json"},
			{"/merge/7", "", "OPTIONS, PATCH, PUT", "application/json, application/merge-patch+json"},
			{"/merge/7", "PATCH", "OPTIONS, PATCH, PUT", "application/json, application/merge-patch+json"},
			{"/merge/7", "PUT", "OPTIONS, PATCH, PUT", "application/json, application/merge-patch+json"},
			{"/bare/7", "", "OPTIONS, PATCH", ""},
			{"/other/7", "", "OPTIONS, PUT", ""},
			{"/users/me", "", "DELETE, GET, HEAD, OPTIONS, PURGE", ""},
			{"/users/me", "GET", "DELETE, GET, HEAD, OPTIONS, PURGE", ""},
			{"/users/7", "GET", "GET, HEAD, OPTIONS, PURGE", ""},
			{"/users/%6de", "GET", "DELETE, GET, HEAD, OPTIONS, PURGE", ""},
		} {
			var header []string
			if c.asked != "" {
				header = []string{"Origin", "https://app.example", "Access-Control-Request-Method", c.asked}
			}
			w := do(api, "OPTIONS", base+c.path, "", header...)
			got := []string{http.StatusText(w.Code), w.Header().Get("Allow"), w.Header().Get("Accept-Patch")}
			if diff := cmp.Diff([]string{"No Content", c.allow, c.patch}, got); diff != "" {
				t.Errorf("OPTIONS %s, asked for %q: -want +got\n%s", base+c.path, c.asked, diff)
			}
		}
		w := do(api, "GET", base+"/plain/7", "")
		require.Equal(t, 405, w.Code)
		require.Empty(t, w.Header().Get("Accept-Patch"))
	}
}

func outsidePreflight(t *testing.T) {
	cors := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
			w.Header().Set("X-Pattern", r.Pattern+" "+r.PathValue("id"))
			next.ServeHTTP(w, r)
		})
	}
	api := typed.New("Test", "1", &typed.Options{BasePath: "/v1"})
	on[struct {
		ID string `path:"id"`
	}]("PUT /a/{id}", typed.Use(cors))(api)
	on[struct {
		ID string `path:"id"`
	}]("DELETE /a/{id}")(api)
	for asked, want := range map[string]string{"PUT": "https://app.example", "DELETE": "", "POST": "", "": ""} {
		w := do(api, "OPTIONS", "/v1/a/7", "", "Access-Control-Request-Method", asked, "Origin", "https://app.example")
		require.Equal(t, 204, w.Code)
		require.Equal(t, "DELETE, OPTIONS, PUT", w.Header().Get("Allow"))
		require.Equal(t, want, w.Header().Get("Access-Control-Allow-Origin"), asked)
		if want != "" {
			require.Equal(t, "PUT /v1/a/{id} 7", w.Header().Get("X-Pattern"))
		}
	}
}

func outsideForms(t *testing.T) {
	api := typed.New("Test", "1", nil)
	on[typed.None]("POST /nothing")(api)
	on[[]byte]("POST /raw")(api)
	on[io.Reader]("POST /stream")(api)
	on[struct {
		City *string `json:"city"`
	}]("POST /optional")(api)
	on[struct {
		ID string `path:"id"`
	}]("DELETE /a/{id}")(api)
	on[address]("POST /json")(api)
	on[typed.None]("GET /safe")(api)
	for _, tt := range []struct {
		method, path, contentType, body, site string
		status                                int
	}{
		{"POST", "/nothing", "", "", "cross-site", 403},
		{"POST", "/nothing", "application/x-www-form-urlencoded", "", "cross-site", 403},
		{"POST", "/nothing", "", "", "same-origin", 204},
		{"POST", "/raw", "text/plain", "x", "cross-site", 403},
		{"POST", "/raw", "text/plain", "x", "none", 204},
		{"POST", "/stream", "text/plain", "x", "cross-site", 403},
		{"DELETE", "/a/7", "", "", "cross-site", 403},
		{"POST", "/json", "application/json", `{"city":"P"}`, "cross-site", 204},
		{"POST", "/json", "text/plain", `{"city":"P"}`, "cross-site", 415},
		{"GET", "/safe", "", "", "cross-site", 204},
	} {
		w := do(api, tt.method, tt.path, tt.body, "Content-Type", tt.contentType, "Sec-Fetch-Site", tt.site, "Origin", "https://evil.example")
		require.Equal(t, tt.status, w.Code, "%v: %s", tt, w.Body)
		if tt.status == 403 {
			require.Equal(t, tt.status, do(api, tt.method, tt.path, tt.body, "Content-Type", tt.contentType, "Origin", "https://evil.example").Code, "%v without Sec-Fetch-Site", tt)
			require.Equal(t, 204, do(api, tt.method, tt.path, tt.body, "Content-Type", tt.contentType).Code, "%v without a browser", tt)
		}
	}
	w := do(api, "POST", "/optional", "", "Sec-Fetch-Site", "cross-site")
	require.Contains(t, []int{403, 400, 415}, w.Code, "an optional body may be left out by a form")
}

// idle never gives anything.
type idle struct{ reads int }

func (i *idle) Read([]byte) (int, error) { i.reads++; return 0, nil }

func outsideNoProgress(t *testing.T) {
	api, heard := reporting()
	src := &idle{}
	typed.Handle(api, "GET /a", func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(src)
	})
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { do(api, "GET", "/a", "") })
	require.Len(t, *heard, 1)
	require.True(t, errors.Is((*heard)[0], io.ErrNoProgress), (*heard)[0])

	ctx, cancel := context.WithCancel(t.Context())
	leaving := typed.New("Test", "1", nil)
	typed.Handle(leaving, "GET /a", func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		cancel()
		return res.Send(io.MultiReader(bytes.NewReader([]byte("x")), src))
	})
	src.reads = 0
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		leaving.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/a", nil))
	})
	if diff := cmp.Diff(1, src.reads); diff != "" {
		t.Error(diff)
	}
}

// A body that comes slower than the server's deadline ends the context of its handler,
// whose answer still gets to the client.
func outsideSlowBody(t *testing.T) {
	for name, tt := range map[string]struct {
		answer func(readErr error) error
		want   string
		heard  int
	}{
		"its own error":   {func(error) error { return errors.New("mine") }, "HTTP/1.1 500 ", 1},
		"its own problem": {func(error) error { return respond.Conflict("mine") }, "HTTP/1.1 409 ", 0},
		"a panic":         {func(error) error { panic("mine") }, "HTTP/1.1 500 ", 1},
	} {
		heard := make(chan error, 9)
		api := typed.New("Test", "1", &typed.Options{OnError: func(_ context.Context, err error) { heard <- err }})
		typed.Handle(api, "POST /upload", func(_ context.Context, in io.Reader, res *typed.Response[typed.None]) (typed.Answer, error) {
			_, err := io.Copy(io.Discard, in)
			if err == nil {
				return res.End()
			}
			return typed.Fail(tt.answer(err))
		})
		srv := httptest.NewUnstartedServer(api)
		srv.Config.ReadTimeout = 50 * time.Millisecond
		srv.Start()
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		require.NoError(t, err)
		_, err = io.WriteString(conn, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
		require.NoError(t, err)
		answer, err := io.ReadAll(conn)
		require.NoError(t, err, name)
		require.Contains(t, string(answer), tt.want, name)
		_ = conn.Close()
		srv.Close()
		require.Len(t, heard, tt.heard, name)
	}
}
