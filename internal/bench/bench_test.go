package bench_test

import (
	"testing"

	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
	"github.com/apiroutes/apiroutes/internal/bench/measure"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// BenchmarkWork is for profiles, as in
//
//	go test -run '^$' -bench 'Work/W3/apiroutes$' -benchmem -cpuprofile cpu.out
//
// Comparisons are made by cmd/compare and cmd/report, which interleave.
func BenchmarkWork(b *testing.B) {
	for _, w := range work.All() {
		b.Run(w.Name, func(b *testing.B) {
			for _, name := range append(all.Names(), all.OursETag) {
				b.Run(name, func(b *testing.B) {
					c, err := all.Named(name)
					if err != nil {
						b.Fatal(err)
					}
					call := measure.Prepare(c, w)
					b.ReportAllocs()
					for b.Loop() {
						call.Do()
					}
				})
			}
		})
	}
}
