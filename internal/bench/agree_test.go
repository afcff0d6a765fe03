package bench_test

import (
	"testing"

	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
	"github.com/apiroutes/apiroutes/internal/bench/measure"
)

// TestAgreement is what makes the times comparable: everybody gives the same
// answer, the second time as well as the first.
func TestAgreement(t *testing.T) {
	for _, name := range append(all.Names(), all.OursETag) {
		t.Run(name, func(t *testing.T) {
			c, err := all.Named(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := measure.Agrees(c); err != nil {
				t.Fatal(err)
			}
		})
	}
}
