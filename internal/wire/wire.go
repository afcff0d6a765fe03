// Package wire is the seam between the pipeline and whatever carries HTTP: it
// names what the pipeline reads of a request and how it hands an answer over.
//
// [NetHTTP] is the first carrier. A router that is not built on net/http (fiber)
// brings its own; nothing else in the project knows which one is underneath.
package wire

import (
	"context"
	"io"
	"net/http"
)

// Request is what the pipeline reads of one HTTP request. Strings and slices that
// it returns stay valid, and are never modified, after the request has ended: a
// carrier whose server reuses its buffers copies first.
type Request interface {
	// Method is the request method as sent; methods are case-sensitive (RFC 9110, 9.1).
	Method() string
	// EscapedPath is the path of the request target, still percent-encoded.
	EscapedPath() string
	// RawQuery is what follows the first '?' of the target, still encoded.
	RawQuery() string
	// Header returns the field lines of a name given in canonical form, in the
	// order they came in; nil when there is none. Callers must not modify it.
	Header(name string) []string
	// Body reads the content; never nil.
	Body() io.Reader
	// ContentLength is the declared length of the content, or -1 when unknown.
	ContentLength() int64
	// Context ends when the client goes away (where the carrier can tell) or the server stops.
	Context() context.Context
	// HTTPRequest is the request as net/http has it, built on demand by other carriers.
	HTTPRequest() *http.Request
}

// Response takes one answer. Header methods come first, then exactly one call of
// Send, Stream or Begin.
type Response interface {
	// SetHeader replaces the field's lines. name is in canonical form; values is
	// kept, not copied, and may be shared between requests.
	SetHeader(name string, values []string)
	// SetContent describes the content: Content-Type, unless mediaType is nil, whose one
	// line is kept as by SetHeader, and Content-Length, unless length is negative.
	SetContent(mediaType []string, length int64)
	// AddHeader adds one line to those that the field has already.
	AddHeader(name, value string)
	// Written returns the lines that a field of the answer has so far, by whomever they were
	// set; nil when there is none. Callers must not modify them.
	Written(name string) []string
	// Send writes the head and the whole content. The error is the client's
	// connection failing.
	Send(status int, body []byte) error
	// Stream writes the head, then copies src until it ends, flushing as it goes. An
	// eager head does not wait for the first piece of src. It returns the first error
	// of either side.
	Stream(status int, src io.Reader, eager bool) error
	// Begin decides the head of an answer that is made piece by piece. Each Write to w is
	// sent before it returns, the first one with the head; an empty one sends the head
	// alone. An error is the client's connection failing. Begin and Write may be called
	// from any goroutine, by one at a time, until the server's handler returns. A
	// server's limit of time for writing is one for each Write, and its limit for reading
	// the request is over.
	Begin(status int) (w io.Writer)
	// Abort cuts the connection so that a half-written answer cannot pass for a
	// whole one. It may not return.
	Abort()
}

// Exchange is one request and the way to answer it.
type Exchange interface {
	Request
	Response
}

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

// Patient is a Request of a server with a deadline for reading all of it.
type Patient interface {
	// ReadExtender returns what moves the deadline on, to be called when some of the
	// content has come; nil if there is none. It may be called after the exchange is used
	// again.
	ReadExtender() func()
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

// RevalidatorKey is the context key under which a request finds its page cache.
type RevalidatorKey struct{}

// RequestKey is the context key under which a handler's context holds its [Request].
type RequestKey struct{}

// Revalidator is the page cache as respond sees it.
type Revalidator interface {
	Revalidate(ctx context.Context, paths ...string) error
}
