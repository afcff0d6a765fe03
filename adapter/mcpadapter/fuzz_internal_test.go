package mcpadapter

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/apiroutes/apiroutes/typed"
)

// fuzzed has an argument of each kind.
type fuzzed struct {
	Shop   string   `path:"shop"`
	ID     int64    `path:"id"`
	Limit  int      `query:"limit" default:"20" validate:"max=100"`
	Exact  bool     `query:"exact"`
	Rate   *float64 `query:"rate"`
	Tags   []string `query:"tags"`
	IDs    []int    `query:"ids,comma"`
	Filter struct {
		Name string `query:"name"`
		Min  int    `query:"min"`
	} `query:"filter"`
	Name string         `json:"name"`
	More map[string]any `json:"more"`
}

// FuzzArguments calls a tool with any bytes as arguments: the call ends with a result, the
// server is never at fault, and what the handler gets has the values that were sent.
func FuzzArguments(f *testing.F) {
	f.Add([]byte(`{"shop":"a","id":1,"name":"b"}`))
	f.Add([]byte(`{"shop":"a/..","id":1e1,"limit":7.0,"exact":true,"rate":1.5,"tags":["a,b"],"ids":[1,2],"filter":{"name":"x","min":1},"more":{"a":[1]}}`))
	f.Add([]byte(`{"id":1e999999999,"filter":{"a]":1,"name":null},"ids":[],"tags":[[]]}`))
	f.Add([]byte(`{"shop":".","id":-0.0,"id":1}`))
	f.Add([]byte("{\"shop\":\"\xff\"}"))
	f.Add([]byte(`nul`))
	api := typed.New("Fuzzed", "1.0.0", &typed.Options{OnError: func(_ context.Context, err error) { f.Errorf("reported: %v", err) }})
	var last *fuzzed
	e := typed.Handle(api, "POST /shops/{shop}/items/{id}", typed.Do(func(_ context.Context, in fuzzed) error { last = &in; return nil }))
	made, faults := (&compiler{bridge: &Bridge{}, api: api}).compile(Expose(e, "call", "Calls.", Anonymous()))
	if faults != nil {
		f.Fatal(faults)
	}
	f.Fuzz(func(t *testing.T, arguments []byte) {
		last = nil
		result, err := made.call(t.Context(), &mcp.CallToolRequest{Params: &mcp.CallToolParamsRaw{Arguments: arguments}})
		if err != nil {
			t.Fatal(err)
		}
		said := result.Content[0].(*mcp.TextContent).Text
		if result.IsError {
			if !strings.HasPrefix(said, "4") || last != nil {
				t.Fatal(said)
			}
			return
		}
		var sent struct {
			Shop string   `json:"shop"`
			Tags []string `json:"tags"`
			Name string   `json:"name"`
		}
		if err := json.Unmarshal(arguments, &sent); err != nil {
			t.Fatalf("accepted: %v", err)
		}
		if last.Shop != sent.Shop || last.Name != sent.Name || strings.Join(last.Tags, "|") != strings.Join(sent.Tags, "|") {
			t.Fatalf("sent %+v, got %+v", sent, *last)
		}
	})
}
