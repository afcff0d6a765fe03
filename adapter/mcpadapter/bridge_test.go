package mcpadapter_test

import (
	"context"
	"errors"
	"flag"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/mcpadapter"
	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

var update = flag.Bool("update", false, "write testdata")

// The client of the SDK lists and calls the tools, by both versions of the protocol and over
// each transport.
func TestListAndCall(t *testing.T) {
	for name, transport := range transports {
		for _, version := range versions {
			t.Run(name+" "+version, func(t *testing.T) {
				server := newServer()
				bridge := &mcpadapter.Bridge{Credentials: token("writer")}
				bridge.Add(server, newAPI(nil), items()...)
				session := connectBy(t, transport(t, server), version, nil)
				require.Equal(t, version, session.InitializeResult().ProtocolVersion)

				require.Equal(t, []string{"add_item", "drop_item", "get_item", "list_items"}, slices.Sorted(maps.Keys(listed(t, session))))
				got := call(t, session, "add_item", `{"shop":"north/west","name":"Lamp","tags":["a"]}`)
				require.Equal(t, `{"id":1,"name":"north/west/Lamp","tags":["a"]}`, text(t, got))
				require.Equal(t, `{"id":1,"name":"north/west/Lamp","tags":["a"]}`, structured(t, got))

				got = call(t, session, "add_item", `{"shop":"north","name":"","color":"red"}`)
				require.Equal(t, "error: 422 Unprocessable Content: The request is invalid; see errors for details.\n/color: is not a known member", text(t, got))

				_, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "GET /items"})
				require.ErrorContains(t, err, `unknown tool "GET /items"`)
			})
		}
	}
}

// What a client is told of the tools, byte by byte: bounds of int64 are exact, definitions
// that nothing refers to are not there.
func TestToolList(t *testing.T) {
	server := newServer()
	bridge := &mcpadapter.Bridge{Credentials: token("writer")}
	bridge.Add(server, newAPI(nil), items()...)
	got := rawList(t, server)
	require.Contains(t, got, `"maximum": 9223372036854775807`)
	require.Contains(t, got, `"minimum": -9223372036854775808`)
	require.NotContains(t, got, "components")
	golden := filepath.Join("testdata", "tools.json")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o777))
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o666))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the tools differ from %s (-want +got); -update rewrites it:\n%s", golden, diff)
	}
}

// A caller sees and calls what it may call.
func TestVisible(t *testing.T) {
	all := []string{"add_item", "drop_item", "get_item", "list_items"}
	for name, c := range map[string]struct {
		bridge mcpadapter.Bridge
		want   []string
	}{
		"all scopes":    {mcpadapter.Bridge{Credentials: token("writer")}, all},
		"without scope": {mcpadapter.Bridge{Credentials: token("reader")}, []string{"drop_item", "get_item", "list_items"}},
		"unknown":       {mcpadapter.Bridge{Credentials: token("nobody's")}, []string{"list_items"}},
		"signed out":    {mcpadapter.Bridge{Credentials: token("")}, []string{"list_items"}},
		"no credentials to be had": {mcpadapter.Bridge{Credentials: func(context.Context, mcp.Request, *http.Request) error {
			return respond.Unauthorized("Sign in first.")
		}}, []string{"list_items"}},
		"a function": {mcpadapter.Bridge{
			Credentials: token("writer"),
			Visible:     func(_ context.Context, _ mcp.Request, tool string) bool { return tool != "drop_item" },
		}, []string{"add_item", "get_item", "list_items"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer()
			c.bridge.Add(server, newAPI(nil), items()...)
			mcp.AddTool(server, &mcp.Tool{Name: "own"}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
				return nil, nil, nil
			})
			session := connect(t, server)
			got := listed(t, session)
			require.Contains(t, got, "own", "a tool of others is not ours to hide")
			delete(got, "own")
			require.Equal(t, c.want, slices.Sorted(maps.Keys(got)))
			list, err := session.ListTools(t.Context(), nil)
			require.NoError(t, err)
			require.Equal(t, "private", list.CacheScope, "a list for one caller is no list for another")
			for _, tool := range all {
				result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: map[string]any{}})
				switch {
				case slices.Contains(c.want, tool):
					require.NoError(t, err)
				case name == "a function":
					require.ErrorContains(t, err, `unknown tool "drop_item"`)
				default:
					require.NoError(t, err)
					require.True(t, result.IsError)
				}
			}
		})
	}
}

