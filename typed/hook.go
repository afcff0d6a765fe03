package typed

import (
	"context"
	"reflect"

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
	hook.Errors = func(api any) (mediaType string, payload reflect.Type, invalid string) {
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
	hook.ServeProblem = func(api any, ex wire.Exchange, p error) {
		api.(*API).writeProblem(ex.Context(), ex, nil, p.(*respond.Problem), nil)
	}
	hook.AddCheck = func(api any, check func() error) {
		a := api.(*API)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.checks = append(a.checks, check)
	}
	hook.Plain = func(api any) any { return &Group{api: api.(*API)} }
	hook.Binding = func(operation any) any { return operation.(*Operation).binding }
	hook.Documents = func(api any) *any { return &api.(*API).documents }
	hook.KnowsBasePath = func(api any) bool { return api.(*API).knowsBasePath() }
}
