package mcpadapter_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/mcpadapter"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// tree refers to itself.
type tree struct {
	Name string  `json:"name"`
	Kids []*tree `json:"kids"`
}

// What a call gives, as text and structured, and the schema that says so: null is none, and
// "" is not looked at.
func TestResults(t *testing.T) {
	type several struct {
		OK      typed.Reply[item]    `status:"200"`
		Created typed.Reply[tree]    `status:"201"`
		Gone    typed.Reply[missing] `status:"410"`
	}
	type sometimes struct {
		OK    typed.Reply[item] `status:"200"`
		Empty typed.Empty       `status:"204"`
	}
	type moved struct {
		There typed.Redirect `status:"303"`
	}
	type picture struct {
		OK typed.Reply[[]byte] `status:"200" type:"image/png"`
	}
	type sound struct {
		OK typed.Reply[[]byte] `status:"200" type:"audio/wav"`
	}
	itemSchema := `{"properties":{"id":{"format":"int64","type":"integer"},"name":{"type":"string"},"tags":{"items":{"type":"string"},"type":"array"}},"required":["id","name","tags"],"type":"object"}`
	treeSchema := `{"properties":{"kids":{"items":{"anyOf":[{"$ref":"#/$defs/Tree"},{"type":"null"}]},"type":"array"},"name":{"type":"string"}},"required":["name","kids"],"type":"object"}`
	for name, c := range map[string]struct {
		serve                  func(*testing.T, *typed.API) *mcp.ClientSession
		text, structured, want string
	}{
		"object": {
			serveAs(func(_ typed.None, res *typed.Response[item]) (typed.Answer, error) { return res.JSON(item{Name: "a"}) }),
			`{"id":0,"name":"a","tags":[]}`, `{"id":0,"name":"a","tags":[]}`, itemSchema,
		},
		"list": {
			serveAs(func(_ typed.None, res *typed.Response[[]int]) (typed.Answer, error) { return res.JSON([]int{1, 2}) }),
			`[1,2]`, `{"result":[1,2]}`, `{"additionalProperties":false,"properties":{"result":{"items":{"format":"int64","type":"integer"},"type":"array"}},"required":["result"],"type":"object"}`,
		},
		"several, the first": {
			serveAs(func(_ typed.None, out *several) (typed.Answer, error) { return out.OK.JSON(item{Name: "a"}) }),
			`{"id":0,"name":"a","tags":[]}`, `{"id":0,"name":"a","tags":[]}`,
			`{"anyOf":[{"$ref":"#/$defs/Item"},{"$ref":"#/$defs/Tree"}],"type":"object","$defs":{"Item":` + itemSchema + `,"Tree":` + treeSchema + `}}`,
		},
		"several, an error": {
			serveAs(func(_ typed.None, out *several) (typed.Answer, error) { return out.Gone.JSON(missing{"it was sold"}) }),
			"error: 410 Gone\n" + `{"message":"it was sold"}`, ``, ``,
		},
		"sometimes nothing": {
			serveAs(func(_ typed.None, out *sometimes) (typed.Answer, error) { return out.Empty.End() }),
			`204 No Content`, ``, `null`,
		},
		"sometimes an object": {
			serveAs(func(_ typed.None, out *sometimes) (typed.Answer, error) { return out.OK.JSON(item{}) }),
			`{"id":0,"name":"","tags":[]}`, `{"id":0,"name":"","tags":[]}`, `null`,
		},
		"text": {
			serveAs(func(_ typed.None, res *typed.Response[string]) (typed.Answer, error) { return res.Send("hello") }),
			`hello`, ``, `null`,
		},
		"redirect": {
			serveAs(func(_ typed.None, out *moved) (typed.Answer, error) { return out.There.To("/elsewhere") }),
			"303 See Other\nLocation: /elsewhere", ``, `null`,
		},
		"problem": {
			serveAs(func(_ typed.None, _ *typed.Response[item]) (typed.Answer, error) {
				return typed.Fail(&respond.Problem{Status: 409, Title: "Sold", Detail: "It was sold.", Extensions: map[string]any{"buyer": "Ada"}})
			}),
			"error: 409 Sold: It was sold.\n" + `{"buyer":"Ada"}`, ``, itemSchema,
		},
		"server error": {
			serveAs(func(_ typed.None, _ *typed.Response[item]) (typed.Answer, error) {
				return typed.Fail(errors.New("secret"))
			}),
			"error: 500 Internal Server Error", ``, itemSchema,
		},
		"panic": {
			serveAs(func(_ typed.None, _ *typed.Response[item]) (typed.Answer, error) { panic("secret") }),
			"error: 500 Internal Server Error", ``, itemSchema,
		},
	} {
		t.Run(name, func(t *testing.T) {
			session := c.serve(t, typed.New("Results", "1.0.0", &typed.Options{OnError: func(context.Context, error) {}}))
			result := call(t, session, "call", "{}")
			require.Equal(t, c.text, text(t, result))
			require.Equal(t, c.structured, structured(t, result))
			if c.want != "" {
				require.JSONEq(t, c.want, asJSON(t, listed(t, session)["call"].OutputSchema))
			}
		})
	}
	t.Run("picture", func(t *testing.T) {
		session := serveAs(func(_ typed.None, out *picture) (typed.Answer, error) { return out.OK.Send([]byte("PNG")) })(t, typed.New("Results", "1.0.0", nil))
		require.Equal(t, []mcp.Content{&mcp.ImageContent{Data: []byte("PNG"), MIMEType: "image/png"}}, call(t, session, "call", "{}").Content)
	})
	t.Run("sound", func(t *testing.T) {
		session := serveAs(func(_ typed.None, out *sound) (typed.Answer, error) { return out.OK.Send([]byte("WAV")) })(t, typed.New("Results", "1.0.0", nil))
		require.Equal(t, []mcp.Content{&mcp.AudioContent{Data: []byte("WAV"), MIMEType: "audio/wav"}}, call(t, session, "call", "{}").Content)
	})
	t.Run("bytes", func(t *testing.T) {
		session := serveAs(func(_ typed.None, res *typed.Response[[]byte]) (typed.Answer, error) { return res.Send([]byte{0, 1}) })(t, typed.New("Results", "1.0.0", nil))
		require.Equal(t, []mcp.Content{&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: "/x", MIMEType: "application/octet-stream", Blob: []byte{0, 1}}}},
			call(t, session, "call", "{}").Content)
	})
}

