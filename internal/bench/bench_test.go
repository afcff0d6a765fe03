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
	contenders := append(all.Contenders(), all.OursWithETag())
	for _, w := range work.All() {
		b.Run(w.Name, func(b *testing.B) {
			for _, c := range contenders {
				b.Run(c.Name, func(b *testing.B) {
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
