package typedtest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/typed"
)

// Options sets up [Explore]. The zero value and nil are fine.
type Options struct {
	// Time ends an exploration. 0: 5 s.
	Time time.Duration

	// Count is the number of cases after which it ends, a case being a request and what
	// follows from its answer. 0: as many as there is time for.
	Count int

	// Seed and Case repeat what a run has found, if the API begins as it did then: the cases
	// up to Case are sent without regard to Time, and only that one is told of. Seed 0: one
	// is drawn. Case 0: all.
	Seed uint64
	Case int

	// Values are texts that are drawn often for the parameters and form fields of a name, as
	// they are sent, and for the members of JSON of that name: the tenant and the password that
	// a test has set up, for instance. What example and default tags have is drawn without it.
	Values map[string][]string

	// Except are the endpoints that are left out, as they were declared: "DELETE /users/{id}".
	Except []string

	credentials []given
}

type given struct{ scheme, text string }

// As has requests sent with a credential of a scheme, as typed.Options.Schemes or the
// document names it: a token, a key, or "user:password" for Basic. Of several for a scheme
// each request draws one. Without one, endpoints that need the scheme are only asked whether
// they refuse who has none. It returns o, or a new Options for nil.
func (o *Options) As(scheme, credential string) *Options {
	if o == nil {
		o = &Options{}
	}
	o.credentials = append(o.credentials, given{scheme, credential})
	return o
}

// Explore calls every endpoint of an API with requests that it makes up, valid ones and
// invalid ones, and fails the test with each fault that it finds: see the package's
// documentation for what is one. opts may be nil.
//
// It fails as well with an endpoint that took no request in a hundred turns, and if none of
// the API did: what is wrong there was not looked for. Give what such an endpoint asks for
// with Values, As or an example tag, or name it in Except.
//
// It runs on the goroutine of the caller, within the process, through the whole API with its
// middleware. What it does is done: give it an API of its own, with a database of its own.
func Explore(t docs.TB, api *typed.API, opts *Options) {
	t.Helper()
	if opts == nil {
		opts = &Options{}
	}
	s, err := newSuite(api)
	if err = cmp.Or(err, api.Check()); err != nil {
		t.Fatalf("typedtest: %v", err)
		return
	}
	limit := cmp.Or(opts.Time, 5*time.Second)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	e := &explorer{
		drawer: drawer{suite: s, known: map[string][]string{}, etags: map[string]string{}}, ctx: ctx, seed: cmp.Or(opts.Seed, rand.Uint64()),
		accepted: map[*operation]int{}, answers: map[*operation]map[int]int{}, faulty: map[*operation]bool{}, told: map[string]bool{}, keys: map[string][]credential{},
	}
	if err := e.setUp(opts); err != nil {
		t.Fatalf("typedtest: %v", err)
		return
	}
	end := time.Now().Add(limit)
	n := 0
	for opts.Count <= 0 || n < opts.Count {
		if n++; opts.Case > 0 && n > opts.Case || opts.Case == 0 && time.Now().After(end) {
			n--
			break
		}
		r, f := e.run(n)
		if f != nil && (opts.Case == 0 || opts.Case == n) {
			t.Errorf("%s", e.report(r, f, n))
		}
		if len(e.told) >= enough {
			break
		}
	}
	e.sum(t, n, opts.Case == 0)
}

// enough is how many faults end an exploration.
const enough = 50

// explorer is one run.
type explorer struct {
	drawer
	ctx      context.Context
	seed     uint64
	explored []*operation
	probes   map[*operation][2][]probe // to be drawn of, and to be tried first
	keys     map[string][]credential   // by scheme
	accepted map[*operation]int
	answers  map[*operation]map[int]int // to what may be valid, by status; 0: there was none
	faulty   map[*operation]bool
	told     map[string]bool // faults, by endpoint and kind
}

