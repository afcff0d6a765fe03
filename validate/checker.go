package validate

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"

	"github.com/go-playground/validator/v10"
)

// SelfChecker is a request type that judges itself, after its tags have passed. What
// Validate returns is told to the client: a Failure or *Failures as it is, an error
// joined of several as several failures, any other error by its text. The context's
// own errors, and errors that wrap them, are not: Check returns them unchanged.
type SelfChecker interface {
	Validate(ctx context.Context) error
}

// Checker judges values of one type. It is immutable and safe for concurrent use. A nil
// Checker accepts everything.
type Checker struct {
	validator *Validator
	typ       reflect.Type
	name      string               // the prefix of validator's namespaces
	dive      string               // for roots other than structs: the tag that leads to their structs
	ruled     bool                 // something below the root has rules
	plan      *level               // the fast path; nil without one
	rest      validator.FilterFunc // what is left to validator after the plan vouched; nil for nothing
	self      bool                 // *typ is a SelfChecker
}

// Compile audits the rules of everything that t reaches and prepares a Checker for
// values of t: structs, but also slices and maps of structs; other types have nothing
// to check. With faults the Checker is nil.
func (v *Validator) Compile(t reflect.Type) (*Checker, []Fault) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sealed = true
	if c, ok := v.checkers[t]; ok {
		return c, nil
	}
	if t.Kind() == reflect.Interface {
		return nil, nil // nothing is known before a value is there
	}
	if faults := v.audit(t); len(faults) > 0 {
		return nil, faults
	}
	c := &Checker{
		validator: v,
		typ:       t,
		dive:      divePath(t),
		self:      reflect.PointerTo(t).Implements(reflect.TypeFor[SelfChecker]()),
	}
	if root := deref(t); root.Kind() == reflect.Struct && root.Name() != "" {
		c.name = root.Name() + "."
	}
	c.ruled = !v.own || v.mayMeetRules(innermost(t))
	if c.ruled && v.own {
		c.compile()
	}
	v.checkers[t] = c
	return c, nil
}

// divePath is the tag that makes validator visit the structs inside a root that is no
// struct itself, as the elements of a field with dive.
func divePath(t reflect.Type) string {
	var path []byte
	for {
		t = deref(t)
		switch t.Kind() {
		case reflect.Slice, reflect.Array, reflect.Map:
			if len(path) > 0 {
				path = append(path, ',')
			}
			path = append(path, "omitempty,dive"...)
			t = t.Elem()
		default:
			return string(path)
		}
	}
}

// compile prepares the fast path. A root struct is split: what the plan covers is
// tested, and only the fields that it does not cover go to validator, which sees the
// whole struct all the same. Below the root a field is covered entirely or not at all.
func (c *Checker) compile() {
	p := &planner{validator: c.validator, structs: make(map[reflect.Type]*structPlan)}
	if c.typ.Kind() != reflect.Struct || isTime(c.typ) {
		if l, covered := p.levelOf(c.typ, elements(c.typ)); covered {
			c.plan = l
			c.ruled = l != nil
		}
		return
	}
	plan := p.structOf(c.typ)
	if plan.complete() {
		c.ruled = len(plan.fields) > 0
		c.plan = &level{below: plan.holds}
		return
	}
	if len(plan.fields) == 0 {
		return
	}
	c.plan = &level{below: plan.fieldsHold}
	covered := make(map[string]bool)
	for _, f := range plan.fields {
		covered[c.name+c.typ.Field(f.index).Name] = true
	}
	c.rest = func(path []byte) bool { return covered[string(path)] }
}

// elements are the rules that make validator visit the structs inside a slice or map.
func elements(t reflect.Type) *Rules {
	switch t = deref(t); t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return &Rules{All: []Rule{{Name: tagOmitEmpty}}, Elem: elements(t.Elem())}
	}
	return &Rules{}
}

// Check judges the value that ptr points to; ptr is a non-nil *T of the compiled type.
// It returns nil, *Failures, or another error for which the client is not to blame: a
// *PanicError, or the context's error out of a Validate method.
func (c *Checker) Check(ctx context.Context, ptr any) error {
	if c == nil {
		return nil
	}
	if c.ruled {
		if err := c.judge(ctx, ptr); err != nil {
			return err
		}
	}
	if c.self {
		return c.askSelf(ctx, ptr)
	}
	return nil
}

// judge asks the fast path, and validator where that does not vouch.
func (c *Checker) judge(ctx context.Context, ptr any) error {
	root := reflect.ValueOf(ptr).Elem()
	if c.plan != nil && c.plan.holds(root) {
		if c.rest == nil {
			return nil
		}
		return c.verdict(ctx, ptr, root, func() error { return c.validator.engine.StructFilteredCtx(ctx, ptr, c.rest) })
	}
	return c.verdict(ctx, ptr, root, func() error { return c.engine(ctx, ptr, root) })
}

