package typed

import (
	"context"

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

// open makes what the handler gets for one request. It and [frame.call] are all the code that is
// compiled for each pair of types: whatever else an endpoint is made of was read by
// reflection, once. Methods need no closures, whose types the compiler would spell
// out with every field of Req and Out.
func (h HandlerOf[Req, Out]) open() (*record, caller) {
	f := new(frame[Req, Out])
	return &f.record, f
}

// frame is what a handler gets for one request, in one allocation.
type frame[Req, Out any] struct {
	record record
	in     Req
	out    Out
}

// call admits the request, calls the handler and concludes with what it came to.
func (f *frame[Req, Out]) call(c *call) {
	r := &f.record
	from := r.endpoint.plan.Bind(&f.out)
	if err := r.admit(c, &f.in); err != nil {
		r.conclude(c, &Answer{}, from, err)
		return
	}
	a, err := r.endpoint.handler.(HandlerOf[Req, Out])(r, f.in, &f.out)
	r.conclude(c, &a, from, err)
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
	send := sendsPlain[Resp]()
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

// Fail answers with an error; it reads better than a bare return where a handler has both.
func Fail(err error) (Answer, error) { return Answer{}, err }
