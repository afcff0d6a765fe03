package fiberadapter

import (
	"net/http"
	"net/textproto"
	"strings"

	"github.com/gofiber/fiber/v3"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// HTTPRequest makes the request as net/http has it. Its body is the one that the
// endpoint reads. When the request has ended it has only a method and a URL.
func (x *exchange) HTTPRequest() *http.Request {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.request != nil {
		return x.request
	}
	r := wire.NewRequest(&x.life, x.method, x.path, x.query, http.Header{})
	if ctx := x.ctx; ctx != nil {
		r.RequestURI = string(ctx.RequestURI())
		if string(ctx.Request.Header.Protocol()) == "HTTP/1.0" {
			r.Proto, r.ProtoMinor = "HTTP/1.0", 0
		}
		for key, value := range ctx.Request.Header.All() {
			name := textproto.CanonicalMIMEHeaderKey(string(key))
			switch name {
			case fiber.HeaderHost, fiber.HeaderTrailer:
			case fiber.HeaderTransferEncoding:
				r.TransferEncoding = append(r.TransferEncoding, strings.ToLower(string(value)))
			default:
				r.Header[name] = append(r.Header[name], string(value))
			}
		}
		for trailer := range ctx.Request.Header.Trailers() {
			name := textproto.CanonicalMIMEHeaderKey(string(trailer))
			delete(r.Header, name)
			for _, line := range section(&ctx.Request.Header, name) {
				r.Header[name] = append(r.Header[name], string(line))
			}
		}
		r.Host = string(ctx.Request.Header.Host())
		r.RemoteAddr = ctx.RemoteAddr().String()
		r.TLS = ctx.TLSConnectionState()
		r.ContentLength = int64(max(ctx.Request.Header.ContentLength(), 0))
		if len(r.TransferEncoding) > 0 {
			r.ContentLength = -1
		}
		if r.ContentLength != 0 {
			r.Body = (*body)(x)
		}
	}
	x.request = r
	return x.request
}
