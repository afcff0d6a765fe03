package fiberadapter_test

import (
	"context"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// Observing does not convert the request to net/http, which takes more than ten allocations.
func TestObserveIsNative(t *testing.T) {
	for _, w := range adaptertest.Workloads() {
		var allocs []float64
		for _, observe := range []bool{false, true} {
			api, status := adaptertest.CostAPI(), 0
			if observe {
				api.Observe(func(ctx context.Context, o *typed.Observation) (context.Context, func()) {
					return ctx, func() { status = o.Status }
				})
			}
			app := fiber.New()
			fiberadapter.Mount(app, api)
			send, _ := run(w, app.Handler())
			allocs = append(allocs, testing.AllocsPerRun(200, send))
			if observe && status != w.Want {
				t.Errorf("%s: the observer saw %d, want %d", w.Name, status, w.Want)
			}
		}
		t.Logf("%s: %.0f allocations, observed %.0f, at most 3 more", w.Name, allocs[0], allocs[1])
		if allocs[1] > allocs[0]+3 { // the observation, what the observer returns, and a host that no longer fits
			t.Errorf("%s: observing adds %.0f allocations", w.Name, allocs[1]-allocs[0])
		}
	}
}
