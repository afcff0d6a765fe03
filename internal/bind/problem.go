package bind

import (
	"errors"
	"net/http"
	"strings"

	"github.com/apiroutes/apiroutes/respond"
)

// maxFailures bounds how many entries one problem has.
const maxFailures = 100

// failures collects what is wrong with the values of a request.
type failures struct {
	list      []respond.FieldError
	truncated bool
}

func (f *failures) add(failure respond.FieldError) {
	if len(f.list) == maxFailures {
		f.truncated = true
		return
	}
	f.list = append(f.list, failure)
}

// Invalid is the problem of a request that is well-formed but has wrong values, 422.
// With truncated it says that there were more of them.
func Invalid(failures []respond.FieldError, truncated bool) *respond.Problem {
	p := &respond.Problem{
		Status: http.StatusUnprocessableEntity,
		Detail: "The request is invalid; see errors for details.",
		Errors: failures,
	}
	if truncated {
		p.Extensions = map[string]any{"truncated": true}
	}
	return p
}

// badRequest is the problem of a request that is malformed, 400.
func badRequest(detail string, failure respond.FieldError) *respond.Problem {
	return &respond.Problem{Status: http.StatusBadRequest, Detail: detail, Errors: []respond.FieldError{failure}}
}

func tooLarge() *respond.Problem {
	p := &respond.Problem{Status: http.StatusRequestEntityTooLarge, Detail: "The request body is too large."}
	return p.Header("Connection", "close")
}

// disconnectedError is the cause of a problem where the client has disconnected while it
// sent the body.
type disconnectedError struct{ error }

func (e disconnectedError) Unwrap() error { return e.error }

// IsDisconnected reports whether err is a problem of a body that could not be read
// because the client has disconnected, so that nobody reads the answer.
func IsDisconnected(err error) bool {
	_, ok := errors.AsType[disconnectedError](err)
	return ok
}

// Locate says where a failure of the rules is, by its Go path below the request type,
// "Page.Limit" or "IDs[2]", and its JSON Pointer: in a parameter by its source and name, or
// in a JSON part or the body, whose own pointer is inner.
func (p *Plan) Locate(goPath, pointer string) (in, name, inner string) {
	var f *Field // with the longest path that leads to goPath
	fields := p.fields
	for i := 0; i < len(fields); i++ {
		rest, ok := strings.CutPrefix(goPath, fields[i].Path)
		if !ok || rest != "" && rest[0] != '.' && rest[0] != '[' || f != nil && len(fields[i].Path) <= len(f.Path) {
			continue
		}
		f = &fields[i]
		if f.Style == DeepObject && rest != "" {
			fields, i = f.Members, -1
		}
	}
	switch {
	case f == nil || f.Source == Member:
		return tagNames[Body], "", pointer
	case f.Source != Body && f.Source != Part:
		return f.Source.String(), f.Name, ""
	}
	// The field that holds the value is no part of it.
	if _, below, ok := strings.Cut(strings.TrimPrefix(pointer, "/"), "/"); ok {
		inner = "/" + below
	}
	return f.Source.String(), f.Name, inner
}
