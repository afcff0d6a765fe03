package typed

import (
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/wire"
)

func init() {
	hook.ServeExchange = func(api any, ex wire.Exchange) { api.(*API).serveExchange(ex) }
	hook.Binding = func(operation any) any { return operation.(*Operation).binding }
	hook.Documents = func(api any) *any { return &api.(*API).documents }
	hook.KnowsBasePath = func(api any) bool { return api.(*API).knowsBasePath() }
}
