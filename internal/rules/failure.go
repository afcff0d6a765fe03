package rules

import (
	"strconv"
	"strings"
)

// maxFailures and maxFailureBytes bound what one request is told: a client that
// sends a hundred thousand wrong values learns of the first hundred.
const (
	maxFailures     = 100
	maxFailureBytes = 32 << 10
)

// Failure is one rule that one value broke; validate.Failure has the same fields. It
// holds neither the value nor the name of a Go type, so it may be shown to the client.
type Failure struct {
	// Field is the Go path below the root: "Address.City", "Tags[3]", "Page.Limit"
	// (names of embedded structs included), "Labels[colour]". Empty for the root.
	Field string
	// Pointer is the JSON Pointer (RFC 6901) made of JSON names: "/address/city".
	Pointer string
	// Rule is the tag ("min"), an alias ("iscolor"), or alternatives ("uuid|email").
	Rule string
	// Param is the rule's parameter ("3"); a field that it names is given by its JSON name.
	Param string
	// Message is an English sentence without a subject: "must be at least 3 characters long".
	Message string
}

// String is the failure on one line.
func (f Failure) String() string {
	message := f.Message
	if message == "" {
		message = "breaks the rule " + f.Rule
	}
	switch {
	case f.Pointer != "":
		return f.Pointer + ": " + message
	case f.Field != "":
		return f.Field + ": " + message
	}
	return message
}

// Failures are all that is wrong with one value.
type Failures struct {
	// List holds at least one failure and at most 100, in the order of the fields.
	List []Failure
	// Truncated tells that there are more, which the list leaves out.
	Truncated bool

	cause error
	bytes int
}

// Error puts up to three failures on one line.
func (f *Failures) Error() string {
	var b strings.Builder
	for i, failure := range f.List {
		if i == 3 {
			b.WriteString("; and " + strconv.Itoa(len(f.List)-i) + " more")
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(failure.String())
	}
	return b.String()
}

// Unwrap is the error that a Validate method returned; nil for failures of tags.
func (f *Failures) Unwrap() error { return f.cause }

// add appends a failure and reports whether another one may follow.
func (f *Failures) add(failure Failure) bool {
	size := len(failure.Field) + len(failure.Pointer) + len(failure.Param) + len(failure.Message)
	if len(f.List) >= maxFailures || len(f.List) > 0 && f.bytes+size > maxFailureBytes {
		f.Truncated = true
		return false
	}
	f.bytes += size
	f.List = append(f.List, failure)
	return true
}
