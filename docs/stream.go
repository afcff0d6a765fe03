package docs

import (
	"reflect"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/stream"
	"github.com/apiroutes/apiroutes/typed"
)

// streamed is the media type of a payload that is sent item by item. What its schema says
// in 3.1 is about the whole text; ItemSchema is about each item, in 3.2 by that name.
func (w *writer) streamed(op *typed.Operation, payload reflect.Type) *openapi.MediaType {
	form, item := hook.Items(payload)
	m := &openapi.MediaType{Schema: &openapi.Schema{Type: []string{openapi.TypeString}}}
	if form == answer.FormLines {
		m.ItemSchema = w.schemas.Output(item)
		return m
	}
	variants, _ := stream.Variants(item) // Handle has refused what is wrong
	heartbeat := hook.HeartbeatEvent(op)
	switch {
	case len(variants) == 0 && heartbeat == "":
		m.ItemSchema = w.event(item)
	case len(variants) == 0:
		m.ItemSchema = &openapi.Schema{AnyOf: []*openapi.Schema{w.event(item), w.heartbeat(heartbeat)}}
	default:
		m.ItemSchema = &openapi.Schema{}
		for _, v := range variants {
			event := w.event(v.Type)
			event.Description = v.Doc
			event.Properties.Set("event", constant(v.Name))
			event.Required = []string{"event", "data"}
			m.ItemSchema.OneOf = append(m.ItemSchema.OneOf, event)
		}
		if heartbeat != "" {
			m.ItemSchema.OneOf = append(m.ItemSchema.OneOf, w.heartbeat(heartbeat))
		}
	}
	return m
}

// event is one event with data of type t, after it was parsed (OpenAPI 3.2.0, "Special
// Considerations for text/event-stream Content").
func (w *writer) event(t reflect.Type) *openapi.Schema {
	text := func() *openapi.Schema { return &openapi.Schema{Type: []string{openapi.TypeString}} }
	data := text()
	if !stream.IsText(t) {
		data.ContentMediaType = "application/json"
		data.More.Set("contentSchema", w.schemas.Output(t))
	}
	event := &openapi.Schema{Type: []string{openapi.TypeObject}, Required: []string{"data"}}
	event.Properties.Set("id", text())
	event.Properties.Set("event", text())
	event.Properties.Set("retry", &openapi.Schema{Type: []string{openapi.TypeInteger}, Minimum: "1"})
	event.Properties.Set("data", data)
	return event
}

// heartbeat is the event that is sent while no other comes.
func (w *writer) heartbeat(name string) *openapi.Schema {
	event := &openapi.Schema{Type: []string{openapi.TypeObject}, Description: "Sent while no other event comes.", Required: []string{"event", "data"}}
	event.Properties.Set("event", constant(name))
	event.Properties.Set("data", constant(""))
	return event
}

func constant(text string) *openapi.Schema {
	return &openapi.Schema{Type: []string{openapi.TypeString}, Const: text}
}
