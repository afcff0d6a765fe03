// Command report measures everything that docs/guide/performance.md and README.md say
// about speed, prints that page, and writes it, its picture and README's part. It runs in
// the directory of the benchmarks' module:
//
//	GOWORK=off go -C internal/bench run ./cmd/report
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
	"github.com/apiroutes/apiroutes/internal/bench/loopback"
	"github.com/apiroutes/apiroutes/internal/bench/measure"
	"github.com/apiroutes/apiroutes/internal/bench/report"
)

// These make this program one of the processes that it measures, with the name of a
// contender behind them.
const (
	worker = "worker"
	serve  = "serve"
)

func main() {
	if len(os.Args) == 3 && (os.Args[1] == worker || os.Args[1] == serve) {
		c, err := all.Named(os.Args[2])
		exit(err)
		if os.Args[1] == worker {
			exit(measure.Work(c, os.Stdin, os.Stdout))
		} else {
			exit(loopback.Serve(c, os.Stdin, os.Stdout))
		}
		return
	}
	plan := report.Plan{
		InProcess: measure.Plan{},
		Loopback:  loopback.Plan{Span: 1500 * time.Millisecond, Conns: 16, Limit: 100_000},
		Built:     200,
	}
	flag.IntVar(&plan.InProcess.Rounds, "rounds", 21, "interleaved rounds in-process")
	flag.DurationVar(&plan.InProcess.Slice, "slice", 50*time.Millisecond, "CPU time of one contender on one workload in one round")
	flag.IntVar(&plan.Loopback.Rounds, "loopback", 9, "interleaved rounds over loopback; 0 leaves it out")
	flag.IntVar(&plan.Builds, "builds", 3, "rounds of the comparison of builds; 0 leaves out whatever is built")
	out := flag.String("o", filepath.Join("..", ".."), "root of the repository that is written to; empty for none")
	flag.Parse()
	if plan.Builds > 0 {
		plan.Endpoints = []int{1, 100, 1000, 5000}
	}
	result, err := report.Run(plan, worker, serve, os.Stderr)
	exit(err)
	fmt.Print(result.Markdown())
	if *out != "" {
		exit(write(result, *out))
	}
}

// write leaves the page, the picture and README's part in a checkout at root.
func write(result *report.Result, root string) error {
	readme := filepath.Join(root, "README.md")
	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	told, err := result.README(string(text))
	if err != nil {
		return err
	}
	picture := filepath.Join(root, filepath.FromSlash(report.PlotFile))
	for name, text := range map[string]string{
		readme:  told,
		picture: result.Plot(),
		filepath.Join(filepath.Dir(picture), "performance.md"): result.Markdown(),
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
