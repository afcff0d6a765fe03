package validate

import (
	"fmt"
	"runtime/debug"
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
