package bind

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/syntax"
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

// Locate says where a Go field path of the request type, "Page.Limit" or "IDs[2]",
// comes from: a parameter by source and name, a place in a whole-body field by its
// pointer within the body. It is false for members of a JSON body, whose pointer is
// the one that the validator made, and for paths that it does not know.
func (p *Plan) Locate(goPath string) (in, name, pointer string, ok bool) {
	var f *Field // with the longest path that leads to goPath
	var rest string
	fields := p.fields
	for i := 0; i < len(fields); i++ {
		left, ok := strings.CutPrefix(goPath, fields[i].Path)
		if !ok || left != "" && left[0] != '.' && left[0] != '[' || f != nil && len(fields[i].Path) <= len(f.Path) {
			continue
		}
		f, rest = &fields[i], left
		if f.Style == DeepObject && rest != "" {
			fields, i = f.Members, -1
		}
	}
	switch {
	case f == nil || f.Source == Member:
		return "", "", "", false
	case f.Source == Part:
		return f.Source.String(), f.Name, string(appendPointer(nil, f.Type, rest)), true
	case f.Source == Body:
		return f.Source.String(), "", string(appendPointer(nil, f.Type, rest)), true
	}
	return f.Source.String(), f.Name, "", true
}

// appendPointer translates a Go path below a value of type t into a JSON pointer, as
// far as the types can tell.
func appendPointer(dst []byte, t reflect.Type, path string) []byte {
	for path != "" {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch {
		case path[0] == '.' && t.Kind() == reflect.Struct:
			f, rest, ok := cutField(t, path[1:])
			if !ok {
				return dst
			}
			dst = syntax.AppendPointer(dst, f.Name)
			t, path = f.Type, rest
		case path[0] == '[' && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map):
			key, rest := cutKey(path[1:])
			dst = syntax.AppendPointer(dst, key)
			t, path = t.Elem(), rest
		default:
			return dst
		}
	}
	return dst
}

// cutField follows the names of fields, through embedded structs, to a member.
func cutField(t reflect.Type, path string) (jsonx.Member, string, bool) {
	members, err := jsonx.Members(t)
	if err != nil {
		return jsonx.Member{}, "", false
	}
	var index []int
	for {
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			end = len(path)
		}
		f, ok := t.FieldByName(path[:end])
		if !ok {
			return jsonx.Member{}, "", false
		}
		index = append(index, f.Index...)
		path = path[end:]
		for _, m := range members {
			if slices.Equal(m.Index, index) {
				return m, path, true
			}
		}
		if !f.Anonymous || path == "" || path[0] != '.' {
			return jsonx.Member{}, "", false
		}
		path = path[1:]
		if t = f.Type; t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return jsonx.Member{}, "", false
		}
	}
}

// cutKey cuts a key off at the first bracket that can end it: keys are the client's
// and may hold brackets.
func cutKey(path string) (key, rest string) {
	for i := range len(path) {
		if path[i] == ']' && (i+1 == len(path) || path[i+1] == '.' || path[i+1] == '[') {
			return path[:i], path[i+1:]
		}
	}
	return path, ""
}
