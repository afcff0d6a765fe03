package judges

import (
	"context"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

type station struct {
	Celsius float64 `json:"celsius" validate:"min=-90"`
}

type stationEvent struct {
	Measured *station `event:"measured" doc:"A station has measured."`
	Note     *string  `event:"note"`
}

// The document of streams is well-formed to kin-openapi, which does not know version 3.2.
func TestStreamsAreWellFormed(t *testing.T) {
	api := typed.New("Streams", "1", nil)
	typed.Handle(api, "GET /stations", typed.Func(func(context.Context, typed.None) (typed.Events[stationEvent], error) { return nil, nil }),
		typed.HeartbeatEvent("alive", time.Minute))
	typed.Handle(api, "GET /export", typed.Func(func(context.Context, typed.None) (typed.Lines[station], error) { return nil, nil }),
		typed.Produces("application/jsonl"))
	typed.Handle(api, "POST /import", typed.Func(func(context.Context, struct {
		Rows typed.Lines[station] `body:""`
	}) (typed.None, error) {
		return typed.None{}, nil
	}), typed.Accepts("application/jsonl"))
	for _, version := range []string{"3.0", "3.1"} {
		text, err := mustDocument(t, api, &docs.Options{Version: version}).JSON()
		require.NoError(t, err)
		loaded, err := openapi3.NewLoader().LoadFromData(text)
		require.NoError(t, err)
		require.NoError(t, loaded.Validate(t.Context()), version)
	}
}
