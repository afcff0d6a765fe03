package mcpadapter_test

import (
	"context"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/mcpadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// change is one of two kinds of events.
type change struct {
	Added   *item    `event:"added"`
	Removed *missing `event:"removed"`
}

// Streams that are typed are told item by item as they are sent: the second item is asked
// for only after the client has got the first.
func TestTypedStreams(t *testing.T) {
	type in struct {
		Count int `query:"count" default:"2"`
	}
	for name, c := range map[string]struct {
		expose func(api *typed.API, next chan struct{}) mcpadapter.Tool
		items  []string
	}{
		"events": {func(api *typed.API, next chan struct{}) mcpadapter.Tool {
			e := typed.Handle(api, "GET /changes", func(_ context.Context, in in, res *typed.Response[typed.Events[change]]) (typed.Answer, error) {
				return res.Send(func(yield func(typed.Event[change], error) bool) {
					for i := range in.Count {
						if !yield(typed.Event[change]{ID: "x", Data: change{Added: &item{ID: int64(i)}}}, nil) {
							return
						}
						<-next
					}
				})
			}, typed.Heartbeat(time.Millisecond))
			return mcpadapter.Expose(e, "watch", "Watches.", mcpadapter.Anonymous())
		}, []string{`added: {"id":0,"name":"","tags":[]}`, `added: {"id":1,"name":"","tags":[]}`}},
		"lines": {func(api *typed.API, next chan struct{}) mcpadapter.Tool {
			e := typed.Handle(api, "GET /items", func(_ context.Context, in in, res *typed.Response[typed.Lines[item]]) (typed.Answer, error) {
				return res.Send(func(yield func(item, error) bool) {
					for i := range in.Count {
						if !yield(item{ID: int64(i)}, nil) {
							return
						}
						<-next
					}
				})
			})
			return mcpadapter.Expose(e, "watch", "Watches.", mcpadapter.Anonymous())
		}, []string{`{"id":0,"name":"","tags":[]}`, `{"id":1,"name":"","tags":[]}`}},
	} {
		t.Run(name, func(t *testing.T) {
			api := typed.New("Streams", "1.0.0", &typed.Options{OnError: func(_ context.Context, err error) { t.Errorf("reported: %v", err) }})
			next := make(chan struct{})
			server := newServer()
			mcpadapter.Add(server, api, c.expose(api, next))
			told := make(chan string)
			session := connectBy(t, transports["http"](t, server), "", &mcp.ClientOptions{
				ProgressNotificationHandler: func(_ context.Context, req *mcp.ProgressNotificationClientRequest) { told <- req.Params.Message },
			})
			require.Nil(t, listed(t, session)["watch"].OutputSchema)
			params := &mcp.CallToolParams{Name: "watch"}
			params.SetProgressToken(1)
			result := make(chan *mcp.CallToolResult, 1)
			go func() {
				got, err := session.CallTool(t.Context(), params)
				if err != nil {
					t.Error(err)
				}
				result <- got
			}()
			for _, item := range c.items {
				require.Equal(t, item, <-told)
				next <- struct{}{}
			}
			require.Equal(t, c.items[0]+"\n"+c.items[1], text(t, <-result))
		})
	}
}