// A list that is the same for everybody may be kept.
func TestVisibleToAll(t *testing.T) {
	server := newServer()
	mcpadapter.Add(server, newAPI(nil), items()[2])
	list, err := connect(t, server).ListTools(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, "public", list.CacheScope)
}

// Where middleware asks for the credentials, the scopes of the session's token decide.
func TestVisibleByTokenOfSession(t *testing.T) {
	api := typed.New("Items", "1.0.0", nil)
	handler := typed.Func(func(context.Context, typed.None) (string, error) { return "done", nil })
	read := typed.Handle(api, "GET /read", handler, typed.Security("oauth", "read"))
	write := typed.Handle(api, "GET /write", handler, typed.Security("oauth", "read", "write"))
	either := typed.Handle(api, "GET /either", handler, typed.Security("oauth", "write"), typed.Security("oauth", "read"))
	basic := typed.Handle(api, "GET /default", handler)
	server := newServer()
	bridge := &mcpadapter.Bridge{Credentials: token("x"), Docs: &docs.Options{
		SecuritySchemes: map[string]*openapi.SecurityScheme{"oauth": {Type: "http", Scheme: "bearer"}},
		Security:        []typed.SecurityRequirement{{Scheme: "oauth", Scopes: []string{"basic"}}},
	}}
	bridge.Add(server, api, mcpadapter.Expose(read, "read", "Reads."), mcpadapter.Expose(write, "write", "Writes."),
		mcpadapter.Expose(either, "either", "Reads or writes."), mcpadapter.Expose(basic, "basic", "Is."))
	server.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			if list, ok := req.(*mcp.ListToolsRequest); ok {
				list.Extra = &mcp.RequestExtra{TokenInfo: &auth.TokenInfo{Scopes: []string{"read"}}}
			}
			return next(ctx, method, req)
		}
	})
	require.Equal(t, []string{"either", "read"}, slices.Sorted(maps.Keys(listed(t, connect(t, server)))))

	plain := newServer()
	bridge.Add(plain, api, mcpadapter.Expose(write, "write", "Writes."))
	require.Contains(t, listed(t, connect(t, plain)), "write", "without a token only the API can know")
}

// The function of the program sees the session; what it sets reaches the endpoint.
func TestCredentials(t *testing.T) {
	bridge := &mcpadapter.Bridge{Credentials: func(_ context.Context, from mcp.Request, to *http.Request) error {
		to.Header.Set("Authorization", from.GetExtra().Header.Get("X-Forwarded-Authorization"))
		return nil
	}}
	server := newServer()
	bridge.Add(server, newAPI(nil), items()...)
	transport := transports["http"](t, server).(sockets)
	transport.HTTPClient = &http.Client{Transport: headers{"X-Forwarded-Authorization": "Bearer reader"}}
	session := connectBy(t, transport, "", nil)
	require.Equal(t, `{"id":7,"name":"reader","tags":["a"]}`, text(t, call(t, session, "get_item", `{"id":7}`)))
	require.Equal(t, "error: 403 Forbidden: The credentials do not allow this: the scope items:write is needed.",
		text(t, call(t, session, "add_item", `{"shop":"a","name":"b"}`)))
}

type headers map[string]string

