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

// A client that leaves in the middle of a call, by cancelling it or because its process
// ends, ends the context of the endpoint. Nothing is reported.
func TestClientLeaves(t *testing.T) {
	for name, transport := range transports {
		for _, version := range versions {
			for _, how := range []string{"cancels", "is cut off"} {
				if how == "is cut off" && name == "memory" {
					continue // there both are one process
				}
				t.Run(name+" "+version+" "+how, func(t *testing.T) {
					began, ended := make(chan struct{}), make(chan error, 1)
					api := typed.New("Slow", "1.0.0", &typed.Options{OnError: func(_ context.Context, err error) { t.Errorf("reported: %v", err) }})
					slow := typed.Handle(api, "GET /slow", typed.Func(func(ctx context.Context, _ typed.None) (string, error) {
						close(began)
						select {
						case <-ctx.Done():
						case <-time.After(patience):
						}
						ended <- ctx.Err()
						return "", ctx.Err()
					}))
					server := newServer()
					mcpadapter.Add(server, api, mcpadapter.Expose(slow, "slow", "Takes long.", mcpadapter.Anonymous()))
					way := transport(t, server)
					session := connectBy(t, way, version, nil)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					called := make(chan error, 1)
					go func() {
						_, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "slow"})
						called <- err
					}()
					<-began
					if how == "cancels" {
						cancel()
					} else {
						way.(interface{ cut() }).cut()
					}
					require.Error(t, <-called)
					require.ErrorIs(t, <-ended, context.Canceled)
				})
			}
		}
	}
}
