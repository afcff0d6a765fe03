package report

import (
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
	"github.com/apiroutes/apiroutes/internal/bench/growth"
	"github.com/apiroutes/apiroutes/internal/bench/loopback"
	"github.com/apiroutes/apiroutes/internal/bench/measure"
	"github.com/apiroutes/apiroutes/internal/bench/probe"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// result is a run in which everybody took the same.
func result() *Result {
	same := measure.Spread{Low: 1, Median: 1, High: 1}
	r := &Result{Date: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Contenders: all.Contenders()}
	for _, w := range work.All() {
		row := measure.Row{Work: w}
		for range r.Contenders {
			row.Cells = append(row.Cells, measure.Cell{Ratio: same, Allocs: 9})
		}
		r.Rows = append(r.Rows, row)
	}
	r.Relaxed = r.Rows[:3]
	for _, c := range r.Contenders {
		r.Probes = append(r.Probes, make([]int, len(probe.Probes())))
		r.Loopback = append(r.Loopback, loopback.Row{Name: c.Name, Throughput: same, CPU: same})
	}
	r.Sizes = []growth.Size{{Endpoints: 100, Register: time.Millisecond}}
	r.Build = &growth.Build{Endpoints: 200, CPU: same, Binary: 0.5}
	return r
}

func TestMarkdownHasEverySection(t *testing.T) {
	page := result().Markdown()
	for _, want := range []string{
		Command, "| W6, CPU time over raw's | at most 0.80 | 0.60 | 1.00 | **missed** |", "| W3, allocations | at most 8 | 4 | 9 | **missed** |",
		"| registration, CPU microseconds an endpoint of 100 | at most 35.0 |  | 10.0 | kept |", "| binary growth per endpoint over huma's | at most 0.70 |  | 0.50 | kept |",
		"## With fewer collections", "## What is not equal work", "| an empty body | cut |", "## Over sockets", "## Many endpoints", "## Where the time goes",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestGates(t *testing.T) {
	for _, tc := range []struct {
		gate Gate
		met  bool
	}{
		{Gate{Measured: 0.35, Limit: 0.35}, true},
		{Gate{Measured: 0.36, Limit: 0.35}, false},
		{Gate{Measured: 1.3, Limit: 1.3, AtLeast: true}, true},
		{Gate{Measured: 1.2, Limit: 1.3, AtLeast: true}, false},
	} {
		if tc.gate.Met() != tc.met {
			t.Errorf("%+v: met is %v", tc.gate, !tc.met)
		}
	}
}

func TestThisMachineNamesVersions(t *testing.T) {
	m, err := ThisMachine(all.Contenders())
	if err != nil {
		t.Fatal(err)
	}
	if m.CPUs == 0 || m.Go == "" {
		t.Errorf("%+v", m)
	}
}
