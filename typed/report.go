package typed

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
)

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
func (r *record) mistake(err error) error {
	return fmt.Errorf("typed: %s: %w", r.endpoint.name, err)
}

func (r *record) report(err error) { r.endpoint.api.onError(r, err) }

// reportAlone reports on a goroutine that no server watches over: there a panic of
// OnError would end the process.
func (r *record) reportAlone(err error) {
	defer func() {
		if v := recover(); v != nil {
			logError(r, err)
			logError(r, &PanicError{Value: v, Stack: debug.Stack()})
		}
	}()
	r.report(err)
}

// logError is the OnError of an API that has none.
func logError(ctx context.Context, err error) {
	attrs := []any{slog.Any("error", err)}
	if r := recordOf(ctx); r != nil && r.endpoint != nil {
		attrs = append(attrs, slog.String("endpoint", r.endpoint.name))
	}
	if p, ok := err.(*PanicError); ok {
		attrs = append(attrs, slog.String("stack", string(p.Stack)))
	}
	slog.ErrorContext(ctx, "typed: request failed", attrs...)
}
