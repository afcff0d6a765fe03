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
