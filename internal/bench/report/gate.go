package report

import (
	"fmt"

	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
)

// Gate is a promise and what this run measured.
type Gate struct {
	Name     string
	Measured float64
	Limit    float64
	AtLeast  bool // the limit is a least one, not a most one
	Aim      float64
	Format   string
}

// Met reports whether the run keeps the promise.
func (g Gate) Met() bool {
	if g.AtLeast {
		return g.Measured >= g.Limit
	}
	return g.Measured <= g.Limit
}

func (g Gate) row() string {
	word, verdict := "at most", "kept"
	if g.AtLeast {
		word = "at least"
	}
	if !g.Met() {
		verdict = "**missed**"
	}
	aim := ""
	if g.Aim != 0 {
		aim = fmt.Sprintf(g.Format, g.Aim)
	}
	return fmt.Sprintf("| %s | %s %s | %s | %s | %s |\n", g.Name, word, fmt.Sprintf(g.Format, g.Limit), aim, fmt.Sprintf(g.Format, g.Measured), verdict)
}

// Gates returns the promises that this run can judge.
func (r *Result) Gates() []Gate {
	ours, huma := r.index(all.Ours), r.index(all.Huma)
	limits := []struct{ limit, aim float64 }{{1.00, 0.75}, {0.45, 0.30}, {0.35, 0.25}, {0.35, 0.19}, {0.60, 0.40}, {0.80, 0.60}}
	var gates []Gate
	for i, row := range r.Rows {
		gates = append(gates, Gate{
			Name: row.Work.Name + ", CPU time over raw's", Measured: row.Cells[ours].Ratio.Median,
			Limit: limits[i].limit, Aim: limits[i].aim, Format: "%.2f",
		})
	}
	gates = append(gates,
		Gate{Name: "W3, allocations", Measured: r.Rows[2].Cells[ours].Allocs, Limit: 8, Aim: 4, Format: "%.0f"},
	)
	if len(r.ETag) > 0 {
		gates = append(gates, Gate{Name: "entity tag on W1, over raw's W1", Measured: r.ETag[0].Extra(2, 1).Median, Limit: 0.45, Format: "%.2f"})
	}
	worst := 0.0
	for _, row := range r.Rows {
		worst = max(worst, row.Cells[ours].Ratio.Median/row.Cells[huma].Ratio.Median)
	}
	gates = append(gates, Gate{Name: "the worst of W1 to W6 over huma's", Measured: worst, Limit: 1, Format: "%.2f"})
	if len(r.Loopback) > 0 {
		gates = append(gates,
			Gate{Name: "loopback W3, requests per second over raw's", Measured: r.Loopback[ours].Throughput.Median, Limit: 1.3, AtLeast: true, Format: "%.2f"},
			Gate{
				Name:     "loopback W3, requests per second over fiber's",
				Measured: r.Loopback[ours].Throughput.Median / r.Loopback[r.index(all.Fiber)].Throughput.Median,
				Limit:    0.85, AtLeast: true, Format: "%.2f",
			})
	}
	if n := len(r.Sizes); n > 0 {
		last := r.Sizes[n-1]
		gates = append(gates, Gate{
			Name:     fmt.Sprintf("registration, CPU microseconds an endpoint of %d", last.Endpoints),
			Measured: perEndpoint(last.Register, last.Endpoints), Limit: 35, Format: "%.1f",
		})
	}
	if b := r.Build; b != nil {
		gates = append(gates,
			Gate{Name: "binary growth per endpoint over huma's", Measured: b.Binary, Limit: 0.7, Format: "%.2f"},
			Gate{Name: fmt.Sprintf("CPU time to build %d endpoints over huma's", b.Endpoints), Measured: b.CPU.Median, Limit: 0.5, Format: "%.2f"})
	}
	return gates
}
