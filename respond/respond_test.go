package respond_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/google/go-cmp/cmp"
)

type user struct {
	Name string `json:"name"`
}

// encoder stands in for the project's codec: this package brings none.
func encoder(t reflect.Type) (answer.Encode, error) {
	if t.Kind() == reflect.Chan {
		return nil, errors.New("JSON cannot hold a channel")
	}
	return func(dst []byte, v any) ([]byte, error) {
		b, err := json.Marshal(v)
		return append(dst, b...), err
	}, nil
}

// plan reads what *out may answer, with these statuses, and binds it.
func plan(out any, codes []int) (*answer.Plan, []fault.Fault) {
	return answer.NewPlan(answer.Declaration{Out: out, Statuses: codes, Outcome: hook.Outcome, Form: hook.Form, Encoder: encoder, Nothing: reflect.TypeFor[struct{}]()})
}

// serve lets a handler answer one request as an endpoint with these statuses would.
func serve[Out any](t *testing.T, req *http.Request, codes []int, handler func(*Out) (respond.Answer, error)) (*httptest.ResponseRecorder, error) {
	t.Helper()
	out := new(Out)
	p, faults := plan(out, codes)
	if len(faults) > 0 {
		t.Fatalf("NewPlan: %v", faults)
	}
	a, err := handler(out)
	w := httptest.NewRecorder()
	if err == nil {
		err = write(w, req, &a, out, p)
	}
	return w, err
}

// write is what the pipeline does with an Answer.
func write(w http.ResponseWriter, req *http.Request, a *respond.Answer, out any, p *answer.Plan) error {
	var r answer.Rendering
	defer func() { r.Release() }()
	if err := r.Render((*answer.Answer)(a), p, reflect.ValueOf(out).UnsafePointer()); err != nil {
		answer.Discard((*answer.Answer)(a))
		return err
	}
	return r.Write(&wire.NetHTTP{W: w, R: req}, true)
}

func get() *http.Request { return httptest.NewRequest("GET", "/", nil) }

