package respond

import (
	"context"
	"net/http"
	"reflect"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
)

// Response is the way out of an endpoint that answers with a T. A handler gets its
// own for every request; its methods set the head, and exactly one terminal method
// (JSON, Send, End, Redirect, RedirectExternal) makes the [Answer] to return.
//
// Nothing is written before the handler has returned. The zero Response works in
// plain code and tests; an endpoint accepts answers of its own Response only.
// A Response must not be copied, nor used from several goroutines at once.
type Response[T any] struct {
	payload T // of the first Answer, which saves an allocation; reflection learns from it what T is
	core    core
}

// core is what every Response is, whatever its T. It is one field of it, because the
// compiler writes the fields of a generic struct into the name of all that is made with
// it. Its methods are kept out of line: each T would get a copy.
type core struct {
	_       noCopy
	builder answer.Builder
}

// again makes an Answer whose payload is elsewhere, or that has none.
//
//go:noinline
func (c *core) again(kind answer.Kind, payload any) Answer {
	return Answer(answer.New(kind, &c.builder, c.builder.Head, payload))
}

//go:noinline
func (c *core) redirect(target string, check func(string) (string, error)) (Answer, error) {
	return redirect(&c.builder, c.builder.Head, target, check)
}

// The setters of a Head, out of line.

//go:noinline
func (c *core) setStatus(code int) { c.builder.Head.SetStatus(code) }

//go:noinline
func (c *core) setHeader(name, value string) { c.builder.Head.SetHeader(name, value) }

//go:noinline
func (c *core) setCookie(cookie *http.Cookie) { c.builder.Head.SetCookie(cookie) }

//go:noinline
func (c *core) addTags(tags []string) { c.builder.Head.AddTags(tags) }

//go:noinline
func (c *core) setNoStore() { c.builder.Head.SetNoStore() }

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
	a, ok := r.core.builder.First(answer.JSON, &r.payload)
	if !ok {
		return r.core.again(answer.JSON, allocated(body)), nil
	}
	r.payload = body
	return Answer(a), nil
}

// Send answers with body by its type: a string as text/plain, [HTML] as text/html,
// []byte as application/octet-stream, an io.Reader streamed (and closed if it is an
// io.Closer), [Content] as what it says, typed.Events and typed.Lines item by item, anything
// else as JSON. A Content-Type set by the handler is kept,
// except on JSON, where only another JSON media type is.
func (r *Response[T]) Send(body T) (Answer, error) {
	a, ok := r.core.builder.First(answer.Send, &r.payload)
	if !ok {
		return r.core.again(answer.Send, allocated(body)), nil
	}
	r.payload = body
	return Answer(a), nil
}

// Payload is what a client has received, as [Reply.Payload] says it. It is not ok for an
// answer without content, such as a 204 or a redirect.
func (r *Response[T]) Payload() (payload T, ok bool) { return received[T](&r.core.builder) }

// received is what the methods of a received answer have in common.
func received[T any](b *answer.Builder) (v T, ok bool) {
	if p, is := b.Received().(*T); is {
		return *p, true
	}
	return v, false
}

// allocated is for a payload after the first, whose Answer does not change.
//
//go:noinline
func allocated[T any](body T) any { return &body }

// End answers without a body. On an endpoint that declares a payload the status must be one
// that has no content.
func (r *Response[T]) End() (Answer, error) {
	return r.core.again(answer.End, nil), nil
}

// Redirect sends the client to a target on the same origin: a path, a query or a
// relative reference. 307 unless Status chose 301, 302, 303 or 308; an endpoint that
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

// Revalidate renders the cached pages at these API-relative paths again before it
// returns; no request that begins after its return is served the old page. The
// error joins one error for each path that failed: ErrNotCached where nothing is cached there.
func (r *Response[T]) Revalidate(ctx context.Context, paths ...string) error {
	return Revalidate(ctx, paths...)
}

// Tag adds cache tags to the page that this answer becomes on a cached endpoint; elsewhere it has no effect.
func (r *Response[T]) Tag(tags ...string) *Response[T] { r.core.addTags(tags); return r }

// NoStore keeps this answer out of the page cache.
func (r *Response[T]) NoStore() *Response[T] { r.core.setNoStore(); return r }

// HTML is a payload that [Response.Send] answers as text/html. It is sent as it is:
// build it with html/template, which escapes.
type HTML string

// noCopy lets go vet's copylocks check find copies: an Answer of a copy is not accepted.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

func init() {
	hook.Outcome = outcomeOf
	hook.Form = func(t reflect.Type) answer.Form {
		if hook.Items != nil {
			if form, _ := hook.Items(t); form != answer.FormJSON {
				return form
			}
		}
		return answer.FormOf(t, reflect.TypeFor[HTML]())
	}
	hook.WriteProblem = writeProblem
	hook.VisibleProblem = visibleProblem
}

// source is what Response and the outcomes have in common.
type source interface {
	source() (*answer.Builder, answer.Role)
}

func (r *Response[T]) source() (*answer.Builder, answer.Role) {
	return &r.core.builder, answer.RoleResponse
}
func (r *Reply[T]) source() (*answer.Builder, answer.Role) { return &r.builder, answer.RoleReply }
func (e *Empty) source() (*answer.Builder, answer.Role)    { return &e.builder, answer.RoleEmpty }
func (r *Redirect) source() (*answer.Builder, answer.Role) { return &r.builder, answer.RoleRedirect }

// outcomeOf is not content with the method: a struct that embeds a Response has it as well.
func outcomeOf(x any) (*answer.Builder, answer.Role) {
	s, ok := x.(source)
	if !ok || reflect.TypeOf(x).Elem().PkgPath() != reflect.TypeFor[Empty]().PkgPath() {
		return nil, 0
	}
	return s.source()
}
