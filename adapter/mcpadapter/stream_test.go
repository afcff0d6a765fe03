package mcpadapter_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/mcpadapter"
	"github.com/apiroutes/apiroutes/typed"
)

type (
	eventsOut struct {
		OK typed.Reply[io.Reader] `status:"200" type:"text/event-stream"`
	}
	linesOut struct {
		OK typed.Reply[io.Reader] `status:"200" type:"application/x-ndjson"`
	}
)

func events(api *typed.API, body func() io.Reader) *typed.Endpoint[typed.None, eventsOut] {
	return typed.Handle(api, "GET /events", func(_ context.Context, _ typed.None, out *eventsOut) (typed.Answer, error) {
		return out.OK.Send(body())
	})
}

func lines(api *typed.API, body func() io.Reader) *typed.Endpoint[typed.None, linesOut] {
	return typed.Handle(api, "GET /lines", func(_ context.Context, _ typed.None, out *linesOut) (typed.Answer, error) { return out.OK.Send(body()) })
}

// Each item of a stream is told as it comes, where the client asks for it, and all of them
// are the result.
func TestStreams(t *testing.T) {
	const events1 = ": hello\n\nid: 1\ndata: {\"n\":1}\n\nevent: added\nretry: 5\r\ndata: a\r\ndata: b\r\n\r\nevent: beat\ndata: \n\nevent: message\ndata:c\n\ndata: no end"
	for name, c := range map[string]struct {
		expose func(*typed.API) mcpadapter.Tool
		items  []string
		result string
	}{
		"events": {
			func(api *typed.API) mcpadapter.Tool {
				return mcpadapter.Expose(events(api, func() io.Reader { return strings.NewReader(events1) }), "watch", "Watches.", mcpadapter.Anonymous())
			},
			[]string{`{"n":1}`, "added: a\nb", "c"}, "{\"n\":1}\nadded: a\nb\nc",
		},
		"byte by byte": {
			func(api *typed.API) mcpadapter.Tool {
				return mcpadapter.Expose(events(api, func() io.Reader { return iotest.OneByteReader(strings.NewReader(events1)) }), "watch", "Watches.", mcpadapter.Anonymous())
			},
			[]string{`{"n":1}`, "added: a\nb", "c"}, "{\"n\":1}\nadded: a\nb\nc",
		},
		"lines": {
			func(api *typed.API) mcpadapter.Tool {
				return mcpadapter.Expose(lines(api, func() io.Reader { return strings.NewReader("{\"n\":1}\r\n\n{\"n\":2}\n3") }), "watch", "Watches.", mcpadapter.Anonymous())
			},
			[]string{`{"n":1}`, `{"n":2}`, "3"}, "{\"n\":1}\n{\"n\":2}\n3",
		},
		"nothing": {
			func(api *typed.API) mcpadapter.Tool {
				return mcpadapter.Expose(lines(api, func() io.Reader { return strings.NewReader("") }), "watch", "Watches.", mcpadapter.Anonymous())
			},
			nil, "The stream ended without an item.",
		},
		"broken": {
			func(api *typed.API) mcpadapter.Tool {
				return mcpadapter.Expose(lines(api, func() io.Reader {
					return io.MultiReader(strings.NewReader("1\n2"), iotest.ErrReader(errors.New("secret")))
				}), "watch", "Watches.", mcpadapter.Anonymous())
			},
			[]string{"1"}, "error: 1\nThe stream broke off here.",
		},
	} {
		for transportName, transport := range transports {
			for _, version := range versions {
				t.Run(name+" "+transportName+" "+version, func(t *testing.T) {
					api := typed.New("Streams", "1.0.0", &typed.Options{OnError: func(context.Context, error) {}})
					server := newServer()
					mcpadapter.Add(server, api, c.expose(api))
					told := make(chan *mcp.ProgressNotificationParams, 10)
					session := connectBy(t, transport(t, server), version, &mcp.ClientOptions{
						ProgressNotificationHandler: func(_ context.Context, req *mcp.ProgressNotificationClientRequest) { told <- req.Params },
					})
					require.Equal(t, c.result, text(t, call(t, session, "watch", "{}")))
					require.Empty(t, told, "it was not asked for")

					params := &mcp.CallToolParams{Name: "watch"}
					params.SetProgressToken("mine")
					result, err := session.CallTool(t.Context(), params)
					require.NoError(t, err)
					require.Equal(t, c.result, text(t, result))
					for i, item := range c.items {
						got := <-told
						require.Equal(t, item, got.Message)
						require.Equal(t, float64(i+1), got.Progress)
						require.Equal(t, "mine", got.ProgressToken)
					}
					require.Empty(t, told)
				})
			}
		}
	}
}

// A stream that never ends is cut at the limit of a result, and what came is the result.
func TestEndlessStreams(t *testing.T) {
	for name, expose := range map[string]func(*typed.API) mcpadapter.Tool{
		"events": func(api *typed.API) mcpadapter.Tool {
			return mcpadapter.Expose(events(api, func() io.Reader { return endless("data: tick\n\n") }), "watch", "Watches.", mcpadapter.Anonymous())
		},
		"lines": func(api *typed.API) mcpadapter.Tool {
			return mcpadapter.Expose(lines(api, func() io.Reader { return endless("\"tick\"\n") }), "watch", "Watches.", mcpadapter.Anonymous())
		},
		"one line": func(api *typed.API) mcpadapter.Tool {
			return mcpadapter.Expose(lines(api, func() io.Reader { return endless("tick") }), "watch", "Watches.", mcpadapter.Anonymous())
		},
		"one event": func(api *typed.API) mcpadapter.Tool {
			return mcpadapter.Expose(events(api, func() io.Reader { return endless("data: tick\n") }), "watch", "Watches.", mcpadapter.Anonymous())
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := typed.New("Streams", "1.0.0", &typed.Options{OnError: func(_ context.Context, err error) { t.Errorf("reported: %v", err) }})
			server := newServer()
			(&mcpadapter.Bridge{MaxResult: 1000}).Add(server, api, expose(api))
			got := text(t, call(t, connect(t, server), "watch", "{}"))
			require.True(t, strings.HasSuffix(got, "The stream was cut here: a result has at most 1000 bytes."), got)
			require.Less(t, len(got), 1100)
			if name != "one line" && name != "one event" {
				require.Greater(t, len(got), 1000)
			}
		})
	}
}

// endless repeats a text.
type endless string

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n+len(e) <= len(p) {
		n += copy(p[n:], e)
	}
	return n, nil
}
