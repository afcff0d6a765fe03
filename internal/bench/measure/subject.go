package measure

import (
	"runtime"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// Subject is a contender that can be measured.
type Subject interface {
	// Run makes n requests of the workload and returns the CPU time that they took.
	Run(workload string, n int) (time.Duration, error)
	// Allocations returns how many there are for one request, and their bytes.
	Allocations(workload string) (count, bytes float64, err error)
}

// Local measures in this process.
type Local struct {
	contender contender.Contender
	calls     map[string]contender.Call
}

// NewLocal returns a Subject that calls c.
func NewLocal(c contender.Contender) *Local {
	return &Local{c, make(map[string]contender.Call)}
}

func (l *Local) call(workload string) contender.Call {
	call, ok := l.calls[workload]
	if !ok {
		call = Prepare(l.contender, work.Named(workload))
		l.calls[workload] = call
	}
	return call
}

// Run implements [Subject]. It collects garbage first: nobody pays for what was before.
func (l *Local) Run(workload string, n int) (time.Duration, error) {
	call := l.call(workload)
	runtime.GC()
	start := CPU()
	for range n {
		call.Do()
	}
	return CPU() - start, nil
}

// Allocations implements [Subject].
func (l *Local) Allocations(workload string) (count, bytes float64, err error) {
	const n = 200
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	call := l.call(workload)
	call.Do()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		call.Do()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / n, float64(after.TotalAlloc-before.TotalAlloc) / n, nil
}
