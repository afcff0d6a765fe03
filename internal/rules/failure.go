package rules

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/go-playground/validator/v10"

	"github.com/apiroutes/apiroutes/internal/presence"
)

// maxFailures and maxFailureBytes bound what one request is told: a client that
// sends a hundred thousand wrong values learns of the first hundred.
const (
	maxFailures     = 100
	maxFailureBytes = 32 << 10
)

// Failure is one rule that one value broke; validate.Failure has the same fields. It
// holds neither the value nor the name of a Go type, so it may be shown to the client.
type Failure struct {
	// Field is the Go path below the root: "Address.City", "Tags[3]", "Page.Limit"
	// (names of embedded structs included), "Labels[colour]". Empty for the root.
	Field string
	// Pointer is the JSON Pointer (RFC 6901) made of JSON names: "/address/city".
	Pointer string
	// Rule is the tag ("min"), an alias ("iscolor"), or alternatives ("uuid|email").
	Rule string
	// Param is the rule's parameter ("3"); a field that it names is given by its JSON name.
	Param string
	// Message is an English sentence without a subject: "must be at least 3 characters long".
	Message string
}

// String is the failure on one line.
func (f Failure) String() string {
	message := f.Message
	if message == "" {
		message = "breaks the rule " + f.Rule
	}
	switch {
	case f.Pointer != "":
		return f.Pointer + ": " + message
	case f.Field != "":
		return f.Field + ": " + message
	}
	return message
}

// Failures are all that is wrong with one value.
type Failures struct {
	// List holds at least one failure and at most 100, in the order of the fields.
	List []Failure
	// Truncated tells that there are more, which the list leaves out.
	Truncated bool

	cause error
	bytes int
}

// Error puts up to three failures on one line.
func (f *Failures) Error() string { return OneLine(f.List, Failure.String) }

