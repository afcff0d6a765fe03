package typed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// Cache keeps the pages of a GET endpoint in [Options.Pages] as policy says. Its
// handler is called with what makes a page's key and nothing else: path values, the
// query parameters of Policy.Query and the headers of Policy.Vary; its context holds
// no value of any middleware, and [HTTPRequest] shows no cookie and no other header.
// Middleware runs before the look-up, on hits as well.
//
// Handle refuses Cache on other methods, on an API without Pages, on a request type
// that binds a cookie, or a header or query parameter that the policy does not list,
// and on payloads that are streams.
func Cache(policy pagecache.Policy) Option {
	return option(func(s *settings) { s.cache = &policy })
}

// Revalidate renders the cached pages at these API-relative paths again, and returns
// when they are stored: no request that begins afterwards is answered with the old
// ones. It works in every handler of an API with Pages. The error joins one for each
// path that failed, whose old page then stays; it is [respond.ErrNotCached] where
// nothing is cached.
func Revalidate(ctx context.Context, paths ...string) error {
	return respond.Revalidate(ctx, paths...)
}

// cacheRoute registers a cached endpoint with the API's pages, or says what is wrong.
func (a *API) cacheRoute(e *endpoint, policy *pagecache.Policy) (pages.Route, []fault.Fault) {
	var faults []fault.Fault
	if e.pattern.Method != http.MethodGet {
		faults = append(faults, fault.Fault{Problem: "the option Cache is for GET", Fix: "drop it; answers of " + e.pattern.Method + " are not kept"})
	}
	if a.pages == nil {
		faults = append(faults, fault.Fault{Problem: "the option Cache needs a page cache", Fix: "set Options.Pages with pagecache.New"})
	}
	if e.streams {
		faults = append(faults, fault.Fault{Problem: "a cached page is kept whole, and a payload is a stream", Fix: "answer with bytes, or drop the option Cache"})
	}
	fields := e.binding.Fields()
	for _, f := range fields {
		faults = append(faults, unkeyed(f, policy)...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	kind, noBody := representation(e.plan.Outcomes())
	keyed := *policy
	keyed.Query = queryNames(policy.Query, fields)
	route, wrong := hook.Pages(a.pages).Register(pages.Endpoint{
		API: a.title, Pattern: e.pattern,
		Representation: kind, NoBody: noBody, NoETag: e.untagged, Render: e.render,
	}, keyed)
	return route, append(faults, wrong...)
}

// unkeyed refuses a field whose source does not make the key: one client's value
// would end up on everybody's page.
func unkeyed(f bind.Field, policy *pagecache.Policy) []fault.Fault {
	switch f.Source {
	case bind.Cookie:
		return []fault.Fault{{Field: f.Path, Problem: "a cached page cannot depend on the cookie " + f.Name, Fix: "drop the field, or the option Cache"}}
	case bind.Header:
		if !slices.ContainsFunc(policy.Vary, func(h string) bool { return strings.EqualFold(h, f.Name) }) {
			return []fault.Fault{{Field: f.Path, Problem: "a cached page cannot depend on the header " + f.Name, Fix: "add it to Policy.Vary, or drop the field"}}
		}
	case bind.Query:
		if !slices.Contains(policy.Query, f.Name) {
			return []fault.Fault{{Field: f.Path, Problem: "a cached page cannot depend on the query parameter " + f.Name, Fix: "add it to Policy.Query, or drop the field"}}
		}
	}
	return nil
}

// queryNames are the names that a request has for those of a policy: a struct in the query
// is one name there, and one for each of its members here.
func queryNames(names []string, fields []bind.Field) []string {
	var all []string
	for _, name := range names {
		at := slices.IndexFunc(fields, func(f bind.Field) bool { return f.Source == bind.Query && f.Name == name && len(f.Members) > 0 })
		if at < 0 {
			all = append(all, name)
			continue
		}
		for i := range fields[at].Members {
			all = append(all, fields[at].Members[i].Name)
		}
	}
	return all
}

// representation names what an endpoint answers with, for the key.
func representation(outcomes []answer.Outcome) (kind string, noBody bool) {
	var b strings.Builder
	noBody = true
	for _, o := range outcomes {
		if o.Payload == nil {
			fmt.Fprintf(&b, "%d;", o.Status)
			continue
		}
		noBody = false
		fmt.Fprintf(&b, "%d %s %s;", o.Status, hook.Form(o.Payload).MediaType(), o.Payload)
	}
	return b.String(), noBody
}

// page is the pages.Resolver of the API.
func (a *API) page(path string) (pages.Route, []string, error) {
	id, values, verdict := a.router.Match(http.MethodGet, path, nil)
	if verdict != pattern.Found || a.endpoints[id].cached == nil {
		return nil, nil, respond.ErrNotCached
	}
	return a.endpoints[id].cached, values, nil
}

// checkPages refuses a page cache that no endpoint uses.
func (a *API) checkPages() error {
	if a.pages == nil || slices.ContainsFunc(a.endpoints, func(e *endpoint) bool { return e.cached != nil }) {
		return nil
	}
	return errors.New("typed: Options.Pages is set, and no endpoint has the option Cache: declare one with typed.Cache, or drop Pages")
}

// fromCache answers a request for a cached endpoint. It has not for one that the policy
// lets bypass the cache: the pipeline answers that, by the exchange that r has then. Nor
// has it for one that StrictQuery refuses, which a render would not be shown.
func (e *endpoint) fromCache(r *reply, from carried, values []string) (answered bool) {
	if e.binding.RefusesQuery(r.exchange.RawQuery()) {
		return false
	}
	bypass, release, err := e.cached.Answer(r.exchange, values)
	switch {
	case bypass != nil:
		r.exchange, r.release = bypass, release
		return false
	case err == nil:
	case errors.Is(err, pages.ErrBusy):
		e.api.writeProblem(newBase(e, from), r.exchange, &r.scratch.buffer, tooBusy, err)
	case errors.Is(err, pages.ErrRenderTimeout):
		b := newBase(e, from)
		b.report(err)
		e.api.writeProblem(b, r.exchange, &r.scratch.buffer, timeoutError, err)
	default:
		newBase(e, from).fail(r, err)
	}
	return true
}

// revalidatedPath is one of the paths that a handler has revalidated.
type revalidatedPath struct {
	path string
	next *revalidatedPath
}

// revalidator is a request as respond.Revalidate finds it.
type revalidator base

// Pages is for pagecache.Hook.
func (r *revalidator) Pages() *pagecache.Cache { return r.endpoint.api.pages }

// Revalidate remembers what was rendered: the answer of this request must not expire
// it again.
func (r *revalidator) Revalidate(ctx context.Context, paths ...string) error {
	if err := r.Pages().Revalidate(ctx, paths...); err != nil {
		return err
	}
	refreshed := &(*base)(r).extra().refreshed
	for _, p := range paths {
		p, _, _ = strings.Cut(p, "?")
		for {
			head := refreshed.Load()
			if refreshed.CompareAndSwap(head, &revalidatedPath{p, head}) {
				break
			}
		}
	}
	return nil
}

// expirePages makes the stored pages of the request's path old before an unsafe method's
// success is answered (RFC 9111, 4.4).
func (b *base) expirePages(r *reply) {
	e, status := b.endpoint, r.rendering.Status
	if status < 200 || status > 399 || !isUnsafe(e.pattern.Method) {
		return
	}
	path, ok := below(r.exchange.EscapedPath(), e.api.BasePath())
	if !ok {
		return
	}
	for p := b.extra().refreshed.Load(); p != nil; p = p.next {
		if p.path == path {
			return
		}
	}
	if err := e.api.pages.Expire(b, path); err != nil {
		b.report(err)
	}
}

// rendition carries the request that renders a page: what makes the page's key, and
// nothing else. It keeps the answer.
type rendition struct {
	ctx     context.Context
	path    string // with the API's base path
	request pages.Request
	http    *http.Request // built when somebody asks for it
	page    pages.Page
}

var _ wire.Exchange = (*rendition)(nil)

var errUnanswered = errors.New("the render of a page gave no answer")

// render runs the pipeline for a page. Neither the API's middleware nor the
// endpoint's has a part in it.
func (e *endpoint) render(ctx context.Context, req pages.Request) (page *pages.Page, err error) {
	x := &rendition{ctx: ctx, path: e.api.BasePath() + req.Path, request: req, page: pages.Page{Header: http.Header{}}}
	defer func() {
		if v := recover(); v == http.ErrAbortHandler {
			page, err = nil, errors.Join(errUnanswered, ctx.Err())
		} else if v != nil {
			panic(v)
		}
	}()
	e.api.process(wire.NetHTTP{}, x, &match{endpoint: e, values: req.Values, inside: true})
	return &x.page, nil
}

func isRendition(ex wire.Exchange) bool {
	_, ok := ex.(*rendition)
	return ok
}

// noteAnswer takes from an answer what its header does not say, where it becomes a page.
func noteAnswer(ex wire.Exchange, a *answer.Answer) {
	if x, ok := ex.(*rendition); ok {
		x.page.Tags, x.page.NoStore = a.Head().Tags(), a.Head().NoStore()
	}
}

// noteCause keeps what made an answer an error, for whoever revalidates the page.
func noteCause(ex wire.Exchange, err error) {
	if x, ok := ex.(*rendition); ok {
		x.page.Cause = err
	}
}

func (x *rendition) Method() string              { return http.MethodGet }
func (x *rendition) EscapedPath() string         { return x.path }
func (x *rendition) RawQuery() string            { return x.request.RawQuery }
func (x *rendition) Header(name string) []string { return x.request.Header[name] }
func (x *rendition) Body() io.Reader             { return http.NoBody }
func (x *rendition) ContentLength() int64        { return 0 }
func (x *rendition) Context() context.Context    { return x.ctx }

// HTTPRequest makes a request of the keyed parts.
func (x *rendition) HTTPRequest() *http.Request {
	if x.http == nil {
		x.http = wire.NewRequest(x.ctx, http.MethodGet, x.path, x.request.RawQuery, x.request.Header.Clone())
	}
	return x.http
}

func (x *rendition) SetHeader(name string, values []string) { x.page.Header[name] = values }

func (x *rendition) SetContent(mediaType []string, length int64) {
	if mediaType != nil {
		x.page.Header["Content-Type"] = mediaType
	}
	if length >= 0 {
		x.page.Header["Content-Length"] = []string{strconv.FormatInt(length, 10)}
	}
}

func (x *rendition) AddHeader(name, value string) {
	x.page.Header[name] = append(slices.Clip(x.page.Header[name]), value)
}

func (x *rendition) Written(name string) []string { return x.page.Header[name] }

// Send keeps a copy: the content is in a buffer that is used again.
func (x *rendition) Send(status int, body []byte) error {
	x.page.Status, x.page.Body = status, slices.Clone(body)
	return nil
}

// Stream is for an answer that the types do not declare as a stream; it is kept whole.
func (x *rendition) Stream(status int, src io.Reader, _ bool) error {
	body, err := io.ReadAll(src)
	if err != nil {
		return err
	}
	x.page.Status, x.page.Body = status, body
	return nil
}

// Begin is not called: an endpoint whose payload is made piece by piece has no pages.
func (x *rendition) Begin(int) io.Writer { panic("typed: a page cannot be sent piece by piece") }

// Abort ends the render without a page.
func (x *rendition) Abort() { panic(http.ErrAbortHandler) }