func serveAs[Out any](h func(typed.None, *Out) (typed.Answer, error)) func(*testing.T, *typed.API) *mcp.ClientSession {
	return func(t *testing.T, api *typed.API) *mcp.ClientSession {
		return served(t, api, typed.Handle(api, "GET /x", typed.HandlerOf[typed.None, Out](func(_ context.Context, in typed.None, out *Out) (typed.Answer, error) {
			return h(in, out)
		})))
	}
}

// A schema has the definitions that it refers to, itself included, and no other.
func TestDefinitions(t *testing.T) {
	api := typed.New("Trees", "1.0.0", nil)
	typed.Handle(api, "GET /item", typed.Func(func(context.Context, typed.None) (item, error) { return item{}, nil }))
	session := served(t, api, typed.Handle(api, "POST /tree", typed.Func(func(_ context.Context, in tree) (tree, error) { return in, nil })))
	tool := listed(t, session)["call"]
	for _, schema := range []any{tool.InputSchema, tool.OutputSchema} {
		text := asJSON(t, schema)
		require.NotContains(t, text, "components")
		require.NotContains(t, text, "Item")
		require.Contains(t, text, `"$ref": "#/$defs/Tree`)
		definitions := schema.(map[string]any)["$defs"].(map[string]any)
		require.Len(t, definitions, 1)
	}
	require.Equal(t, `{"name":"a","kids":[{"name":"b","kids":[]}]}`, text(t, call(t, session, "call", `{"name":"a","kids":[{"name":"b","kids":[]}]}`)))
}

