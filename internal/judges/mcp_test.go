package judges

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/mcpadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// tooled is a server with tools, a client of it, and the input schemas as they are sent: a
// client reads them with numbers of 64 bits.
func tooled(t *testing.T, api *typed.API, tools []mcpadapter.Tool) (*mcp.ClientSession, map[string]*jsonschema.Schema, map[string]string) {
	server := mcp.NewServer(&mcp.Implementation{Name: "judged", Version: "1"}, nil)
	mcpadapter.Add(server, api, tools...)
	schemas, texts := map[string]*jsonschema.Schema{}, map[string]string{}
	server.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
			result, err := next(ctx, method, req)
			if list, ok := result.(*mcp.ListToolsResult); ok {
				for _, tool := range list.Tools {
					texts[tool.Name] = string(tool.InputSchema.(json.RawMessage))
				}
			}
			return result, err
		}
	})
	here, there := mcp.NewInMemoryTransports()
	_, err := server.Connect(t.Context(), there, nil)
	require.NoError(t, err)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "judge", Version: "1"}, nil).Connect(t.Context(), here, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = session.Close() })
	for tool, err := range session.Tools(t.Context(), nil) {
		require.NoError(t, err)
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(texts[tool.Name]))
		require.NoError(t, err)
		schemas[tool.Name] = compile(t, doc, "")
	}
	return session, schemas, texts
}

// verdicts calls a tool, and asks its schema about the same arguments.
func verdicts(t *testing.T, session *mcp.ClientSession, tool string, s *jsonschema.Schema, arguments string) (served bool, said string, refused error) {
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	require.NoError(t, err, arguments)
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(arguments))
	require.NoError(t, err)
	said = result.Content[0].(*mcp.TextContent).Text
	require.NotRegexp(t, "^5", said, arguments)
	return !result.IsError, said, s.Validate(value)
}

// TestToolSchemasAreHonest calls the tools of all rows with random bodies: what a tool
// takes, its input schema accepts.
func TestToolSchemasAreHonest(t *testing.T) {
	api := typed.New("rows", "1", nil)
	all := slices.Concat(rows(), stringRows(), typeRows())
	var tools []mcpadapter.Tool
	for i, r := range all {
		tools = append(tools, r.handle(api, fmt.Sprintf("/r%d", i)))
	}
	session, schemas, texts := tooled(t, api, tools)
	rng := rand.New(rand.NewPCG(3, 4))
	total, taken, whole := 0, 0, 0
	for i, r := range all {
		name := fmt.Sprintf("r%d", i)
		var shape struct {
			Properties map[string]json.RawMessage `json:"properties"`
		}
		require.NoError(t, json.Unmarshal([]byte(texts[name]), &shape))
		_, wrapped := shape.Properties["body"]
		if wrapped {
			whole++
		}
		for range rounds(60) {
			arguments := r.body(rng)
			if wrapped {
				arguments = `{"body":` + arguments + `}`
			} else if arguments[0] != '{' {
				continue
			}
			served, _, refused := verdicts(t, session, name, schemas[name], arguments)
			if served && refused != nil {
				t.Errorf("%s takes what its schema refuses: %s\n%v\nschema %s", r.name, arguments, refused, texts[name])
			}
			if served {
				taken++
			}
			total++
		}
	}
	require.NotZero(t, taken)
	require.NotZero(t, whole, "no row has a body that is no object")
	t.Logf("%d tools, %d of them with a body as a whole, %d calls, %d taken", len(all), whole, total, taken)
}

// parameters has a parameter of each kind, and rules on them.
type parameters struct {
	Name   string   `path:"name" validate:"max=5"`
	ID     int64    `path:"id"`
	Limit  int      `query:"limit" default:"20" validate:"min=1,max=100"`
	Small  uint8    `query:"small"`
	Exact  bool     `query:"exact"`
	Rate   float64  `query:"rate" validate:"omitempty,gt=0"`
	Big    *uint64  `query:"big"`
	Sort   string   `query:"sort" validate:"omitempty,oneof=name age"`
	Level  colour   `query:"level"`
	Tags   []string `query:"tags" validate:"max=2,dive,min=1"`
	IDs    []int    `query:"ids,comma"`
	Filter struct {
		Name string `query:"name" validate:"max=3"`
		Min  int    `query:"min"`
	} `query:"filter"`
	Body *struct {
		Kind string `json:"kind" validate:"oneof=post mail"`
		City string `json:"city" validate:"required_if=Kind post"`
	} `body:""`
}

