package hook

import (
	"context"
	"net/http"
	"reflect"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/stream"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// What package typed lets adapters and documents reach.
var (
	// ServeExchange answers one request of a carrier other than net/http with api, a *typed.API.
	ServeExchange func(api any, ex wire.Exchange)

	// Items says how a payload type is sent that is sent item by item, and the type of an
	// item: the data of an event. The form of any other type is FormJSON. It is nil in a
	// program without package typed.
	Items func(t reflect.Type) (form answer.Form, item reflect.Type)

	// Pour gives each item of payload, a pointer to a typed.Events or typed.Lines, to sink.
	Pour func(payload any, sink stream.Sink)

	// Fill makes the items of a typed.Events or typed.Lines, to which items points, those
	// that next reads, until its error, which is io.EOF at the end. next gets a pointer to
	// a zero item, and to what an event has beside it.
	Fill func(items any, next func(h *stream.Head, item any) error)

	// HeartbeatEvent is the name of the event that operation, a *typed.Operation, sends as
	// a heartbeat; "": none.
	HeartbeatEvent func(operation any) string

	// Binding says where each field of a request comes from: a *bind.Plan, of operation, a
	// *typed.Operation.
	Binding func(operation any) any

	// SecuritySchemes are the schemes of api, a *typed.API, as the document describes them:
	// an openapi.Map[*openapi.SecurityScheme]. nil: no API has any.
	SecuritySchemes func(api any) any

	// Documents is a place in api, a *typed.API, where package docs keeps what it was
	// mounted with. One goroutine at a time may use it.
	Documents func(api any) *any

	// KnowsBasePath reports whether the base path of api, a *typed.API, can no longer change:
	// a router may tell the prefix of its group with the first request.
	KnowsBasePath func(api any) bool

	// Errors says what api, a *typed.API, answers problems with: payload is nil where that is
	// the problem itself, and invalid is "" where OnInvalid has no media type.
	Errors func(api any) (mediaType string, payload reflect.Type, invalid string)

	// FormerOf is the *typed.API whose form of errors the problems served below a context
	// have; nil: none. The function is nil in a program without package typed.
	FormerOf func(ctx context.Context) any

	// NoteProblem tells who observes the request that ctx is of that it was answered with p, a
	// *respond.Problem. The function is nil in a program without package typed.
	NoteProblem func(ctx context.Context, p error)

	// ServeProblem answers with p, a *respond.Problem, as api, a *typed.API, does.
	ServeProblem func(api any, ex wire.Exchange, p error)

	// AddCheck has api.Check, of a *typed.API, call check as well.
	AddCheck func(api any, check func() error)

	// Operation is what api, a *typed.API, made of endpoint, a *typed.Endpoint of any types: a
	// *typed.Operation. nil: api does not handle it.
	Operation func(api, endpoint any) any

	// Routed is the *typed.Operation that answers a method and an escaped path, the base path
	// of api, a *typed.API, included. nil: none does.
	Routed func(api any, method, path string) any

	// Admits reports whether the client that sends r may call operation, a *typed.Operation of
	// api, a *typed.API: what its auth field asks of a client, scopes included. It calls the
	// verify function of a scheme; an error of that is a no.
	Admits func(api, operation any, r *http.Request) bool

	// Plain is api, a *typed.API, as a typed.Router whose endpoints do not have the options
	// that those of the program have.
	Plain func(api any) any
)
