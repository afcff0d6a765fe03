package respond

import (
	"net/http"

	"github.com/apiroutes/apiroutes/internal/answer"
)

// An outcome set is a struct with one exported field for each way an endpoint may
// answer: [Reply], [Empty] or [Redirect], with a tag `status:"404"` and, for the document,
// `doc:"..."`. A handler gets its own copy for every request.

// Reply is an outcome with a payload. The zero Reply works in plain code; an
// endpoint accepts answers of its own outcome set only. It must not be copied.
type Reply[T any] struct {
	_       [0]T // reflection learns from it what T is, without a method per T
	_       noCopy
	builder answer.Builder
}

// JSON answers with body as JSON.
func (r *Reply[T]) JSON(body T, opts ...Option) (Answer, error) {
	return outcome(&r.builder, answer.JSON, &body, opts), nil
}

// Send answers with body by its type, as [Response.Send] does.
func (r *Reply[T]) Send(body T, opts ...Option) (Answer, error) {
	return outcome(&r.builder, answer.Send, &body, opts), nil
}

// Payload is what a client has received: ok is true in the one outcome of a
// client.Answer that the server answered with. On the server it is never ok; what a handler
// answers is in the [Answer].
func (r *Reply[T]) Payload() (payload T, ok bool) { return received[T](&r.builder) }

// Empty is an outcome without a payload.
type Empty struct {
	_       noCopy
	builder answer.Builder
}

// End answers with the outcome's status and no body.
func (e *Empty) End(opts ...Option) (Answer, error) {
	return outcome(&e.builder, answer.End, nil, opts), nil
}

// Answered reports whether this is the outcome that a client has received, as
// [Reply.Payload] does.
func (e *Empty) Answered() bool { return e.builder.Received() != nil }

// Redirect is an outcome that sends the client elsewhere; its status is 301, 302, 303, 307 or 308.
type Redirect struct {
	_       noCopy
	builder answer.Builder
}

// To redirects to a target on the same origin, by the rules of [Response.Redirect].
func (r *Redirect) To(target string, opts ...Option) (Answer, error) {
	return redirect(&r.builder, head(opts), target, sameOrigin)
}

// Target is the Location that a client has received, as it was sent, where this is the
// outcome that the server answered with; see [Reply.Payload]. It is not followed.
func (r *Redirect) Target() (target string, ok bool) { return received[string](&r.builder) }

// Option adds to the head of one answer of an outcome set.
type Option interface{ apply(*answer.Head) }

// SetHeader is [Response.Header] for outcome sets.
func SetHeader(name, value string) Option { return headerOption{name, value} }

// SetCookie is [Response.Cookie] for outcome sets.
func SetCookie(c *http.Cookie) Option { return cookieOption{c} }

type headerOption struct{ name, value string }

func (o headerOption) apply(h *answer.Head) { h.SetHeader(o.name, o.value) }

type cookieOption struct{ cookie *http.Cookie }

func (o cookieOption) apply(h *answer.Head) { h.SetCookie(o.cookie) }

func outcome(from *answer.Builder, kind answer.Kind, payload any, opts []Option) Answer {
	return Answer(answer.New(kind, from, head(opts), payload))
}

func head(opts []Option) answer.Head {
	var h answer.Head
	for _, o := range opts {
		if o != nil {
			o.apply(&h)
		}
	}
	return h
}
