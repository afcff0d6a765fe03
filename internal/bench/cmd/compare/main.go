// Command compare prints a short interleaved comparison with the baseline: the
// regression guard of every change. Ratios of so short a run wander by a tenth;
// the report's longer run is what documents quote.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
	"github.com/apiroutes/apiroutes/internal/bench/measure"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// worker makes this program one of the processes that it measures in.
const worker = "worker"

func main() {
	if len(os.Args) == 3 && os.Args[1] == worker {
		c, err := all.Named(os.Args[2])
		exit(err)
		exit(measure.Agrees(c))
		exit(measure.Work(c, os.Stdin, os.Stdout))
		return
	}
	var plan measure.Plan
	flag.IntVar(&plan.Rounds, "rounds", 7, "interleaved rounds")
	flag.DurationVar(&plan.Slice, "slice", 30*time.Millisecond, "CPU time of one contender on one workload in one round")
	names := flag.String("names", strings.Join(all.Names()[1:], ";"), "contenders beside raw, separated by semicolons")
	works := flag.String("works", "W1,W2,W3,W4,W5,W6", "workloads")
	flag.Parse()
	exit(compare(append([]string{all.Raw}, strings.Split(*names, ";")...), strings.Split(*works, ","), plan))
}

func compare(names, works []string, plan measure.Plan) error {
	var subjects []measure.Subject
	for _, name := range names {
		w, err := measure.StartWorker(name, nil, worker, name)
		if err != nil {
			return err
		}
		defer w.Close() // its process ends with its input, whatever it says
		subjects = append(subjects, w)
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(out, "work\t%s\n", strings.Join(names, "\t"))
	for _, name := range works {
		row, err := measure.Compare(subjects, work.Named(name), plan)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprint(out, name)
		for _, cell := range row.Cells {
			_, _ = fmt.Fprintf(out, "\t%.2f (%.2f-%.2f) %.0f ns %.0f allocs %.0f B",
				cell.Ratio.Median, cell.Ratio.Low, cell.Ratio.High, cell.Nanoseconds(), cell.Allocs, cell.Bytes)
		}
		_, _ = fmt.Fprintln(out)
	}
	return out.Flush()
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}
