package validate

import (
	"context"
	"errors"
	"reflect"
)

// SelfChecker is a request type that judges itself, after its tags have passed. What
// Validate returns is told to the client: a Failure or *Failures as it is, an error
// joined of several as several failures, any other error by its text. The context's
// own errors, and errors that wrap them, are not: Check returns them unchanged.
type SelfChecker interface {
	Validate(ctx context.Context) error
}

// askSelf calls the Validate method.
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
	c.collect(out, &locator{root: reflect.ValueOf(ptr).Elem(), members: c.inDoubt().members}, err)
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
