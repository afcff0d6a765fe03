package typed

import (
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/internal/stream"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// LineError is what ends the loop over the [Lines] of a request. A handler that returns it,
// wrapped or not, answers the problem that it stands for.
type LineError struct {
	// Index is that of the line, from 0; blank lines do not count. Pointers into the
	// line begin with it: /17/name.
	Index int
	// Err is a *respond.Problem, 400, 413 or 422, if the line is at fault, and otherwise
	// what reading the body gave.
	Err error
}

// Error is for logs. It repeats nothing of the line.
func (e *LineError) Error() string { return fmt.Sprintf("typed: line %d: %v", e.Index, e.Err) }

// Unwrap returns Err.
func (e *LineError) Unwrap() error { return e.Err }

// MaxLine limits a line of a request's [Lines] to n bytes, inclusive, without its end.
// Without the option it is 1 MiB, or MaxBody where that is less.
func MaxLine(n int64) Option {
	return option(func(s *settings) {
		s.maxLine = n
		if n <= 0 {
			s.faults = append(s.faults, fault.Fault{Problem: "the option MaxLine is not positive", Fix: "give the limit in bytes, or drop the option"})
		}
	})
}

// lineType is bind.Options.Lines.
func lineType(t reflect.Type) reflect.Type {
	if form, item := itemsOf(t); form == answer.FormLines {
		return item
	}
	return nil
}

// readRows reads the rules of a body of lines.
func (c *compilation) readRows() {
	item := c.endpoint.binding.LineType()
	if item == nil {
		return
	}
	checker, faults := rules.Of(c.api.validator).Compile(item)
	c.faults = append(c.faults, faults...)
	if !checker.Idle() {
		c.endpoint.binding.JudgeLines(checker.Check)
	}
}

// openRows gives the handler the lines of the body.
func (b *base) openRows(ex wire.Exchange, in any) {
	lines, field := b.endpoint.binding.Lines(ex, in)
	var failed error
	field.(itemized).fill(func(_ *stream.Head, row any) error {
		if failed != nil {
			return failed
		}
		err := lines.Next(row)
		if err == nil {
			err = b.checkRow(lines, row)
		}
		if err != nil && err != io.EOF {
			if p, ok := err.(*respond.Problem); ok && b.endpoint.api.message != nil {
				err = b.worded(p)
			}
			err = &LineError{Index: lines.Index(), Err: err}
			failed = err
		}
		return err
	})
}

// checkRow judges a line that was decoded. An error that is no problem is not the client's
// fault.
func (b *base) checkRow(lines *bind.Lines, row any) error {
	err := lines.Judge(b, row)
	failures, ok := errors.AsType[*rules.Failures](err)
	if !ok {
		return err
	}
	list := make([]respond.FieldError, len(failures.List))
	for i, f := range failures.List {
		list[i] = respond.FieldError{In: bind.Body.String(), Pointer: lines.Pointer() + f.Pointer, Rule: f.Rule, Param: f.Param, Detail: f.Message}
	}
	return bind.Invalid(list, failures.Truncated)
}
