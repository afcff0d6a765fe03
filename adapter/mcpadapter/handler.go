package mcpadapter

import (
	"context"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Handler serves a server by streamable HTTP, to be mounted at a path of its own:
// http.Handle("/mcp", mcpadapter.Handler(server, nil)). It keeps no sessions, so that every
// version of the protocol is spoken, any machine may answer, and nothing is left behind; a
// call ends when its client has disconnected. Requests of other origins are refused with
// 403, whatever the method (MCP 2025-11-25, "Transports", security warning): guard says
// which are trusted, and nil is the protection of net/http with its defaults. A request that
// comes to a loopback address must name one in Host, which stops pages that rebind their
// domain. Who the client is has to be asked around it, by auth.RequireBearerToken of the SDK
// for instance.
func Handler(server *mcp.Server, guard *http.CrossOriginProtection) http.Handler {
	if guard == nil {
		guard = http.NewCrossOriginProtection()
	}
	inner := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server },
		&mcp.StreamableHTTPOptions{Stateless: true, PropagateRequestCancellation: true})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		unsafe := *r // the protection lets methods pass that are safe
		unsafe.Method = http.MethodPost
		if guard.Check(&unsafe) != nil {
			http.Error(w, "The request comes from another origin.", http.StatusForbidden)
			return
		}
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), connectionKey{}, r.Context())))
	})
}

// connectionKey is under what a call finds the context of its connection: that of the call
// does not end with it by the older versions of the protocol, where another request might
// still ask for the answer. Here none can.
type connectionKey struct{}

// endsWithConnection is ctx, and ends with the connection that a call came by.
func endsWithConnection(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	connection, ok := ctx.Value(connectionKey{}).(context.Context)
	if !ok {
		return ctx, cancel
	}
	stop := context.AfterFunc(connection, cancel)
	return ctx, func() { stop(); cancel() }
}