// OneLine puts up to three failures on one line.
func OneLine[F any](list []F, text func(F) string) string {
	var b strings.Builder
	for i, failure := range list {
		if i == 3 {
			b.WriteString("; and " + strconv.Itoa(len(list)-i) + " more")
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(text(failure))
	}
	return b.String()
}

// Unwrap is the error that a Validate method returned; nil for failures of tags.
func (f *Failures) Unwrap() error { return f.cause }

// add appends a failure and reports whether another one may follow.
func (f *Failures) add(failure Failure) bool {
	size := len(failure.Field) + len(failure.Pointer) + len(failure.Param) + len(failure.Message)
	if len(f.List) >= maxFailures || len(f.List) > 0 && f.bytes+size > maxFailureBytes {
		f.Truncated = true
		return false
	}
	f.bytes += size
	f.List = append(f.List, failure)
	return true
}

// pieces judges one value and gathers what is wrong with it.
type pieces struct {
	*Checker
	ctx context.Context
	l   locator
	out Failures
}

func (c *Checker) pieces(ctx context.Context, root reflect.Value) *pieces {
	return &pieces{c, ctx, locator{root: root, members: c.slow().members}, Failures{}}
}

// tell reads what validator said of a piece, and adds its failures to what is wrong, at most a
// hundred; err is anything else.
func (p *pieces) tell(at origin, said error) (refused bool, err error) {
	found, ok := errors.AsType[validator.ValidationErrors](said)
	if !ok {
		return false, said
	}
	slow, c := p.slow(), p.Checker
	if p.out.List == nil {
		p.out.List = make([]Failure, 0, min(len(found), maxFailures))
	}
	for _, fe := range found {
		var failure Failure
		var known, cacheable bool
		if at == (origin{name: slow.name}) { // the namespace says where in the root
			failure, known, cacheable = slow.known.get(fe)
		}
		if known {
			if !p.out.add(c.validator.worded(p.ctx, failure)) {
				break
			}
			continue
		}
		// The place usually spells the same path: then that needs no copy.
		path := at.locate(fe.StructNamespace())
		where := p.l.locate(path)
		if string(where.field) != path {
			path = string(where.field)
		}
		if where.unjudged(fe.ActualTag()) {
			continue
		}
		failure = c.validator.failure(fe, path, where)
		if cacheable && !where.present && isStatic(c.typ, path) {
			slow.known.put(fe, failure)
		}
		if !p.out.add(c.validator.worded(p.ctx, failure)) {
			break
		}
	}
	return true, nil
}

// unjudged reports whether a rule says nothing here: of a presence type that is absent only
// required and its relatives are asked, and of one that is null nothing is. validator would fail both.
func (p *place) unjudged(rule string) bool {
	return p.present && (p.state == presence.Null || p.state == presence.Absent && !strings.HasPrefix(rule, "required"))
}

func (v *Validator) failure(fe validator.FieldError, field string, where place) Failure {
	rule := broken(fe, where)
	name, param := fe.Tag(), rule.Param
	if len(rule.Any) > 0 {
		param = ""
	}
	text := plainSentences[name]
	if text == "" || name == rule.Name {
		text = sentence(rule, fe.Type())
	}
	return Failure{
		Field:   field,
		Pointer: string(where.pointer),
		Rule:    name,
		Param:   param,
		Message: text,
	}
}

// broken is the rule that an error of validator is about, with fields in its parameter
// under the names that the client knows.
func broken(fe validator.FieldError, where place) Rule {
	if text := fe.ActualTag(); strings.Contains(text, "|") {
		var rule Rule
		for alt := range strings.SplitSeq(text, "|") {
			rule.Any = append(rule.Any, wireParam(splitRule(alt), where))
		}
		return rule
	}
	return wireParam(Rule{Name: fe.ActualTag(), Param: fe.Param()}, where)
}

// wireParam renames the fields that a rule's parameter refers to.
func wireParam(r Rule, where place) Rule {
	tag, ok := Builtin(r.Name)
	if !ok || r.Param == "" || where.parent == nil || where.leaf == nil {
		return r
	}
	switch tag.Param {
	case FieldParam:
		r.Param = wirePath(where.parent, r.Param)
	case FieldsParam:
		words := splitList(r.Param)
		for i := range words {
			words[i] = wirePath(where.parent, words[i])
		}
		r.Param = strings.Join(words, " ")
	case PairsParam:
		words := splitList(r.Param)
		for i := range words {
			if i%2 == 0 {
				words[i] = wirePath(where.parent, words[i])
			} else if words[i] == "" || strings.Contains(words[i], " ") {
				words[i] = "'" + words[i] + "'"
			}
		}
		r.Param = strings.Join(words, " ")
	case MemberParam:
		if list := deref(where.leaf); list.Kind() == reflect.Slice || list.Kind() == reflect.Array {
			r.Param = wirePath(list.Elem(), r.Param)
		}
	}
	return r
}

// worded lets Options.Message replace the sentence.
func (v *Validator) worded(ctx context.Context, f Failure) Failure {
	if v.message != nil {
		if text := v.message(ctx, f); text != "" {
			f.Message = text
		}
	}
	return f
}

// failureCache keeps the failures of one type that follow from its declaration alone:
// a field that no slice, map or interface leads to breaks the same rule in the same
// words each time.
type failureCache struct {
	off  bool // there are functions that may report whatever they like
	mu   sync.RWMutex
	list map[failureKey]Failure
}

type failureKey struct {
	namespace, tag, actual, param string
	typ                           reflect.Type
}

// A recursive type has no end of paths, and the client chooses among them.
const (
	maxKnown     = 1000
	maxKnownPath = 256
)

func keyOf(fe validator.FieldError) failureKey {
	return failureKey{fe.StructNamespace(), fe.Tag(), fe.ActualTag(), fe.Param(), fe.Type()}
}

// get looks a failure up; cacheable tells whether one that is not known may be put.
func (c *failureCache) get(fe validator.FieldError) (failure Failure, known, cacheable bool) {
	path := fe.StructNamespace()
	if c.off || len(path) > maxKnownPath || strings.IndexByte(path, '[') >= 0 {
		return Failure{}, false, false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	failure, known = c.list[keyOf(fe)]
	return failure, known, len(c.list) < maxKnown
}

func (c *failureCache) put(fe validator.FieldError, failure Failure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.list == nil {
		c.list = make(map[failureKey]Failure)
	}
	c.list[keyOf(fe)] = failure
}

// isStatic reports whether only structs and pointers to them lead to path.
func isStatic(t reflect.Type, path string) bool {
	for name := range strings.SplitSeq(path, ".") {
		t = deref(t)
		if t.Kind() != reflect.Struct || isValuer(reflect.PointerTo(t)) {
			return false
		}
		f, ok := t.FieldByName(name)
		if !ok {
			return false
		}
		t = f.Type
	}
	return deref(t).Kind() != reflect.Interface
}
