// Package answer writes what handlers answer. Package respond has the types that a
// handler sees; each is a [Builder] or an [Answer] of this package in an exported dress.
// The way of an answer is
//
//	Builder → Answer → (the endpoint's Plan) → Rendering → wire.Exchange
//
// An Answer says what to send, a [Plan] which answers an endpoint has declared, and a
// [Rendering] is an Answer as bytes, which it writes.
package answer

import (
	"fmt"
	"net/http"
	"net/textproto"
	"strconv"

	"github.com/apiroutes/apiroutes/internal/conditional"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// Kind is the method that made an Answer.
type Kind uint8

const (
	None Kind = iota // the zero Answer
	JSON
	Send
	End
	Redirect
)

// Answer is what one call of a terminal method says. What it refers to never changes, so
// that later calls on its Builder do not change it. A respond.Answer is one under another
// name, so that the pipeline can convert it and leave it on the stack.
//
// Four words in four fields are the most that the compiler keeps in registers. A larger
// Answer is copied in memory by each function that returns it, which made the row W1 of the
// performance guide a sixth slower.
type Answer struct {
	content any // a pointer to the payload, nil where there is none, or a *dressed
	from    *Builder
	status  int32 // 0: the default
	kind    Kind
}

// dressed is the content of an Answer that has more than a payload.
type dressed struct {
	payload any
	more    *more
}

// New is an Answer that was made by b. payload is a pointer, or nil.
func New(kind Kind, b *Builder, head Head, payload any) Answer {
	if head.more != nil {
		payload = &dressed{payload, head.more}
	}
	return Answer{content: payload, from: b, status: head.status, kind: kind}
}

// IsZero reports whether a is the zero Answer.
func (a *Answer) IsZero() bool { return a.kind == None }

// Payload is a pointer to the payload; nil where there is none.
func (a *Answer) Payload() any {
	if d, ok := a.content.(*dressed); ok {
		return d.payload
	}
	return a.content
}

// Head is what the answer has beside its payload.
func (a *Answer) Head() *Head {
	head := &Head{status: a.status}
	if d, ok := a.content.(*dressed); ok {
		head.more = d.more
	}
	return head
}

// Status is the status code that a asks for: its own, or the default of its endpoint,
// or of its kind where it belongs to no endpoint. It is 0 for the zero Answer.
func (a *Answer) Status() int {
	switch {
	case a.kind == None:
		return 0
	case a.status != 0:
		return int(a.status)
	case a.from.source != nil:
		return a.from.source.status
	case a.kind == End:
		return http.StatusNoContent
	default:
		return http.StatusOK
	}
}

// Builder is what a Response is made of, and each outcome of a set: what was called on
// it so far. Its address tells from which request an Answer comes, so it must not be
// copied once its request has begun. The zero Builder belongs to no endpoint.
type Builder struct {
	Head   Head
	source *source // nil: none of an endpoint
}

// First is an Answer whose payload the caller is going to store at room, unless an earlier
// one has its payload there: then it is not ok, and the payload has to be stored at another
// place. It is out of line for the generic code that calls it.
//
//go:noinline
func (b *Builder) First(kind Kind, room any) (a Answer, ok bool) {
	ok = !b.Head.kept
	b.Head.kept = true
	return New(kind, b, b.Head, room), ok
}

// Receive makes b part of an answer that a client has got: v is a pointer to the payload,
// a pointer to the target of a redirect, or [NoPayload].
func (b *Builder) Receive(v any) { b.Head.more = &more{received: v} }

// Received is what Receive was given; nil where b is of no answer that was received.
//
//go:noinline
func (b *Builder) Received() any {
	if b.Head.more == nil {
		return nil
	}
	return b.Head.more.received
}

// NoPayload is received of an outcome without content.
type NoPayload struct{}

// Redirect is an Answer that sends the client to a Location. Where head has no status, it
// is 307, or the default of an endpoint that is a redirect and does not declare 307.
func (b *Builder) Redirect(head Head, location string) Answer {
	if head.status == 0 {
		head.status = http.StatusTemporaryRedirect
		if s := b.source; s != nil && isRedirect(s.status) && (s.field >= 0 || !s.plan.declares(http.StatusTemporaryRedirect)) {
			head.status = int32(s.status)
		}
	}
	head.add(field{"Location", location})
	return New(Redirect, b, head, nil)
}

// Head is what an answer has beside its payload. It is copied by value: what it refers
// to is replaced, not changed.
type Head struct {
	more   *more // nil for most answers
	status int32 // 0: the default
	kept   bool  // not of the answer: the Response has an Answer whose payload it keeps
}

// more is what most answers do without.
type more struct {
	header   []field
	tags     []string
	noStore  bool
	err      error // the first thing wrong with a call
	received any   // see Builder.Receive
}

// field is one header field.
type field struct {
	name  string // canonical
	value string
}

// SetStatus sets the status code. One that is not HTTP's is refused when the answer is written.
func (h *Head) SetStatus(code int) {
	if code <= 0 || code > 999 {
		code = -1 // 0 is that nothing was set
	}
	h.status = int32(code)
}

// SetNoStore keeps the answer out of the page cache.
func (h *Head) SetNoStore() {
	m := h.copied()
	m.noStore = true
	h.more = m
}

// NoStore reports whether SetNoStore was called.
func (h *Head) NoStore() bool { return h.more != nil && h.more.noStore }

// AddTags adds cache tags.
func (h *Head) AddTags(tags []string) {
	m := h.copied()
	m.tags = append(m.tags[:len(m.tags):len(m.tags)], tags...)
	h.more = m
}

// Tags returns the cache tags. They must not be modified.
func (h *Head) Tags() []string {
	if h.more == nil {
		return nil
	}
	return h.more.tags
}

// SetHeader sets a header field, or adds a line to one of those that stand beside each
// other. It refuses what cannot stand in a header (RFC 9110, 5.1 and 5.5), so that an
// injected line break never gets out, and what is the server's to say.
func (h *Head) SetHeader(name, value string) {
	if !syntax.IsToken(name) {
		h.refuse(fmt.Errorf("respond: %q is not a header field name: use letters, digits and hyphens", name))
		return
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			h.refuse(fmt.Errorf("respond: the value of header field %s holds a control byte: remove it", name))
			return
		}
	}
	f := field{textproto.CanonicalMIMEHeaderKey(name), syntax.Trim(value)}
	if err := f.check(); err != nil {
		h.refuse(err)
		return
	}
	h.add(f)
}