func TestPayloads(t *testing.T) {
	type table struct {
		status int
		header map[string]string // "": must be absent
		body   string
	}
	check := func(t *testing.T, w *httptest.ResponseRecorder, err error, want table) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if w.Code != want.status || w.Body.String() != want.body {
			t.Errorf("got %d %q, want %d %q", w.Code, w.Body, want.status, want.body)
		}
		for name, value := range want.header {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%s: %q, want %q", name, got, value)
			}
		}
	}
	t.Run("json", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.JSON(user{"Ada"}) })
		check(t, w, err, table{200, map[string]string{"Content-Type": "application/json; charset=utf-8", "Content-Length": "14"}, `{"name":"Ada"}`})
		if !strings.HasPrefix(w.Header().Get("ETag"), `W/"`) {
			t.Errorf("no weak ETag: %v", w.Header())
		}
	})
	t.Run("json keeps another json type", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) {
			return r.Header("Content-Type", "application/vnd.x+json").JSON(user{})
		})
		check(t, w, err, table{200, map[string]string{"Content-Type": "application/vnd.x+json"}, `{"name":""}`})
	})
	t.Run("json replaces what is not json", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) {
			return r.Header("Content-Type", "text/plain").Send(user{})
		})
		check(t, w, err, table{200, map[string]string{"Content-Type": "application/json; charset=utf-8"}, `{"name":""}`})
	})
	t.Run("nil pointer", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[*user]) (respond.Answer, error) { return r.JSON(nil) })
		check(t, w, err, table{200, nil, `null`})
	})
	t.Run("string as text", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[string]) (respond.Answer, error) { return r.Send("é") })
		check(t, w, err, table{200, map[string]string{"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", "Content-Length": "2"}, "é"})
	})
	t.Run("string as json", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[string]) (respond.Answer, error) { return r.JSON("x") })
		check(t, w, err, table{200, map[string]string{"Content-Type": "application/json; charset=utf-8", "X-Content-Type-Options": ""}, `"x"`})
	})
	t.Run("html", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[respond.HTML]) (respond.Answer, error) { return r.Send("<p>") })
		check(t, w, err, table{200, map[string]string{"Content-Type": "text/html; charset=utf-8"}, "<p>"})
	})
	t.Run("bytes", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[[]byte]) (respond.Answer, error) { return r.Send([]byte{1, 2}) })
		check(t, w, err, table{200, map[string]string{"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff"}, "\x01\x02"})
	})
	t.Run("bytes with a type", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[[]byte]) (respond.Answer, error) {
			return r.Header("Content-Type", "image/png").Send([]byte{1})
		})
		check(t, w, err, table{200, map[string]string{"Content-Type": "image/png", "X-Content-Type-Options": ""}, "\x01"})
	})
	t.Run("named string", func(t *testing.T) {
		type word string
		w, err := serve(t, get(), nil, func(r *respond.Response[word]) (respond.Answer, error) { return r.Send("w") })
		check(t, w, err, table{200, map[string]string{"Content-Type": "text/plain; charset=utf-8"}, "w"})
	})
	t.Run("stream of known length", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[io.Reader]) (respond.Answer, error) { return r.Send(strings.NewReader("abc")) })
		check(t, w, err, table{200, map[string]string{"Content-Type": "application/octet-stream", "Content-Length": "3", "ETag": ""}, "abc"})
	})
	t.Run("stream of a length that the handler knows", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[io.Reader]) (respond.Answer, error) {
			return r.Header("Content-Length", "3").Header("Content-Type", "text/csv").Send(io.MultiReader(strings.NewReader("a,b")))
		})
		check(t, w, err, table{200, map[string]string{"Content-Type": "text/csv", "Content-Length": "3"}, "a,b"})
	})
	t.Run("stream of unknown length", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[io.Reader]) (respond.Answer, error) {
			return r.Send(io.MultiReader(strings.NewReader("abc")))
		})
		check(t, w, err, table{200, map[string]string{"Content-Length": ""}, "abc"})
	})
	t.Run("nil stream", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[*bytes.Buffer]) (respond.Answer, error) { return r.Send(nil) })
		check(t, w, err, table{200, nil, ""})
	})
	t.Run("file", func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(name, []byte("12345"), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Seek(1, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		w, err := serve(t, get(), nil, func(r *respond.Response[*os.File]) (respond.Answer, error) { return r.Send(f) })
		check(t, w, err, table{200, map[string]string{"Content-Length": "4"}, "2345"})
		if err := f.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("the stream was not closed: %v", err)
		}
	})
	t.Run("no payload", func(t *testing.T) {
		w, err := serve(t, get(), nil, func(r *respond.Response[struct{}]) (respond.Answer, error) { return r.End() })
		check(t, w, err, table{204, map[string]string{"Content-Type": "", "Content-Length": ""}, ""})
	})
	for _, code := range []int{204, 205, 304} {
		t.Run(fmt.Sprint("payload at ", code), func(t *testing.T) {
			w, err := serve(t, get(), []int{code}, func(r *respond.Response[user]) (respond.Answer, error) {
				return r.Header("Content-Type", "application/json").Header("X-A", "1").JSON(user{})
			})
			check(t, w, err, table{code, map[string]string{"Content-Type": "", "Content-Length": "", "ETag": "", "X-A": "1"}, ""})
		})
	}
	t.Run("HEAD", func(t *testing.T) {
		w, err := serve(t, httptest.NewRequest("HEAD", "/", nil), nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.JSON(user{"Ada"}) })
		check(t, w, err, table{200, map[string]string{"Content-Length": "14"}, ""})
		if w.Header().Get("ETag") == "" {
			t.Error("HEAD has no ETag")
		}
	})
	t.Run("HEAD of a stream", func(t *testing.T) {
		w, err := serve(t, httptest.NewRequest("HEAD", "/", nil), nil, func(r *respond.Response[io.Reader]) (respond.Answer, error) { return r.Send(strings.NewReader("abc")) })
		check(t, w, err, table{200, map[string]string{"Content-Length": "3"}, ""})
	})
	t.Run("no ETag on other methods and statuses", func(t *testing.T) {
		w, err := serve(t, httptest.NewRequest("POST", "/", nil), nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.JSON(user{}) })
		check(t, w, err, table{200, map[string]string{"ETag": ""}, `{"name":""}`})
		w, err = serve(t, get(), []int{203}, func(r *respond.Response[user]) (respond.Answer, error) { return r.JSON(user{}) })
		check(t, w, err, table{203, map[string]string{"ETag": ""}, `{"name":""}`})
	})
}