func (h headers) RoundTrip(r *http.Request) (*http.Response, error) {
	for name, value := range h {
		r.Header.Set(name, value)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// What goes wrong with credentials is nobody's business outside.
func TestCredentialsFail(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"problem": {respond.Unauthorized("Sign in first."), "error: 401 Unauthorized: Sign in first."},
		"error":   {errors.New("secret: db-7 is down"), "error: 500 Internal Server Error"},
	} {
		t.Run(name, func(t *testing.T) {
			bridge := &mcpadapter.Bridge{Credentials: func(context.Context, mcp.Request, *http.Request) error { return c.err }}
			server := newServer()
			bridge.Add(server, newAPI(nil), items()...)
			session := connect(t, server)
			require.Equal(t, c.want, text(t, call(t, session, "get_item", `{"id":7}`)))
			require.NotContains(t, listed(t, session), "get_item")
		})
	}
}

// A function of the program that panics does not end the process.
func TestFunctionsPanic(t *testing.T) {
	for name, bridge := range map[string]*mcpadapter.Bridge{
		"Credentials": {Credentials: func(context.Context, mcp.Request, *http.Request) error { panic("secret") }},
		"Visible":     {Credentials: token("writer"), Visible: func(context.Context, mcp.Request, string) bool { panic("secret") }},
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer()
			bridge.Add(server, newAPI(nil), items()...)
			session := connect(t, server)
			require.NotContains(t, listed(t, session), "get_item")
			require.Equal(t, "error: 500 Internal Server Error", text(t, call(t, session, "get_item", `{"id":7}`)))
		})
	}
}

// A verify function that fails or panics while tools are listed hides them, and is reported.
func TestVerifyFailsWhileListing(t *testing.T) {
	for name, verify := range map[string]func(context.Context, string) (user, error){
		"error": func(context.Context, string) (user, error) { return user{}, errors.New("the database is down") },
		"panic": func(context.Context, string) (user, error) { panic("the database is down") },
	} {
		t.Run(name, func(t *testing.T) {
			var reported []string
			api := typed.New("Items", "1.0.0", &typed.Options{
				OnError: func(_ context.Context, err error) { reported = append(reported, err.Error()) },
				Schemes: []typed.Scheme{typed.Bearer("token", verify)},
			})
			e := typed.Handle(api, "GET /items/{id}", typed.Func(func(context.Context, getItem) (string, error) { return "", nil }))
			server := newServer()
			(&mcpadapter.Bridge{Credentials: token("x")}).Add(server, api, mcpadapter.Expose(e, "get", "Gets."))
			require.Empty(t, listed(t, connect(t, server)))
			require.Len(t, reported, 1)
			require.Contains(t, reported[0], "the database is down")
		})
	}
}

