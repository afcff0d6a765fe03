package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// observedKey holds what the observer puts into the context.
type observedKey struct{}

// observedAPI tells what it observes, a line for each request. With wrapped it has middleware.
func observedAPI(wrapped bool, lines chan<- string) *typed.API {
	api := typed.New("Observed", "1", &typed.Options{
		OnError: ignore, BasePath: "/v1", Pages: pagecache.New(pagecache.Memory(1<<20), nil), Timeout: time.Minute,
	})
	api.Observe(func(ctx context.Context, o *typed.Observation) (context.Context, func()) {
		o.OnHead(func() { o.AddHeader("Server-Timing", fmt.Sprintf("app;desc=%d", o.Status)) })
		from := fmt.Sprint(o.Host, " ", o.Version, " ", o.Secure, " ", o.Header("X-Trace"))
		return context.WithValue(ctx, observedKey{}, "observed"), func() {
			route := "none"
			if o.Operation != nil {
				route = o.Operation.ID + " " + o.Route()
			}
			line := fmt.Sprintf("%s %s: %s: %d, %d in, %d out", o.Method, o.Path, route, o.Status, o.Received, o.Sent)
			if o.Problem != nil {
				line += fmt.Sprintf(", problem %d", o.Problem.Status)
				for _, e := range o.Problem.Errors {
					line += strings.TrimRight(", "+e.In+" "+e.Name+e.Pointer, " ") + " " + e.Rule
				}
			}
			if o.Panic != nil {
				line += fmt.Sprint(", panic ", o.Panic.Value)
			}
			if o.Page != "" {
				line += ", page " + o.Page
			}
			if o.Aborted {
				line += ", aborted"
			}
			if from != "example.com 1.1 false [t]" || o.Header("X-Trace") != nil || o.Duration < 0 {
				line += ", from " + from
			}
			lines <- line
		}
	})
	if wrapped {
		api.Use(matched("X-Matched"))
	}
	type item struct {
		Count  int            `json:"count" validate:"max=9"`
		Labels map[string]int `json:"labels" validate:"dive,max=9"`
	}
	typed.Handle(api, "GET /o/{id}", typed.Func(func(ctx context.Context, in id) (string, error) {
		switch in.ID {
		case "panic":
			panic("x")
		case "abort":
			panic(http.ErrAbortHandler)
		case "gone":
			return "", respond.Gone("The secret is %s.", in.ID)
		case "error":
			return "", errSecret
		}
		value, _ := ctx.Value(observedKey{}).(string)
		return value, nil
	}))
	typed.Handle(api, "POST /o", typed.Func(func(_ context.Context, in struct {
		Items []item `json:"items" validate:"dive"`
	}) (int, error) {
		return len(in.Items), nil
	}), typed.StrictQuery())
	typed.Handle(api, "POST /raw", typed.Func(func(_ context.Context, in stream) (int64, error) {
		return io.Copy(io.Discard, in.Body)
	}))
	typed.Handle(api, "GET /stream", func(ctx context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(io.MultiReader(strings.NewReader("one "), strings.NewReader("two")))
	})
	typed.Handle(api, "GET /cut", func(ctx context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(io.MultiReader(strings.NewReader("one "), &failing{}))
	})
	typed.Handle(api, "GET /events", func(_ context.Context, _ typed.None, res *typed.Response[typed.Events[int]]) (typed.Answer, error) {
		return res.Send(func(yield func(typed.Event[int], error) bool) {
			_ = yield(typed.Event[int]{Data: 1}, nil) && yield(typed.Event[int]{Data: 2}, nil)
		})
	})
	typed.Handle(api, "GET /events/cut", func(_ context.Context, _ typed.None, res *typed.Response[typed.Events[int]]) (typed.Answer, error) {
		return res.Send(func(yield func(typed.Event[int], error) bool) {
			_ = yield(typed.Event[int]{Data: 1}, nil) && yield(typed.Event[int]{}, errSecret)
		})
	})
	typed.Handle(api, "GET /page/{id}", typed.Func(func(ctx context.Context, in id) (string, error) {
		return fmt.Sprint("page ", ctx.Value(observedKey{})), nil
	}), typed.Cache(pagecache.Policy{TTL: time.Minute}))
	typed.Handle(api, "GET /in/{id}", typed.Func(func(ctx context.Context, in id) (string, error) {
		return typed.HTTPRequest(ctx).Context().Value(observedKey{}).(string), nil
	}), typed.Use(wrap))
	typed.Handle(api, "GET /refused", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }), typed.Use(func(http.Handler) http.Handler {
		return respond.Unauthorized("No.")
	}))
	return api
}

// failing is a stream that breaks.
type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, errSecret }

