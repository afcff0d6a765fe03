package fault_test

import (
	"errors"
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

func TestErrors(t *testing.T) {
	one, two := errors.New("one"), error(fault.Fault{Field: "A", Problem: "p"})
	for _, tt := range []struct {
		list []error
		text string
	}{
		{nil, ""},
		{[]error{one}, "one"},
		{[]error{one, two}, "one; field A: p"},
	} {
		err := fault.Join(tt.list)
		if err == nil {
			if tt.text != "" {
				t.Errorf("nothing, want %s", tt.text)
			}
			continue
		}
		if err.Error() != tt.text || len(fault.Each(err)) != len(tt.list) {
			t.Errorf("%q of %d, want %q of %d", err, len(fault.Each(err)), tt.text, len(tt.list))
		}
		if _, ok := errors.AsType[fault.Fault](err); ok != (len(tt.list) == 2) {
			t.Errorf("%v has a Fault: %t", err, ok)
		}
	}
}
