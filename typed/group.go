package typed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/fault"
)

// Router is what endpoints are handled on: an [API] or a [Group] of one.
type Router interface {
	// route returns the API, and the path and options that every endpoint handled here has.
	route() (api *API, prefix string, options []Option)
}

// Group is a part of an API: endpoints below one path, or with options in common. It is
// only there for declarations: a request knows nothing of it, and pays nothing for it.
type Group struct {
	api     *API
	prefix  string
	options []Option // of the groups around it first
}

func (a *API) route() (*API, string, []Option)   { return a, "", a.defaults }
func (g *Group) route() (*API, string, []Option) { return g.api, g.prefix, g.options }

// Group makes a group of endpoints whose paths begin with prefix, "/admin", and that have
// opts before their own. "" is no prefix. A prefix may have wildcards, "/shops/{shop}",
// which the request types bind; an embedded struct serves all of them.
//
// What adds up (Use, Tags, Fails, Security) adds up from outside in: middleware of an
// outer group runs first. Of what replaces (MaxBody, Cache), the innermost counts.
// Status, Summary and OperationID are about one endpoint, and refused: Group panics, as
// it does for a prefix that is no path.
func (a *API) Group(prefix string, opts ...Option) *Group { return group(a, prefix, opts) }

// Group makes a group within a group: see [API.Group].
func (g *Group) Group(prefix string, opts ...Option) *Group { return group(g, prefix, opts) }

func group(r Router, prefix string, opts []Option) *Group {
	api, outer, options := r.route()
	refuse := func(problem, fix string) {
		panic("typed: the group " + fmt.Sprintf("%q", outer+prefix) + ": " + fault.Fault{Problem: problem, Fix: fix}.String())
	}
	switch {
	case prefix == "":
	case prefix[0] != '/' || strings.HasSuffix(prefix, "/"):
		refuse(fmt.Sprintf("the prefix %q is no path", prefix), `begin with a slash and end without one, as in "/admin"; "" is none at all`)
	case strings.Contains(prefix, "...}"):
		refuse("a wildcard that takes the rest of the path leaves nothing to its endpoints", `write "/{name}"`)
	}
	if problem, fix := shared(opts); problem != "" {
		refuse(problem, fix)
	}
	return &Group{api: api, prefix: outer + prefix, options: slices.Concat(options, opts)}
}

// shared says what is wrong with options that several endpoints are to have.
func shared(opts []Option) (problem, fix string) {
	var s settings
	for _, o := range opts {
		if o != nil {
			o.apply(&s)
		}
	}
	for _, own := range []struct {
		name string
		set  bool
	}{{"Status", s.statuses != nil}, {"Summary", s.summary != ""}, {"OperationID", s.id != ""}} {
		if own.set {
			return "the option " + own.name + " is about one endpoint", "give it to that endpoint"
		}
	}
	return "", ""
}

// All is several options as one.
func All(opts ...Option) Option {
	return option(func(s *settings) {
		for _, o := range opts {
			if o != nil {
				o.apply(s)
			}
		}
	})
}

// Do makes a handler of a function that answers nothing: 204 unless Status says another.
func Do[Req any](f func(context.Context, Req) error) Handler[Req, None] {
	return func(ctx context.Context, in Req, res *Response[None]) (Answer, error) {
		if err := f(ctx, in); err != nil {
			return Answer{}, err
		}
		return res.End()
	}
}

// inGroup returns the pattern of an endpoint that is handled in a group: method and path
// within the group, which has prefix.
func inGroup(pattern, prefix string) string {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok || prefix == "" {
		return pattern
	}
	if path == "/" {
		path = ""
	}
	return method + " " + prefix + path
}

// checkGroup refuses an endpoint that was declared apart, with its whole path, in a group
// that it is not below.
func (c *compilation) checkGroup(pattern, prefix string) {
	method, path, _ := strings.Cut(pattern, " ")
	if prefix == "" || path == prefix || strings.HasPrefix(path, prefix+"/") {
		return
	}
	c.refuse(fmt.Sprintf("the path %s is not below %s, the group that the endpoint is handled in", path, prefix),
		fmt.Sprintf("declare it as %q, or handle it on the API", inGroup(method+" "+path, prefix)))
}

// Check says what only the whole program shows: endpoints that the document cannot
// describe, where package docs is mounted, and schemes that no endpoint asks for. A
// [Server], [Serve] and the adapters' Mount panic with it. It is for tests, and safe to
// call at any time between two calls of Handle.
func (a *API) Check() error {
	a.mu.Lock()
	endpoints := slices.Clone(a.endpoints)
	schemes, checks := slices.Clone(a.schemes), slices.Clone(a.checks)
	a.mu.Unlock()
	var errs []error
	for _, s := range schemes {
		asked := slices.ContainsFunc(endpoints, func(e *endpoint) bool { return asksFor(e.operation.Security, s.name) })
		if !asked && len(endpoints) > 0 {
			errs = append(errs, fmt.Errorf("typed: no endpoint asks for the scheme %q: ask by a field with the tag auth:%q, or take it out of Options.Schemes", s.name, s.name))
		}
	}
	for _, check := range checks {
		errs = append(errs, check())
	}
	return errors.Join(errs...)
}

// asksFor reports whether a scheme is among what is asked.
func asksFor(asked []SecurityRequirement, scheme string) bool {
	return slices.ContainsFunc(asked, func(r SecurityRequirement) bool { return r.Scheme == scheme || asksFor(r.And, scheme) })
}

// mustCheck panics with what Check says.
func (a *API) mustCheck() {
	if err := a.Check(); err != nil {
		panic(err.Error())
	}
}
