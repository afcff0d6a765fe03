package respond_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/google/go-cmp/cmp"
)

type user struct {
	Name string `json:"name"`
}

// encoder stands in for the project's codec: this package brings none.
func encoder(t reflect.Type) (respond.Encode, error) {
	if t.Kind() == reflect.Chan {
		return nil, errors.New("JSON cannot hold a channel")
	}
	return func(dst []byte, v any) ([]byte, error) {
		b, err := json.Marshal(v)
		return append(dst, b...), err
	}, nil
}

// serve lets a handler answer one request as an endpoint with these statuses would.
func serve[Out any](t *testing.T, req *http.Request, codes []int, handler func(*Out) (respond.Answer, error)) (*httptest.ResponseRecorder, error) {
	t.Helper()
	prototype := new(Out)
	plan, faults := respond.NewPlan(prototype, codes, encoder)
	if len(faults) > 0 {
		t.Fatalf("NewPlan: %v", faults)
	}
	out := reflect.New(reflect.TypeFor[Out]())
	out.Elem().Set(reflect.ValueOf(prototype).Elem())
	a, err := handler(out.Interface().(*Out))
	w := httptest.NewRecorder()
	if err != nil {
		return w, err
	}
	r, err := plan.Render(out.Interface(), a)
	if err != nil {
		return w, err
	}
	return w, r.Write(&wire.NetHTTP{W: w, R: req}, true)
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
	want := http.Header{"X-A": {"2"}, "Vary": {"A", "B"}, "Set-Cookie": {"a=1", "b=2"}, "Location": {"/%C3%A9"}}
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
					want := http.Header{"Cache-Control": {"no-cache"}, "Etag": {etag}}
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
	Text  respond.Reply[string] `status:"203"`
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
	plan, _ := respond.NewPlan(new(outcomes), nil, encoder)
	want := []respond.Outcome{
		{Status: 200, Name: "OK", Doc: "the user", Payload: reflect.TypeFor[user]()},
		{Status: 203, Name: "Text", Payload: reflect.TypeFor[string]()},
		{Status: 410, Name: "Gone"}, {Status: 308, Name: "Moved"},
	}
	if diff := cmp.Diff(want, plan.Outcomes(), cmp.Comparer(func(a, b reflect.Type) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

// Answers that the compiler cannot see to be wrong are refused before a byte is written.
func TestRefusedAnswers(t *testing.T) {
	type set = outcomes
	var keptSet *set
	var keptResponse *respond.Response[user]
	tests := []struct {
		name string
		run  func() (*httptest.ResponseRecorder, error)
		want string
	}{
		{"the zero Answer", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(*respond.Response[user]) (respond.Answer, error) { return respond.Answer{}, nil })
		}, "zero Answer"},
		{"a Response made by hand", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(*respond.Response[user]) (respond.Answer, error) {
				return new(respond.Response[user]).JSON(user{})
			})
		}, "was not made by"},
		{"a Reply made by hand", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(*set) (respond.Answer, error) { return new(respond.Reply[user]).JSON(user{}) })
		}, "was not made by"},
		{"another set's Reply", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(*set) (respond.Answer, error) {
				other := new(set)
				respond.NewPlan(other, nil, encoder)
				return other.OK.JSON(user{})
			})
		}, "was not made by"},
		{"a set kept from an earlier request", func() (*httptest.ResponseRecorder, error) {
			answer := func(o *set) (respond.Answer, error) {
				if keptSet == nil {
					keptSet = o
				}
				return keptSet.OK.JSON(user{})
			}
			plan, _ := respond.NewPlan(new(set), nil, encoder)
			first, second := new(set), new(set)
			_, _ = answer(first)
			a, _ := answer(second)
			_, err := plan.Render(second, a)
			return httptest.NewRecorder(), err
		}, "was not made by"},
		{"a Response kept from an earlier request", func() (*httptest.ResponseRecorder, error) {
			answer := func(r *respond.Response[user]) (respond.Answer, error) {
				if keptResponse == nil {
					keptResponse = r
				}
				return keptResponse.JSON(user{})
			}
			if _, err := serve(t, get(), nil, answer); err != nil {
				t.Fatal(err)
			}
			return serve(t, get(), nil, answer)
		}, "was not made by"},
		{"an undeclared status", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.Status(418).JSON(user{}) })
		}, "status 418 is not declared"},
		{"status 100", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.Status(100).JSON(user{}) })
		}, "not a final status"},
		{"an undeclared redirect", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.Redirect("/") })
		}, "status 307 is not declared"},
		{"a redirect with 200", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.Status(200).Redirect("/") })
		}, "a redirect has status 200"},
		{"End with a payload due", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.End() })
		}, "End answers 200"},
		{"a line break in a header", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.Header("X", "a\r\nb").JSON(user{}) })
		}, "control byte"},
		{"a header without a name", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.Header("X Y", "a").JSON(user{}) })
		}, "not a header field name"},
		{"an invalid cookie", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) {
				return r.Cookie(&http.Cookie{Name: "a b"}).Cookie(nil).JSON(user{})
			})
		}, "cookie"},
		{"a stream as JSON", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[io.Reader]) (respond.Answer, error) { return r.JSON(strings.NewReader("")) })
		}, "JSON cannot hold a stream"},
		{"NaN", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[float64]) (respond.Answer, error) { return r.JSON(math.NaN()) })
		}, "cannot be encoded"},
		{"an empty redirect target", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), []int{307}, func(r *respond.Response[user]) (respond.Answer, error) { return r.Redirect("") })
		}, "target is empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, err := tt.run()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want one with %q", err, tt.want)
			}
			if len(w.Header()) > 0 || w.Body.Len() > 0 {
				t.Errorf("something was written: %v %q", w.Header(), w.Body)
			}
		})
	}
}

