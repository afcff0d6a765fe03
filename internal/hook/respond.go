package hook

import (
	"reflect"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// What package respond lets the pipeline reach.
var (
	// Outcome tells what x, a pointer, is, and finds its Builder; nil for anything but
	// a respond.Response or an outcome.
	Outcome func(x any) (*answer.Builder, answer.Role)

	// Form is what Send makes of a payload of type t.
	Form func(t reflect.Type) answer.Form

	// WriteProblem writes p, a *respond.Problem, as application/problem+json, as a client
	// may see it. It uses buffer, and leaves a larger one in it; it may be nil. The error
	// is a programming error: what of p was not sent.
	WriteProblem func(ex wire.Exchange, buffer *[]byte, p error) (mistake error)

	// VisibleProblem is a copy of p, a *respond.Problem, as a client may see it, with its
	// status and title filled in; it keeps the cause. head are the header fields of p.
	VisibleProblem func(p error) (head *answer.Head, visible error)
)
