package typed

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/respond"
)

// handle checks a declaration and adds it to the API, with in a nil *Req, out a new
// *Out and h a HandlerOf them. It panics with all that is wrong, and returns d.
func handle(r Router, d *declaration, in, out any, h opener) *declaration {
	a, prefix, options := r.route()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.serving {
		panic(fmt.Sprintf("typed: %s: Handle after the first request: handle every endpoint before the API serves", d.pattern))
	}
	e, faults := a.compile(d, prefix, options, reflect.TypeOf(in).Elem(), out, h)
	if len(faults) > 0 {
		panic(refusal(d.pattern, faults))
	}
	if err := a.router.Add(e.pattern, len(a.endpoints)); err != nil {
		panic(err) // compile has found no conflict
	}
	e.setRoute(a.BasePath())
	a.endpoints = append(a.endpoints, e)
	a.ids[e.operation.ID] = e
	if slices.ContainsFunc(e.operation.Outcomes, func(o respond.Outcome) bool { return o.Payload == reflect.TypeFor[any]() }) {
		slog.Warn("typed: the payload type any tells the document nothing: declare a type", "endpoint", e.name)
	}
	if size := e.binding.LargestElement(); size > largeElement {
		slog.Warn("typed: a list or map of the request has large elements, which a client gets for a few bytes each: use pointers or slices within them, or a rule max", "endpoint", e.name, "bytes", size)
	}
	return d
}

// largeElement is the size from which on Handle warns of an element: of such, a body of
// 1 MiB may have 4096 before decoding it is refused.
const largeElement = 4 << 10

// refusal is all that is wrong with one declaration, for the panic of Handle.
func refusal(endpoint string, faults []fault.Fault) string {
	lines := make([]string, len(faults))
	for i, f := range faults {
		lines[i] = "typed: " + endpoint + ": " + f.String()
	}
	return strings.Join(lines, "\n")
}

// compilation makes an endpoint of its declaration, step by step. Each step collects what
// is wrong.
type compilation struct {
	api      *API
	endpoint *endpoint
	request  reflect.Type
	settings settings
	faults   []fault.Fault
}

func (c *compilation) refuse(problem, fix string) {
	c.faults = append(c.faults, fault.Fault{Problem: problem, Fix: fix})
}

func (c *compilation) refuseField(field, problem, fix string) {
	c.faults = append(c.faults, fault.Fault{Field: field, Problem: problem, Fix: fix})
}

// compile reads everything that an endpoint is made of.
func (a *API) compile(d *declaration, prefix string, options []Option, req reflect.Type, out any, h opener) (*endpoint, []fault.Fault) {
	e := &endpoint{api: a, name: d.pattern, declared: d, handler: h, prototype: out}
	c := &compilation{api: a, endpoint: e, request: req}
	c.checkGroup(d.pattern, prefix)
	c.readOptions(slices.Concat(options, d.options))
	if reflect.ValueOf(h).IsNil() {
		c.refuse("the handler is nil", "pass a function")
	}
	c.readPattern(d.pattern)
	o := bindOptions(e.pattern, req)
	o.MaxText = a.maxBody
	limit := a.maxBody
	if c.settings.maxBody > 0 {
		limit, o.MaxBodySet, o.MaxText = c.settings.maxBody, true, min(o.MaxText, c.settings.maxBody)
	}
	o.MaxLine = c.settings.maxLine
	o.MaxBody, o.AllowUnknown, o.Accepts, o.StrictQuery = limit, c.settings.allowUnknown, c.settings.accepts, c.settings.strictQuery
	o.NullAsAbsent = c.settings.nullAsAbsent
	for _, s := range a.schemes {
		if s.in == "query" {
			o.QueryKeys = append(o.QueryKeys, s.key)
		}
	}
	c.readRequest(o)
	c.readAuth()
	c.readAnswers(out, isFunc(h))
	c.describe()
	if len(c.faults) == 0 {
		c.build()
	}
	return e, c.faults
}

func (c *compilation) readOptions(options []Option) {
	s := &c.settings
	for _, o := range options {
		if o == nil {
			c.refuse("an option is nil", "drop it")
			continue
		}
		o.apply(s)
	}
	c.faults = append(c.faults, s.faults...)
	for _, code := range s.fails {
		if code < 400 || code > 599 {
			c.refuse(fmt.Sprintf("the option Fails was given %d", code), "give statuses from 400 to 599")
		}
	}
	if s.public && (len(s.security) > 0 || s.optional) {
		c.refuse("the option Public stands beside one that asks who the client is", "drop one of them")
	}
	c.endpoint.untagged = s.noETag
}

