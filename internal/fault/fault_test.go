package fault_test

import (
	"testing"

	"github.com/apiroutes/apiroutes/internal/fault"
)

func TestFault(t *testing.T) {
	for _, tt := range []struct {
		fault fault.Fault
		want  string
	}{
		{fault.Fault{}, ""},
		{fault.Fault{Problem: "the handler is nil"}, "the handler is nil"},
		{fault.Fault{Problem: "the handler is nil", Fix: "pass a function"}, "the handler is nil: pass a function"},
		{fault.Fault{Field: "A.B", Problem: "p", Fix: "f"}, "field A.B: p: f"},
	} {
		if got := tt.fault.String(); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.fault, got, tt.want)
		}
		if got := tt.fault.Error(); got != tt.want {
			t.Errorf("%+v: error %q, want %q", tt.fault, got, tt.want)
		}
	}
}
