package wire

import "net/http"

// Detacher is an Exchange of a server that sends an answer only after the server's
// handler has returned. There an answer that is made bit by bit needs a
// goroutine of its own.
type Detacher interface {
	// Detach calls f on another goroutine. It returns when f has returned, or has
	// begun to Stream; f then goes on. A panic of f is passed on to the caller while it waits.
	Detach(f func())
}

// Bridge is an Exchange that is not net/http's and can run what is made for net/http.
type Bridge interface {
	// Bridge calls h with the Exchange's HTTPRequest and a writer for its answer, in
	// place of Send and Stream.
	Bridge(h http.Handler)
}
