package respond

import (
	"net/http"
	"reflect"

	"github.com/apiroutes/apiroutes/internal/answer"
)

// Answer is what a handler returns: a value that says how to answer, made by the
// terminal methods of [Response], [Reply], [Empty] and [Redirect] and written by
// the pipeline after the handler has returned.
//
// An Answer carries its own status, header and payload: what is called on the
// Response after it was made does not change it. The zero Answer answers nothing
// and is refused with a 500. An Answer is valid for the request whose Response or
// outcome set made it.
type Answer answer.Answer

// internal is a as the pipeline sees it.
func (a *Answer) internal() *answer.Answer { return (*answer.Answer)(a) }

// IsZero reports whether a is the zero Answer.
func (a Answer) IsZero() bool { return a.internal().IsZero() }

// Status is the status code that a asks for; 0 for the zero Answer.
func (a Answer) Status() int { return a.internal().Status() }

// Header returns a copy of the header fields that the handler asked for, cookies
// included. What the writer adds by itself (Content-Type, Content-Length, ETag) is not there yet.
func (a Answer) Header() http.Header { return a.internal().Head().Header() }

// Payload returns the payload that was given to JSON or Send; nil when there is none.
func (a Answer) Payload() any {
	p := a.internal().Payload()
	if p == nil {
		return nil
	}
	return reflect.ValueOf(p).Elem().Interface()
}

// CacheTags returns the tags that the handler gave to [Response.Tag].
func (a Answer) CacheTags() []string { return a.internal().Head().Tags() }

// Storable is false after [Response.NoStore].
func (a Answer) Storable() bool { return !a.internal().Head().NoStore() }

// Outcome is one declared way in which an endpoint answers, as typed.Operation lists it.
type Outcome struct {
	Status  int          // 200 to 599
	Name    string       // the field of the outcome set; "" for a Response
	Doc     string       // its doc tag
	Example string       // its example tag, of the payload
	Payload reflect.Type // nil: no content
	Type    string       // the media type that Send declares, as it is written; "": that of the payload
	JSON    bool         // it is always JSON, also of a payload that Send sends as text or bytes: typed.Func
	Headers []string     // the header fields of its headers tag
}
