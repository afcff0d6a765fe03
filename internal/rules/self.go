package rules

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/apiroutes/apiroutes/internal/presence"
)

// SelfChecker is a type that judges its values itself, after all tags have passed: see
// validate.SelfChecker.
type SelfChecker interface {
	Validate(ctx context.Context) error
}

func isSelfChecker(t reflect.Type) bool {
	return t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(reflect.TypeFor[SelfChecker]())
}

// JudgedBeyond reports whether more than tags judge the values of t: a Validate method, or a
// function of RegisterStruct.
func (v *Validator) JudgedBeyond(t reflect.Type) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.structs[t] != nil || isSelfChecker(t)
}

// selfPlan says where SelfCheckers are in the values of a type.
type selfPlan struct {
	self   bool // it is one
	fields []selfField
	elem   *selfPlan // of what a pointer, a list, a map or a presence type holds
}

// selfField is a field that leads to one.
type selfField struct {
	index    int
	name     string
	plan     *selfPlan
	embedded bool // its own method is that of the struct around it, or is hidden by that
}

// selves compiles the plan of t, which is nil where no value of t holds a SelfChecker.
func (a *auditor) selves(t reflect.Type, path string) *selfPlan {
	known := a.validator.selves
	if p, ok := known[t]; ok {
		return p
	}
	seen := make(map[reflect.Type]bool)
	if !a.holdsSelf(t, seen) {
		for other := range seen {
			known[other] = nil
		}
		return nil
	}
	p := &selfPlan{self: isSelfChecker(t)}
	known[t] = p // before what is below, which may be the same again
	if e := elementOf(t); e != nil {
		p.elem = a.selves(e, path)
		return p
	}
	fields := a.fieldsOf(t)
	for i := range fields {
		f := &fields[i]
		if !f.isAsked() {
			continue
		}
		below := a.selves(f.Type, path+f.Name+".")
		if below == nil {
			continue
		}
		embedded := f.Anonymous && deref(f.Type).Kind() == reflect.Struct
		switch {
		case !embedded || !isSelfChecker(deref(f.Type)):
		case f.Type.Kind() == reflect.Pointer:
			a.fault(site{path: path + f.Name}, "", "embed the struct itself, or give the field a name",
				"its method Validate belongs to the struct around it as well, and a request may leave the pointer nil")
		case !p.self:
			a.fault(site{path: path + f.Name}, "", "give the struct around it a method Validate(context.Context) error that calls it",
				"its method Validate would never be called: it is hidden, as by another embedded field that has one too")
		}
		p.fields = append(p.fields, selfField{f.Index[0], f.Name, below, embedded})
	}
	return p
}

// holdsSelf reports whether a value of t may hold a SelfChecker; seen are the types that it
// has looked at.
func (a *auditor) holdsSelf(t reflect.Type, seen map[reflect.Type]bool) bool {
	p, known := a.validator.selves[t]
	if known || seen[t] {
		return p != nil
	}
	seen[t] = true
	if isSelfChecker(t) {
		return true
	}
	if e := elementOf(t); e != nil {
		return a.holdsSelf(e, seen)
	}
	fields := a.fieldsOf(t)
	for i := range fields {
		if f := &fields[i]; f.isAsked() && a.holdsSelf(f.Type, seen) {
			return true
		}
	}
	return false
}

// elementOf is the type of what the values of t hold; nil: t is none that holds others.
func elementOf(t reflect.Type) reflect.Type {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return t.Elem()
	}
	if value, _, ok := presence.Of(t); ok {
		return value
	}
	return nil
}

// fieldsOf are the fields of t; none where it is no struct.
func (a *auditor) fieldsOf(t reflect.Type) []ruledField {
	if t.Kind() != reflect.Struct || isTime(t) {
		return nil
	}
	return a.structs.of(t, a.validator.tagName).fields
}

// isAsked reports whether SelfCheckers in the field are asked.
func (f *ruledField) isAsked() bool {
	return !f.unruled && f.tag != tagSkip && (f.IsExported() || f.Anonymous)
}

// askSelves calls the Validate methods. Their failures are told; any other error is the
// server's, since its text may hold what no client should read.
func (c *Checker) askSelves(ctx context.Context, root reflect.Value) error {
	s := selfAsker{Checker: c, ctx: ctx, locator: locator{root: root, members: c.slow().members}}
	err := c.run(func() error {
		defer blame("Validate method") // also of the methods of what it returns
		return s.ask(c.selves, root, false)
	})
	if err != nil || len(s.out.List) == 0 { // it may have returned an empty list, or a nil *validate.Failures in an error
		return err
	}
	return &s.out
}

