package typed_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// TestOutsideDeclared has what others' reports showed about declared media types and
// header fields, by its id.
func TestOutsideDeclared(t *testing.T) {
	type pair struct {
		A int `json:"a"`
	}
	send := func(body string, header ...string) typed.Handler[typed.None, string] {
		return func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
			for i := 0; i < len(header); i += 2 {
				res.Header(header[i], header[i+1])
			}
			return res.Send(body)
		}
	}
	type out struct {
		CSV typed.Reply[string]    `status:"200" type:"text/csv"`
		PNG typed.Reply[io.Reader] `status:"200" type:"image/png" headers:"x-width, X-Height"`
		API typed.Reply[pair]      `status:"200" type:"application/vnd.pair+json"`
	}
	set := func(answer func(*out) (typed.Answer, error)) typed.HandlerOf[typed.None, out] {
		return func(_ context.Context, _ typed.None, o *out) (typed.Answer, error) { return answer(o) }
	}
	for _, c := range []struct {
		name   string
		handle func(api *typed.API)
		status int
		media  string
		report string
	}{
		{"sent as declared", func(api *typed.API) {
			typed.Handle(api, "GET /a", send("a,b"), typed.Produces("text/csv; charset=utf-8"))
		}, 200, "text/csv; charset=utf-8", ""},
		{"set to the same", func(api *typed.API) {
			typed.Handle(api, "GET /a", send("a,b", "Content-Type", "TEXT/CSV; header=present"), typed.Produces("text/csv"))
		}, 200, "TEXT/CSV; header=present", ""},
		{"set to another", func(api *typed.API) {
			typed.Handle(api, "GET /a", send("a,b", "Content-Type", "text/html"), typed.Produces("text/csv"))
		}, 500, "application/problem+json", `the handler set the Content-Type "text/html", and text/csv is declared`},
		{"set to no media type", func(api *typed.API) {
			typed.Handle(api, "GET /a", send("a,b", "Content-Type", "csv"), typed.Produces("text/csv"))
		}, 500, "application/problem+json", "is declared"},
		{"JSON where text is declared", func(api *typed.API) {
			typed.Handle(api, "GET /a", func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
				return res.JSON("")
			}, typed.Produces("text/csv"))
		}, 500, "application/problem+json", "JSON answers what is declared as text/csv: use Send"},
		{"JSON of a type of its own", func(api *typed.API) {
			typed.Handle(api, "GET /a", typed.Func(func(context.Context, typed.None) (pair, error) { return pair{}, nil }), typed.Produces("application/vnd.pair+json"))
		}, 200, "application/vnd.pair+json", ""},
		{"nothing declared", func(api *typed.API) {
			typed.Handle(api, "GET /a", send("a,b", "Content-Type", "text/tab-separated-values"))
		}, 200, "text/tab-separated-values", ""},
		{"one status, first type", func(api *typed.API) {
			typed.Handle(api, "GET /a", set(func(o *out) (typed.Answer, error) { return o.CSV.Send("a,b") }))
		}, 200, "text/csv", ""},
		{"one status, second type", func(api *typed.API) {
			typed.Handle(api, "GET /a", set(func(o *out) (typed.Answer, error) { return o.PNG.Send(strings.NewReader("png")) }))
		}, 200, "image/png", ""},
		{"one status, third type", func(api *typed.API) {
			typed.Handle(api, "GET /a", set(func(o *out) (typed.Answer, error) { return o.API.JSON(pair{}) }))
		}, 200, "application/vnd.pair+json", ""},
		{"a set's outcome set to another", func(api *typed.API) {
			typed.Handle(api, "GET /a", set(func(o *out) (typed.Answer, error) {
				return o.PNG.Send(strings.NewReader("png"), respond.SetHeader("Content-Type", "image/gif"))
			}))
		}, 500, "application/problem+json", `the handler set the Content-Type "image/gif", and image/png is declared`},
	} {
		t.Run("A8 "+c.name, func(t *testing.T) {
			var reports []string
			api := typed.New("A", "1", &typed.Options{OnError: func(_ context.Context, err error) { reports = append(reports, err.Error()) }})
			c.handle(api)
			w := httptest.NewRecorder()
			api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/a", nil))
			require.Equal(t, c.status, w.Code, reports)
			require.Equal(t, c.media, w.Header().Get("Content-Type"))
			require.Contains(t, strings.Join(reports, "\n"), c.report)
			require.Equal(t, c.report == "", len(reports) == 0)
		})
	}
	for want, handle := range map[string]func(*typed.API){
		`typed: GET /a: "csv" is no media type: write one like "text/csv"`: func(api *typed.API) {
			typed.Handle(api, "GET /a", send(""), typed.Produces("csv"))
		},
		`typed: GET /a: text/csv is declared of a payload that is written as JSON, typed_test.pair: answer with a string, []byte or io.Reader, or declare a type such as application/vnd.example+json`: func(api *typed.API) {
			typed.Handle(api, "GET /a", typed.Func(func(context.Context, typed.None) (pair, error) { return pair{}, nil }), typed.Produces("text/csv"))
		},
		`typed: GET /a: text/csv is declared of an answer without content: drop the media type, or declare a payload`: func(api *typed.API) {
			typed.Handle(api, "GET /a", typed.Func(func(context.Context, typed.None) (typed.None, error) { return typed.None{}, nil }), typed.Produces("text/csv"))
		},
		`typed: GET /a: the option Produces was given no media type, or two: give one; for several answer with an outcome set`: func(api *typed.API) {
			typed.Handle(api, "GET /a", send(""), typed.Produces("text/csv"), typed.Produces("text/html"))
		},
		`typed: GET /a: the option Produces has no meaning beside an outcome set: drop it and give the outcome a tag, as in type:"text/csv"`: func(api *typed.API) {
			typed.Handle(api, "GET /a", set(unanswered[out]), typed.Produces("text/csv"))
		},
		`typed: GET /a: field B: has status 200, which A has as well: give each outcome a status of its own, or each a type tag, as in type:"text/csv"`: func(api *typed.API) {
			typed.Handle(api, "GET /a", func(context.Context, typed.None, *struct {
				A typed.Reply[string] `status:"200"`
				B typed.Reply[string] `status:"200" type:"text/plain; charset=utf-8"`
			}) (typed.Answer, error) {
				return typed.Answer{}, nil
			})
		},
		`typed: GET /a: field A: has a media type and no payload: drop the type tag`: func(api *typed.API) {
			typed.Handle(api, "GET /a", func(context.Context, typed.None, *struct {
				A typed.Empty `status:"204" type:"text/csv"`
			}) (typed.Answer, error) {
				return typed.Answer{}, nil
			})
		},
		`typed: GET /a: field A: has "" among its headers, which is no header field name: write headers:"X-Width,X-Height"`: func(api *typed.API) {
			typed.Handle(api, "GET /a", func(context.Context, typed.None, *struct {
				A typed.Empty `status:"204" headers:"X-A,"`
			}) (typed.Answer, error) {
				return typed.Answer{}, nil
			})
		},
		`typed: GET /a: the option ResponseHeader was given "X Y", which is no header field name: use letters, digits and hyphens`: func(api *typed.API) {
			typed.Handle(api, "GET /a", send(""), typed.ResponseHeader("X Y", ""))
		},
		`typed: GET /a: the option ResponseHeader was given Content-Type, of which OpenAPI says nothing as a header: use typed.Produces, or a type tag`: func(api *typed.API) {
			typed.Handle(api, "GET /a", send(""), typed.ResponseHeader("content-type", ""))
		},
		`typed: GET /a: the option ResponseHeader of X-A was given the status 201, which the endpoint does not declare: declare it with typed.Status, or drop it here`: func(api *typed.API) {
			typed.Handle(api, "GET /a", send(""), typed.ResponseHeader("X-A", "", 201))
		},
		`typed: GET /a: the option ResponseHeader of X-A was given the status 99: give statuses from 200 to 599`: func(api *typed.API) {
			typed.Handle(api, "GET /a", send(""), typed.ResponseHeader("X-A", "", 99))
		},
	} {
		t.Run("A8 "+want, func(t *testing.T) {
			require.PanicsWithValue(t, want, func() { handle(typed.New("A", "1", nil)) })
		})
	}
}

func unanswered[T any](*T) (typed.Answer, error) { return typed.Answer{}, nil }
