package measure

import (
	"time"

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

// Nanoseconds is the median CPU time of one request, for reading a profile
// beside it; on a shared machine it means little.
func (c Cell) Nanoseconds() float64 { return Summary(c.perOp).Median }

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

// Compare measures every subject on w; the first is the baseline. Within a
// round everybody runs once, each round starts with another subject, and a
// ratio is taken within its round: what the machine does to one round it does to
// everybody in it.
func Compare(subjects []Subject, w work.Work, plan Plan) (Row, error) {
	row := Row{Work: w, Cells: make([]Cell, len(subjects))}
	counts := make([]int, len(subjects))
	for i, s := range subjects {
		var err error
		if counts[i], err = calibrate(s, w.Name, plan.Slice); err != nil {
			return row, err
		}
		if row.Cells[i].Allocs, row.Cells[i].Bytes, err = s.Allocations(w.Name); err != nil {
			return row, err
		}
	}
	for round := range plan.Rounds {
		for k := range subjects {
			i := (round + k) % len(subjects)
			used, err := subjects[i].Run(w.Name, counts[i])
			if err != nil {
				return row, err
			}
			row.Cells[i].perOp = append(row.Cells[i].perOp, float64(used)/float64(counts[i]))
		}
	}
	for i := range row.Cells {
		ratios := make([]float64, plan.Rounds)
		for round := range ratios {
			ratios[round] = row.Cells[i].perOp[round] / row.Cells[0].perOp[round]
		}
		row.Cells[i].Ratio = Summary(ratios)
	}
	return row, nil
}

// calibrate returns how many requests take about one slice, and warms up doing so.
func calibrate(s Subject, workload string, slice time.Duration) (int, error) {
	for n := 16; ; n *= 2 {
		used, err := s.Run(workload, n)
		if err != nil {
			return 0, err
		}
		if used >= slice/4 {
			return max(1, int(float64(n)*float64(slice)/float64(used))), nil
		}
	}
}