// Everything that is wrong with tools is said at start-up, with what to write instead.
func TestAddRefuses(t *testing.T) {
	type bytesIn struct {
		ID   int    `path:"id"`
		Data []byte `body:""`
	}
	type cookieIn struct {
		Session string `cookie:"session" validate:"required"`
	}
	type headerIn struct {
		Trace string `header:"X-Trace" validate:"required"`
	}
	type twiceIn struct {
		ID   int    `path:"id"`
		Key  string `json:"id"`
		Name string `query:"name"`
		Nick string `json:"name"`
	}
	type bodyTwiceIn struct {
		Body string   `query:"body"`
		All  []string `body:""`
	}
	api := newAPI(nil)
	handled := typed.Handle(api, "POST /bytes/{id}", typed.Do(func(context.Context, bytesIn) error { return nil }))
	cookies := typed.Handle(api, "GET /cookies", typed.Do(func(context.Context, cookieIn) error { return nil }))
	traced := typed.Handle(api, "GET /traced", typed.Do(func(context.Context, headerIn) error { return nil }))
	twice := typed.Handle(api, "POST /twice/{id}", typed.Do(func(context.Context, twiceIn) error { return nil }))
	bodyTwice := typed.Handle(api, "POST /bodytwice", typed.Do(func(context.Context, bodyTwiceIn) error { return nil }))
	hidden := typed.Handle(api, "GET /hidden", typed.Do(func(context.Context, typed.None) error { return nil }), typed.Hidden())
	elsewhere := typed.Get[typed.None, string]("/elsewhere")
	open := mcpadapter.Anonymous()
	for name, c := range map[string]struct {
		tools []mcpadapter.Tool
		want  []string
	}{
		"zero": {[]mcpadapter.Tool{{}}, []string{
			`tool "": "" is no name of a tool: use 1 to 128 letters, digits, '_', '-' and '.'`,
			`tool "": it has no description, by which a model chooses: say what it is for and when to use it`,
			`tool "": the endpoint is nil: pass what typed.Handle or typed.Define returned`,
		}},
		"nil endpoint": {[]mcpadapter.Tool{mcpadapter.Expose[typed.None, typed.None](nil, "a", "b")}, []string{
			`tool a: the endpoint is nil: pass what typed.Handle or typed.Define returned`,
		}},
		"name": {[]mcpadapter.Tool{mcpadapter.Expose(itemList, "list items", "Lists.", open)}, []string{
			`tool list items: GET /items: "list items" is no name of a tool: use 1 to 128 letters, digits, '_', '-' and '.'`,
		}},
		"name twice": {[]mcpadapter.Tool{mcpadapter.Expose(itemList, "list", "Lists.", open), mcpadapter.Expose(itemList, "list", "Lists.", open)}, []string{
			`tool list: GET /items: another tool has this name: give each a name of its own`,
		}},
		"another API": {[]mcpadapter.Tool{mcpadapter.Expose(elsewhere, "a", "b", open)}, []string{
			`tool a: this API does not handle the endpoint: handle it before Add`,
		}},
		"hidden": {[]mcpadapter.Tool{mcpadapter.Expose(hidden, "a", "b", open)}, []string{
			`tool a: GET /hidden: the endpoint is hidden from the document, which describes its arguments: drop typed.Hidden`,
		}},
		"no scheme": {[]mcpadapter.Tool{mcpadapter.Expose(itemList, "a", "b")}, []string{
			`tool a: GET /items: the endpoint asks nobody who they are: give its request type an auth field, or say mcpadapter.Anonymous() if everybody may call it`,
		}},
		"anonymous with a scheme": {[]mcpadapter.Tool{mcpadapter.Expose(itemGet, "a", "b", open)}, []string{
			`tool a: GET /items/{id}: the tool is Anonymous, but its endpoint asks who the client is: drop mcpadapter.Anonymous()`,
		}},
		"no credentials": {[]mcpadapter.Tool{mcpadapter.Expose(itemGet, "a", "b")}, []string{
			`tool a: GET /items/{id}: the endpoint asks who the client is, which nothing tells it: set Bridge.Credentials, and add the tool by that Bridge`,
		}},
		"bytes": {[]mcpadapter.Tool{mcpadapter.Expose(handled, "a", "b", open)}, []string{
			`tool a: POST /bytes/{id}: the body of the endpoint is bytes, and a model sends JSON: expose an endpoint that takes JSON`,
		}},
		"cookie": {[]mcpadapter.Tool{mcpadapter.Expose(cookies, "a", "b", open)}, []string{
			`tool a: GET /cookies: field Session: the endpoint needs the cookie session, which a model cannot send: make the field a pointer or give it a default, or ask who the client is by an auth field`,
		}},
		"header": {[]mcpadapter.Tool{mcpadapter.Expose(traced, "a", "b", open)}, []string{
			`tool a: GET /traced: field Trace: the endpoint needs the header X-Trace, which a model cannot send: make the field a pointer or give it a default, or ask who the client is by an auth field`,
		}},
		"names in two sources": {[]mcpadapter.Tool{mcpadapter.Expose(twice, "a", "b", open)}, []string{
			`tool a: POST /twice/{id}: field Key: another part of the request has the name "id" too, and a tool has one flat object of arguments: give one of them another name`,
			`tool a: POST /twice/{id}: field Nick: another part of the request has the name "name" too, and a tool has one flat object of arguments: give one of them another name`,
		}},
		"body twice": {[]mcpadapter.Tool{mcpadapter.Expose(bodyTwice, "a", "b", open)}, []string{
			`tool a: POST /bodytwice: another part of the request has the name "body" too, and a tool has one flat object of arguments: give one of them another name`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			want := "mcpadapter: " + strings.Join(c.want, "\nmcpadapter: ")
			require.PanicsWithValue(t, want, func() { mcpadapter.Add(newServer(), api, c.tools...) })
		})
	}
	require.PanicsWithValue(t, "mcpadapter: Add was given a nil server or API: make them with mcp.NewServer and typed.New",
		func() { mcpadapter.Add(nil, api) })
}

