package mcpadapter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/mcpadapter"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// versions are the protocol versions that the client of the SDK speaks: with a handshake,
// and without.
var versions = []string{"2025-11-25", "2026-07-28"}

// transports are how a client reaches a server.
var transports = map[string]func(*testing.T, *mcp.Server) mcp.Transport{
	"memory": func(t *testing.T, server *mcp.Server) mcp.Transport {
		here, there := mcp.NewInMemoryTransports()
		session, err := server.Connect(t.Context(), there, nil)
		require.NoError(t, err)
		t.Cleanup(func() { _ = session.Wait() })
		return here
	},
	"stdio": func(t *testing.T, server *mcp.Server) mcp.Transport {
		in, toServer := io.Pipe()
		fromServer, out := io.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = server.Run(context.WithoutCancel(t.Context()), &mcp.IOTransport{Reader: in, Writer: out})
		}()
		t.Cleanup(func() { _ = toServer.Close(); _ = fromServer.Close(); <-done })
		return pipes{&mcp.IOTransport{Reader: fromServer, Writer: toServer}, func() { _ = toServer.Close(); _ = fromServer.Close() }}
	},
	"http": func(t *testing.T, server *mcp.Server) mcp.Transport {
		web := httptest.NewServer(mcpadapter.Handler(server, nil))
		t.Cleanup(web.Close)
		return sockets{&mcp.StreamableClientTransport{Endpoint: web.URL, DisableStandaloneSSE: true}, web}
	},
}

// pipes and sockets are transports that can be cut, as by the end of a process.
type pipes struct {
	mcp.Transport
	close func()
}

func (p pipes) cut() { p.close() }

type sockets struct {
	*mcp.StreamableClientTransport
	web *httptest.Server
}

func (s sockets) cut() { s.web.CloseClientConnections() }

func newServer() *mcp.Server {
	return mcp.NewServer(&mcp.Implementation{Name: "test", Version: "1.0.0"}, &mcp.ServerOptions{Logger: slog.New(slog.DiscardHandler)})
}

// connect is a client of a server, in memory and by the newest version.
func connect(t *testing.T, server *mcp.Server) *mcp.ClientSession {
	return connectBy(t, transports["memory"](t, server), "", nil)
}

func connectBy(t *testing.T, transport mcp.Transport, version string, opts *mcp.ClientOptions) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1.0.0"}, opts)
	session, err := client.Connect(t.Context(), transport, &mcp.ClientSessionOptions{ProtocolVersion: version})
	require.NoError(t, err)
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// served adds one anonymous tool, "call", of an endpoint and connects to it.
func served[Req, Out any](t *testing.T, api *typed.API, e *typed.Endpoint[Req, Out]) *mcp.ClientSession {
	t.Helper()
	server := newServer()
	mcpadapter.Add(server, api, mcpadapter.Expose(e, "call", "Calls the endpoint.", mcpadapter.Anonymous()))
	return connect(t, server)
}

// call calls a tool with arguments as they are written.
func call(t *testing.T, session *mcp.ClientSession, tool, arguments string) *mcp.CallToolResult {
	t.Helper()
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	require.NoError(t, err)
	return result
}

// text is the text of a result, after a word for what it is.
func text(t *testing.T, result *mcp.CallToolResult) string {
	t.Helper()
	require.Len(t, result.Content, 1)
	content, ok := result.Content[0].(*mcp.TextContent)
	require.True(t, ok, "%T", result.Content[0])
	if result.IsError {
		require.Nil(t, result.StructuredContent, "it would have to fit the output schema")
		return "error: " + content.Text
	}
	return content.Text
}

func structured(t *testing.T, result *mcp.CallToolResult) string {
	t.Helper()
	if result.StructuredContent == nil {
		return ""
	}
	out, err := json.Marshal(result.StructuredContent)
	require.NoError(t, err)
	return string(out)
}

// listed are the tools that a session sees, by name.
func listed(t *testing.T, session *mcp.ClientSession) map[string]*mcp.Tool {
	t.Helper()
	out := map[string]*mcp.Tool{}
	for tool, err := range session.Tools(t.Context(), nil) {
		require.NoError(t, err)
		out[tool.Name] = tool
	}
	return out
}

// asJSON is a value as JSON, indented.
func asJSON(t *testing.T, v any) string {
	t.Helper()
	out, err := json.MarshalIndent(v, "", "  ")
	require.NoError(t, err)
	return string(out)
}