// setUp chooses the endpoints and the credentials.
func (e *explorer) setUp(opts *Options) error {
	except := map[string]bool{}
	for _, name := range opts.Except {
		except[name] = true
	}
	for _, o := range e.operations {
		if except[o.name()] {
			delete(except, o.name())
			continue
		}
		e.explored = append(e.explored, o)
	}
	for name := range except {
		return fmt.Errorf("Options.Except names %q, which is no endpoint of the document: write it as it was declared", name)
	}
	if err := e.give(opts.Values); err != nil {
		return err
	}
	// The first calls find an API as it begins; what is deleted is of no use to others.
	rank := func(o *operation) int {
		switch {
		case o.Method == http.MethodGet && len(wildcards(o.Path)) == 0:
			return 0
		case o.Method == http.MethodDelete:
			return 2
		}
		return 1
	}
	slices.SortStableFunc(e.explored, func(a, b *operation) int { return rank(a) - rank(b) })
	for _, g := range opts.credentials {
		c, err := e.place(g)
		if err != nil {
			return err
		}
		e.keys[g.scheme] = append(e.keys[g.scheme], c)
	}
	e.rng = rand.New(rand.NewPCG(e.seed, 0))
	e.fullness = 2
	e.probes = map[*operation][2][]probe{}
	for _, o := range e.explored {
		all, once := o.probes(&e.drawer)
		first := slices.Concat(all, once)
		e.rng.Shuffle(len(first), func(i, j int) { first[i], first[j] = first[j], first[i] })
		e.probes[o] = [2][]probe{all, first}
	}
	return nil
}

// place finds out where the credential of a scheme is sent.
func (e *explorer) place(g given) (credential, error) {
	for _, s := range hook.Schemes(e.api) {
		if s.Name == g.scheme && (s.Prefix != "" || s.In != "") {
			return place(s, g.text), nil
		}
	}
	object, _ := e.find("/components/securitySchemes/" + escape(g.scheme)).(map[string]any)
	text := func(name string) string { s, _ := object[name].(string); return s }
	switch text("type") {
	case "apiKey":
		return credential{text("in"), text("name"), g.text}, nil
	case "http", "oauth2", "openIdConnect":
		basic := strings.EqualFold(text("scheme"), "basic")
		prefix := "Bearer"
		if basic {
			prefix = "Basic"
		}
		return place(hook.Scheme{Prefix: prefix, Basic: basic}, g.text), nil
	}
	return credential{}, fmt.Errorf("As names %q, which is no scheme of the API or its document", g.scheme)
}

// run runs case n.
func (e *explorer) run(n int) (*request, *finding) {
	e.rng = rand.New(rand.NewPCG(e.seed, uint64(n)))
	r := e.draw(n - 1)
	if r == nil || !r.routes() {
		return nil, nil
	}
	f := e.examine(r)
	if f == nil || e.told[r.op.name()+f.kind] {
		return nil, nil
	}
	e.told[r.op.name()+f.kind], e.faulty[r.op] = true, true
	smaller, g := e.shrink(r, f)
	if smaller == r {
		again := e.examine(r)
		f.once = again == nil || again.kind != f.kind
	}
	return smaller, g
}

// draw makes the request of a case: the endpoints by turns, first with valid requests and
// another method, then with every probe between further valid ones, and then with whatever
// comes.
func (e *explorer) draw(n int) *request {
	if len(e.explored) == 0 {
		return nil
	}
	o, round := e.explored[n%len(e.explored)], n/len(e.explored)
	probes, first := e.probes[o][0], e.probes[o][1]
	e.fullness = e.rng.IntN(3)
	if round < 3 {
		e.fullness = []int{0, 2, 1}[round]
	}
	var change probe
	switch as, ok := e.credentials(o); {
	case round == 3 || !ok && round%2 == 1:
		change = anotherMethod
	case !ok:
		change = stranger
	case round > 3 && round%2 == 0 && len(probes) > 0:
		e.fullness = max(1, e.fullness)
		if i := round/2 - 2; i < len(first) {
			change = first[i]
		} else {
			change = pick(&e.drawer, probes)
		}
		fallthrough
	default:
		change = change.signed(as)
	}
	r := e.request(o)
	if r == nil {
		return nil
	}
	return change(&e.drawer, r)
}

