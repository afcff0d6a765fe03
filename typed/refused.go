package typed

import (
	"errors"
	"net/http"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/respond"
)

// refused is a request that does not reach its handler.
type refused struct{ problem *respond.Problem }

func (r *refused) Error() string { return r.problem.Error() }

// tooLarge is for a handler that read a stream past the limit.
var tooLarge = (&respond.Problem{
	Status: http.StatusRequestEntityTooLarge,
	Detail: "The request content is too large.",
}).Header("Connection", "close")

// invalid makes a problem of what the validator says. Any other error is ours.
func (e *endpoint) invalid(err error) error {
	failures, ok := errors.AsType[*rules.Failures](err)
	if !ok {
		return err
	}
	list := make([]respond.FieldError, len(failures.List))
	for i, f := range failures.List {
		in, name, pointer, ok := e.binding.Locate(f.Field)
		if !ok {
			in, pointer = "body", f.Pointer
		}
		list[i] = respond.FieldError{In: in, Name: name, Pointer: pointer, Rule: f.Rule, Param: f.Param, Detail: f.Message}
	}
	return &refused{bind.Invalid(list, failures.Truncated)}
}
