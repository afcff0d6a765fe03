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
		var names []string
		for _, c := range r.Contenders {
			names = append(names, c.Name)
		}
		if r.Loopback, err = loopback.Run(names, []string{serve}, work.Named("W3"), plan.Loopback); err != nil {
			return nil, err
		}
	}
	if len(plan.Endpoints) > 0 {
		err = r.grow(plan, progress)
	}
	return r, err
}

// inProcess measures the workloads, every contender in a worker of its own.
func (r *Result) inProcess(plan measure.Plan, worker string, progress io.Writer) error {
	subjects := make(map[string]measure.Subject)
	for _, name := range append(all.Names(), all.OursETag) {
		w, err := measure.StartWorker(name, worker, name)
		if err != nil {
			return err
		}
		defer w.Close() // its process ends with its input, whatever it says
		subjects[name] = w
	}
	compare := func(workload string, names ...string) (measure.Row, error) {
		_, _ = fmt.Fprintln(progress, "measuring", workload, names)
		var chosen []measure.Subject
		for _, name := range names {
			chosen = append(chosen, subjects[name])
		}
		return measure.Compare(chosen, work.Named(workload), plan)
	}
	for _, w := range work.All() {
		row, err := compare(w.Name, all.Names()...)
		if err != nil {
			return err
		}
		r.Rows = append(r.Rows, row)
	}
	for _, name := range []string{"W1", "W5"} {
		row, err := compare(name, all.Raw, all.Ours, all.OursETag)
		if err != nil {
			return err
		}
		r.ETag = append(r.ETag, row)
	}
	return nil
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
