package typed

import (
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/wire"
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