// TestToolParametersAreHonest draws arguments for parameters and a body that may be absent.
// Here the schema says all: what it accepts, the tool takes.
func TestToolParametersAreHonest(t *testing.T) {
	api := typed.New("parameters", "1", nil)
	e := typed.Handle(api, "POST /x/{name}/{id}", typed.Do(func(context.Context, parameters) error { return nil }))
	session, schemas, texts := tooled(t, api, []mcpadapter.Tool{mcpadapter.Expose(e, "call", "Calls.", mcpadapter.Anonymous())})
	samples := map[string][]string{
		"name": {`"abcde"`, `"a b"`}, "id": {`1`, `-9223372036854775808`, `9223372036854775807`, `9223372036854775808`},
		"limit": {`1`, `100`, `1e1`, `101`}, "small": {`255`, `256`, `-1`}, "exact": {`true`}, "rate": {`1.5`, `0`, `1e3`},
		"big": {`18446744073709551615`, `18446744073709551616`}, "sort": {`"name"`, `"size"`, `""`}, "level": {`"abc"`},
		"tags": {`["a","b,c"]`, `["a","b","c"]`, `[]`}, "ids": {`[1,-2]`, `[]`}, "filter": {`{"name":"abc","min":-3}`, `{"name":"abcd"}`, `{}`},
		"kind": {`"post"`, `"mail"`}, "city": {`"a"`, `""`},
	}
	rng := rand.New(rand.NewPCG(5, 6))
	var both, neither int
	n := rounds(10_000)
	for range n {
		var parts []string
		for _, name := range slices.Sorted(mapsKeys(samples)) {
			switch {
			case name != "name" && name != "id" && rng.IntN(3) > 0:
			case rng.IntN(10) == 0:
				parts = append(parts, fmt.Sprintf("%q:%s", name, mutate(rng, pick(rng, samples[name]))))
			default:
				parts = append(parts, fmt.Sprintf("%q:%s", name, pick(rng, samples[name])))
			}
		}
		if rng.IntN(40) == 0 {
			parts = append(parts, `"unknown":1`)
		}
		arguments := "{" + strings.Join(parts, ",") + "}"
		served, said, refused := verdicts(t, session, "call", schemas["call"], arguments)
		switch {
		case served && refused == nil:
			both++
		case !served && refused != nil:
			neither++
		case served:
			t.Fatalf("the tool takes what its schema refuses: %s\n%v\nschema %s", arguments, refused, texts["call"])
		case !sayable(arguments):
		default:
			t.Fatalf("the schema accepts what the tool refuses: %s\n%s\nschema %s", arguments, said, texts["call"])
		}
	}
	t.Logf("%d calls, %d taken, %d refused", n, both, neither)
	require.Greater(t, both, n/20)
	require.Greater(t, neither, n/20)
}

// sayable reports whether a request can have these arguments. No path has an empty segment
// or one of dots, and no schema says that of a string.
func sayable(arguments string) bool {
	var path struct {
		Name string `json:"name"`
	}
	return json.Unmarshal([]byte(arguments), &path) == nil && path.Name != "" && path.Name != "." && path.Name != ".."
}

// TestToolsByTypeScript has the client of the TypeScript SDK list and call the tools of
// examples/tools over both transports. It validates what it gets by schemas of its own.
func TestToolsByTypeScript(t *testing.T) {
	program := build(t, "../../examples/tools")
	for _, transport := range []string{"stdio", "http"} {
		t.Run(transport, func(t *testing.T) {
			printed, err := node(t, nil, "mcp.mjs", transport, program)
			require.NoError(t, err, printed)
			var got, want bytes.Buffer
			require.NoError(t, json.Indent(&got, []byte(printed), "", " "))
			require.NoError(t, json.Indent(&want, []byte(`{
				"tools": ["add_user", "find_users"],
				"found": {"result": [{"id": 1, "name": "Ada", "email": "ada@example.com"}]},
				"added": {"id": 3, "name": "Grace", "email": "grace@example.com"},
				"refused": {"isError": true, "places": ["/email", "/name"]},
				"unknown": -32602
			}`), "", " "))
			require.JSONEq(t, want.String(), got.String())
		})
	}
}
