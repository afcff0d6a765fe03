package probe_test

import (
	"testing"

	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
	"github.com/apiroutes/apiroutes/internal/bench/probe"
)

// TestNobodyBreaks holds everybody to the least: a bad request is the client's
// fault, or is taken; it is never the server's.
func TestNobodyBreaks(t *testing.T) {
	for _, c := range all.Contenders() {
		t.Run(c.Name, func(t *testing.T) {
			got, err := probe.Status(c)
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range probe.Probes() {
				if got[i] >= 500 {
					t.Errorf("%s: status %d", p.Name, got[i])
				}
			}
			t.Log(got)
		})
	}
}
