package rules

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

// SelfChecker is a request type that judges itself, after its tags have passed: see
// validate.SelfChecker.
type SelfChecker interface {
	Validate(ctx context.Context) error
}

// askSelf calls the Validate method. Its failures are told; any other error is the
// server's, since its text may hold what no client should read.
func (c *Checker) askSelf(ctx context.Context, ptr any) error {
	return c.run(func() error {
		defer blame("Validate method") // also of the methods of what it returns
		err := ptr.(SelfChecker).Validate(ctx)
		if err == nil {
			return nil
		}
		out := &Failures{cause: err}
		l := &locator{root: reflect.ValueOf(ptr).Elem(), members: c.slow().members}
		switch {
		case c.collect(out, l, err):
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
			return err
		default:
			return fmt.Errorf("validate: the Validate method of %v returned an error that is no validate.Failure: %w", c.typ, err)
		}
		if len(out.List) == 0 {
			return nil // an empty list, or a nil *validate.Failures in an error
		}
		return out
	})
}

// collect gathers the failures in what a Validate method returned. It reports false
// where anything in err's tree is no failure.
func (c *Checker) collect(out *Failures, l *locator, err error) bool {
	if list, truncated, ok := c.validator.failuresIn(err); ok {
		for _, failure := range list {
			out.add(c.completed(failure, l))
		}
		out.Truncated = out.Truncated || truncated
		return true
	}
	switch wrapper := err.(type) {
	case interface{ Unwrap() []error }:
		for _, each := range wrapper.Unwrap() {
			if each != nil && !c.collect(out, l, each) {
				return false
			}
		}
		return len(wrapper.Unwrap()) > 0
	case interface{ Unwrap() error }:
		inner := wrapper.Unwrap()
		return inner != nil && c.collect(out, l, inner)
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
