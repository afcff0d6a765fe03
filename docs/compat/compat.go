// Package compat tells the changes of an API that break its clients from those that do
// not: a test compares the committed document with that of today, by the rules of oasdiff.
//
//	func TestCompatible(t *testing.T) { compat.Check(t, newAPI(), "openapi.json") }
//
// docs.Golden is for those who want to see every change.
package compat

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/typed"
)

// Option says one thing about a [Check].
type Option interface{ apply(*check) }

type option func(*check)

func (o option) apply(c *check) { o(c) }

// Allow excuses a change that breaks clients, and says why: that nobody uses what was
// removed, say. id is as a failed Check prints it in brackets: the name of the rule alone
// excuses every change by that rule, the name and the endpoint ("request-property-removed
// POST /users") those of one. An Allow that excuses nothing fails, so that none outlives
// its reason.
func Allow(id, why string) Option {
	return option(func(c *check) { c.allowed = append(c.allowed, &allowance{id: id, why: why}) })
}

type allowance struct {
	id, why string
	used    bool
}

// check is one comparison.
type check struct {
	api     *typed.API
	allowed []*allowance
}

// Check compares the document of an API with the JSON file at path, and fails with every
// change that breaks clients: what changed, and the Go field or option that it comes from.
// What is new, and what may surprise a client but breaks none, is logged. It rewrites the
// file instead if the test runs with a flag -update that is set, or with GOLDEN_UPDATE=1,
// as docs.Golden does. The options of the document are those of the API's first docs.Mount.
//
// The rules are those of oasdiff at its level ERR. Where the server is stricter than
// oasdiff supposes, so is Check: a member that a request no longer has is refused, unless
// the endpoint says typed.AllowUnknownFields, and so is a query parameter under
// typed.StrictQuery. A default that changed is a warning. What lines and events hold is
// compared in each version of OpenAPI. Rules of its own are about what oasdiff does not
// compare: how a list is written, what a file may be, limits of bytes, unknown members and
// query parameters that are refused, rules that no schema says, forms of time.
//
// It sees what the document says. A Validate method, middleware and typed.MaxLine may
// refuse more than before, and no client is told.
func Check(t docs.TB, api *typed.API, path string, opts ...Option) {
	t.Helper()
	c := &check{api: api}
	for _, o := range opts {
		o.apply(c)
	}
	if updating() {
		docs.Golden(t, api, path)
		return
	}
	before, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("compat: %s does not exist: run the test with -update to write it", path)
		return
	}
	if err != nil {
		t.Fatalf("compat: %v", err)
		return
	}
	changes, err := c.compare(before)
	if err != nil {
		t.Fatalf("compat: %v", err)
		return
	}
	var broken, told []string
	for _, change := range changes {
		switch {
		case change.level < checker.ERR:
			told = append(told, change.String())
		case c.excused(change):
		default:
			broken = append(broken, change.String())
		}
	}
	for _, a := range c.allowed {
		if a.why == "" {
			broken = append(broken, fmt.Sprintf("compat: Allow(%q) says no reason: write why the change is right", a.id))
		}
		if !a.used {
			broken = append(broken, fmt.Sprintf("compat: Allow(%q) excuses nothing: drop it", a.id))
		}
	}
	if len(told) > 0 {
		t.Logf("compat: %s differs, and no client breaks:\n  %s", path, strings.Join(told, "\n  "))
	}
	if len(broken) > 0 {
		t.Errorf("compat: clients that were written for %s break:\n  %s\nUndo this, excuse it with compat.Allow, or run the test with -update to accept it.",
			path, strings.Join(broken, "\n  "))
	}
}

// excused reports whether an Allow is about a change, and notes that it was used.
func (c *check) excused(change change) bool {
	found := false
	for _, a := range c.allowed {
		if a.why != "" && (a.id == change.rule || a.id == change.rule+" "+change.endpoint) {
			a.used, found = true, true
		}
	}
	return found
}

// change is one difference, as a reader of Go code sees it.
type change struct {
	rule     string // oasdiff's id, or one of our own
	endpoint string // "GET /users/{id}"; "": of none
	origin   string // the Go field or option
	text     string // what changed
	level    checker.Level
}

// String is "typed: GET /users/{id}: User.Email: what changed [rule GET /users/{id}]".
func (c change) String() string {
	where := "typed: "
	if c.level == checker.WARN {
		where = "warning: typed: "
	}
	for _, s := range []string{c.endpoint, c.origin} {
		if s != "" {
			where += s + ": "
		}
	}
	return where + c.text + " [" + strings.TrimSpace(c.rule+" "+c.endpoint) + "]"
}

// compare finds the changes from a document to that of today.
func (c *check) compare(before []byte) ([]change, error) {
	opts, _ := (*hook.Documents(c.api)).(*docs.Options)
	doc, err := docs.OpenAPI(c.api, opts)
	if err != nil {
		return nil, err
	}
	after, err := doc.JSON()
	if err != nil {
		return nil, err
	}
	old, err := parse(before, "the committed document")
	if err != nil {
		return nil, err
	}
	now, err := parse(after, "the document")
	if err != nil {
		return nil, err
	}
	found, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), old, now)
	if err != nil {
		return nil, err
	}
	words := checker.NewDefaultLocalizer()
	var out []change
	for _, d := range checker.CheckBackwardCompatibilityUntilLevel(checker.NewConfig(checker.GetAllChecks()), found, sources, checker.INFO) {
		one := change{rule: d.GetId(), text: d.GetUncolorizedText(words), level: d.GetLevel()}
		if d.GetPath() != "" {
			one.endpoint = strings.ToUpper(d.GetOperation()) + " " + d.GetPath()
		}
		op := c.operation(one.endpoint)
		var args []string
		for _, a := range d.GetArgs() {
			args = append(args, fmt.Sprint(a))
		}
		one.level = severity(one.rule, op, args, one.level)
		one.origin = origin(one.rule, op, args)
		if one.level == checker.ERR {
			one.text = strings.TrimSuffix(one.text, " (backward compatible)")
		}
		out = append(out, one)
	}
	out = append(out, c.compareSaid(old.Spec, now.Spec)...)
	slices.SortStableFunc(out, func(a, b change) int { return int(b.level) - int(a.level) })
	return out, nil
}

// parse reads a document by oasdiff's own reader, in the form in which oasdiff sees most.
func parse(text []byte, name string) (*load.SpecInfo, error) {
	var document any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		return nil, fmt.Errorf("%s is no JSON: %w", name, err)
	}
	plain(document)
	rewritten, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be written: %w", name, err)
	}
	spec, err := openapi3.NewLoader().LoadFromData(rewritten)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	return &load.SpecInfo{Spec: spec, Version: spec.Info.Version}, nil
}

// operation is that of an endpoint as the document names it; nil: it was removed, or there
// is none.
func (c *check) operation(endpoint string) *typed.Operation {
	for op := range c.api.Operations() {
		if op.Method+" "+op.Path == endpoint || op.Method+" "+strings.ReplaceAll(op.Path, "...}", "}") == endpoint {
			return op
		}
	}
	return nil
}

func updating() bool {
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		return true
	}
	return os.Getenv("GOLDEN_UPDATE") == "1"
}
