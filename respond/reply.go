package respond

import "net/http"

// An outcome set is a struct with one exported field for each way an endpoint may
// answer: [Reply], [Empty] or [Redirect], with a tag `status:"404"` and, for the document,
// `doc:"..."`. A handler gets its own copy for every request.

// Reply is an outcome with a payload. The zero Reply works in plain code; an
// endpoint accepts answers of its own outcome set only. It must not be copied.
type Reply[T any] struct {
	_   [0]T // reflection learns from it what T is, without a method per T
	_   noCopy
	out outlet
}

// JSON answers with body as JSON.
func (r *Reply[T]) JSON(body T, opts ...Option) (Answer, error) {
	return answer(&r.out, kindJSON, &body, opts), nil
}

// Send answers with body by its type, as [Response.Send] does.
func (r *Reply[T]) Send(body T, opts ...Option) (Answer, error) {
	return answer(&r.out, kindSend, &body, opts), nil
}

// Empty is an outcome without a payload.
type Empty struct {
	_   noCopy
	out outlet
}

// End answers with the outcome's status and no body.
func (e *Empty) End(opts ...Option) (Answer, error) {
	return answer(&e.out, kindEnd, nil, opts), nil
}

// Redirect is an outcome that sends the client elsewhere; its status is 301, 302, 303, 307 or 308.
type Redirect struct {
	_   noCopy
	out outlet
}

// To redirects to a target on the same origin, by the rules of [Response.Redirect].
func (r *Redirect) To(target string, opts ...Option) (Answer, error) {
	d := apply(opts)
	if r.out.state.plan() != nil {
		d.setStatus(int(r.out.state.binding.status))
	}
	return redirect(&r.out, d, target, sameOrigin)
}

func (r *Reply[T]) source() (*outlet, role) { return &r.out, roleReply }
func (e *Empty) source() (*outlet, role)    { return &e.out, roleEmpty }
func (r *Redirect) source() (*outlet, role) { return &r.out, roleRedirect }

// Option adds to the head of one answer of an outcome set.
type Option interface{ apply(*draft) }

// SetHeader is [Response.Header] for outcome sets.
func SetHeader(name, value string) Option { return headerOption{name, value} }

// SetCookie is [Response.Cookie] for outcome sets.
func SetCookie(c *http.Cookie) Option { return cookieOption{c} }

type headerOption struct{ name, value string }

func (o headerOption) apply(d *draft) { d.setHeader(o.name, o.value) }

type cookieOption struct{ cookie *http.Cookie }

func (o cookieOption) apply(d *draft) { d.setCookie(o.cookie) }

func apply(opts []Option) draft {
	var d draft
	for _, o := range opts {
		if o != nil {
			o.apply(&d)
		}
	}
	return d
}

func answer(from *outlet, k kind, body any, opts []Option) Answer {
	return Answer{from: from, state: from.state.with(apply(opts)), body: body, kind: k}
}
