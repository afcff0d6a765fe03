package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

type anything struct {
	OK    typed.Reply[map[string]any] `status:"200"`
	CSV   typed.Reply[string]         `status:"200" type:"text/csv"`
	Bytes typed.Reply[[]byte]         `status:"201"`
	None  typed.Empty                 `status:"204"`
	Moved typed.Redirect              `status:"303"`
	Bad   typed.Reply[missing]        `status:"400"`
	Other typed.Reply[user]           `status:"200" type:"application/vnd.user+json"`
}

// fuzzed are calls of endpoints of several kinds. Each says whether it got a value.
func fuzzed(c *client.Client) []func(context.Context) error {
	set := typed.Define[typed.None, anything]("GET /set")
	get := typed.Get[typed.None, user]("/user", typed.Status(200, 201, 204, 303))
	return []func(context.Context) error{
		func(ctx context.Context) error {
			a, err := client.Do(ctx, c, set, typed.None{})
			if err != nil {
				return err
			}
			said := 0
			for _, ok := range []bool{
				is(a.Out.OK.Payload()), is(a.Out.CSV.Payload()), is(a.Out.Bytes.Payload()), a.Out.None.Answered(),
				is(a.Out.Moved.Target()), is(a.Out.Bad.Payload()), is(a.Out.Other.Payload()),
			} {
				if ok {
					said++
				}
			}
			if said != 1 {
				panic("not one outcome")
			}
			return nil
		},
		func(ctx context.Context) error { return second(client.Call(ctx, c, get, typed.None{})) },
		func(ctx context.Context) error { return second(client.Call(ctx, c, endText, typed.None{})) },
		func(ctx context.Context) error {
			r, err := client.Call(ctx, c, endRead, typed.None{})
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			return err
		},
	}
}

func is[T any](_ T, ok bool) bool { return ok }

// sent is the answer that the next request gets.
type sent struct {
	status                        int
	mediaType, location, encoding string
	content                       []byte
}

func (s *sent) RoundTrip(r *http.Request) (*http.Response, error) {
	h := http.Header{}
	for name, value := range map[string]string{"Content-Type": s.mediaType, "Location": s.location, "Content-Encoding": s.encoding} {
		if value != "" {
			h[name] = []string{value}
		}
	}
	return &http.Response{StatusCode: s.status, Header: h, Body: io.NopCloser(bytes.NewReader(s.content)), Request: r}, nil
}

// judge makes all calls get the answer: whatever it is, there is a value or an error of a
// known kind that names the endpoint.
func judge(tb testing.TB, calls []func(context.Context) error) (values int) {
	for _, call := range calls {
		err := call(tb.Context())
		switch _, unexpected := errors.AsType[*client.UnexpectedAnswer](err); {
		case err == nil:
			values++
			continue
		case unexpected:
		default:
			_, problem := errors.AsType[*respond.Problem](err)
			_, failed := errors.AsType[*client.Failure[failed]](err)
			if !problem && !failed {
				tb.Fatalf("an error of another kind: %v", err)
			}
		}
		if !strings.HasPrefix(err.Error(), "client: GET /") {
			tb.Fatalf("the endpoint is not named: %v", err)
		}
	}
	return values
}

func newFuzzed() (*sent, [][]func(context.Context) error) {
	s := &sent{}
	var calls [][]func(context.Context) error
	for _, opts := range []client.Options{{}, {Strict: true, MaxAnswer: 100, Errors: failedForm}} {
		opts.HTTP = &http.Client{Transport: s}
		calls = append(calls, fuzzed(client.New("http://example.com", &opts)))
	}
	return s, calls
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, "application/json", "", "", []byte(`{"id":1,"name":"Ada"}`))
	f.Add(404, "application/problem+json", "", "", []byte(`{"title":"no","errors":[{"in":"body"}],"x":1e400}`))
	f.Add(303, "", "/x", "", []byte(""))
	f.Add(103, "", "%", "", []byte("")) // a 303
	f.Add(500, "application/json; charset=utf-8", "", "", []byte(`{"error":"x","code":1}`))
	f.Add(200, "text/csv; charset=latin1", "", "gzip", []byte("\xff"))
	f.Fuzz(func(t *testing.T, status int, mediaType, location, encoding string, content []byte) {
		s, calls := newFuzzed()
		*s = sent{status: 200 + int(uint(status)%400), mediaType: mediaType, location: location, encoding: encoding, content: content}
		for _, c := range calls {
			judge(t, c)
		}
	})
}

// Random answers, most of them close to right ones: each is read by one client's calls.
func TestRandomAnswers(t *testing.T) {
	rounds := 10_000
	if os.Getenv("APIROUTES_PROOF") != "" {
		rounds *= 100
	}
	pieces := []string{"{", "}", "[", "]", ":", ",", `"id"`, `"name"`, `"error"`, `"code"`, `"title"`, `"errors"`, "1", "null", `"x"`, "1e400", `"\ud800"`, "\xff", " ", "\x00", `{"id":1,"name":"Ada"}`, `{"error":"x","code":1}`}
	types := []string{"", "application/json", "application/problem+json", "text/csv", "text/plain; charset=utf-8", "text/html;", "application/vnd.user+json", "application/octet-stream", "a/b; c", "json"}
	r := rand.New(rand.NewPCG(3, 4))
	s, calls := newFuzzed()
	values := 0
	for round := range rounds {
		var content []byte
		for range r.IntN(9) {
			content = append(content, pieces[r.IntN(len(pieces))]...)
		}
		statuses := []int{200, 200, 200, 201, 204, 303, 400, 404, 418, 500, 503}
		*s = sent{status: statuses[r.IntN(len(statuses))], mediaType: types[r.IntN(len(types))], content: content}
		s.location = []string{"", "/x", "https://example.com/y?z", "%", "http://["}[r.IntN(5)]
		values += judge(t, calls[round%len(calls)])
	}
	t.Logf("%d answers, %d values", rounds, values)
	if values == 0 {
		t.Error("no answer was right")
	}
}
