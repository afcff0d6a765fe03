package typed

import (
	"errors"
	"net/http"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/validate"
)

// refused is a request that does not reach its handler.
type refused struct {
	problem *respond.Problem
	gone    bool
}

func (r *refused) Error() string { return r.problem.Error() }

const invalidDetail = "The request does not fit what this endpoint takes; errors says where."

// tooLarge is for a handler that read a stream past the limit.
var tooLarge = (&respond.Problem{
	Status: http.StatusRequestEntityTooLarge,
	Detail: "The request content is too large.",
}).Header("Connection", "close")

// refuse makes a problem of what the binding says.
func refuse(r *bind.Rejection) *refused {
	if r.Gone {
		return &refused{problem: respond.BadRequest("The request was not sent to its end."), gone: true}
	}
	p := &respond.Problem{Status: r.Status, Detail: r.Detail}
	if p.Detail == "" {
		p.Detail = invalidDetail
	}
	for _, h := range r.Header {
		p.Header(h[0], h[1])
	}
	for _, f := range r.Failures {
		p.Errors = append(p.Errors, respond.FieldError{In: f.In, Pointer: f.Pointer, Name: f.Name, Rule: f.Rule, Param: f.Param, Detail: f.Detail})
	}
	if r.Truncated {
		p.Extensions = map[string]any{"truncated": true}
	}
	return &refused{problem: p}
}

// invalid makes a problem of what the validator says. Any other error is ours.
func (e *endpoint) invalid(err error) error {
	failures, ok := errors.AsType[*validate.Failures](err)
	if !ok {
		return err
	}
	p := &respond.Problem{Status: http.StatusUnprocessableEntity, Detail: invalidDetail}
	p.Errors = make([]respond.FieldError, len(failures.List))
	for i, f := range failures.List {
		in, name, pointer, ok := e.binding.Locate(f.Field)
		if !ok {
			in, pointer = "body", f.Pointer
		}
		p.Errors[i] = respond.FieldError{In: in, Name: name, Pointer: pointer, Rule: f.Rule, Param: f.Param, Detail: f.Message}
	}
	if failures.Truncated {
		p.Extensions = map[string]any{"truncated": true}
	}
	return &refused{problem: p}
}
