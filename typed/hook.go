package typed

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"runtime/debug"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

func init() {
	hook.ServeExchange = func(api any, ex wire.Exchange) { api.(*API).serveExchange(ex) }
	hook.SecuritySchemes = func(api any) any {
		var schemes openapi.Map[*openapi.SecurityScheme]
		for _, s := range api.(*API).schemes {
			schemes.Set(s.name, s.describe())
		}
		return schemes
	}
	hook.Errors = func(api any) (mediaType string, payload reflect.Type, invalid string) { //nolint:reassign // no error, but a function that its owner sets
		a := api.(*API)
		if a.errors != nil {
			mediaType, payload = a.errors.mediaType, a.errors.payload
		}
		return mediaType, payload, a.onInvalidType
	}
	hook.FormerOf = func(ctx context.Context) any {
		if a := formerOf(ctx); a != nil {
			return a
		}
		return nil
	}
	hook.NoteProblem = func(ctx context.Context, p error) {
		if o, ok := ctx.Value(observationKey{}).(*Observation); ok {
			o.noteProblem(p.(*respond.Problem))
		}
	}
	hook.ServeProblem = func(api any, ex wire.Exchange, p error) {
		api.(*API).writeProblem(ex.Context(), ex, nil, p.(*respond.Problem), nil)
	}
	hook.AddCheck = func(api any, check func() error) {
		a := api.(*API)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.checks = append(a.checks, check)
	}
	hook.Operation = func(api, endpoint any) any { return found(api.(*API).handled(endpoint)) }
	hook.Routed = func(api any, method, path string) any {
		e, _, _ := api.(*API).find(method, path, nil)
		return found(e)
	}
	hook.Admits = func(api, operation any, r *http.Request) bool {
		for _, e := range api.(*API).endpoints {
			if &e.operation == operation.(*Operation) {
				return e.admits(r)
			}
		}
		return false
	}
	hook.Plain = func(api any) any { return &Group{api: api.(*API)} }
	hook.Binding = func(operation any) any { return operation.(*Operation).binding }
	hook.Documents = func(api any) *any { return &api.(*API).documents }
	hook.KnowsBasePath = func(api any) bool { return api.(*API).knowsBasePath() }
}

// found is the operation of an endpoint, for a hook; nil of none.
func found(e *endpoint) any {
	if e == nil {
		return nil
	}
	return &e.operation
}

// handled is what the API made of a *Endpoint; nil: it does not handle it.
func (a *API) handled(declared any) *endpoint {
	v := reflect.ValueOf(declared)
	if t := reflect.TypeFor[*declaration](); v.IsValid() && v.CanConvert(t) {
		d := v.Convert(t).Interface().(*declaration)
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, e := range a.endpoints {
			if e.declared == d {
				return e
			}
		}
	}
	return nil
}

// admits reports whether the client that sends r may call the endpoint. What is no fault of
// the client is reported.
func (e *endpoint) admits(r *http.Request) (admitted bool) {
	if e.signIn == nil {
		return true
	}
	defer func() {
		if v := recover(); v != nil {
			e.api.onError(r.Context(), &PanicError{Value: v, Stack: debug.Stack()})
		}
	}()
	id := &identity{Context: r.Context(), endpoint: e, request: r}
	_, failure, err := id.ask()
	if p, ok := errors.AsType[*respond.Problem](err); err != nil && (!ok || p.Status >= http.StatusInternalServerError) {
		e.api.onError(r.Context(), err)
	}
	return err == nil && failure.status == 0
}
