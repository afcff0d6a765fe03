package judges

import (
	"context"
	"time"

	"github.com/apiroutes/apiroutes/typed"
)

type station struct {
	Celsius float64 `json:"celsius" validate:"min=-90"`
}

type stationEvent struct {
	Measured *station `event:"measured" doc:"A station has measured."`
	Note     *string  `event:"note"`
}

// streamsAPI has streams of both kinds, in both directions, and files.
func streamsAPI() *typed.API {
	api := typed.New("Streams", "1", nil)
	typed.Handle(api, "GET /stations", typed.Func(func(context.Context, typed.None) (typed.Events[stationEvent], error) { return nil, nil }),
		typed.HeartbeatEvent("alive", time.Minute))
	typed.Handle(api, "GET /readings", typed.Func(func(context.Context, struct {
		Last string `header:"Last-Event-ID"`
	}) (typed.Events[station], error) {
		return nil, nil
	}))
	// In 3.1 a linter does not see that x-itemSchema uses a component.
	typed.Handle(api, "GET /latest", typed.Func(func(context.Context, typed.None) (station, error) { return station{}, nil }))
	typed.Handle(api, "GET /export", typed.Func(func(context.Context, typed.None) (typed.Lines[station], error) { return nil, nil }),
		typed.Produces("application/jsonl"))
	typed.Handle(api, "POST /import", typed.Func(func(context.Context, struct {
		Rows typed.Lines[station] `body:""`
	}) (typed.None, error) {
		return typed.None{}, nil
	}), typed.Accepts("application/jsonl"))
	typed.Handle(api, "GET /report", typed.Func(func(context.Context, typed.None) (typed.Content, error) { return typed.Content{}, nil }),
		typed.Produces("text/csv"))
	typed.Handle(api, "POST /upload", typed.Func(func(context.Context, struct {
		Title  string       `form:"title" validate:"required,max=100"`
		Avatar typed.File   `form:"avatar" accept:"image/png,image/jpeg" maxsize:"5MB"`
		Extras []typed.File `form:"extra" validate:"max=3"`
		Meta   station      `part:"meta"`
	}) (typed.None, error) {
		return typed.None{}, nil
	}))
	return api
}