// check refuses what would break the framing of the answer, or the writer's and the
// caches' reading of it.
func (f field) check() error {
	switch f.name {
	case "Transfer-Encoding", "Trailer":
		return fmt.Errorf("respond: the header field %s is the server's to set: drop it", f.name)
	case "Etag":
		if !conditional.IsTag(f.value) {
			return fmt.Errorf("respond: the value of ETag is no entity tag: write it in quotes, as in `\"v1\"`")
		}
	case "Last-Modified", "Date":
		if _, err := http.ParseTime(f.value); err != nil {
			return fmt.Errorf("respond: the value of %s is no HTTP date: format it with http.TimeFormat, in UTC", f.name)
		}
	case "Content-Length":
		if _, err := strconv.ParseUint(f.value, 10, 63); err != nil {
			return fmt.Errorf("respond: the value of Content-Length is no length: write it in digits")
		}
	}
	return nil
}

// SetCookie adds a Set-Cookie field. It refuses what net/http finds invalid.
func (h *Head) SetCookie(c *http.Cookie) {
	if c == nil {
		h.refuse(fmt.Errorf("respond: the cookie is nil: pass an *http.Cookie"))
		return
	}
	if err := c.Valid(); err != nil {
		h.refuse(fmt.Errorf("respond: cookie %q: %w", c.Name, err))
		return
	}
	h.add(field{"Set-Cookie", c.String()})
}

// Header returns a copy of the header fields.
func (h *Head) Header() http.Header {
	header := make(http.Header)
	for _, f := range h.fields() {
		if repeats(f.name) {
			header.Add(f.name, f.value)
		} else {
			header[f.name] = []string{f.value}
		}
	}
	return header
}

func (h *Head) fields() []field {
	if h.more == nil {
		return nil
	}
	return h.more.header
}

func (h *Head) add(f field) {
	m := h.copied()
	m.header = append(m.header[:len(m.header):len(m.header)], f)
	h.more = m
}

func (h *Head) refuse(err error) {
	m := h.copied()
	if m.err == nil {
		m.err = err
	}
	h.more = m
}

func (h *Head) copied() *more {
	if h.more == nil {
		return new(more)
	}
	m := *h.more
	return &m
}

// repeats reports whether a second field of this name stands beside the first instead
// of replacing it.
func repeats(name string) bool {
	switch name {
	case "Set-Cookie", "Link", "Vary", "Www-Authenticate":
		return true
	}
	return false
}

// last returns the value that counts of a field that can stand once.
func last(fields []field, name string) (string, bool) {
	for i := len(fields) - 1; i >= 0; i-- {
		if fields[i].name == name {
			return fields[i].value, true
		}
	}
	return "", false
}

// isRedirect lists the statuses by which a client follows Location.
func isRedirect(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}
