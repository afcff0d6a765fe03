// Command compare prints a short interleaved comparison with the baseline: the
// regression guard of every change. Ratios of so short a run wander by a tenth;
// the report's longer run is what documents quote.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
	"github.com/apiroutes/apiroutes/internal/bench/measure"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

func main() {
	var plan measure.Plan
	flag.IntVar(&plan.Rounds, "rounds", 7, "interleaved rounds")
	flag.DurationVar(&plan.Slice, "slice", 30*time.Millisecond, "CPU time of one contender on one workload in one round")
	names := flag.String("names", "", "contenders beside raw, comma-separated; empty for all")
	works := flag.String("works", "", "workloads, comma-separated; empty for all")
	flag.Parse()

	contenders := chosen(*names)
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(out, "work")
	for _, c := range contenders {
		fmt.Fprintf(out, "\t%s", c.Name)
	}
	fmt.Fprintln(out)
	for _, w := range work.All() {
		if *works != "" && !slices.Contains(strings.Split(*works, ","), w.Name) {
			continue
		}
		for _, c := range contenders {
			call := measure.Prepare(c, w)
			call.Do()
			if problem := measure.Disagrees(w, call.Answer()); problem != "" {
				fmt.Fprintf(os.Stderr, "compare: %s: %s\n", c.Name, problem)
				os.Exit(1)
			}
		}
		fmt.Fprint(out, w.Name)
		for _, cell := range measure.Compare(contenders, w, plan).Cells {
			fmt.Fprintf(out, "\t%.2f (%.2f-%.2f) %.0fns %.0fa", cell.Ratio.Median, cell.Ratio.Low, cell.Ratio.High, cell.Nanoseconds(), cell.Allocs)
		}
		fmt.Fprintln(out)
		out.Flush()
	}
}

func chosen(names string) []contender.Contender {
	list := all.Contenders()
	if names == "" {
		return list
	}
	return slices.DeleteFunc(list, func(c contender.Contender) bool {
		return c.Name != "raw" && !slices.Contains(strings.Split(names, ","), c.Name)
	})
}
