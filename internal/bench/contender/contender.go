// Package contender is one way of serving the workloads.
//
// Each package below it serves the routes of package work the way its own
// documentation shows, with the defaults that it ships; what that leaves unequal
// the probes measure and the report says.
package contender

import (
	"net"
	"net/http"

	"github.com/valyala/fasthttp"
)

// Contender serves the workloads.
type Contender struct {
	// Name is what the tables print.
	Name string
	// Module is the module path whose version the report prints; empty for the standard library.
	Module string
	// Handler serves over net/http; nil where Fast serves.
	Handler http.Handler
	// Fast serves over fasthttp, without a network: a prepared RequestCtx goes in.
	Fast fasthttp.RequestHandler
	// Listen serves connections until the listener closes.
	Listen func(net.Listener) error
}

// NetHTTP is a contender behind http.Server.
func NetHTTP(name, module string, h http.Handler) Contender {
	return Contender{Name: name, Module: module, Handler: h, Listen: func(l net.Listener) error {
		return (&http.Server{Handler: h}).Serve(l)
	}}
}
