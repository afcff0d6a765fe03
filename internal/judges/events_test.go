package judges

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// An EventSource connects again after the server was restarted, with the ID of the last
// event, and misses nothing.
func TestEventsInABrowser(t *testing.T) {
	executable := browser(t)
	const half, all = 5, 10
	type watch struct {
		Last int `header:"Last-Event-ID" default:"0"`
	}
	var connections atomic.Int32
	sent := make(chan struct{}) // the first half
	api := func(until int) *typed.API {
		api := typed.New("Numbers", "1", nil)
		typed.Handle(api, "GET /{$}", func(_ context.Context, _ typed.None, res *typed.Response[respond.HTML]) (typed.Answer, error) {
			return res.Send("<!doctype html><link rel=icon href=data:,>")
		})
		typed.Handle(api, "GET /numbers", func(ctx context.Context, in watch, res *typed.Response[typed.Events[int]]) (typed.Answer, error) {
			connections.Add(1)
			return res.Send(func(yield func(typed.Event[int], error) bool) {
				for n := in.Last + 1; n <= until; n++ {
					if !yield(typed.Event[int]{ID: fmt.Sprint(n), Name: "number", Retry: 50 * time.Millisecond, Data: n * n}, nil) {
						return
					}
				}
				if until == half {
					close(sent)
				}
				<-ctx.Done()
			})
		})
		return api
	}
	serve := func(api *typed.API, address string) (stop func() error, at string, err error) {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return nil, "", err
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		server := &typed.Server{Handler: api}
		go func() { ended <- server.ServeListener(ctx, l) }()
		return func() error {
			cancel()
			return <-ended
		}, l.Addr().String(), nil
	}
	stop, address, err := serve(api(half), "127.0.0.1:0")
	require.NoError(t, err)
	restarted := make(chan error, 1)
	go func() {
		<-sent
		err := stop()
		if err == nil {
			stop, _, err = serve(api(all), address)
		}
		restarted <- err
	}()

	input, err := json.Marshal(map[string]any{"executable": executable, "url": "http://" + address, "events": all})
	require.NoError(t, err)
	text, err := node(t, input, "events.mjs")
	require.NoError(t, err, indent(text))
	require.NoError(t, <-restarted)
	require.NoError(t, stop())
	var out struct {
		Got    []string
		Errors int
	}
	require.NoError(t, json.Unmarshal([]byte(text), &out), text)
	var want []string
	for n := 1; n <= all; n++ {
		want = append(want, fmt.Sprint(n, " ", n*n))
	}
	require.Equal(t, want, out.Got)
	require.Positive(t, out.Errors, "the browser has noticed the restart")
	require.EqualValues(t, 2, connections.Load())
}
