package respond_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// The short way of a usual answer writes what the long one does.
func TestUsualAnswers(t *testing.T) {
	type response = respond.Response[user]
	asJSON := func(r *response) (respond.Answer, error) { return r.JSON(user{"Ada"}) }
	tagged := httptest.NewRecorder()
	answerUsually(t, get(), tagged, []int{200}, new(respond.ETags), asJSON)
	tag := tagged.Header().Get("Etag")
	if tag == "" {
		t.Fatal("no entity tag")
	}
	for _, tt := range []struct {
		name    string
		codes   []int
		handler func(*response) (respond.Answer, error)
		usual   bool
	}{
		{"JSON", []int{200}, asJSON, true},
		{"Send", []int{200}, func(r *response) (respond.Answer, error) { return r.Send(user{"Ada"}) }, true},
		{"JSON of another default", []int{201, 200}, asJSON, true},
		{"the second of two", []int{200}, func(r *response) (respond.Answer, error) {
			_, _ = r.JSON(user{})
			return r.JSON(user{"Bob"})
		}, true},
		{"a status", []int{200, 201}, func(r *response) (respond.Answer, error) { return r.Status(201).JSON(user{}) }, false},
		{"a header", []int{200}, func(r *response) (respond.Answer, error) { return r.Header("X-A", "1").JSON(user{}) }, false},
		{"End", []int{204}, func(r *response) (respond.Answer, error) { return r.End() }, false},
		{"no content", []int{204}, asJSON, false},
		{"another's", []int{200}, func(*response) (respond.Answer, error) { return new(response).JSON(user{}) }, false},
		{"none", []int{200}, func(*response) (respond.Answer, error) { return respond.Answer{}, nil }, false},
	} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			for _, match := range []string{"", "*", tag, `W/"other"`} {
				for _, etags := range []*respond.ETags{nil, new(respond.ETags)} {
					req := httptest.NewRequest(method, "/", nil)
					if match != "" {
						req.Header.Set("If-None-Match", match)
					}
					short := httptest.NewRecorder()
					usual := answerUsually(t, req, short, tt.codes, etags, tt.handler)
					if usual != tt.usual {
						t.Errorf("%s: usual is %t", tt.name, usual)
					}
					if !usual {
						continue
					}
					long := httptest.NewRecorder()
					answerInFull(t, req, long, tt.codes, etags, tt.handler)
					if diff := cmp.Diff(shown(long), shown(short)); diff != "" {
						t.Errorf("%s, %s, If-None-Match %q, etags %t (-long +short):\n%s", tt.name, method, match, etags != nil, diff)
					}
				}
			}
		}
	}
}

func shown(w *httptest.ResponseRecorder) []any { return []any{w.Code, w.Body.String(), w.Header()} }

// answerUsually tries the short way, and reports whether there was one.
func answerUsually[Out any](t *testing.T, req *http.Request, w http.ResponseWriter, codes []int, etags *respond.ETags, handler func(*Out) (respond.Answer, error)) bool {
	t.Helper()
	plan, out := planOf[Out](t, codes)
	from := plan.Bind(out)
	a, err := handler(out)
	if err != nil {
		t.Fatal(err)
	}
	content, usual, err := plan.RenderUsual(new(respond.Rendering), from, &a)
	if err != nil {
		t.Fatal(err)
	}
	if usual {
		plan.WriteUsual(&wire.NetHTTP{W: w, R: req}, content, etags)
	}
	return usual
}

func answerInFull[Out any](t *testing.T, req *http.Request, w http.ResponseWriter, codes []int, etags *respond.ETags, handler func(*Out) (respond.Answer, error)) {
	t.Helper()
	plan, out := planOf[Out](t, codes)
	from := plan.Bind(out)
	a, err := handler(out)
	var r respond.Rendering
	if err = errors.Join(err, plan.Render(&r, from, &a)); err == nil {
		err = r.Write(&wire.NetHTTP{W: w, R: req}, etags)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func planOf[Out any](t *testing.T, codes []int) (*respond.Plan, *Out) {
	t.Helper()
	plan, faults := respond.NewPlan(new(Out), codes, encoder)
	if len(faults) > 0 {
		t.Fatalf("%+v", faults)
	}
	return plan, new(Out)
}

// A usual answer whose payload cannot be encoded is refused like any other.
func TestUsualAnswerThatCannotBeEncoded(t *testing.T) {
	broken := errors.New("broken")
	content, err := renderUsually(t, new(respond.Rendering), func(dst []byte, _ any) ([]byte, error) { return append(dst, "half"...), broken })
	if !errors.Is(err, broken) || content != nil {
		t.Errorf("%q %v", content, err)
	}
}

// A Rendering keeps the buffer of a usual answer, unless it is large.
func TestUsualBuffer(t *testing.T) {
	for size, kept := range map[int]bool{10: true, 100_000: true, 1 << 20: false} {
		encode := func(dst []byte, _ any) ([]byte, error) { return append(dst, make([]byte, size)...), nil }
		var r respond.Rendering
		first, err := renderUsually(t, &r, encode)
		second, err2 := renderUsually(t, &r, encode)
		if err != nil || err2 != nil || len(first) != size || len(second) != size || (&first[0] == &second[0]) != kept {
			t.Errorf("%d: %v %v, %d and %d bytes", size, err, err2, len(first), len(second))
		}
	}
}

func renderUsually(t *testing.T, r *respond.Rendering, encode respond.Encode) ([]byte, error) {
	t.Helper()
	plan, faults := respond.NewPlan(new(respond.Response[user]), nil, func(reflect.Type) (respond.Encode, error) { return encode, nil })
	if len(faults) > 0 {
		t.Fatalf("%+v", faults)
	}
	out := new(respond.Response[user])
	from := plan.Bind(out)
	a, _ := out.JSON(user{})
	content, usual, err := plan.RenderUsual(r, from, &a)
	if !usual {
		t.Error("not usual")
	}
	return content, err
}
