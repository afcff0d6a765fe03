package fiberadapter_test

import (
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
)

func Benchmark(b *testing.B) {
	app := fiber.New()
	fiberadapter.Mount(app, adaptertest.CostAPI())
	empty := fiber.New()
	empty.Get("/users/:id", func(fiber.Ctx) error { return nil })
	empty.Post("/users", func(fiber.Ctx) error { return nil })
	byHand := native()
	api := adaptertest.CostAPI()
	for _, w := range adaptertest.Workloads {
		for name, h := range map[string]*fiber.App{"ours": app, "empty": empty, "hand": byHand} {
			b.Run(w.Name+"/"+name, func(b *testing.B) {
				f, _ := run(w, h.Handler())
				b.ReportAllocs()
				for b.Loop() {
					f()
				}
			})
		}
		b.Run(w.Name+"/nethttp", func(b *testing.B) {
			f := w.Run(api)
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}
