package validate

import (
	"context"

	"github.com/apiroutes/apiroutes/internal/rules"
)

// Failure is one rule that one value broke. It holds neither the value nor the name of
// a Go type, so it may be shown to the client. A Validate method returns it as well.
type Failure struct {
	// Field is the Go path below the root: "Address.City", "Tags[3]", "Page.Limit"
	// (names of embedded structs included), "Labels[colour]". Empty for the root.
	Field string
	// Pointer is the JSON Pointer (RFC 6901) made of JSON names: "/address/city".
	// Of a Validate method's failure it follows from Field where it is empty.
	Pointer string
	// Rule is the tag ("min"), an alias ("iscolor"), or alternatives ("uuid|email").
	// Empty in a Validate method's failure: "validate".
	Rule string
	// Param is the rule's parameter ("3"); a field that it names is given by its JSON name.
	Param string
	// Message is an English sentence without a subject: "must be at least 3 characters long".
	Message string
}

// Error is the failure on one line. A Failure is an error so that a Validate method can
// return it.
func (f Failure) Error() string { return rules.Failure(f).String() }

// Failures are all that is wrong with one value; find them with
// errors.AsType[*validate.Failures].
type Failures struct {
	// List holds at least one failure and at most 100, in the order of the fields.
	List []Failure
	// Truncated tells that there are more, which the list leaves out.
	Truncated bool

	cause error
}

// Error puts up to three failures on one line.
func (f *Failures) Error() string { return rules.OneLine(f.List, Failure.Error) }

// Unwrap is the error that a Validate method returned; nil for failures of tags.
func (f *Failures) Unwrap() error { return f.cause }

// SelfChecker is a type that judges its values itself, after all tags have passed: those of
// a request, and those inside of it at any depth, the inner ones first. Fields and pointers of
// its failures begin at the value. The client is told the Failure, the *Failures, or the errors.Join of several that
// Validate returns, also inside other errors, whose own texts are left out. An error
// that is or joins anything else is the server's: its text may hold what no client
// should read, so a request is answered with 500 and the error reported. The context's
// errors are returned as they are. An empty or nil *Failures means that all is well.
type SelfChecker interface {
	Validate(ctx context.Context) error
}

// failuresOf reads what a Validate method returned.
func failuresOf(err error) (list []rules.Failure, truncated, ok bool) {
	switch err := err.(type) {
	case Failure:
		return []rules.Failure{rules.Failure(err)}, false, true
	case *Failure:
		if err == nil {
			return nil, false, true
		}
		return []rules.Failure{rules.Failure(*err)}, false, true
	case *Failures:
		if err == nil {
			return nil, false, true
		}
		for _, f := range err.List {
			list = append(list, rules.Failure(f))
		}
		return list, err.Truncated, true
	}
	return nil, false, false
}
