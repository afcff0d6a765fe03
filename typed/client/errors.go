package client

import (
	"fmt"
	"net/http"
	"reflect"
)

// UnexpectedAnswer is an answer that the endpoint does not declare, or that is not what it
// says: another status or media type, content that does not fit the type, is not whole or
// is too large. It is found by errors.As, and is not changed once it was returned.
type UnexpectedAnswer struct {
	Endpoint string      // "GET /users/{id}"
	Status   int         // as it was received
	Type     string      // the Content-Type as it was received; "": none
	Header   http.Header // as it was received
	Body     []byte      // the first KiB of the content

	fault string
	cause error
}

// Error says what is wrong with the answer, and nothing of its content.
func (e *UnexpectedAnswer) Error() string {
	what := fmt.Sprintf("client: %s: answered %d", e.Endpoint, e.Status)
	if e.Type != "" {
		what += fmt.Sprintf(" with %q", e.Type)
	}
	return what + ", " + e.fault
}

// Unwrap is the error of reading the answer, such as io.ErrUnexpectedEOF; nil for other faults.
func (e *UnexpectedAnswer) Unwrap() error { return e.cause }

// shownBody is how much of the content an UnexpectedAnswer has.
const shownBody = 1 << 10

// Failure is an error of an API that has a form of errors, typed.Errors[E]: what it
// answered in the place of a problem. It is found by errors.As as a *Failure[E] of the E of
// Options.Errors, or of the API of [Local].
type Failure[E any] struct {
	Endpoint string      // "GET /users/{id}"
	Status   int         // 400 to 599
	Header   http.Header // as it was received
	Body     E
}

// Error names the endpoint and the status, and nothing of the content.
func (f *Failure[E]) Error() string { return failureText(f.Endpoint, f.Status) }

func failureText(endpoint string, status int) string {
	return fmt.Sprintf("client: %s: answered %d with an error: see client.Failure", endpoint, status)
}

// fill is called with f zero. It is not ok where body is no *E.
func (f *Failure[E]) fill(from *failure) bool {
	body, ok := from.body.(*E)
	if ok {
		*f = Failure[E]{from.endpoint, from.status, from.header, *body}
	}
	return ok
}

// failure is a Failure whose E is only known to the one who looks for it.
type failure struct {
	endpoint string
	status   int
	header   http.Header
	body     any // *E
}

func (f *failure) Error() string { return failureText(f.endpoint, f.status) }

// As makes a *Failure[E] for errors.As.
func (f *failure) As(target any) bool {
	dst := reflect.ValueOf(target).Elem()
	if dst.Kind() != reflect.Pointer {
		return false
	}
	made := reflect.New(dst.Type().Elem())
	filled, ok := made.Interface().(interface{ fill(*failure) bool })
	if !ok || !filled.fill(f) {
		return false
	}
	dst.Set(made)
	return true
}
