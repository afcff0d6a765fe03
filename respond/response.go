package respond

import (
	"context"
	"net/http"
)

// Response is the way out of an endpoint that answers with a T. A handler gets its
// own for every request; its methods set the head, and exactly one terminal method
// (JSON, Send, End, Redirect, RedirectExternal) makes the [Answer] to return.
//
// Nothing is written before the handler has returned. The zero Response works in
// plain code and tests; an endpoint accepts answers of its own Response only.
// A Response must not be copied, nor used from several goroutines at once.
type Response[T any] struct {
	held T // the payload of the first Answer; reflection learns from it what T is, without a method per T
	core core
}

// core is what every Response is, whatever its T. It is one field of it, because the
// compiler writes the fields of a generic struct into the name of all that is made with it.
type core struct {
	_   noCopy
	out outlet
}

// The methods of core are kept out of line: each T would get a copy.

// hold makes an Answer of the payload that the Response is going to hold at held; it is
// not ok if there is one already.
//
//go:noinline
func (c *core) hold(k kind, held any) (a Answer, ok bool) {
	s := c.out.state
	switch {
	case s == nil:
		s = &state{said: draft{holds: true}}
	case s.held != nil:
		s = s.held
	case s.said.holds:
		held = nil
	default:
		s.said.holds = true // not foreseen, so nobody shares it; and no Answer looks at this
	}
	c.out.state = s
	return Answer{from: &c.out, state: s, body: held, kind: k}, held != nil
}

//go:noinline
func (c *core) setStatus(code int) {
	d := c.out.state.draft()
	d.setStatus(code)
	c.out.say(d)
}

//go:noinline
func (c *core) setHeader(name, value string) {
	d := c.out.state.draft()
	d.setHeader(name, value)
	c.out.say(d)
}

//go:noinline
func (c *core) setCookie(cookie *http.Cookie) {
	d := c.out.state.draft()
	d.setCookie(cookie)
	c.out.say(d)
}

//go:noinline
func (c *core) addTags(tags []string) {
	d := c.out.state.draft()
	d.addTags(tags)
	c.out.say(d)
}

//go:noinline
func (c *core) setNoStore() {
	d := c.out.state.draft()
	d.noStore = true
	c.out.say(d)
}

//go:noinline
func (c *core) redirect(target string, check func(string) (string, error)) (Answer, error) {
	return redirect(&c.out, c.out.state.draft(), target, check)
}

// Status sets the status code; the last call wins. The endpoint must have declared
// the code, else the request ends as a 500 that is reported.
func (r *Response[T]) Status(code int) *Response[T] { r.core.setStatus(code); return r }

// Header sets a header field. It replaces an earlier value of the same name, except
// for Set-Cookie, Link, Vary and WWW-Authenticate, to which it adds. A name or value that cannot
// stand in a header (RFC 9110, 5.1 and 5.5) ends the request as a 500.
func (r *Response[T]) Header(name, value string) *Response[T] {
	r.core.setHeader(name, value)
	return r
}

// Cookie adds a Set-Cookie field. A cookie that net/http finds invalid ends the request as a 500.
func (r *Response[T]) Cookie(c *http.Cookie) *Response[T] { r.core.setCookie(c); return r }

// JSON answers with body as JSON. A status that has no content (204, 205, 304) drops it.
func (r *Response[T]) JSON(body T) (Answer, error) {
	a, ok := r.core.hold(kindJSON, &r.held)
	if !ok {
		a.body = another(body)
		return a, nil
	}
	r.held = body
	return a, nil
}

// Send answers with body by its type: a string as text/plain, [HTML] as text/html,
// []byte as application/octet-stream, an io.Reader streamed (and closed if it is an
// io.Closer), anything else as JSON. A Content-Type set by the handler is kept,
// except on JSON, where only another JSON media type is.
func (r *Response[T]) Send(body T) (Answer, error) {
	a, ok := r.core.hold(kindSend, &r.held)
	if !ok {
		a.body = another(body)
		return a, nil
	}
	r.held = body
	return a, nil
}

// another makes room for a payload after the first, which belongs to an Answer that does
// not change.
//
//go:noinline
func another[T any](body T) any { return &body }

// End answers without a body. On an endpoint that declares a payload the status must be one
// that has no content.
func (r *Response[T]) End() (Answer, error) {
	return Answer{from: &r.core.out, state: r.core.out.state, kind: kindEnd}, nil
}

// Redirect sends the client to a target on the same origin: a path, a query or a
// relative reference. 307 unless Status said 301, 302, 303 or 308; an endpoint that
// does not declare 307 and whose default status is a redirect has that one. A target
// with a scheme or a host (`//host`, `/\host` and what browsers read that way) is refused: the
// error is a 400 [Problem], because such a target comes from a client.
func (r *Response[T]) Redirect(target string) (Answer, error) {
	return r.core.redirect(target, sameOrigin)
}

// RedirectExternal sends the client to an absolute http or https URL. It trusts
// its caller: never pass it what a client sent without a list of allowed hosts.
func (r *Response[T]) RedirectExternal(url string) (Answer, error) {
	return r.core.redirect(url, external)
}

// Revalidate renders the cached pages at these API-relative paths anew, before it
// returns; no request that begins after its return is served the old page. The
// error joins one error for each path that failed: ErrNotCached where nothing is cached there.
func (r *Response[T]) Revalidate(ctx context.Context, paths ...string) error {
	return Revalidate(ctx, paths...)
}

// Tag adds cache tags to the page that this answer becomes on a cached endpoint; elsewhere it has no effect.
func (r *Response[T]) Tag(tags ...string) *Response[T] { r.core.addTags(tags); return r }

// NoStore keeps this answer out of the page cache.
func (r *Response[T]) NoStore() *Response[T] { r.core.setNoStore(); return r }

func (r *Response[T]) source() (*outlet, role) { return &r.core.out, roleResponse }

// noCopy lets go vet's copylocks check find copies: an Answer of a copy is not accepted.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}
