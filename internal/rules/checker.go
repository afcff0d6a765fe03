package rules

import (
	"context"
	"errors"
	"reflect"
	"sync"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/go-playground/validator/v10"
)

// Checker judges values of one type. It is immutable and safe for concurrent use. A nil
// Checker accepts everything.
type Checker struct {
	validator *Validator
	typ       reflect.Type
	dive      string      // for roots other than structs: the tag that leads to their structs
	ruled     bool        // something below the root has rules
	split     *structPlan // the fast path of a struct, field by field; nil without one
	plan      *levelPlan  // the fast path of anything else
	self      bool        // *typ is a SelfChecker
	slowOnce  sync.Once
	slowState slowPath
}

// Compile audits the rules of everything that t reaches and prepares a Checker for
// values of t: structs, but also slices and maps of structs; other types have nothing
// to check. With faults the Checker is nil.
func (v *Validator) Compile(t reflect.Type) (*Checker, []fault.Fault) {
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
	v.warnBinding(t, new(typeSet))
	c := &Checker{
		validator: v,
		typ:       t,
		dive:      divePath(t),
		self:      reflect.PointerTo(t).Implements(reflect.TypeFor[SelfChecker]()),
	}
	c.ruled = v.foreign || t.Kind() == reflect.Struct || v.mayMeetRules(innermost(t))
	if c.ruled && !v.foreign {
		c.compile()
	}
	v.checkers[t] = c
	return c, nil
}

// divePath is the tag that makes validator visit the structs inside a root that is no
// struct itself, as the elements of a field with dive.
func divePath(t reflect.Type) string {
	var path []byte
	for range maxLevels {
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
	return "" // it holds no struct, only itself
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

// Idle reports whether there is nothing to check: Check returns nil for every value.
func (c *Checker) Idle() bool { return c == nil || !c.ruled && !c.self }

// judge asks the fast path, and validator where that does not vouch.
func (c *Checker) judge(ctx context.Context, ptr any) error {
	root := reflect.ValueOf(ptr).Elem()
	if c.split != nil {
		undecided := c.split.undecided(root)
		if undecided == 0 && c.split.complete() {
			return nil
		}
		return c.verdict(ctx, ptr, root, func() error {
			return c.validator.engine.StructFilteredCtx(ctx, ptr, c.rest(undecided))
		})
	}
	if c.plan != nil && c.plan.holds(root) {
		return nil
	}
	return c.verdict(ctx, ptr, root, func() error { return c.engine(ctx, ptr, root) })
}

// verdict turns what validator answers into ours.
func (c *Checker) verdict(ctx context.Context, ptr any, root reflect.Value, call func() error) error {
	err := c.run(call)
	if err == nil {
		return nil
	}
	if found, ok := errors.AsType[validator.ValidationErrors](err); ok {
		return c.failures(ctx, root, found)
	}
	if panicked, ok := errors.AsType[*enginePanic](err); ok {
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
