package typed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/respond"
)

// refused is the error for a request that does not reach its handler.
type refused struct{ problem *respond.Problem }

func (r *refused) Error() string { return r.problem.Error() }

// invalid makes a refusal of what the validator says. Any other error is ours.
func (b *base) invalid(err error) error {
	e := b.endpoint
	failures, ok := errors.AsType[*rules.Failures](err)
	if !ok {
		return err
	}
	list := make([]respond.FieldError, len(failures.List))
	for i, f := range failures.List {
		in, name, pointer, ok := e.binding.Locate(f.Field)
		switch {
		case !ok:
			in, pointer = "body", f.Pointer
		case in == "body":
			pointer = belowField(f.Pointer)
		}
		list[i] = respond.FieldError{In: in, Name: name, Pointer: pointer, Rule: f.Rule, Param: f.Param, Detail: f.Message}
	}
	return &refused{b.worded(bind.Invalid(list, failures.Truncated))}
}

// belowField takes the field that holds the whole body off a pointer. The rules know the
// value, and so the keys of maps and what a ValidatorValue stands for.
func belowField(pointer string) string {
	if pointer == "" {
		return ""
	}
	at := strings.IndexByte(pointer[1:], '/')
	if at < 0 {
		return ""
	}
	return pointer[1+at:]
}

// The problems that the pipeline itself answers.
var (
	internalError = &respond.Problem{Status: http.StatusInternalServerError}
	timeoutError  = &respond.Problem{Status: http.StatusServiceUnavailable}
	tooBusy       = (&respond.Problem{Status: http.StatusServiceUnavailable}).Header("Retry-After", "1")
	tooLarge      = (&respond.Problem{ // for a handler that read a stream beyond the limit
		Status: http.StatusRequestEntityTooLarge,
		Detail: "The request body is too large.",
	}).Header("Connection", "close")
)

var (
	errTimeout    = errors.New("the endpoint's time is over")
	errGoexit     = errors.New("the handler ended its goroutine (runtime.Goexit)")
	errNilProblem = errors.New("the handler returned a nil *respond.Problem as its error, which is not nil: declare the variable as an error")
)

// failure is how an error is answered.
type failure struct {
	problem  *respond.Problem
	reported bool // OnError hears of the error
	unread   bool // the rest of the request's content is not going to be read
}

// failureOf decides how an error is answered. over says that the handler's context has ended.
func failureOf(err error, over bool) failure {
	if isPanic(err) { // whatever it was given: an error that is thrown is no answer
		return failure{problem: internalError, reported: true}
	}
	if r, ok := errors.AsType[*refused](err); ok {
		return failure{problem: r.problem}
	}
	if p, ok := errors.AsType[*respond.Problem](err); ok && p != nil {
		return failure{problem: p, reported: p.Status < 400 || p.Status >= 500, unread: bind.IsTooLarge(err)}
	}
	switch {
	case err == errTimeout, errors.Is(err, context.DeadlineExceeded) && over:
		return failure{problem: timeoutError}
	case bind.IsTooLarge(err):
		return failure{problem: tooLarge, unread: true}
	default:
		return failure{problem: internalError, reported: true}
	}
}

func isPanic(err error) bool {
	_, ok := errors.AsType[*PanicError](err)
	return ok
}

// PanicError is a panic of a handler, as OnError gets it.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // where
}

// Error does not show the stack; log it where stacks belong.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// mistake is a programming error that could only be seen when the request was answered.
func (b *base) mistake(err error) error {
	return fmt.Errorf("typed: %s: %w", b.endpoint.name, err)
}

func (b *base) report(err error) { b.endpoint.api.report(b, err) }

// logError is the OnError of an API that has none.
func logError(ctx context.Context, err error) {
	attrs := []any{slog.Any("error", err)}
	if b := baseOf(ctx); b != nil {
		attrs = append(attrs, slog.String("endpoint", b.endpoint.name))
	}
	if p, ok := err.(*PanicError); ok {
		attrs = append(attrs, slog.String("stack", string(p.Stack)))
	}
	slog.ErrorContext(ctx, "typed: request failed", attrs...)
}
