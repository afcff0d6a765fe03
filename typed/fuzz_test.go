package typed_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/typed"
)

// FuzzRequest sends whole requests to endpoints of every kind: never a panic, never
// a 5xx, and every refusal is a problem document that shows nothing of ours.
func FuzzRequest(f *testing.F) {
	for _, seed := range [][6]string{
		{"POST", "/users", "", "Content-Type: application/json", "", `{"name":"Ada","email":"a@b.co","address":{"city":"P"}}`},
		{"POST", "/users", "", "Content-Type: application/json", "", `{"name":null,"tags":[null]}`},
		{"GET", "/users/7", "limit=5&verbose=true", "", "", ""},
		{"GET", "/users/%ff", "limit=%zz;", "", "", ""},
		{"POST", "/form", "name=x", "Content-Type: application/x-www-form-urlencoded", "", "name=A&email=a%40b.co"},
		{"PUT", "/mixed/a%2Fb", "ids=1&ids=2&at=2006-01-02T15:04:05Z&for=1h", "X-Tags: a, \"b,c\"", "session=1; session=2", `{"v":{"x":[1,2.5,"s",null]}}`},
		{"GET", "/redir", "to=//evil", "If-None-Match: *", "", ""},
		{"PUT", "/mixed/x", "", "Content-Type: application/json", "", strings.Repeat("[", 2000)},
		{"POST", "/raw", "", "Content-Encoding: gzip", "", "\x00\xff"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5])
	}
	api := typed.New("Fuzz", "1", &typed.Options{MaxBody: 4096, OnError: func(_ context.Context, err error) {
		panic(err) // nothing that a client sends is our error
	}})
	typed.Handle(api, "POST /users", func(_ context.Context, in newUser, res *typed.Response[newUser]) (typed.Answer, error) {
		return res.JSON(in)
	})
	typed.Handle(api, "GET /users/{id}", func(_ context.Context, in getUser, res *typed.Response[int]) (typed.Answer, error) {
		return res.JSON(in.ID)
	})
	typed.Handle(api, "POST /form", func(_ context.Context, in form, res *typed.Response[string]) (typed.Answer, error) {
		return res.Send(in.Name)
	})
	typed.Handle(api, "GET /redir", func(_ context.Context, in redirectTo, res *typed.Response[string]) (typed.Answer, error) {
		if in.To == "" {
			return res.Send("nowhere")
		}
		return res.Redirect(in.To)
	}, typed.Status(200, 307))
	typed.Handle(api, "PUT /mixed/{name}", func(_ context.Context, in mixed, res *typed.Response[map[string]any]) (typed.Answer, error) {
		return res.JSON(in.V)
	})
	typed.Handle(api, "POST /raw", func(_ context.Context, in raw, res *typed.Response[[]byte]) (typed.Answer, error) {
		return res.Send(in.Body)
	})
	f.Fuzz(func(t *testing.T, method, path, query, header, cookie, body string) {
		u := &url.URL{RawPath: path, RawQuery: query}
		var err error
		if u.Path, err = url.PathUnescape(path); err != nil {
			u.Path = path
		}
		req := &http.Request{
			Method: method, URL: u, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: "site.example",
			Header: http.Header{}, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
		}
		if name, value, ok := strings.Cut(header, ":"); ok {
			req.Header.Add(name, strings.TrimSpace(value))
		}
		if cookie != "" {
			req.Header.Add("Cookie", cookie)
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, req)
		if w.Code >= 500 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if w.Code >= 400 && method != http.MethodHead {
			if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
				t.Fatalf("%d with Content-Type %q: %s", w.Code, got, w.Body)
			}
			checkProblem(t, w.Code, w.Body.Bytes())
		}
	})
}