// selfAsker asks the SelfCheckers in one value.
type selfAsker struct {
	*Checker
	ctx     context.Context
	locator locator
	path    []byte // to the value that is asked, by its Go fields
	out     Failures
}

// ask asks what p finds in v, a field's value if embedded. What is inside comes first, and if it fails, what is around it
// is not asked, as it is not after a tag has failed.
func (s *selfAsker) ask(p *selfPlan, v reflect.Value, embedded bool) error {
	at, before := len(s.path), len(s.out.List)
	if err := s.askBelow(p, v, embedded); err != nil {
		return err
	}
	if s.path = s.path[:at]; !p.self || embedded || len(s.out.List) > before || s.out.Truncated {
		return nil
	}
	err := v.Addr().Interface().(SelfChecker).Validate(s.ctx)
	switch {
	case err == nil:
	case s.collect(err):
		s.out.cause = err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	default:
		return fmt.Errorf("validate: the Validate method of %v returned an error that is no validate.Failure: %w", v.Type(), err)
	}
	return nil
}

func (s *selfAsker) askBelow(p *selfPlan, v reflect.Value, embedded bool) error {
	at := len(s.path)
	for _, f := range p.fields {
		if s.path = s.path[:at]; at > 0 {
			s.path = append(s.path, '.')
		}
		s.path = append(s.path, f.name...)
		if err := s.ask(f.plan, v.Field(f.index), f.embedded); err != nil {
			return err
		}
	}
	if p.elem == nil {
		return nil
	}
	element := func(key string, elem reflect.Value) error {
		s.path = append(append(append(s.path[:at], '['), key...), ']')
		return s.ask(p.elem, elem, false)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return s.ask(p.elem, v.Elem(), embedded)
		}
	case reflect.Struct: // a presence type
		if presence.StateOf(v) == presence.Present {
			return s.ask(p.elem, presence.Value(v), false)
		}
	case reflect.Map:
		for entry := v.MapRange(); entry.Next() && !s.out.Truncated; {
			elem := reflect.New(v.Type().Elem()).Elem()
			elem.Set(entry.Value())
			if err := element(fmt.Sprint(entry.Key()), elem); err != nil {
				return err
			}
		}
	default:
		for i := 0; i < v.Len() && !s.out.Truncated; i++ {
			if err := element(strconv.Itoa(i), v.Index(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// collect gathers the failures in what the Validate method at the path returned. It reports
// false where anything in err's tree is no failure.
func (s *selfAsker) collect(err error) bool {
	if list, truncated, ok := s.validator.failuresIn(err); ok {
		for _, failure := range list {
			s.out.add(s.completed(failure))
		}
		s.out.Truncated = s.out.Truncated || truncated
		return true
	}
	switch wrapper := err.(type) {
	case interface{ Unwrap() []error }:
		for _, each := range wrapper.Unwrap() {
			if each != nil && !s.collect(each) {
				return false
			}
		}
		return len(wrapper.Unwrap()) > 0
	case interface{ Unwrap() error }:
		inner := wrapper.Unwrap()
		return inner != nil && s.collect(inner)
	}
	return false
}

// failuresIn reads the failures of an error that is of such a type itself.
func (v *Validator) failuresIn(err error) (list []Failure, truncated, ok bool) {
	if v.failures != nil {
		return v.failures(err)
	}
	several, ok := err.(*Failures)
	if several == nil {
		return nil, false, ok
	}
	return several.List, several.Truncated, ok
}

// completed fills in what a user's Failure left out: the rule, and the pointer that
// follows from the field. Both field and pointer begin at the value that judged itself.
func (s *selfAsker) completed(f Failure) Failure {
	if f.Rule == "" {
		f.Rule = "validate"
	}
	if f.Message == "" {
		f.Message = "breaks the rule " + f.Rule
	}
	path, below := string(s.path), string(s.path)
	if path != "" && f.Field != "" && f.Field[0] != '[' {
		below += "."
	}
	where := s.locator.locate(below + f.Field)
	if path != "" {
		f.Field = string(where.field)
	}
	if f.Pointer != "" {
		f.Pointer = string(s.locator.locate(path).pointer) + f.Pointer
	} else {
		f.Pointer = string(where.pointer)
	}
	return f
}