// The form that an API gives its errors is the text of a tool's error.
func TestErrorForm(t *testing.T) {
	type envelope struct {
		Message string `json:"message"`
	}
	api := typed.New("Forms", "1.0.0", &typed.Options{Errors: typed.Errors("application/json", func(_ context.Context, p *respond.Problem) envelope { return envelope{p.Detail} })})
	session := served(t, api, typed.Handle(api, "POST /x", typed.Func(func(_ context.Context, in moreText) (moreText, error) { return in, nil })))
	require.Equal(t, "error: 422 Unprocessable Content\n"+`{"message":"The request is invalid; see errors for details."}`, text(t, call(t, session, "call", `{"text":"abcd"}`)))
}

// zeros never ends.
type zeros struct{ read *int }

func (z zeros) Read(p []byte) (int, error) { *z.read += len(p); clear(p); return len(p), nil }

// A result has a limit, and what is longer is not read to its end.
func TestLongResults(t *testing.T) {
	type in struct {
		Length int `query:"length"`
	}
	reported := func(t *testing.T) *typed.Options {
		return &typed.Options{OnError: func(_ context.Context, err error) { t.Errorf("reported: %v", err) }}
	}
	const tooLong = "error: 500 Result Too Large: The result is longer than 262144 bytes: ask for less, by a limit or a narrower filter."
	api := typed.New("Long", "1.0.0", reported(t))
	session := served(t, api, typed.Handle(api, "GET /x", typed.Func(func(_ context.Context, in in) (string, error) { return strings.Repeat("a", in.Length-2), nil })))
	require.Len(t, text(t, call(t, session, "call", `{"length":262144}`)), 262144)
	require.Equal(t, tooLong, text(t, call(t, session, "call", `{"length":262145}`)))

	var read int
	api = typed.New("Endless", "1.0.0", reported(t))
	session = served(t, api, typed.Handle(api, "GET /x", func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
		return res.Send(zeros{&read})
	}))
	require.Equal(t, tooLong, text(t, call(t, session, "call", `{}`)))
	require.Less(t, read, 1<<20)

	server := newServer()
	(&mcpadapter.Bridge{MaxResult: 10}).Add(server, newAPI(nil), items()[2])
	require.Contains(t, text(t, call(t, connect(t, server), "list_items", `{}`)), "longer than 10 bytes")
}

// Middleware of the API runs, and what goes wrong in it does not end the process.
func TestMiddleware(t *testing.T) {
	for name, c := range map[string]struct {
		middleware http.HandlerFunc // instead of the API; nil: nothing
		want       string
	}{
		"passes on":  {nil, `{"id":1,"name":"","tags":[]}`},
		"panics":     {func(http.ResponseWriter, *http.Request) { panic("secret") }, "error: 500 Internal Server Error"},
		"aborts":     {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "error: 500 Internal Server Error"},
		"refuses":    {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "Slow down.", http.StatusTooManyRequests) }, "error: 429 Too Many Requests\nSlow down.\n"},
		"says else":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<p>Closed.</p>") }, "error: The server answered with other content than it declares."},
		"says none":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }, "error: The server answered without the content that it declares."},
		"not at all": {func(http.ResponseWriter, *http.Request) {}, "error: The server answered without the content that it declares."},
		"announces": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Set("Content-Type", "application/json")
			w.(http.Flusher).Flush()
			_, _ = io.Copy(w, bytes.NewReader([]byte(`{"id":2}`)))
		}, `{"id":2}`},
	} {
		t.Run(name, func(t *testing.T) {
			api := typed.New("Middleware", "1.0.0", nil)
			var seen []string
			api.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					seen = append(seen, r.Method+" "+r.RequestURI+" "+r.Pattern)
					if c.middleware != nil {
						next = c.middleware
					}
					next.ServeHTTP(w, r)
				})
			})
			session := served(t, api, typed.Handle(api, "GET /x", typed.Func(func(context.Context, typed.None) (item, error) { return item{ID: 1}, nil })))
			require.Equal(t, c.want, text(t, call(t, session, "call", "{}")))
			require.Equal(t, []string{"GET /x GET /x"}, seen)
		})
	}
}
