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

// Whole is a Request of a server that reads the content before its handler runs.
type Whole interface {
	// Content returns the content in place of Body, which is then at its end. It is
	// valid until the answer is sent, and not to be modified. It is not ok if
	// there is only the Body.
	Content() (content []byte, ok bool)
}

// Refuser is an Exchange of a server that can be told that nobody is going to read the
// rest of the content: it then closes the connection in such a way that a client
// that still sends gets the answer before it is reset.
type Refuser interface {
	RefuseContent()
}

// RefuseContent tells the server of ex, if it can be told.
func RefuseContent(ex Exchange) {
	if r, ok := ex.(Refuser); ok {
		r.RefuseContent()
	}
}

// Content returns the content of a request that is in memory already.
func Content(req Request) (content []byte, ok bool) {
	if w, is := req.(Whole); is {
		return w.Content()
	}
	return nil, false
}
