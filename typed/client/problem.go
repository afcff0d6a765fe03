package client

import (
	"encoding/json"
	"reflect"
	"sync"

	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/respond"
)

// failure is the error of an API that has a form of errors.
func (in *reading) failure(form *errorForm, strict bool) error {
	body := reflect.New(form.payload).Interface()
	if err := in.decodeJSON(&form.decoders, strict, body); err != nil {
		return err
	}
	return &failure{endpoint: in.plan.name, status: in.got.status, header: in.got.header, body: body}
}

// problem is the error of an answer that is a problem (RFC 9457).
func (in *reading) problem() error {
	var members map[string]json.RawMessage
	if wrong := problems().object.Decode(in.content, &members); wrong != nil || members == nil {
		fault := "and its content is no problem: "
		if wrong == nil {
			return in.unexpected(nil, fault+"it must be an object")
		}
		return in.unexpected(nil, fault+sentence(wrong))
	}
	p := &respond.Problem{Status: in.got.status}
	for name, value := range members {
		switch name {
		case "type":
			p.Type = text(value)
		case "title":
			p.Title = text(value)
		case "detail":
			p.Detail = text(value)
		case "instance":
			p.Instance = text(value)
		case "status": // advisory (RFC 9457, 3.1.2): the status of the answer counts
		case "errors":
			p.Errors = fieldErrors(value)
		default:
			if p.Extensions == nil {
				p.Extensions = make(map[string]any)
			}
			p.Extensions[name] = extension(value)
		}
	}
	return in.plan.wrap(p)
}

// fieldError is a respond.FieldError as it is sent.
type fieldError struct {
	In      string `json:"in"`
	Pointer string `json:"pointer"`
	Name    string `json:"name"`
	Rule    string `json:"rule"`
	Param   string `json:"param"`
	Detail  string `json:"detail"`
}

// problemDecoders are for the parts of a problem.
type problemDecoders struct{ object, text, errors, value *jsonx.Decoder }

// problems compiles them once.
var problems = sync.OnceValue(func() problemDecoders {
	decoder := func(t reflect.Type) *jsonx.Decoder {
		d, err := jsonx.NewDecoder(t, jsonx.Options{AllowUnknown: true, MaxDecoded: DefaultMaxAnswer * decodedPerByte})
		if err != nil {
			panic(err) // of types of our own
		}
		return d
	}
	return problemDecoders{
		object: decoder(reflect.TypeFor[map[string]json.RawMessage]()),
		text:   decoder(reflect.TypeFor[string]()),
		errors: decoder(reflect.TypeFor[[]fieldError]()),
		value:  decoder(reflect.TypeFor[any]()),
	}
})

// text ignores a member of another type, as RFC 9457, 3.1, asks.
func text(value json.RawMessage) string {
	var s string
	if problems().text.Decode(value, &s) != nil {
		return ""
	}
	return s
}

func fieldErrors(value json.RawMessage) []respond.FieldError {
	var sent []fieldError
	if problems().errors.Decode(value, &sent) != nil {
		return nil
	}
	list := make([]respond.FieldError, len(sent))
	for i, e := range sent {
		list[i] = respond.FieldError(e)
	}
	return list
}

// extension is a member of a kind that only its API knows. What a Go value cannot hold
// without loss stays as it was written.
func extension(value json.RawMessage) any {
	var v any
	if problems().value.Decode(value, &v) != nil {
		return value
	}
	return v
}