// observing is that an observer is told once of each request, and the same under every router.
func observing() []rule {
	const traced = "X-Trace: t"
	var rules []rule
	for _, c := range []struct {
		q    query
		want string // N is the length of the content that came
	}{
		{get("/v1/o/7", traced), `GET /v1/o/7: getOById /v1/o/{id}: 200, 0 in, N out`},
		{send("HEAD", "/v1/o/7", "", traced), `HEAD /v1/o/7: getOById /v1/o/{id}: 200, 0 in, N out`},
		{get("/v1/o/a%2Fb?secret=1", traced), `GET /v1/o/a%2Fb: getOById /v1/o/{id}: 200, 0 in, N out`},
		{send("DELETE", "/v1/o/7", "", traced), `DELETE /v1/o/7: none: 405, 0 in, N out, problem 405`},
		{send("OPTIONS", "/v1/o/7", "", traced), `OPTIONS /v1/o/7: none: 204, 0 in, N out`},
		{get("/v1/o/gone", traced), `GET /v1/o/gone: getOById /v1/o/{id}: 410, 0 in, N out, problem 410`},
		{get("/v1/o/error", traced), `GET /v1/o/error: getOById /v1/o/{id}: 500, 0 in, N out, problem 500`},
		{get("/v1/o/panic", traced), `GET /v1/o/panic: getOById /v1/o/{id}: 500, 0 in, N out, problem 500, panic x`},
		{get("/v1/o/abort", traced), `GET /v1/o/abort: getOById /v1/o/{id}: 0, 0 in, N out, aborted`},
		{send("POST", "/v1/o", `{"items":[{"count":1}]}`, asJSON, traced), `POST /v1/o: postO /v1/o: 200, 23 in, N out`},
		{send("POST", "/v1/o", `{"items":[{"count":10,"labels":{"secret":10}}]}`, asJSON, traced),
			`POST /v1/o: postO /v1/o: 422, 47 in, N out, problem 422, body /items/0/count max, body /items/0/labels/* max`},
		{send("POST", "/v1/o", `{"secret":1}`, asJSON, traced), `POST /v1/o: postO /v1/o: 422, 12 in, N out, problem 422, body /* unknown`},
		{send("POST", "/v1/o?secret=1", `{}`, asJSON, traced), `POST /v1/o: postO /v1/o: 422, 2 in, N out, problem 422, query * unknown`},
		{send("POST", "/v1/raw", "3\r\none\r\n0\r\n\r\n", "Transfer-Encoding: chunked", "Content-Type: text/plain", traced), `POST /v1/raw: postRaw /v1/raw: 200, 3 in, N out`},
		{get("/v1/stream", traced), `GET /v1/stream: getStream /v1/stream: 200, 0 in, N out`},
		{get("/v1/cut", traced), `GET /v1/cut: getCut /v1/cut: 200, 0 in, N out, aborted`},
		{get("/v1/events", traced), `GET /v1/events: getEvents /v1/events: 200, 0 in, N out`},
		{get("/v1/events/cut", traced), `GET /v1/events/cut: getEventsCut /v1/events/cut: 200, 0 in, N out, aborted`},
		{get("/v1/page/7", traced), `GET /v1/page/7: getPageById /v1/page/{id}: 200, 0 in, N out, page MISS`},
		{get("/v1/in/7", traced), `GET /v1/in/7: getInById /v1/in/{id}: 200, 0 in, N out`},
		{get("/v1/refused", traced), `GET /v1/refused: getRefused /v1/refused: 401, 0 in, N out, problem 401`},
	} {
		for _, wrapped := range []bool{false, true} {
			name := "observe/" + c.q.method + " " + c.q.target + fmt.Sprint(c.q.body)
			if wrapped {
				name += " with middleware"
			}
			rules = append(rules, rule{name, "An observer is told once of each request, what came of it and nothing that the client sent.", func(b *bench) error {
				var told []chan string
				router, reference := b.start(func() *typed.API {
					lines := make(chan string, 10)
					told = append(told, lines)
					return observedAPI(wrapped, lines)
				})
				got, err := compare(router, reference, c.q)
				if strings.Contains(c.want, ": 0,") {
					err = nil // there is no answer to compare
				}
				want := strings.Replace(c.want, "N out", fmt.Sprint(len(got.body), " out"), 1)
				for i, who := range []string{"under the router", "net/http"} {
					line, err2 := await("the observation "+who, told[i])
					err = errors.Join(err, err2, same("observation "+who, line, want))
					select {
					case line := <-told[i]:
						err = errors.Join(err, fmt.Errorf("a second observation %s: %s", who, line))
					default:
					}
				}
				return err
			}})
		}
	}
	return rules
}