func (c *compilation) readPattern(text string) {
	p, err := pattern.Parse(text)
	if err == nil {
		err = c.api.router.Conflict(p)
	}
	if err != nil {
		c.refuse(err.Error(), "")
	}
	c.endpoint.pattern = p
}

func bindOptions(p *pattern.Pattern, req reflect.Type) bind.Options {
	o := bind.Options{Lines: lineType}
	if p != nil {
		o.Method, o.PathNames = p.Method, p.Names()
	} else {
		o.PathNames = bind.PathNames(req) // beside a pattern that is wrong, only the type is judged
	}
	return o
}

// readRequest reads where the fields of the request come from, and their rules.
func (c *compilation) readRequest(o bind.Options) {
	e := c.endpoint
	var faults []fault.Fault
	o.MaxElements, o.Hidden = c.maxElements, c.hiddenMember
	e.binding, faults = bind.Compile(c.request, o)
	c.faults = append(c.faults, faults...)
	if e.binding != nil {
		e.binds, e.lines = !e.binding.Nothing(), e.binding.BodyKind() == bind.LinesBody
	}
	e.checker, faults = rules.Of(c.api.validator).Compile(c.request)
	c.faults = append(c.faults, faults...)
	if e.binding != nil && e.checker != nil {
		c.checkDefaults()
		c.readRows()
	}
	if e.checker.Idle() {
		e.checker = nil
	}
}

// hiddenMember refuses rules of a field of struct t that another field has taken the JSON
// name of, if they can refuse its zero value: no client could help it.
func (c *compilation) hiddenMember(t reflect.Type, index []int, name string) error {
	v, path := rules.Of(c.api.validator), ""
	for depth, at := range index {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		f := t.Field(at)
		path += f.Name
		if depth == len(index)-1 {
			break
		}
		if level, err := v.RulesOf(f); err != nil || level.Skip || level.Has("structonly") {
			return nil //nolint:nilerr // an error is that of a tag, which is refused with the rules
		}
		path += "."
		t = f.Type
	}
	if !v.MayRefuseZero(t, t.Field(index[len(index)-1]).Name) {
		return nil
	}
	return fault.Fault{
		Field:   path,
		Problem: fmt.Sprintf("another field has the JSON name %q, so that this one is never sent, and its rules refuse it then", name),
		Fix:     "give it a name of its own, or drop its rules",
	}
}

// maxElements is how many elements the rules of a field allow its list or map, and the
// lists and maps within, by depth. Only max says so without a condition.
func (c *compilation) maxElements(f reflect.StructField) []int {
	level, err := rules.Of(c.api.validator).RulesOf(f)
	if err != nil {
		return nil // refused with the rules
	}
	var limits []int
	for level != nil && !level.Skip {
		most := -1
		for _, r := range level.All {
			if n, err := strconv.Atoi(r.Param); r.Name == "max" && err == nil {
				most = n
			}
		}
		limits, level = append(limits, most), level.Elem
	}
	for len(limits) > 0 && limits[len(limits)-1] < 0 {
		limits = limits[:len(limits)-1]
	}
	return limits
}

// checkDefaults lets the validator judge the declared defaults: a request that
// leaves a parameter out must not be refused for a value it never sent.
func (c *compilation) checkDefaults() {
	e := c.endpoint
	defaults := e.binding.Defaults()
	if len(defaults) == 0 {
		return
	}
	in := reflect.New(c.request)
	e.binding.SetDefaults(in.Interface())
	failures, ok := e.checker.Check(context.Background(), in.Interface()).(*rules.Failures)
	if !ok {
		return
	}
	for _, f := range failures.List {
		path, _, _ := strings.Cut(f.Field, "[")
		if text, ok := defaults[path]; ok {
			c.faults = append(c.faults, fault.Fault{
				Field:   path,
				Problem: fmt.Sprintf("the default %q breaks its own rule %s: it %s", text, f.Rule, f.Message),
				Fix:     "change the default or the rule",
			})
		}
	}
}

// readAnswers reads what the endpoint may answer; plain is that its handler is made by Func.
func (c *compilation) readAnswers(out any, plain bool) {
	plan, faults := answer.NewPlan(answer.Declaration{
		Out: out, Statuses: c.settings.statuses, Type: c.settings.produces, Plain: plain, Encoder: encoderOf,
		Outcome: hook.Outcome, Form: hook.Form, Items: itemsOf, Nothing: reflect.TypeFor[None](),
	})
	c.faults = append(c.faults, faults...)
	c.endpoint.plan = plan
	c.readHeartbeat()
	c.checkHeaders()
	c.refuseURLs()
}

