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
// workloads ask for. It runs where the benchmarks' module stands; serve are the
// arguments that make this program a loopback server, progress is told what goes on.
func Run(plan Plan, serve []string, progress io.Writer) (*Result, error) {
	r := &Result{Date: time.Now().UTC(), Contenders: all.Contenders(), Plan: plan}
	var err error
	if r.Machine, err = ThisMachine(r.Contenders); err != nil {
		return nil, err
	}
	etag := []contender.Contender{r.Contenders[0], all.Ours(), all.OursWithETag()}
	for _, c := range append(etag, r.Contenders...) {
		if err := agrees(c); err != nil {
			return nil, err
		}
	}
	for _, w := range work.All() {
		_, _ = fmt.Fprintln(progress, "measuring", w.Name, w.Title)
		r.Rows = append(r.Rows, measure.Compare(r.Contenders, w, plan.InProcess))
	}
	for _, name := range []string{"W1", "W5"} {
		_, _ = fmt.Fprintln(progress, "measuring entity tags on", name)
		r.ETag = append(r.ETag, measure.Compare(etag, work.Named(name), plan.InProcess))
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
		if r.Loopback, err = loopback.Run(names, serve, work.Named("W3"), plan.Loopback); err != nil {
			return nil, err
		}
	}
	if len(plan.Endpoints) > 0 {
		err = r.grow(plan, progress)
	}
	return r, err
}

func agrees(c contender.Contender) error {
	for _, w := range work.All() {
		call := measure.Prepare(c, w)
		call.Do()
		if problem := measure.Disagrees(w, call.Answer()); problem != "" {
			return fmt.Errorf("report: %s: %s", c.Name, problem)
		}
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
