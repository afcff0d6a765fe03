// Package contender is one way of serving the workloads.
//
// Each package below it serves the routes of package work the way its own
// documentation shows, with the defaults that it ships; what that leaves unequal
// the probes measure and the report says.
package contender

import (
	"net"
	"net/http"

	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// Contender serves the workloads.
type Contender struct {
	// Name is what the tables print.
	Name string
	// Module is the module path whose version the report prints; empty for the standard library.
	Module string
	// Handler serves over net/http; nil where Prepare serves.
	Handler http.Handler
	// Prepare makes a request for a server that is not built on net/http, without a network.
	Prepare func(work.Work) Call
	// Listen serves connections until the listener closes.
	Listen func(net.Listener) error
	// Own says how the contender does a workload that its protocol has another form for;
	// nil where it does all of them as they are asked.
	Own func(work.Work) Own
}

// Own is a contender's own form of a workload.
type Own struct {
	Work work.Work // what is sent, and what has to come back
	Note string    // the footnote that says what differs; empty where nothing does
}

// Ask returns the workload in the form that c does it in.
func (c Contender) Ask(w work.Work) Own {
	if c.Own == nil {
		return Own{Work: w}
	}
	return c.Own(w)
}

// Call is one prepared request that can be made again and again.
type Call struct {
	Do     func()        // makes the request
	Answer func() Answer // what the last Do brought
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// NetHTTP is a contender behind http.Server.
func NetHTTP(name, module string, h http.Handler) Contender {
	return Contender{Name: name, Module: module, Handler: h, Listen: func(l net.Listener) error {
		return (&http.Server{Handler: h}).Serve(l)
	}}
}
