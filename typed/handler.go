package typed

import (
	"context"
	"reflect"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/respond"
)

// HandlerOf answers one endpoint. It sees a request that is bound and valid, and
// returns an Answer that out made. Out is a [Response], or an outcome set: a struct with
// one exported [Reply], [Empty] or [Redirect] for each way the endpoint may answer.
//
// ctx ends when the client goes away or the endpoint's time is over. An error is
// answered instead of the Answer: a [respond.Problem] in its tree as it is,
// anything else as a 500 that does not show it.
type HandlerOf[Req, Out any] func(ctx context.Context, in Req, out *Out) (Answer, error)

// request is one request of an endpoint: its context, what the handler takes and what it
// answers with, in one allocation. A handler may keep all of it, so it is never reused.
// Its methods, and [HandlerOf.open], are all the code that is compiled for each pair of
// types; whatever else an endpoint is made of was read by reflection, once.
//
// The base is a field: embedded, it would have its methods compiled for each pair as well.
type request[Req, Out any] struct {
	base base
	in   Req
	out  Out
}

// caller is a request whose types are forgotten.
type caller interface {
	call() (Answer, error)
}

func (r *request[Req, Out]) call() (Answer, error) {
	return r.base.endpoint.handler.(HandlerOf[Req, Out])(&r.base, r.in, &r.out)
}

// signedRequest is a request that knows who is asking, in one allocation as well.
type signedRequest[Req, Out any] struct {
	request[Req, Out]
	signed signed
}

// open makes a new request: its base, pointers to what the handler takes and gives, and
// what calls it. prototype is an *Out that is bound to the endpoint's plan; signs is for
// endpoints with an auth field.
func (h HandlerOf[Req, Out]) open(prototype any, signs bool) (b *base, in, out any, c caller) {
	var r *request[Req, Out]
	if signs {
		s := new(signedRequest[Req, Out])
		r = &s.request
		r.base.carried = &s.signed
	} else {
		r = new(request[Req, Out])
	}
	r.out = *prototype.(*Out)
	return &r.base, &r.in, &r.out, r
}

// Handler answers with payloads of one type. Compilers print it as the
// HandlerOf[Req, respond.Response[Resp]] that it stands for.
type Handler[Req, Resp any] = HandlerOf[Req, Response[Resp]]

// Response is [respond.Response], the way out of a [Handler].
type Response[Resp any] = respond.Response[Resp]

// Answer is [respond.Answer], what a handler returns.
type Answer = respond.Answer

// Reply is [respond.Reply], an outcome with a payload.
type Reply[T any] = respond.Reply[T]

// Empty is [respond.Empty], an outcome without a payload.
type Empty = respond.Empty

// Redirect is [respond.Redirect], an outcome that sends the client elsewhere.
type Redirect = respond.Redirect

// None is the request that takes nothing, and the payload that says nothing: no body, 204 by default.
type None struct{}

// Func makes a handler of a plain function: its result is answered as JSON with the
// endpoint's default status (HTML and streams as what they are, None as no content).
func Func[Req, Resp any](f func(context.Context, Req) (Resp, error)) Handler[Req, Resp] {
	send := sendsPlain(reflect.TypeFor[Resp]())
	return func(ctx context.Context, in Req, res *Response[Resp]) (Answer, error) {
		body, err := f(ctx, in)
		if err != nil {
			return Answer{}, err
		}
		if send {
			return res.Send(body)
		}
		return res.JSON(body)
	}
}

// sendsPlain reports whether a Func's result is not for JSON.
func sendsPlain(t reflect.Type) bool {
	form := hook.Form(t)
	return form == answer.FormHTML || form == answer.FormStream
}

// Fail answers with an error; it reads better than a bare return where a handler has both.
func Fail(err error) (Answer, error) { return Answer{}, err }