func TestHeadersAndRedirects(t *testing.T) {
	w, err := serve(t, get(), []int{303}, func(r *respond.Response[user]) (respond.Answer, error) {
		return r.Header("x-a", "1").Header("X-A", "2").Header("Vary", "A").Header("vary", "B").
			Cookie(&http.Cookie{Name: "a", Value: "1"}).Cookie(&http.Cookie{Name: "b", Value: "2"}).
			Status(200).Status(303).Redirect("/é")
	})
	if err != nil {
		t.Fatal(err)
	}
	want := http.Header{"X-A": {"2"}, "Vary": {"A", "B"}, "Set-Cookie": {"a=1", "b=2"}, "Location": {"/%C3%A9"}, "Content-Length": {"0"}}
	if diff := cmp.Diff(want, w.Header()); diff != "" || w.Code != 303 || w.Body.Len() != 0 {
		t.Errorf("%d %q\n%s", w.Code, w.Body, diff)
	}
	w, err = serve(t, get(), []int{307}, func(r *respond.Response[user]) (respond.Answer, error) {
		return r.RedirectExternal("https://example.com/")
	})
	if err != nil || w.Code != 307 || w.Header().Get("Location") != "https://example.com/" {
		t.Errorf("%v %d %v", err, w.Code, w.Header())
	}
}

func TestConditionalRequests(t *testing.T) {
	answer := func(r *respond.Response[user]) (respond.Answer, error) {
		return r.Header("Cache-Control", "no-cache").Header("X-A", "1").Header("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT").JSON(user{"Ada"})
	}
	w, err := serve(t, get(), nil, answer)
	if err != nil {
		t.Fatal(err)
	}
	etag := w.Header().Get("ETag")
	tests := []struct {
		name, header, value string
		want                int
	}{
		{"same tag", "If-None-Match", etag, 304},
		{"star", "If-None-Match", "*", 304},
		{"other tag", "If-None-Match", `"x"`, 200},
		{"not modified since", "If-Modified-Since", "Mon, 02 Jan 2006 15:04:05 GMT", 304},
		{"modified since", "If-Modified-Since", "Mon, 02 Jan 2006 15:04:04 GMT", 200},
		{"garbage", "If-Modified-Since", "yesterday", 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD"} {
				req := httptest.NewRequest(method, "/", nil)
				req.Header.Set(tt.header, tt.value)
				w, err := serve(t, req, nil, answer)
				if err != nil || w.Code != tt.want {
					t.Fatalf("%s: %d, %v; want %d", method, w.Code, err, tt.want)
				}
				if w.Code == 304 {
					want := http.Header{"Cache-Control": {"no-cache"}, "Etag": {etag}, "X-A": {"1"}}
					if diff := cmp.Diff(want, w.Header()); diff != "" || w.Body.Len() > 0 {
						t.Errorf("304 with body %q and header\n%s", w.Body, diff)
					}
				}
			}
		})
	}
	t.Run("If-None-Match hides If-Modified-Since", func(t *testing.T) {
		req := get()
		req.Header.Set("If-None-Match", `"x"`)
		req.Header.Set("If-Modified-Since", "Mon, 02 Jan 2006 15:04:05 GMT")
		if w, err := serve(t, req, nil, answer); err != nil || w.Code != 200 {
			t.Errorf("%d, %v", w.Code, err)
		}
	})
	t.Run("the handler's own tag", func(t *testing.T) {
		req := get()
		req.Header.Set("If-None-Match", `W/"v1"`)
		w, err := serve(t, req, nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.Header("ETag", `"v1"`).JSON(user{}) })
		if err != nil || w.Code != 304 || w.Header().Get("ETag") != `"v1"` {
			t.Errorf("%d %v, %v", w.Code, w.Header(), err)
		}
	})
	t.Run("without an ETag there is nothing to match", func(t *testing.T) {
		req := get()
		req.Header.Set("If-None-Match", "*")
		if w, err := serve(t, req, nil, func(r *respond.Response[io.Reader]) (respond.Answer, error) { return r.Send(strings.NewReader("x")) }); err != nil || w.Code != 200 {
			t.Errorf("%d, %v", w.Code, err)
		}
	})
}

