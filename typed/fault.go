package typed

import (
	"fmt"
	"strings"

	declared "github.com/apiroutes/apiroutes/internal/fault"
)

// fault is one mistake in a declaration.
type fault struct {
	field   string // "" when no field is to blame
	problem string
	mend    string // what to write instead
}

// refusal is all that is wrong with one declaration, for the panic of Handle.
func refusal(endpoint string, faults []fault) string {
	var b strings.Builder
	for i, f := range faults {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "typed: %s: ", endpoint)
		if f.field != "" {
			fmt.Fprintf(&b, "field %s: ", f.field)
		}
		b.WriteString(f.problem)
		if f.mend != "" {
			b.WriteString(": " + f.mend)
		}
	}
	return b.String()
}

func bindFault(f declared.Fault) fault { return fault{f.Field, f.Problem, f.Fix} }

func checkFault(f declared.Fault) fault { return fault{f.Field, f.Problem, f.Fix} }
