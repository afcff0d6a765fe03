package fiberadapter

import "github.com/apiroutes/apiroutes/internal/wire"

var _ wire.Origin = (*exchange)(nil)

// Origin is for observers of the API.
func (x *exchange) Origin() (host, version string, secure bool) {
	version = "1.1"
	if string(x.ctx.Request.Header.Protocol()) == "HTTP/1.0" {
		version = "1.0"
	}
	return x.copy(x.ctx.Request.Header.Host()), version, x.ctx.IsTLS()
}
