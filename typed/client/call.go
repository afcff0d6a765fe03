package client

import (
	"context"
	"fmt"
	"net/http"
	"reflect"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/typed"
)

// Call calls an endpoint that answers with a Response[T], and returns the T. Where the
// endpoint declares several statuses, [Do] tells which one it was.
//
// A T that is an io.Reader or io.ReadCloser is the content as it comes: the caller reads it
// and closes it, by the io.Closer that it is. The Body of a typed.Content is the same; it is
// read once, and Seek only tells how far. typed.Events and typed.Lines are looped over, once:
// leaving the loop closes the connection, and what is wrong with an item or the connection
// ends it with an error. Each item may have Options.MaxAnswer bytes. [Follow] connects again.
//
// A body of typed.Lines is sent while its loop runs, on a goroutine of its own; an error that
// it yields ends the request. An answer without content, a 204 or a
// redirect, is an error unless T is typed.None.
//
// Errors: a problem is a *respond.Problem for errors.As, or a [*Failure] where the API has
// a form of errors; an answer that the endpoint does not declare is an [*UnexpectedAnswer];
// what no request can say is an error that names the field, before anything is sent; others
// are those of the transport. All of them name the endpoint.
func Call[Req, T any](ctx context.Context, c *Client, e *typed.Endpoint[Req, typed.Response[T]], in Req) (T, error) {
	var none T
	both := &struct { // both are referred to: in one allocation
		in      Req
		payload T
	}{in: in}
	p, err := planOf(e, reflect.TypeFor[Req](), reflect.TypeFor[typed.Response[T]]())
	if err == nil {
		var got *incoming
		if got, err = c.call(ctx, p, &both.in, receiver{payload: &both.payload}); err == nil {
			got.recycle()
		}
	}
	if err != nil {
		return none, err
	}
	return both.payload, nil
}

// Do calls an endpoint of any kind, and returns what it answered: exactly one outcome of
// Out says that it is the one. Errors are those of [Call]; an outcome that the endpoint
// declares is none, whatever its status.
//
// A 304 (Not Modified) is an answer without an outcome where the request had If-None-Match
// or If-Modified-Since.
func Do[Req, Out any](ctx context.Context, c *Client, e *typed.Endpoint[Req, Out], in Req) (*Answer[Out], error) {
	p, err := planOf(e, reflect.TypeFor[Req](), reflect.TypeFor[Out]())
	if err != nil {
		return nil, err
	}
	a := new(Answer[Out])
	got, err := c.call(ctx, p, &in, receiver{out: &a.Out})
	if err != nil {
		return nil, err
	}
	a.Status, a.Header = got.status, got.header
	return a, nil
}

// Answer is what an endpoint answered. It must not be copied.
type Answer[Out any] struct {
	Status int
	Header http.Header // as it was received
	Out    Out         // the Response or outcome set; it is read with Payload, Answered and Target
}

// receiver is where the payload of an answer goes.
type receiver struct {
	payload any // of Call, a *T
	out     any // of Do, an *Out
}

// planOf is the plan of an endpoint, or what is wrong with its declaration.
func planOf(endpoint any, in, out reflect.Type) (*plan, error) {
	p, _ := hook.Compiled(endpoint, in, out, compile).(*plan)
	if p == nil {
		return nil, fmt.Errorf("client: the endpoint is nil")
	}
	return p, p.err
}

// call sends the request that in, a *Req, makes, and gives the answer to r.
func (c *Client) call(ctx context.Context, p *plan, in any, r receiver) (*incoming, error) {
	req, err := c.request(ctx, p, in)
	if err != nil {
		return nil, p.wrap(err)
	}
	got, err := c.send(p, req)
	if err != nil {
		return nil, p.wrap(err)
	}
	if err := c.receive(p, req, got, r); err != nil {
		return nil, err
	}
	return got, nil
}
