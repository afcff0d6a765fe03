// Tools is an API for programs and for language models: the same endpoints are tools of
// an MCP server, on standard input and output or by streamable HTTP.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/apiroutes/apiroutes/adapter/mcpadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// newServer makes an MCP server of an API. Who is asking is up to the transport.
func newServer(credentials func(context.Context, mcp.Request, *http.Request) error) (*mcp.Server, *typed.API) {
	api, find, add := newAPI()
	server := mcp.NewServer(&mcp.Implementation{Name: "users", Version: "1.0.0"}, nil)
	bridge := &mcpadapter.Bridge{Credentials: credentials}
	bridge.Add(server, api,
		mcpadapter.Expose(find, "find_users",
			"Finds users by a part of their name. Use it before add_user, to see whether somebody is known already.",
			mcpadapter.Anonymous()),
		mcpadapter.Expose(add, "add_user",
			"Adds a user. Ask for the email address rather than guess it."))
	return server, api
}

// ownToken is that of the process: whoever starts it is who calls.
func ownToken(_ context.Context, _ mcp.Request, to *http.Request) error {
	if token := os.Getenv("USERS_TOKEN"); token != "" {
		to.Header.Set("Authorization", "Bearer "+token)
	}
	return nil
}

// clientsToken is what the client sent to /mcp, which is for the same API.
func clientsToken(_ context.Context, from mcp.Request, to *http.Request) error {
	if extra := from.GetExtra(); extra != nil && extra.Header.Get("Authorization") != "" {
		to.Header.Set("Authorization", extra.Header.Get("Authorization"))
	}
	return nil
}

// serveHTTP serves the API at /users and its tools at /mcp.
func serveHTTP(ctx context.Context, addr string) error {
	server, api := newServer(clientsToken)
	mux := http.NewServeMux()
	mux.Handle("/mcp", mcpadapter.Handler(server, nil))
	mux.Handle("/", api)
	fmt.Printf(`Listening on %[1]s. Try:

  curl -i http://%[1]s/users
  npx @modelcontextprotocol/inspector --cli http://%[1]s/mcp --transport http --method tools/list

`, addr)
	return typed.Serve(ctx, addr, mux)
}

func main() {
	web := flag.Bool("http", false, "serve the tools by streamable HTTP, not on standard input and output")
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on, with -http")
	flag.Parse()
	if err := run(*web, *addr); err != nil {
		log.Fatal(err) // to standard error: the other is for messages
	}
}

// run serves until a signal.
func run(web bool, addr string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if web {
		return serveHTTP(ctx, addr)
	}
	server, _ := newServer(ownToken)
	if err := server.Run(ctx, &mcp.StdioTransport{}); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}