// What is returned is what is written, whatever was called after it.
func TestAnswerKeepsWhatItHad(t *testing.T) {
	w, err := serve(t, get(), []int{200, 201}, func(r *respond.Response[user]) (respond.Answer, error) {
		r.Header("X-A", "1")
		a, err := r.JSON(user{"first"})
		r.Header("X-A", "2").Header("X-B", "2").Status(201)
		_, _ = r.JSON(user{"second"})
		return a, err
	})
	if err != nil || w.Code != 200 || w.Body.String() != `{"name":"first"}` || w.Header().Get("X-A") != "1" || w.Header().Get("X-B") != "" {
		t.Errorf("%v %d %q %v", err, w.Code, w.Body, w.Header())
	}
}

func TestAnswerCanBeRead(t *testing.T) {
	r := new(respond.Response[user])
	a, err := r.Status(201).Header("X-A", "1").Tag("t", "u").NoStore().JSON(user{"Ada"})
	if err != nil || a.IsZero() || a.Status() != 201 || a.Header().Get("X-A") != "1" || a.Payload() != (user{"Ada"}) || a.Storable() {
		t.Errorf("%v %+v", err, a)
	}
	if diff := cmp.Diff([]string{"t", "u"}, a.CacheTags()); diff != "" {
		t.Error(diff)
	}
	end, _ := new(respond.Response[user]).End()
	free, _ := new(respond.Response[user]).JSON(user{})
	if end.Status() != 204 || end.Payload() != nil || free.Status() != 200 || (respond.Answer{}).Status() != 0 {
		t.Errorf("%d %v %d", end.Status(), end.Payload(), free.Status())
	}
	out, err := respond.RenderFree(free, func(dst []byte, v any) ([]byte, error) { return append(dst, "{}"...), nil })
	if err != nil || string(out.Body) != "{}" || out.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%v %+v", err, out)
	}
	out.Release()
	out.Release()
	if _, err := respond.RenderFree(respond.Answer{}, nil); err == nil {
		t.Error("the zero Answer was rendered")
	}
}

func TestPlanFaults(t *testing.T) {
	type ok = respond.Reply[user]
	tests := []struct {
		name  string
		out   any
		codes []int
		want  string
	}{
		{"statuses out of range", new(respond.Response[user]), []int{99}, "status 99 is not a final status"},
		{"status twice", new(respond.Response[user]), []int{200, 200}, "declared twice"},
		{"a payload that JSON cannot hold", new(respond.Response[chan int]), nil, "cannot hold a channel"},
		{"a single outcome", new(ok), nil, "no outcome set"},
		{"a single empty", new(respond.Empty), nil, "no outcome set"},
		{"neither", new(int), nil, "neither a Response nor an outcome set"},
		{"empty set", new(struct{}), nil, "is empty"},
		{"Status beside a set", new(outcomes), []int{200}, "no meaning beside an outcome set"},
		{"no outcome", new(struct{ A int }), nil, "A: is not an outcome"},
		{"unexported", new(struct {
			a ok `status:"200"`
		}), nil, "a: is not an outcome"},
		{"Response in a set", new(struct {
			A respond.Response[user] `status:"200"`
		}), nil, "A: is not an outcome"},
		{"no tag", new(struct{ A ok }), nil, "A: has no final status"},
		{"tag out of range", new(struct {
			A ok `status:"600"`
		}), nil, "A: has no final status"},
		{"same status", new(struct {
			A, B ok `status:"200"`
		}), nil, "B: has status 200, which A has as well"},
		{"payload at 204", new(struct {
			A ok `status:"204"`
		}), nil, "has a payload at status 204"},
		{"redirect at 200", new(struct {
			A respond.Redirect `status:"200"`
		}), nil, "is a redirect with status 200"},
		{"empty payload", new(struct {
			A respond.Reply[struct{}] `status:"200"`
		}), nil, "payload without members"},
		{"channel in a set", new(struct {
			A respond.Reply[chan int] `status:"200"`
		}), nil, "cannot hold a channel"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, faults := respond.NewPlan(tt.out, tt.codes, encoder)
			var all []string
			for _, f := range faults {
				if f.Mend == "" {
					t.Errorf("%+v does not say what to write instead", f)
				}
				all = append(all, f.Field+": "+f.Problem)
			}
			if !strings.Contains(strings.Join(all, "\n"), tt.want) {
				t.Errorf("faults %q, want %q", all, tt.want)
			}
		})
	}
}

func TestMediaTypesOfSend(t *testing.T) {
	for payload, want := range map[reflect.Type]string{
		reflect.TypeFor[string]():          "text/plain",
		reflect.TypeFor[respond.HTML]():    "text/html",
		reflect.TypeFor[[]byte]():          "application/octet-stream",
		reflect.TypeFor[io.Reader]():       "application/octet-stream",
		reflect.TypeFor[json.RawMessage](): "application/json",
		reflect.TypeFor[user]():            "application/json",
	} {
		if got := respond.Sends(payload); got != want {
			t.Errorf("Sends(%v) = %s, want %s", payload, got, want)
		}
	}
	if !respond.Streams(reflect.TypeFor[*bytes.Buffer]()) || respond.Streams(reflect.TypeFor[[]byte]()) {
		t.Error("Streams")
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

func TestStreamFailure(t *testing.T) {
	cause := errors.New("disk")
	_, err := serve(t, get(), nil, func(r *respond.Response[io.Reader]) (respond.Answer, error) {
		return r.Send(io.MultiReader(strings.NewReader("abc"), failingReader{cause}))
	})
	if !errors.Is(err, cause) {
		t.Errorf("error %v, want the reader's", err)
	}
}
