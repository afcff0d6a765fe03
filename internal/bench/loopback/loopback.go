package loopback

import (
	"fmt"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/measure"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// Plan says how hard and how long to knock.
type Plan struct {
	Rounds int
	Span   time.Duration // of one contender in one round
	Conns  int
	Limit  int // requests of one connection in one round, at most
}

// Row is one contender over loopback, as ratios to the baseline of the same round.
type Row struct {
	Name       string
	Throughput measure.Spread // requests per second
	CPU        measure.Spread // server CPU time per request
}

// Run starts a server process for each contender, the first being the baseline, and
// knocks at them in turn. serve are the arguments that lead this program to
// [Serve]; the contender's name follows them.
func Run(contenders []contender.Contender, serve []string, w work.Work, plan Plan) ([]Row, error) {
	names := make([]string, len(contenders))
	works := make([]work.Work, len(contenders))
	servers := make([]*server, len(contenders))
	conns := make([][]*conn, len(contenders))
	for i, c := range contenders {
		name := c.Name
		names[i], works[i] = name, c.Ask(w).Work
		s, err := start(name, append(serve[:len(serve):len(serve)], name)...)
		if err != nil {
			return nil, err
		}
		defer s.stop()
		servers[i] = s
		for range plan.Conns {
			c, err := dial(s.addr)
			if err != nil {
				return nil, fmt.Errorf("loopback: %s: %w", name, err)
			}
			defer c.Close()
			conns[i] = append(conns[i], c)
		}
		// The first round would otherwise pay for every buffer and goroutine.
		if _, err := load(conns[i], works[i], plan.Span/4, plan.Limit); err != nil {
			return nil, fmt.Errorf("loopback: %s: %w", name, err)
		}
	}
	speed := make([][]float64, len(names))
	cost := make([][]float64, len(names))
	for round := range plan.Rounds {
		for k := range names {
			i := (round + k) % len(names)
			before, err := servers[i].cpu()
			if err != nil {
				return nil, err
			}
			start := time.Now()
			n, err := load(conns[i], works[i], plan.Span, plan.Limit)
			if err != nil {
				return nil, fmt.Errorf("loopback: %s: %w", names[i], err)
			}
			took := time.Since(start)
			after, err := servers[i].cpu()
			if err != nil {
				return nil, err
			}
			speed[i] = append(speed[i], float64(n)/took.Seconds())
			cost[i] = append(cost[i], float64(after-before)/float64(n))
		}
	}
	rows := make([]Row, len(names))
	for i, name := range names {
		rows[i] = Row{name, measure.Summary(over(speed[i], speed[0])), measure.Summary(over(cost[i], cost[0]))}
	}
	return rows, nil
}

func over(values, base []float64) []float64 {
	out := make([]float64, len(values))
	for i := range values {
		out[i] = values[i] / base[i]
	}
	return out
}
