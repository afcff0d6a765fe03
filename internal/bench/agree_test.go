package bench_test

import (
	"testing"

	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
	"github.com/apiroutes/apiroutes/internal/bench/measure"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// TestAgreement is what makes the times comparable: everybody gives the same
// answer, the second time as well as the first.
func TestAgreement(t *testing.T) {
	for _, c := range all.Contenders() {
		t.Run(c.Name, func(t *testing.T) {
			for _, w := range work.All() {
				call := measure.Prepare(c, w)
				for range 2 {
					call.Do()
					if problem := measure.Disagrees(w, call.Answer()); problem != "" {
						t.Fatal(problem)
					}
				}
			}
		})
	}
}
