// Package stream is the wire format of streams whose items are typed: events
// (text/event-stream; WHATWG HTML, 9.2) and lines of JSON. It writes and reads both; what
// an item is, its users know.
package stream

import (
	"sync"
	"time"
)

// Sink takes the items of a stream, one at a time.
type Sink interface {
	// A Sink is locked while an item is stored where Take finds it, and while it is taken.
	sync.Locker

	// Take takes one item: data is a pointer to it, h is what an event has beside its data
	// (nil for a line), both only read during the call. An err ends the stream in place
	// of an item. It reports whether another one is wanted. The Sink is locked.
	Take(h *Head, data any, err error) (more bool)
}

// Head is what an event has beside its data.
type Head struct {
	ID   string
	Name string // "": a message
	// Retry is how long a client waits before it connects again; 0: nothing is said.
	Retry time.Duration
}
