package respond_test

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/google/go-cmp/cmp"
)

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
				plan(other, nil)
				return other.OK.JSON(user{})
			})
		}, "was not made by"},
		{"a set kept from an earlier request", func() (*httptest.ResponseRecorder, error) {
			handler := func(o *set) (respond.Answer, error) {
				if keptSet == nil {
					keptSet = o
				}
				return keptSet.OK.JSON(user{})
			}
			first, second := new(set), new(set)
			p, _ := plan(first, nil)
			reflect.ValueOf(second).Elem().Set(reflect.ValueOf(first).Elem())
			_, _ = handler(first)
			a, _ := handler(second)
			w := httptest.NewRecorder()
			return w, write(w, get(), &a, second, p)
		}, "was not made by"},
		{"a Response kept from an earlier request", func() (*httptest.ResponseRecorder, error) {
			handler := func(r *respond.Response[user]) (respond.Answer, error) {
				if keptResponse == nil {
					keptResponse = r
				}
				return keptResponse.JSON(user{})
			}
			if _, err := serve(t, get(), nil, handler); err != nil {
				t.Fatal(err)
			}
			return serve(t, get(), nil, handler)
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
		}, "400 Bad Request"},
		{"an empty external target", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), []int{307}, func(r *respond.Response[user]) (respond.Answer, error) { return r.RedirectExternal("") })
		}, "target is empty"},
		{"ETag: v1", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) {
				return r.Header("ETag", "v1").JSON(user{})
			})
		}, "is no entity tag"},
		{"ETag: W/v1", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) {
				return r.Header("ETag", "W/v1").JSON(user{})
			})
		}, "is no entity tag"},
		{"Transfer-Encoding: chunked", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) {
				return r.Header("Transfer-Encoding", "chunked").JSON(user{})
			})
		}, "is the server"},
		{"Trailer: X-A", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) {
				return r.Header("Trailer", "X-A").JSON(user{})
			})
		}, "is the server"},
		{"Last-Modified: yesterday", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) {
				return r.Header("Last-Modified", "yesterday").JSON(user{})
			})
		}, "is no HTTP date"},
		{"Content-Length: -1", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) {
				return r.Header("Content-Length", "-1").JSON(user{})
			})
		}, "is no length"},
		{"status 0", func() (*httptest.ResponseRecorder, error) {
			return serve(t, get(), nil, func(r *respond.Response[user]) (respond.Answer, error) { return r.Status(200).Status(0).JSON(user{}) })
		}, "not a final status"},
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
	var r respond.Response[user]
	var kept []respond.Answer
	for _, name := range []string{"a", "b", "c"} {
		a, _ := r.JSON(user{name})
		kept = append(kept, a)
	}
	for i, name := range []string{"a", "b", "c"} {
		if got := kept[i].Payload(); got != (user{name}) {
			t.Errorf("Answer %d has %v", i, got)
		}
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
	var out answer.Rendering
	braces := func(dst []byte, _ any) ([]byte, error) { return append(dst, "{}"...), nil }
	if err := out.RenderFree((*answer.Answer)(&free), braces, hook.Form); err != nil {
		t.Error(err)
	}
	w := httptest.NewRecorder()
	if err := out.Write(&wire.NetHTTP{W: w, R: get()}, false); err != nil || w.Body.String() != "{}" || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%v %v", err, w)
	}
	out.Release()
	out.Release() // may be called again
	if err := new(answer.Rendering).RenderFree(&answer.Answer{}, nil, hook.Form); err == nil {
		t.Error("the zero Answer was rendered")
	}
}

// What most answers do without costs those that say it: the list of its fields, the state
// that holds the list, and what an Answer refers to both by, beside the Response itself.
func TestHeaderAllocations(t *testing.T) {
	var a respond.Answer
	n := testing.AllocsPerRun(100, func() {
		r := new(respond.Response[int])
		a, _ = r.Header("X-A", "1").JSON(1)
	})
	if n > 4 || a.Payload() != 1 {
		t.Errorf("%v allocations for %v", n, a.Payload())
	}
}

// Every Answer keeps its own payload, whatever was said before it and between.
func TestSeveralAnswers(t *testing.T) {
	calls := map[string]func(*respond.Response[int]){
		"":        func(*respond.Response[int]) {},
		"status":  func(r *respond.Response[int]) { r.Status(201) },
		"header":  func(r *respond.Response[int]) { r.Header("X-A", "1") },
		"noStore": func(r *respond.Response[int]) { r.NoStore() },
	}
	for before, first := range calls {
		for between, second := range calls {
			serve(t, get(), []int{200, 201}, func(r *respond.Response[int]) (respond.Answer, error) {
				first(r)
				a, _ := r.JSON(1)
				b, _ := r.Send(2)
				second(r)
				c, _ := r.JSON(3)
				if a.Payload() != 1 || b.Payload() != 2 || c.Payload() != 3 || a.Status() != b.Status() || a.Storable() != b.Storable() {
					t.Errorf("%q, %q: %v, %v, %v", before, between, a.Payload(), b.Payload(), c.Payload())
				}
				return c, nil
			})
		}
	}
}
