package typed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/pattern"
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

// Revalidate renders the cached pages at these API-relative paths anew, and returns
// when they are stored: no request that begins afterwards is answered with the old
// ones. It works in every handler of an API with Pages. The error joins one for each
// path that failed, whose old page then stays; it is [respond.ErrNotCached] where
// nothing is cached.
func Revalidate(ctx context.Context, paths ...string) error {
	return respond.Revalidate(ctx, paths...)
}

// cacheRoute registers a cached endpoint with the API's pages, or says what is wrong.
func (a *API) cacheRoute(e *endpoint, policy *pagecache.Policy) (pages.Route, []fault) {
	var faults []fault
	if e.pattern.Method != http.MethodGet {
		faults = append(faults, fault{"", "the option Cache is for GET", "drop it; answers of " + e.pattern.Method + " are not kept"})
	}
	if a.pages == nil {
		faults = append(faults, fault{"", "the option Cache needs a page cache", "set Options.Pages with pagecache.New"})
	}
	if e.streams {
		faults = append(faults, fault{"", "a cached page is kept whole, and a payload is a stream", "answer with bytes, or drop the option Cache"})
	}
	for _, f := range e.binding.Fields() {
		faults = append(faults, unkeyed(f, policy)...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	kind, noBody := representation(e.plan.Outcomes())
	route, wrong := hook.Pages(a.pages).Register(pages.Endpoint{
		Pattern: e.pattern.Path(), Names: e.pattern.Names(),
		Representation: kind, NoBody: noBody, NoETag: e.untagged, Render: e.render,
	}, *policy)
	for _, f := range wrong {
		faults = append(faults, fault{f.Field, f.Problem, f.Fix})
	}
	return route, faults
}

// unkeyed refuses a field whose source does not make the key: one client's value
// would end up on everybody's page.
func unkeyed(f bind.Field, policy *pagecache.Policy) []fault {
	switch f.Source {
	case bind.Cookie:
		return []fault{{f.Path, "a cached page cannot depend on the cookie " + f.Name, "drop the field, or the option Cache"}}
	case bind.Header:
		if !slices.ContainsFunc(policy.Vary, func(h string) bool { return strings.EqualFold(h, f.Name) }) {
			return []fault{{f.Path, "a cached page cannot depend on the header " + f.Name, "add it to Policy.Vary, or drop the field"}}
		}
	case bind.Query:
		if !slices.Contains(policy.Query, f.Name) {
			return []fault{{f.Path, "a cached page cannot depend on the query parameter " + f.Name, "add it to Policy.Query, or drop the field"}}
		}
	}
	return nil
}

// representation names what an endpoint answers with, for the key.
func representation(outcomes []respond.Outcome) (kind string, noBody bool) {
	var b strings.Builder
	noBody = true
	for _, o := range outcomes {
		if o.Payload == nil {
			fmt.Fprintf(&b, "%d;", o.Status)
			continue
		}
		noBody = false
		fmt.Fprintf(&b, "%d %s %s;", o.Status, respond.Sends(o.Payload), o.Payload)
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

var tooBusy = (&respond.Problem{Status: http.StatusServiceUnavailable}).Header("Retry-After", "1")

// fromCache answers a request for a cached endpoint. It is false for one that the policy
// lets past the cache: the pipeline answers that, and calls release afterwards.
func (r *record) fromCache(c *call) (answered bool, release func()) {
	past, release, err := r.endpoint.cached.Answer(c.exchange, c.values)
	switch {
	case past != nil:
		c.exchange = past
		return false, release
	case err == nil:
	case errors.Is(err, pages.ErrBusy):
		respond.WriteProblem(c.exchange, tooBusy)
	case errors.Is(err, pages.ErrRenderTimeout):
		r.report(err)
		respond.WriteProblem(c.exchange, timeoutError)
	default:
		r.fail(c, err)
	}
	return true, nil
}

// renewed is a list of the paths that a handler has revalidated.
type renewed struct {
	path string
	next *renewed
}

// revalidator is a record as respond.Revalidate finds it.
type revalidator record

// Pages is for pagecache.Hook.
func (v *revalidator) Pages() *pagecache.Cache { return v.endpoint.api.pages }

// Revalidate remembers what was rendered: the answer of this request must not expire
// it again.
func (v *revalidator) Revalidate(ctx context.Context, paths ...string) error {
	if v.Pages() == nil {
		return respond.ErrNotCached
	}
	err := v.Pages().Revalidate(ctx, paths...)
	if err != nil {
		return err
	}
	own := (*record)(v).own()
	if own == nil { // OnError asks, for a request that did not come to its pipeline
		return nil
	}
	for _, p := range paths {
		p, _, _ = strings.Cut(p, "?")
		for {
			head := own.renewed.Load()
			if own.renewed.CompareAndSwap(head, &renewed{p, head}) {
				break
			}
		}
	}
	return nil
}

// expire makes the stored pages of the request's path old before an unsafe method's
// success is answered (RFC 9111, 4.4).
func (r *record) expire(c *call) {
	pages, status := r.endpoint.api.pages, c.out.Status
	if pages == nil || status < 200 || status > 399 || !isUnsafe(r.endpoint.pattern.Method) {
		return
	}
	path, ok := below(c.exchange.EscapedPath(), r.endpoint.api.BasePath())
	if !ok {
		return
	}
	for p := r.own().renewed.Load(); p != nil; p = p.next {
		if p.path == path {
			return
		}
	}
	if err := pages.Expire(r, path); err != nil {
		r.report(err)
	}
}
