// Package fault holds the one form of what is wrong with a declaration: every package
// that reads one returns faults, and typed panics with all of them.
package fault

import "strings"

// Fault is one mistake in a declaration. As text it is "field Limit: what is wrong:
// what to write instead".
type Fault struct {
	Field   string // the field's path in Go names, "Address.City"; "" where no field is to blame
	Problem string // what is wrong
	Fix     string // what to write instead; "" where the problem says it
}

// Error makes a Fault an error.
func (f Fault) Error() string { return f.String() }

// String is the sentence of the fault.
func (f Fault) String() string {
	var b strings.Builder
	if f.Field != "" {
		b.WriteString("field " + f.Field + ": ")
	}
	b.WriteString(f.Problem)
	if f.Fix != "" {
		b.WriteString(": " + f.Fix)
	}
	return b.String()
}

// Errors are several mistakes that were found at once.
type Errors []error

// Error is the text of all of them.
func (e Errors) Error() string {
	texts := make([]string, len(e))
	for i, err := range e {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap makes errors.Is and errors.As look at each.
func (e Errors) Unwrap() []error { return e }

// Join is the error of several mistakes: nil for none, and one itself.
func Join(list []error) error {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return Errors(list)
}

// Each lists the mistakes that were joined to err, or err itself.
func Each(err error) []error {
	if several, ok := err.(Errors); ok {
		return several
	}
	return []error{err}
}
