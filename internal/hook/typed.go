package hook

import "github.com/apiroutes/apiroutes/internal/wire"

// What package typed lets adapters and documents reach.
var (
	// ServeExchange answers one request of a carrier other than net/http with api, a *typed.API.
	ServeExchange func(api any, ex wire.Exchange)

	// Binding says where each field of a request comes from: a *bind.Plan, of operation, a
	// *typed.Operation.
	Binding func(operation any) any
)