// signed is a probe of requests with credentials; nil changes nothing else.
func (p probe) signed(as []credential) probe {
	return func(d *drawer, r *request) *request {
		if r.as = as; p == nil {
			return r
		}
		return p(d, r)
	}
}

// anotherMethod is a probe that sends a method that no endpoint of the path has.
func anotherMethod(d *drawer, r *request) *request {
	target, _, _ := r.target()
	path, _, _ := strings.Cut(target, "?")
	for _, method := range []string{"DELETE", "PATCH", "PUT", "POST", "GET"} {
		if hook.Routed(d.api, method, path) == nil {
			r.method = method
			return r
		}
	}
	return nil
}

// credentials are what a client of an endpoint sends; false: it needs what there is not.
func (e *explorer) credentials(o *operation) ([]credential, bool) {
	if o.anonymous && (len(o.security) == 0 || e.oneIn(3)) {
		return nil, true
	}
	for _, i := range e.rng.Perm(len(o.security)) {
		together := o.security[i]
		var all []credential
		for _, scheme := range together {
			if keys := e.keys[scheme]; len(keys) > 0 {
				all = append(all, pick(&e.drawer, keys))
			}
		}
		if len(all) == len(together) {
			return all, true
		}
	}
	return nil, o.anonymous
}

// patience is how long a stream of events is read that does not end. Until one has begun
// there is more of it: the head of a stream without events takes 100 ms.
const patience, firstPatience = 30 * time.Millisecond, 300 * time.Millisecond

// examine sends a request, judges what comes of it and follows it; nil: nothing is wrong.
func (e *explorer) examine(r *request) *finding {
	ctx := e.ctx
	if r.op.isStream() {
		wait := patience
		if e.accepted[r.op] == 0 {
			wait = firstPatience
		}
		var leave func() // as clients do: at a deadline the server would have something to say
		ctx, leave = context.WithCancel(ctx)
		defer leave()
		defer time.AfterFunc(wait, leave).Stop()
	}
	x := r.send(ctx)
	e.count(x)
	if x.answer.none {
		return nil
	}
	if r.method != r.op.Method {
		return x.judgeMethod()
	}
	f := x.judgeRequest()
	if f == nil {
		e.remember(x)
		f = e.follow(x)
	}
	if f != nil && f.steps == nil {
		f.steps = []*exchange{x}
	}
	return f
}

// judgeMethod judges the answer to a method that no endpoint of the path has.
func (x *exchange) judgeMethod() *finding {
	a := x.answer
	switch {
	case a.status == http.StatusTooManyRequests:
		return nil
	case a.status != http.StatusMethodNotAllowed:
		return &finding{kind: "method", text: fmt.Sprintf("answers %d to %s, which no endpoint of the path has: 405 is due", a.status, x.method), steps: []*exchange{x}}
	case !strings.Contains(a.head.Get("Allow"), x.op.Method):
		return &finding{kind: "method", text: fmt.Sprintf("answers 405 to %s without %s in Allow", x.method, x.op.Method), steps: []*exchange{x}}
	}
	return nil
}

// remember learns from an answer.
func (e *explorer) remember(x *exchange) {
	if x.answer.status >= 400 {
		return
	}
	e.accepted[x.op]++
	e.noteETag(x)
	seen := map[string]string{}
	for _, a := range x.arguments {
		if a.in == "path" {
			_, texts := a.texts()
			e.keep(a.name, texts[0])
			seen[normal(a.name)] = texts[0]
		}
	}
	if location := x.answer.head.Get("Location"); location != "" {
		e.learnLink(location)
	}
	if isJSON(x.answer.head.Get("Content-Type")) {
		if v, err := jsonschema.UnmarshalJSON(bytes.NewReader(x.answer.content)); err == nil {
			e.learn("", v)
			gather("", v, seen)
		}
	}
	if len(wildcards(x.op.Path)) > 0 {
		e.relate(seen)
	}
}
