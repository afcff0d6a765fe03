package typed

import (
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/respond"
)

// handle checks a declaration and adds it to the API, with in a nil *Req, out a new
// *Out and h a HandlerOf them. It panics with all that is wrong, and returns d.
func (a *API) handle(d *declaration, in, out any, h opener) *declaration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.serving {
		panic(fmt.Sprintf("typed: %s: Handle after the first request: handle every endpoint before the API serves", d.pattern))
	}
	e, faults := a.compile(d, reflect.TypeOf(in).Elem(), out, h)
	if len(faults) > 0 {
		panic(refusal(d.pattern, faults))
	}
	if err := a.router.Add(e.pattern, len(a.endpoints)); err != nil {
		panic(err) // compile has found no conflict
	}
	a.endpoints = append(a.endpoints, e)
	a.ids[e.operation.ID] = e
	if slices.ContainsFunc(e.operation.Outcomes, func(o respond.Outcome) bool { return o.Payload == reflect.TypeFor[any]() }) {
		slog.Warn("typed: the payload type any says nothing to the document: declare a type", "endpoint", e.name)
	}
	return d
}

// compile reads everything that an endpoint is made of, and collects every mistake on the way.
func (a *API) compile(d *declaration, req reflect.Type, out any, h opener) (*endpoint, []fault) {
	s := &a.said
	*s = settings{}
	for _, o := range d.options {
		if o == nil {
			s.faults = append(s.faults, fault{"", "an option is nil", "drop it"})
			continue
		}
		o.apply(s)
	}
	faults := s.faults
	e := &endpoint{api: a, name: d.pattern, handler: h, untagged: s.noETag}
	if reflect.ValueOf(h).IsNil() {
		faults = append(faults, fault{"", "the handler is nil", "pass a function"})
	}
	for _, code := range s.fails {
		if code < 400 || code > 599 {
			faults = append(faults, fault{"", fmt.Sprintf("the option Fails was given %d", code), "give statuses from 400 to 599"})
		}
	}
	p, err := pattern.Parse(d.pattern)
	if err == nil {
		err = a.router.Conflict(p)
	}
	if err != nil {
		faults = append(faults, fault{"", err.Error(), ""})
	}
	e.pattern = p

	var options bind.Options
	if p != nil {
		options = bindOptions(p)
	} else {
		options.PathNames = bind.PathNames(req) // what is wrong with a type beside a pattern that is
	}
	options.AllowUnknown = s.allowUnknown
	options.MaxBody = a.maxBody
	if s.maxBody > 0 {
		options.MaxBody = s.maxBody
	}
	binding, bindFaults := bind.Compile(req, options)
	for _, f := range bindFaults {
		faults = append(faults, bindFault(f))
	}
	e.binding = binding

	plan, planFaults := respond.NewPlan(out, s.statuses, encoderOf)
	for _, f := range planFaults {
		faults = append(faults, fault{f.Field, f.Problem, f.Mend})
	}
	e.plan = plan

	checker, checkFaults := rules.Of(a.validator).Compile(req)
	for _, f := range checkFaults {
		faults = append(faults, checkFault(f))
	}
	e.checker = checker

	if binding != nil && checker != nil {
		faults = append(faults, e.checkDefaults(req)...)
	}

	id := s.id
	if id == "" && p != nil {
		id = operationID(p.Method, p.Path())
	}
	if other, taken := a.ids[id]; taken {
		faults = append(faults, fault{"", fmt.Sprintf("the operation id %q is that of %s", id, other.name), "give one of them another with typed.OperationID"})
	}
	if len(faults) > 0 {
		return nil, faults
	}
	e.guarded = isUnsafe(p.Method) && bindsAmbient(binding)
	e.bare = !e.guarded && binding.Nothing() && checker.Idle()
	outcomes := plan.Outcomes()
	e.streams = slices.ContainsFunc(outcomes, func(o respond.Outcome) bool { return o.Payload != nil && respond.Streams(o.Payload) })
	if s.cache != nil {
		route, faults := a.cacheRoute(e, s.cache)
		if len(faults) > 0 {
			return nil, faults
		}
		e.cached = route
	}
	if len(s.middleware) > 0 {
		e.chain = a.wrap(e, s.middleware, http.HandlerFunc(e.inner))
	}
	e.operation = Operation{
		Method: p.Method, Path: p.Path(), ID: id,
		Summary: s.summary, Description: s.description, Tags: s.tags, Security: s.security,
		Deprecated: s.deprecated, Hidden: s.hidden,
		Request: req, Outcomes: outcomes, Fails: s.fails,
		MaxBody: options.MaxBody, AllowUnknown: s.allowUnknown, Guarded: e.guarded,
		binding: binding,
	}
	return e, nil
}

func bindOptions(p *pattern.Pattern) bind.Options {
	return bind.Options{Method: p.Method, PathNames: p.Names()}
}

func encoderOf(t reflect.Type) (respond.Encode, error) {
	e, err := jsonx.NewEncoder(t)
	if err != nil {
		return nil, err
	}
	return respond.Encode(e), nil
}

// isUnsafe is the complement of RFC 9110, 9.2.1.
func isUnsafe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return false
	}
	return true
}

// bindsAmbient reports whether a foreign page could make a browser send what the
// endpoint takes: form fields need no preflight, and cookies come by themselves.
func bindsAmbient(p *bind.Plan) bool {
	for _, f := range p.Fields() {
		if f.Source == bind.Form || f.Source == bind.Cookie {
			return true
		}
	}
	return false
}

// sendsPlain reports whether a Func's result is not for JSON.
func sendsPlain[T any]() bool {
	t := reflect.TypeFor[T]()
	return t == reflect.TypeFor[respond.HTML]() || respond.Streams(t)
}

// path is Endpoint.Path, with in a *Req.
func (d *declaration) path(in any) string {
	d.once.Do(func() {
		p, err := pattern.Parse(d.pattern)
		if err != nil {
			panic(refusal(d.pattern, []fault{{"", err.Error(), ""}}))
		}
		plan, faults := bind.Compile(reflect.TypeOf(in).Elem(), bindOptions(p))
		if len(faults) > 0 {
			panic(refusal(d.pattern, []fault{bindFault(faults[0])}))
		}
		d.links = linker{p, plan}
	})
	if d.links.pattern == nil {
		panic(refusal(d.pattern, []fault{{"", "the declaration is not sound", "handle the endpoint to see what is wrong"}}))
	}
	return string(d.links.plan.AppendURL(make([]byte, 0, 64), d.links.pattern, in))
}

// linker is what the paths of one endpoint are made with.
type linker struct {
	pattern *pattern.Pattern
	plan    *bind.Plan
}
