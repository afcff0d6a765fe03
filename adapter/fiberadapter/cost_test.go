package fiberadapter_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-playground/validator/v10"
	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

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

// TestCost holds the adapter to 1.25 times what is written for fiber by hand, without
// a network, and to the same endpoint on net/http, both with their servers, over
// connections in memory: fasthttp has read a request when its handler runs, net/http has not.
func TestCost(t *testing.T) {
	app := fiber.New()
	fiberadapter.Mount(app, adaptertest.CostAPI())
	api := adaptertest.CostAPI()
	overFiber := converse(t, func(l net.Listener) error { return app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) })
	overHTTP := converse(t, (&http.Server{Handler: api}).Serve)
	for _, w := range adaptertest.Workloads() {
		t.Run(w.Name, func(t *testing.T) {
			ours, ctx := run(w, app.Handler())
			byHand, other := run(w, native().Handler())
			ours()
			byHand()
			if ctx.Response.StatusCode() != w.Want || string(ctx.Response.Body()) != string(other.Response.Body()) {
				t.Fatalf("%d %s, by hand %d %s", ctx.Response.StatusCode(), ctx.Response.Body(), other.Response.StatusCode(), other.Response.Body())
			}
			times, allocs := adaptertest.Compare(ours, byHand, w.Run(api), overFiber(w), overHTTP(w))
			ratio := func(i, j int) float64 { return float64(times[i]) / float64(times[j]) }
			t.Logf("adaptertest: %s: handler %v, %.0f allocations; by hand %v, %.0f (ratio %.2f); net/http %v, %.0f (ratio %.2f); with their servers %v and %v (ratio %.2f)",
				w.Name, times[0], allocs[0], times[1], allocs[1], ratio(0, 1), times[2], allocs[2], ratio(0, 2), times[3], times[4], ratio(3, 4))
			if os.Getenv("APIROUTES_PROOF") == "" {
				return
			}
			if ratio(0, 1) > 1.25 {
				t.Errorf("%.2f times what is written by hand, more than 1.25", ratio(0, 1))
			}
			if ratio(3, 4) > 1 {
				t.Errorf("%.2f times the endpoint on net/http, more than 1", ratio(3, 4))
			}
		})
	}
}

// converse serves a connection in memory, and returns what sends a workload on it once.
func converse(t *testing.T, serve func(net.Listener) error) func(adaptertest.Workload) func() {
	l := fasthttputil.NewInmemoryListener()
	go func() { _ = serve(l) }() // ends with the listener
	t.Cleanup(func() { _ = l.Close() })
	conn, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	r := bufio.NewReader(conn)
	return func(w adaptertest.Workload) func() {
		request := fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: example.com\r\nContent-Length: %d\r\n", w.Method, w.Target, len(w.Body))
		for name, value := range w.Header {
			request = fmt.Appendf(request, "%s: %s\r\n", name, value)
		}
		request = append(append(request, "\r\n"...), w.Body...)
		return func() {
			if _, err := conn.Write(request); err != nil {
				t.Fatal(err)
			}
			length := 0
			for {
				line, err := r.ReadSlice('\n')
				if err != nil {
					t.Fatal(err)
				}
				if len(line) == 2 {
					break
				}
				if text, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
					length, _ = strconv.Atoi(string(bytes.TrimSpace(text))) // 0 fails below
				}
			}
			if n, err := r.Discard(length); err != nil || n < 20 {
				t.Fatal(n, err)
			}
		}
	}
}