// opaque is a type of which only the options of the document know the schema.
type opaque struct{}

func (opaque) MarshalJSON() ([]byte, error) { return []byte(`{"hidden":1}`), nil }

func TestDocumentOptions(t *testing.T) {
	described := &docs.Options{
		Types: map[reflect.Type]*openapi.Schema{reflect.TypeFor[opaque](): {Type: []string{"object"}, Description: "Opaque."}},
		// None of these may get into the schemas of tools.
		Version: "3.0", Change: func(d *openapi.Document) { d.Paths = openapi.Map[*openapi.PathItem]{} },
	}
	newAPI := func() (*typed.API, mcpadapter.Tool) {
		api := typed.New("Opaque", "1.0.0", nil)
		e := typed.Handle(api, "GET /opaque", typed.Func(func(context.Context, typed.None) (opaque, error) { return opaque{}, nil }))
		return api, mcpadapter.Expose(e, "get", "Gets.", mcpadapter.Anonymous())
	}
	t.Run("none", func(t *testing.T) {
		api, tool := newAPI()
		defer func() {
			require.Contains(t, recover(), "mcpadapter: tool get: GET /opaque: the API has no document: type mcpadapter_test.opaque")
		}()
		mcpadapter.Add(newServer(), api, tool)
	})
	t.Run("mounted", func(t *testing.T) {
		api, tool := newAPI()
		docs.Mount(api, described)
		server := newServer()
		mcpadapter.Add(server, api, tool)
		require.Contains(t, rawList(t, server), "Opaque.")
	})
	t.Run("given", func(t *testing.T) {
		api, tool := newAPI()
		server := newServer()
		(&mcpadapter.Bridge{Docs: described}).Add(server, api, tool)
		require.Equal(t, `{"hidden":1}`, structured(t, call(t, connect(t, server), "get", "{}")))
	})
}

// Tools are annotated by their methods, unless they say otherwise.
func TestAnnotations(t *testing.T) {
	api := typed.New("Methods", "1.0.0", nil)
	handler := typed.Do(func(context.Context, typed.None) error { return nil })
	server := newServer()
	var tools []mcpadapter.Tool
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		tools = append(tools, mcpadapter.Expose(typed.Handle(api, method+" /x", handler), method, "Does.", mcpadapter.Anonymous()))
	}
	search := typed.Handle(api, "POST /search", handler)
	tools = append(tools, mcpadapter.Expose(search, "search", "Searches.", mcpadapter.Anonymous(), nil, mcpadapter.Annotate(mcp.ToolAnnotations{ReadOnlyHint: true})))
	mcpadapter.Add(server, api, tools...)
	got := map[string]*mcp.ToolAnnotations{}
	for name, tool := range listed(t, connect(t, server)) {
		got[name] = tool.Annotations
	}
	want := map[string]*mcp.ToolAnnotations{
		"GET":    {ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: new(false)},
		"POST":   {},
		"PUT":    {IdempotentHint: true, DestructiveHint: new(true)},
		"PATCH":  {DestructiveHint: new(true)},
		"DELETE": {IdempotentHint: true, DestructiveHint: new(true)},
		"search": {ReadOnlyHint: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