type outcomes struct {
	OK    respond.Reply[user]   `status:"200" doc:"the user"`
	Text  respond.Reply[string] `status:"203" example:"hi"`
	Gone  respond.Empty         `status:"410"`
	Moved respond.Redirect      `status:"308"`
}

func TestOutcomeSet(t *testing.T) {
	w, err := serve(t, get(), nil, func(o *outcomes) (respond.Answer, error) {
		return o.OK.JSON(user{"Ada"}, respond.SetHeader("X-A", "1"), respond.SetCookie(&http.Cookie{Name: "a", Value: "b"}), nil)
	})
	if err != nil || w.Code != 200 || w.Body.String() != `{"name":"Ada"}` || w.Header().Get("X-A") != "1" || w.Header().Get("Set-Cookie") != "a=b" {
		t.Errorf("%v %d %q %v", err, w.Code, w.Body, w.Header())
	}
	w, err = serve(t, get(), nil, func(o *outcomes) (respond.Answer, error) { return o.Text.Send("hi") })
	if err != nil || w.Code != 203 || w.Body.String() != "hi" {
		t.Errorf("%v %d %q", err, w.Code, w.Body)
	}
	w, err = serve(t, get(), nil, func(o *outcomes) (respond.Answer, error) { return o.Gone.End() })
	if err != nil || w.Code != 410 || w.Body.Len() != 0 {
		t.Errorf("%v %d %q", err, w.Code, w.Body)
	}
	w, err = serve(t, get(), nil, func(o *outcomes) (respond.Answer, error) { return o.Moved.To("/new") })
	if err != nil || w.Code != 308 || w.Header().Get("Location") != "/new" {
		t.Errorf("%v %d %v", err, w.Code, w.Header())
	}
	p, _ := plan(new(outcomes), nil)
	want := []answer.Outcome{
		{Status: 200, Name: "OK", Doc: "the user", Payload: reflect.TypeFor[user]()},
		{Status: 203, Name: "Text", Example: "hi", Payload: reflect.TypeFor[string]()},
		{Status: 410, Name: "Gone"}, {Status: 308, Name: "Moved"},
	}
	if diff := cmp.Diff(want, p.Outcomes(), cmp.Comparer(func(a, b reflect.Type) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

// What was not received says so: on the server, and in the outcomes that were not answered.
func TestReceived(t *testing.T) {
	type user struct{ ID int }
	var out struct {
		Response respond.Response[user]
		Reply    respond.Reply[user]
		Empty    respond.Empty
		Redirect respond.Redirect
	}
	_, _ = out.Response.JSON(user{1})
	_, _ = out.Reply.JSON(user{1})
	_, _ = out.Empty.End()
	_, _ = out.Redirect.To("/x")
	check := func(want bool) {
		t.Helper()
		r, first := out.Response.Payload()
		o, second := out.Reply.Payload()
		target, third := out.Redirect.Target()
		if first != want || second != want || third != want || out.Empty.Answered() != want {
			t.Errorf("%t %t %t %t, want %t", first, second, third, out.Empty.Answered(), want)
		}
		if want && (r.ID != 2 || o.ID != 3 || target != "/y") {
			t.Errorf("%v %v %q", r, o, target)
		}
	}
	check(false)
	for _, tt := range []struct{ out, payload any }{
		{&out.Response, &user{2}}, {&out.Reply, &user{3}}, {&out.Empty, answer.NoPayload{}}, {&out.Redirect, new("/y")},
	} {
		b, _ := hook.Outcome(tt.out)
		b.Receive(tt.payload)
	}
	check(true)
}
