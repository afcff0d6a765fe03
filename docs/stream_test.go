package docs_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

type (
	reading struct {
		Celsius float64 `json:"celsius" validate:"min=-90"`
	}
	gone struct {
		ID int `json:"id"`
	}
	stationEvent struct {
		Measured *reading `event:"measured" doc:"A station has measured."`
		Gone     *gone    `event:"gone"`
		Note     *string  `event:"note"`
	}
	readings struct {
		Rows typed.Lines[reading] `body:""`
	}
)

func streams() *typed.API {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /stations", typed.Func(func(context.Context, typed.None) (typed.Events[stationEvent], error) { return nil, nil }),
		typed.HeartbeatEvent("alive", time.Minute))
	typed.Handle(api, "GET /readings", typed.Func(func(context.Context, typed.None) (typed.Events[reading], error) { return nil, nil }))
	typed.Handle(api, "GET /log", typed.Func(func(context.Context, typed.None) (typed.Events[string], error) { return nil, nil }),
		typed.HeartbeatEvent("alive", time.Minute))
	typed.Handle(api, "GET /export", typed.Func(func(context.Context, typed.None) (typed.Lines[reading], error) { return nil, nil }),
		typed.Produces("application/jsonl"))
	typed.Handle(api, "POST /import", typed.Func(func(context.Context, readings) (typed.None, error) { return typed.None{}, nil }),
		typed.Accepts("application/jsonl"))
	return api
}

// The items of a stream are in the document, whatever its version calls them.
func TestStreamsInTheDocument(t *testing.T) {
	const (
		measured = `{"type":"object","properties":{"id":{"type":"string"},"event":{"type":"string"},"retry":{"type":"integer","minimum":1},"data":{"type":"string","contentMediaType":"application/json","contentSchema":{"$ref":"#/components/schemas/Reading"}}},"required":["data"]}`
		alive    = `{"description":"Sent while no other event comes.","type":"object","properties":{"event":{"type":"string","const":"alive"},"data":{"type":"string","const":""}},"required":["event","data"]}`
		text     = `{"type":"object","properties":{"id":{"type":"string"},"event":{"type":"string"},"retry":{"type":"integer","minimum":1},"data":{"type":"string"}},"required":["data"]}`
		kinds    = `{"oneOf":[` +
			`{"description":"A station has measured.","type":"object","properties":{"id":{"type":"string"},"event":{"type":"string","const":"measured"},"retry":{"type":"integer","minimum":1},"data":{"type":"string","contentMediaType":"application/json","contentSchema":{"$ref":"#/components/schemas/Reading"}}},"required":["event","data"]},` +
			`{"type":"object","properties":{"id":{"type":"string"},"event":{"type":"string","const":"gone"},"retry":{"type":"integer","minimum":1},"data":{"type":"string","contentMediaType":"application/json","contentSchema":{"$ref":"#/components/schemas/Gone"}}},"required":["event","data"]},` +
			`{"type":"object","properties":{"id":{"type":"string"},"event":{"type":"string","const":"note"},"retry":{"type":"integer","minimum":1},"data":{"type":"string"}},"required":["event","data"]},` + alive + `]}`
	)
	for version, keyword := range map[string]string{"3.0": "x-itemSchema", "3.1": "x-itemSchema", "3.2": "itemSchema"} {
		doc, err := docs.OpenAPI(streams(), &docs.Options{Version: version})
		require.NoError(t, err)
		raw, err := doc.JSON()
		require.NoError(t, err)
		var got struct {
			Paths map[string]map[string]struct {
				Description string
				Responses   map[string]struct {
					Headers map[string]any
					Content map[string]map[string]json.RawMessage
				}
				RequestBody struct {
					Required bool
					Content  map[string]map[string]json.RawMessage
				}
			}
			Components struct{ Schemas map[string]json.RawMessage }
		}
		require.NoError(t, json.Unmarshal(raw, &got))
		for path, want := range map[string]string{"/stations": kinds, "/readings": measured, "/log": `{"anyOf":[` + text + `,` + alive + `]}`} {
			ok := got.Paths[path]["get"].Responses["200"]
			media := ok.Content["text/event-stream"]
			require.JSONEq(t, `{"type":"string"}`, string(media["schema"]), "the schema of the whole, %s", version)
			if version == "3.0" { // has neither const nor contentSchema
				require.Contains(t, media, keyword)
				require.Equal(t, path != "/log", strings.Contains(string(media[keyword]), `"x-contentSchema":{"$ref":"#/components/schemas/Reading"}`))
			} else {
				require.JSONEq(t, want, string(media[keyword]), "%s %s", path, version)
			}
			require.Empty(t, ok.Headers, "no entity tag")
			require.NotContains(t, got.Paths[path]["get"].Responses, "304")
		}
		lines := got.Paths["/export"]["get"].Responses["200"].Content["application/jsonl"]
		require.JSONEq(t, `{"type":"string"}`, string(lines["schema"]))
		require.JSONEq(t, `{"$ref":"#/components/schemas/Reading"}`, string(lines[keyword]))
		body := got.Paths["/import"]["post"].RequestBody
		require.Len(t, body.Content, 2)
		require.Contains(t, body.Content, "application/x-ndjson")
		require.JSONEq(t, `{"$ref":"#/components/schemas/ReadingInput"}`, string(body.Content["application/jsonl"][keyword]))
		require.Contains(t, got.Components.Schemas, "ReadingInput")
		require.Equal(t, "`GET /stations` answers 200 with events of stationEvent.", got.Paths["/stations"]["get"].Description)
		require.Equal(t, "`GET /export` answers 200 with lines of reading.", got.Paths["/export"]["get"].Description)
		for _, code := range []string{"400", "413", "415", "422"} {
			require.Contains(t, got.Paths["/import"]["post"].Responses, code)
		}
	}
}
