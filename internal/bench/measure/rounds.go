package measure

import (
	"runtime"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// Plan says how long to measure.
type Plan struct {
	Rounds int
	Slice  time.Duration // CPU time of one contender on one workload in one round
}

// Cell is one contender on one workload.
type Cell struct {
	Ratio  Spread // CPU time per request, as a ratio to the baseline of the same round
	Allocs float64
	Bytes  float64
	perOp  []float64 // nanoseconds of CPU time, one per round
}

// Row is one workload across the contenders, in their order.
type Row struct {
	Work  work.Work
	Cells []Cell
}

// Extra is what cell a costs beyond cell b, as a share of the baseline.
func (r Row) Extra(a, b int) Spread {
	values := make([]float64, len(r.Cells[a].perOp))
	for i := range values {
		values[i] = (r.Cells[a].perOp[i] - r.Cells[b].perOp[i]) / r.Cells[0].perOp[i]
	}
	return Summary(values)
}

// Compare measures every contender on w; the first is the baseline. Within a
// round everybody runs once, each round starts with another contender, and a
// ratio is taken within its round: what the machine does to one round it does to
// everybody in it.
func Compare(contenders []contender.Contender, w work.Work, plan Plan) Row {
	row := Row{Work: w, Cells: make([]Cell, len(contenders))}
	calls := make([]Call, len(contenders))
	counts := make([]int, len(contenders))
	for i, c := range contenders {
		calls[i] = Prepare(c, w)
		counts[i] = calibrate(calls[i], plan.Slice)
		row.Cells[i].Allocs, row.Cells[i].Bytes = allocations(calls[i])
	}
	for round := range plan.Rounds {
		for k := range contenders {
			i := (round + k) % len(contenders)
			row.Cells[i].perOp = append(row.Cells[i].perOp, perOp(calls[i], counts[i]))
		}
	}
	for i := range row.Cells {
		ratios := make([]float64, plan.Rounds)
		for round := range ratios {
			ratios[round] = row.Cells[i].perOp[round] / row.Cells[0].perOp[round]
		}
		row.Cells[i].Ratio = Summary(ratios)
	}
	return row
}

// perOp returns nanoseconds of CPU time per request.
func perOp(call Call, n int) float64 {
	runtime.GC()
	start := CPU()
	for range n {
		call.Do()
	}
	return float64(CPU()-start) / float64(n)
}

// calibrate returns how many requests take about one slice, and warms up doing so.
func calibrate(call Call, slice time.Duration) int {
	for n := 16; ; n *= 2 {
		if used := perOp(call, n) * float64(n); used >= float64(slice)/4 {
			return max(1, int(float64(n)*float64(slice)/used))
		}
	}
}

func allocations(call Call) (count, bytes float64) {
	const n = 200
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	call.Do()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		call.Do()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / n, float64(after.TotalAlloc-before.TotalAlloc) / n
}

// Nanoseconds is the median CPU time of one request, for reading a profile
// beside it; on a shared machine it means little.
func (c Cell) Nanoseconds() float64 { return Summary(c.perOp).Median }