func encoderOf(t reflect.Type) (answer.Encode, error) {
	e, err := jsonx.NewEncoder(t)
	return answer.Encode(e), err
}

// describe fills in the Operation.
func (c *compilation) describe() {
	e, s, p := c.endpoint, &c.settings, c.endpoint.pattern
	id := s.id
	if id == "" && p != nil {
		id = operationID(p.Method, p.Path())
	}
	if other, taken := c.api.ids[id]; taken {
		c.refuse(fmt.Sprintf("the operation id %q is that of %s", id, other.name), "give one of them another with typed.OperationID")
	}
	if len(c.faults) > 0 {
		return
	}
	e.guarded = isUnsafe(p.Method) && (!e.binding.BodyRequired() || bindsAmbient(e.binding) || e.signIn.readsCookie() || len(s.accepts) > 0 && e.binding.CrossSite())
	outcomes := make([]respond.Outcome, len(e.plan.Outcomes()))
	for i, o := range e.plan.Outcomes() {
		outcomes[i] = respond.Outcome(o)
	}
	e.operation = Operation{
		Method: p.Method, Path: p.Path(), ID: id,
		Summary: s.summary, Description: s.description, Tags: s.tags,
		Security: s.security, Public: s.public, Optional: s.optional,
		Deprecated: s.deprecated, Hidden: s.hidden,
		Request: c.request, Outcomes: outcomes, Fails: s.fails, Headers: s.headers,
		MaxBody: e.binding.MaxBody(), AllowUnknown: s.allowUnknown, NullAsAbsent: s.nullAsAbsent, NoETag: s.noETag, Guarded: e.guarded,
		binding: e.binding, heartbeat: s.heartbeat,
	}
	if in := e.signIn; in != nil {
		e.operation.Security, e.operation.Optional, e.operation.Authenticate, e.operation.Public = in.asked(), in.optional, true, false
	}
}

// build makes what serves requests, when nothing is wrong so far.
func (c *compilation) build() {
	e, s := c.endpoint, &c.settings
	e.streams = e.plan.Streams()
	if s.cache != nil {
		var faults []fault.Fault
		if e.cached, faults = c.api.cacheRoute(e, s.cache); len(faults) > 0 {
			c.faults = faults
			return
		}
	}
	if len(s.middleware) > 0 {
		e.chain = c.api.wrap(e, s.middleware, http.HandlerFunc(e.inner))
		if chain := e.chain; e.signIn != nil {
			e.chain = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { chain.ServeHTTP(w, identified(req, e)) })
		}
	}
}

// isUnsafe is the complement of RFC 9110, 9.2.1.
func isUnsafe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return false
	}
	return true
}

// bindsAmbient reports whether the endpoint takes what a browser sends with the request
// of a foreign page: form fields, and cookies, which come by themselves.
func bindsAmbient(p *bind.Plan) bool {
	for _, f := range p.Fields() {
		if f.Source == bind.Form || f.Source == bind.Part || f.Source == bind.Cookie {
			return true
		}
	}
	return false
}

// path is Endpoint.Path, with in a *Req.
func (d *declaration) path(in any) string {
	d.once.Do(func() {
		p, err := pattern.Parse(d.pattern)
		if err != nil {
			panic(refusal(d.pattern, []fault.Fault{{Problem: err.Error()}}))
		}
		req := reflect.TypeOf(in).Elem()
		o := bindOptions(p, req)
		o.ZeroFails = zeroFails
		plan, faults := bind.Compile(req, o)
		if len(faults) > 0 {
			panic(refusal(d.pattern, faults[:1]))
		}
		d.links = linker{p, plan}
	})
	if d.links.pattern == nil {
		panic(refusal(d.pattern, []fault.Fault{{Problem: "the declaration has mistakes", Fix: "handle the endpoint to see what is wrong"}}))
	}
	return string(d.links.plan.AppendURL(make([]byte, 0, 64), d.links.pattern, in))
}

// zeroFails is bind.Options.ZeroFails where the API and its validator are not known: of rules
// that validator has by itself.
func zeroFails(f reflect.StructField) bool {
	level, err := builtinRules().RulesOf(f)
	if err != nil {
		return false // refused when the endpoint is handled
	}
	fails, known := builtinRules().ZeroFails(f.Type, level)
	return known && fails
}

var builtinRules = sync.OnceValue(func() *rules.Validator { return rules.New(nil) })

// linker is what the paths of one endpoint are made with.
type linker struct {
	pattern *pattern.Pattern
	plan    *bind.Plan
}
