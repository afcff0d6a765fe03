package hook

import (
	"reflect"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// What package respond lets the pipeline reach.
var (
	// Builder finds the Builder in a pointer to a respond.Response or to an outcome; it
	// is nil for anything else.
	Builder func(x any) (*answer.Builder, answer.Role)

	// Form is what Send makes of a payload of type t.
	Form func(t reflect.Type) answer.Form

	// Accept returns what a, a *respond.Answer, says. It refuses the zero Answer, and one
	// that was not made by out, the Response or outcome set of this very request. p is the
	// plan of the endpoint.
	Accept func(a, out any, p *answer.Plan) (*answer.Answer, error)

	// FreeAnswer returns what a, a *respond.Answer, says, wherever it was made.
	FreeAnswer func(a any) *answer.Answer

	// WriteProblem writes p, a *respond.Problem, as application/problem+json, as a client
	// may see it. It uses r, which is empty before and after, and may be nil.
	WriteProblem func(ex wire.Exchange, r *answer.Rendering, p error)
)