// The API of the tests: items, which belong to someone.
type (
	user struct {
		name   string
		scopes string
	}
	getItem struct {
		Me user  `auth:"token"`
		ID int64 `path:"id"`
	}
	item struct {
		ID   int64    `json:"id"`
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}
	missing struct {
		Message string `json:"message"`
	}
	getItemOut struct {
		OK       typed.Reply[item]    `status:"200"`
		NotFound typed.Reply[missing] `status:"404"`
	}
	newItem struct {
		Me   user     `auth:"token" scopes:"items:write"`
		Shop string   `path:"shop"`
		Dry  bool     `query:"dry"`
		Name string   `json:"name" validate:"required,max=20" doc:"What it is called."`
		Tags []string `json:"tags" validate:"max=3"`
	}
	listItems struct {
		Limit int      `query:"limit" default:"20" validate:"min=1,max=100"`
		Tags  []string `query:"tags"`
	}
)

func (u user) HasScope(scope string) bool { return strings.Contains(u.scopes, scope) }

var (
	itemGet  = typed.Define[getItem, getItemOut]("GET /items/{id}", typed.Summary("One item"))
	itemPost = typed.Post[newItem, item]("/shops/{shop}/items", typed.Status(http.StatusCreated))
	itemList = typed.Get[listItems, []item]("/items")
	itemDrop = typed.Delete[getItem, typed.None]("/items/{id}")
)

func newAPI(opts *typed.Options) *typed.API {
	if opts == nil {
		opts = &typed.Options{}
	}
	opts.Schemes = []typed.Scheme{typed.Bearer("token", func(_ context.Context, token string) (user, error) {
		switch token {
		case "reader":
			return user{name: "reader"}, nil
		case "writer":
			return user{name: "writer", scopes: "items:write"}, nil
		}
		return user{}, respond.Unauthorized("The token is not known.")
	})}
	api := typed.New("Items", "1.0.0", opts)
	itemGet.Handle(api, func(_ context.Context, in getItem, out *getItemOut) (typed.Answer, error) {
		if in.ID == 404 {
			return out.NotFound.JSON(missing{"no such item"})
		}
		return out.OK.JSON(item{ID: in.ID, Name: in.Me.name, Tags: []string{"a"}})
	})
	itemPost.Handle(api, func(_ context.Context, in newItem, res *typed.Response[item]) (typed.Answer, error) {
		return res.JSON(item{ID: 1, Name: in.Shop + "/" + in.Name, Tags: in.Tags})
	})
	itemList.Handle(api, typed.Func(func(_ context.Context, in listItems) ([]item, error) {
		return []item{{ID: int64(in.Limit), Name: strings.Join(in.Tags, "|"), Tags: []string{}}}, nil
	}))
	itemDrop.Handle(api, func(_ context.Context, _ getItem, res *typed.Response[typed.None]) (typed.Answer, error) {
		return res.End()
	})
	return api
}

func items() []mcpadapter.Tool {
	return []mcpadapter.Tool{
		mcpadapter.Expose(itemGet, "get_item", "Returns one item."),
		mcpadapter.Expose(itemPost, "add_item", "Adds an item to a shop."),
		mcpadapter.Expose(itemList, "list_items", "Lists items.", mcpadapter.Anonymous()),
		mcpadapter.Expose(itemDrop, "drop_item", "Removes an item."),
	}
}

// token gives every request the same token, as a server on stdio does.
func token(text string) func(context.Context, mcp.Request, *http.Request) error {
	return func(_ context.Context, _ mcp.Request, to *http.Request) error {
		if text != "" {
			to.Header.Set("Authorization", "Bearer "+text)
		}
		return nil
	}
}

const patience = 10 * time.Second

// rawList is the list of tools as it stands on the wire, indented.
func rawList(t *testing.T, server *mcp.Server) string {
	t.Helper()
	web := httptest.NewServer(mcpadapter.Handler(server, nil))
	defer web.Close()
	var id string
	post := func(message string) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, web.URL, strings.NewReader(message))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		if id != "" {
			r.Header.Set("Mcp-Session-Id", id)
		}
		res, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer res.Body.Close()
		id = res.Header.Get("Mcp-Session-Id")
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		if _, data, ok := strings.Cut(string(body), "data: "); ok {
			return data
		}
		return string(body)
	}
	post(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}`)
	post(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	var answer struct {
		Result struct {
			Tools json.RawMessage `json:"tools"`
		} `json:"result"`
	}
	require.NoError(t, json.Unmarshal([]byte(post(`{"jsonrpc":"2.0","id":2,"method":"tools/list"}`)), &answer))
	var out bytes.Buffer
	require.NoError(t, json.Indent(&out, answer.Result.Tools, "", "  "))
	return out.String() + "\n"
}
