package fiberadapter_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-playground/validator/v10"
	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
)

// native is the workloads as a careful user of fiber writes them, with the same
// decoder, as strict, and the same validator.
func native() *fiber.App {
	app := fiber.New()
	v := validator.New(validator.WithRequiredStructEnabled())
	refuse := func(c fiber.Ctx, status int) error { return c.Status(status).JSON(fiber.Map{"status": status}) }
	app.Get("/users/:id", func(c fiber.Ctx) error {
		in := adaptertest.CostLookup{Limit: 20, Trace: strings.Clone(c.Get("X-Trace"))}
		var err error
		if in.ID, err = strconv.Atoi(c.Params("id")); err != nil {
			return refuse(c, 422)
		}
		if s := c.Query("verbose"); s != "" {
			if in.Verbose, err = strconv.ParseBool(s); err != nil {
				return refuse(c, 422)
			}
		}
		if s := c.Query("limit"); s != "" {
			if in.Limit, err = strconv.Atoi(s); err != nil {
				return refuse(c, 422)
			}
		}
		if err := v.Struct(&in); err != nil {
			return refuse(c, 422)
		}
		return answer(c, 200, adaptertest.CostFound(in))
	})
	app.Post("/users", func(c fiber.Ctx) error {
		if c.Get("Content-Type") != "application/json" {
			return refuse(c, 415)
		}
		var in adaptertest.CostUser
		if err := json.Unmarshal(c.Body(), &in, json.RejectUnknownMembers(true)); err != nil {
			return refuse(c, 400)
		}
		if err := v.Struct(&in); err != nil {
			return refuse(c, 422)
		}
		return answer(c, 201, adaptertest.CostCreated{ID: 7, User: in})
	})
	return app
}

func answer(c fiber.Ctx, status int, payload any) error {
	body, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	c.Set("Content-Type", "application/json; charset=utf-8")
	return c.Status(status).Send(body)
}

func run(w adaptertest.Workload, h fasthttp.RequestHandler) (func(), *fasthttp.RequestCtx) {
	ctx := &fasthttp.RequestCtx{}
	ctx.Request.Header.SetMethod(w.Method)
	ctx.Request.SetRequestURI(w.Target)
	ctx.Request.Header.SetHost("example.com")
	for name, value := range w.Header {
		ctx.Request.Header.Set(name, value)
	}
	ctx.Request.SetBodyString(w.Body)
	ctx.Request.Header.SetContentLength(len(w.Body))
	return func() {
		ctx.Response.Reset()
		ctx.ResetUserValues()
		h(ctx)
	}, ctx
}

// TestCost holds the adapter to 1.25 times what is written for fiber by hand, and
// to the same endpoint on net/http, both without a network.
func TestCost(t *testing.T) {
	app := fiber.New()
	fiberadapter.Mount(app, adaptertest.CostAPI())
	api := adaptertest.CostAPI()
	for _, w := range adaptertest.Workloads {
		t.Run(w.Name, func(t *testing.T) {
			ours, ctx := run(w, app.Handler())
			byHand, other := run(w, native().Handler())
			ours()
			byHand()
			if ctx.Response.StatusCode() != w.Want || string(ctx.Response.Body()) != string(other.Response.Body()) {
				t.Fatalf("%d %s, by hand %d %s", ctx.Response.StatusCode(), ctx.Response.Body(), other.Response.StatusCode(), other.Response.Body())
			}
			times, allocs := adaptertest.Compare(ours, byHand, w.Run(api))
			hand, plain := float64(times[0])/float64(times[1]), float64(times[0])/float64(times[2])
			t.Logf("adaptertest: %s: %v, %.0f allocations; by hand %v, %.0f (ratio %.2f); net/http %v, %.0f (ratio %.2f)",
				w.Name, times[0], allocs[0], times[1], allocs[1], hand, times[2], allocs[2], plain)
			if os.Getenv("APIROUTES_PROOF") == "" {
				return
			}
			if hand > 1.25 {
				t.Errorf("%.2f times what is written by hand, more than 1.25", hand)
			}
			if plain > 1 {
				t.Errorf("%.2f times the endpoint on net/http, more than 1", plain)
			}
		})
	}
}