// verdict turns what validator answers into ours.
func (c *Checker) verdict(ctx context.Context, ptr any, root reflect.Value, call func() error) error {
	err := c.run(call)
	var found validator.ValidationErrors
	var panicked *enginePanic
	switch {
	case err == nil:
		return nil
	case errors.As(err, &found):
		return c.failures(root, found)
	case errors.As(err, &panicked):
		c.validator.reportPanic(ctx, c.typ, panicked)
		return c.salvage(ctx, ptr, root)
	}
	return err
}

func (c *Checker) engine(ctx context.Context, ptr any, root reflect.Value) error {
	switch {
	case c.dive != "":
		return c.validator.engine.VarCtx(ctx, ptr, c.dive)
	case KindOf(c.typ).Has(StructKind):
		for root.Kind() == reflect.Pointer {
			if root.IsNil() {
				return nil
			}
			ptr, root = root.Interface(), root.Elem()
		}
		return c.validator.engine.StructCtx(ctx, ptr)
	}
	return nil
}

// enginePanic is a panic of validator itself, which a value set off that its
// function for the tag does not expect.
type enginePanic struct {
	value any
	stack []byte
}

func (p *enginePanic) Error() string { return fmt.Sprintf("validator panicked: %v", p.value) }

// run calls validator and turns panics into errors.
func (c *Checker) run(call func() error) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *PanicError:
			err = r
		default:
			err = &enginePanic{value: r, stack: debug.Stack()}
		}
	}()
	return call()
}

func (v *Validator) reportPanic(ctx context.Context, t reflect.Type, p *enginePanic) {
	err := fmt.Errorf("validate: %v: %w\n%s", t, p, p.stack)
	if v.report != nil {
		v.report(ctx, err)
		return
	}
	v.log().ErrorContext(ctx, "validator panicked on a client's value", "error", err)
}

// salvage runs after a panic: each field of the root alone, so that the client learns
// which one holds the value that cannot be judged, and what else is wrong.
func (c *Checker) salvage(ctx context.Context, ptr any, root reflect.Value) error {
	out := &Failures{}
	unjudged := func(name string) Failure {
		where := (&locator{root: root}).locate(name)
		return c.validator.worded(Failure{
			Field:   string(where.field),
			Pointer: string(where.pointer),
			Rule:    "kind",
			Message: "holds a value of a kind that its rules cannot judge",
		})
	}
	if c.typ.Kind() != reflect.Struct {
		out.add(unjudged(""))
		return out
	}
	for i := range c.typ.NumField() {
		name := c.typ.Field(i).Name
		err := c.run(func() error {
			return c.validator.engine.StructFilteredCtx(ctx, ptr, c.otherThan(name))
		})
		var found validator.ValidationErrors
		switch {
		case err == nil:
		case errors.As(err, &found):
			for _, failure := range c.failures(root, found).List {
				if failure.Field == "" || !out.add(failure) {
					break
				}
			}
		default:
			out.add(unjudged(name))
		}
	}
	if len(out.List) == 0 {
		out.add(unjudged(""))
	}
	return out
}

// otherThan filters the fields of the root, all but one.
func (c *Checker) otherThan(name string) validator.FilterFunc {
	wanted := c.name + name
	return func(path []byte) bool {
		if len(path) < len(wanted) || string(path[:len(wanted)]) != wanted {
			return true
		}
		return len(path) > len(wanted) && path[len(wanted)] != '.' && path[len(wanted)] != '['
	}
}

func (c *Checker) askSelf(ctx context.Context, ptr any) error {
	err := c.run(func() error {
		defer blame("Validate method")
		return ptr.(SelfChecker).Validate(ctx)
	})
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, ok := errors.AsType[*PanicError](err); ok {
		return err
	}
	out := &Failures{cause: err}
	c.collect(out, &locator{root: reflect.ValueOf(ptr).Elem()}, err)
	return out
}

// collect turns what a Validate method returned into failures.
func (c *Checker) collect(out *Failures, l *locator, err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, each := range joined.Unwrap() {
			c.collect(out, l, each)
		}
		return
	}
	if several, ok := errors.AsType[*Failures](err); ok {
		for _, failure := range several.List {
			out.add(c.completed(failure, l))
		}
		out.Truncated = out.Truncated || several.Truncated
		return
	}
	failure, ok := errors.AsType[Failure](err)
	if !ok {
		failure = Failure{Message: err.Error()}
	}
	out.add(c.completed(failure, l))
}

// completed fills in what a user's Failure left out: the rule, and the pointer that
// follows from the field.
func (c *Checker) completed(f Failure, l *locator) Failure {
	if f.Rule == "" {
		f.Rule = "validate"
	}
	if f.Pointer == "" && f.Field != "" {
		f.Pointer = string(l.locate(f.Field).pointer)
	}
	if f.Message == "" {
		f.Message = "is not valid"
	}
	return f
}
