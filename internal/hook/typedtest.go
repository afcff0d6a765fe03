package hook

import "net/http"

// Listener hears what becomes of a request whose context has it under a [ListenerKey]. It
// is for package typedtest, and may be called on several goroutines.
type Listener struct {
	Refused  func(problem error) // with a *respond.Problem, before the handler was called, or of a line that it returned
	Reported func(err error)     // as OnError is
}

// ListenerKey is the key of a *Listener in the context of a request.
type ListenerKey struct{}

// Around is a copy of c, a *client.Client of a local API, whose requests go to what wrap
// makes of the API. Package client sets it.
var Around func(c any, wrap func(http.Handler) http.Handler) any
