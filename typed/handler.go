package typed

import (
	"context"
	"reflect"
	"runtime"
	"strings"

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

// Content is [respond.Content], a payload with ranges, conditional requests and a file name.
type Content = respond.Content

// None is the request that takes nothing, and the payload that says nothing: no body, 204 by default.
type None struct{}

// Func makes a handler of a plain function: its result is answered as JSON with the
// endpoint's default status (HTML, streams, [Content], [Events] and [Lines] as what
// they are, None as no content), also a string and a []byte. That is what the document then has.
//
//go:noinline
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
	return form == answer.FormHTML || form >= answer.FormStream
}

// isFunc reports whether a handler is one that Func made. Its code has a name that no other
// function has, as long as Func is not inlined. A handler around one is not found: of a
// string the document then has text as well.
func isFunc(h opener) bool {
	f := runtime.FuncForPC(reflect.ValueOf(h).Pointer())
	if f == nil {
		return false
	}
	name, here := strings.CutPrefix(f.Name(), reflect.TypeFor[None]().PkgPath())
	return here && strings.HasPrefix(name, ".Func[")
}

// Fail answers with an error; it reads better than a bare return where a handler has both.
func Fail(err error) (Answer, error) { return Answer{}, err }
