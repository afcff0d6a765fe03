// Package report measures everything and writes docs/guide/performance.md.
package report

import (
	"fmt"
	"io"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/all"
	"github.com/apiroutes/apiroutes/internal/bench/growth"
	"github.com/apiroutes/apiroutes/internal/bench/loopback"
	"github.com/apiroutes/apiroutes/internal/bench/measure"
	"github.com/apiroutes/apiroutes/internal/bench/probe"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// Plan says how long to measure, and what to leave out.
type Plan struct {
	InProcess measure.Plan
	Loopback  loopback.Plan // no rounds: left out
	Endpoints []int         // program sizes; none: left out, as is the comparison of builds
	Built     int           // endpoints of the comparison of builds
	Builds    int           // its rounds
}

// Result is what one run came to.
type Result struct {
	Date       time.Time
	Machine    Machine
	Contenders []contender.Contender
	Rows       []measure.Row // one a workload, cells in the order of Contenders
	ETag       []measure.Row // W1 and W5 of raw, ours, ours with entity tags
	Relaxed    []measure.Row // W1 to W3 of [relaxedNames], with relaxedGC
	Probes     [][]int       // statuses by contender
	Loopback   []loopback.Row
	Sizes      []growth.Size
	Build      *growth.Build
	Plan       Plan
}

// Run measures. Nothing is timed before every contender gives the answers that the
// workloads ask for. It runs where the benchmarks' module stands; worker and serve are the
// arguments that, with a contender's name behind them, make this program run
// [measure.Work] and [loopback.Serve]. progress is told what goes on.
func Run(plan Plan, worker, serve string, progress io.Writer) (*Result, error) {
	r := &Result{Date: time.Now().UTC(), Contenders: all.Contenders(), Plan: plan}
	var err error
	if r.Machine, err = ThisMachine(r.Contenders); err != nil {
		return nil, err
	}
	for _, c := range r.Contenders {
		if err := measure.Agrees(c); err != nil {
			return nil, err
		}
	}
	if err := r.inProcess(plan.InProcess, worker, progress); err != nil {
		return nil, err
	}
	for _, c := range r.Contenders {
		_, _ = fmt.Fprintln(progress, "probing", c.Name)
		statuses, err := probe.Status(c)
		if err != nil {
			return nil, err
		}
		r.Probes = append(r.Probes, statuses)
	}
	if plan.Loopback.Rounds > 0 {
		_, _ = fmt.Fprintln(progress, "knocking over loopback")
		if r.Loopback, err = loopback.Run(r.Contenders, []string{serve}, work.Named("W3"), plan.Loopback); err != nil {
			return nil, err
		}
	}
	if len(plan.Endpoints) > 0 {
		err = r.grow(plan, progress)
	}
	return r, err
}

// relaxedGC has the collector wait until a process holds five times what it keeps,
// and relaxedNames are the contenders that are compared again with it.
const relaxedGC = "GOGC=400"

func relaxedNames() []string { return []string{all.Raw, all.Buffered, all.Huma, all.Ours} }

// inProcess measures the workloads, every contender in a worker of its own.
func (r *Result) inProcess(plan measure.Plan, worker string, progress io.Writer) (err error) {
	var workloads []string
	for _, w := range work.All() {
		workloads = append(workloads, w.Name)
	}
	c := comparison{plan, worker, progress}
	if r.Rows, err = c.rows(workloads, all.Names()); err != nil {
		return err
	}
	if r.ETag, err = c.rows([]string{"W1", "W5"}, []string{all.Raw, all.Ours, all.OursETag}); err != nil {
		return err
	}
	r.Relaxed, err = c.rows([]string{"W1", "W2", "W3"}, relaxedNames(), relaxedGC)
	return err
}

// comparison is how contenders are compared.
type comparison struct {
	plan     measure.Plan
	worker   string
	progress io.Writer
}

// rows compares contenders, the first being the baseline, in workers with env.
func (c comparison) rows(workloads, names []string, env ...string) ([]measure.Row, error) {
	var subjects []measure.Subject
	for _, name := range names {
		w, err := measure.StartWorker(name, env, c.worker, name)
		if err != nil {
			return nil, err
		}
		defer w.Close() // its process ends with its input, whatever it says
		subjects = append(subjects, w)
	}
	var rows []measure.Row
	for _, workload := range workloads {
		_, _ = fmt.Fprintln(c.progress, "measuring", workload, names, env)
		row, err := measure.Compare(subjects, work.Named(workload), c.plan)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (r *Result) grow(plan Plan, progress io.Writer) (err error) {
	scratch, err := growth.NewScratch(".")
	if err != nil {
		return err
	}
	defer func() {
		if cerr := scratch.Close(); err == nil {
			err = cerr
		}
	}()
	for _, n := range plan.Endpoints {
		_, _ = fmt.Fprintln(progress, "building a program with", n, "endpoints")
		size, err := scratch.Measure(growth.Ours(), n)
		if err != nil {
			return err
		}
		r.Sizes = append(r.Sizes, size)
	}
	_, _ = fmt.Fprintln(progress, "comparing builds of", plan.Built, "endpoints")
	b, err := scratch.Compare(growth.Ours(), growth.Huma(), plan.Built, plan.Builds)
	r.Build = &b
	return err
}

// index returns the column of a contender.
func (r *Result) index(name string) int {
	for i, c := range r.Contenders {
		if c.Name == name {
			return i
		}
	}
	panic("report: no contender " + name)
}
