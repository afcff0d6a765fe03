package typed

import (
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/wire"
)

func init() {
	hook.ServeExchange = func(api any, ex wire.Exchange) { api.(*API).serveExchange(ex) }
	hook.Binding = func(operation any) any { return operation.(*Operation).binding }
}
