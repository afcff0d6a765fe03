package rules

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"

	"github.com/go-playground/validator/v10"
)

// PanicError is a panic in the user's own code: a registered function or a Validate
// method. It is no fault of the client's; an HTTP server answers 500.
type PanicError struct {
	// Where names the code that panicked: "tag isbn", "Validate method".
	Where string
	// Value is what was given to panic, Stack the stack at that moment.
	Value any
	Stack []byte
}

func (p *PanicError) Error() string {
	return fmt.Sprintf("validate: panic in %s: %v\n%s", p.Where, p.Value, p.Stack)
}

// Unwrap is the panic's value where that is an error, such as http.ErrAbortHandler.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// blame marks a panic as the user's own code's on its way out. Deferred.
func blame(where string) {
	if r := recover(); r != nil {
		if marked, ok := r.(*PanicError); ok {
			panic(marked)
		}
		panic(&PanicError{Where: where, Value: r, Stack: debug.Stack()})
	}
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
		where := (&locator{root: root, members: c.slow().members}).locate(name)
		return c.validator.worded(ctx, Failure{
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
			return c.validator.engine.StructFilteredCtx(ctx, ptr, onlyField(c.slow().name+name))
		})
		var found validator.ValidationErrors
		switch {
		case err == nil:
		case errors.As(err, &found):
			for _, failure := range c.failures(ctx, root, found).List {
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
