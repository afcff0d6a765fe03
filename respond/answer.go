package respond

import (
	"net/http"
	"reflect"
)

// Answer is what a handler returns: a value that says how to answer, made by the
// terminal methods of [Response], [Reply], [Empty] and [Redirect] and written by
// the pipeline after the handler has returned.
//
// An Answer carries its own status, header and payload: what is called on the
// Response after it was made does not change it. The zero Answer answers nothing
// and is refused with a 500. An Answer is valid for the request whose Response or
// outcome set made it.
type Answer struct {
	from  *outlet
	state *state // what had been said there
	body  any    // *T of the payload; nil when there is none
	kind  kind
}

type kind uint8

const (
	kindNone kind = iota // the zero Answer
	kindJSON
	kindSend
	kindEnd
	kindRedirect
)

func (k kind) String() string {
	return [...]string{"no answer", "JSON", "Send", "End", "Redirect"}[k]
}

// IsZero reports whether a is the zero Answer.
func (a Answer) IsZero() bool { return a.kind == kindNone }

// Status is the status code that a asks for; 0 for the zero Answer.
func (a Answer) Status() int {
	switch status := a.state.draft().status; {
	case a.kind == kindNone:
		return 0
	case status != 0:
		return int(status)
	case a.state.plan() != nil:
		return int(a.state.binding.status)
	case a.kind == kindEnd && a.body == nil:
		return http.StatusNoContent
	default:
		return http.StatusOK
	}
}

// Header returns a copy of the header fields that the handler asked for, cookies
// included. What the writer adds by itself (Content-Type, Content-Length, ETag) is not there yet.
func (a Answer) Header() http.Header {
	h := make(http.Header)
	for _, f := range a.header() {
		f.apply(h)
	}
	return h
}

// Payload returns the payload that was given to JSON or Send; nil when there is none.
func (a Answer) Payload() any {
	if a.body == nil {
		return nil
	}
	return reflect.ValueOf(a.body).Elem().Interface()
}

// CacheTags returns the tags that the handler gave to [Response.Tag].
func (a Answer) CacheTags() []string { return a.state.draft().extras.get().tags }

// Storable is false after [Response.NoStore].
func (a Answer) Storable() bool { return !a.state.draft().noStore }

func (a Answer) header() []field { return a.state.draft().extras.get().header }
