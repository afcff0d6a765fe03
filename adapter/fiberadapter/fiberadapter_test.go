package fiberadapter_test

import (
	"net"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/typed"
)

func newApp() *fiber.App {
	app := fiber.New(fiber.Config{DisablePreParseMultipartForm: true, RequestMethods: append(fiber.DefaultMethods[:len(fiber.DefaultMethods):len(fiber.DefaultMethods)], "PURGE")})
	app.Use(recover.New(), func(c fiber.Ctx) error {
		c.Set(adaptertest.Header, "seen")
		c.SetContext(adaptertest.WithValue(c.Context()))
		return c.Next()
	})
	app.Get(adaptertest.OwnPath, func(c fiber.Ctx) error { return c.SendString("own") })
	return app
}

func serve(app *fiber.App) adaptertest.Server {
	return adaptertest.Listen(func(l net.Listener) error {
		return app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true})
	}, func() error { return app.ShutdownWithTimeout(time.Second) })
}

func TestAdapter(t *testing.T) {
	adaptertest.Run(t, func(api *typed.API) adaptertest.Server {
		app := newApp()
		fiberadapter.Mount(app, api)
		return serve(app)
	}, adaptertest.Group(func(prefix string, api *typed.API) adaptertest.Server {
		app := newApp()
		fiberadapter.Mount(app.Group(prefix), api)
		return serve(app)
	}),
		adaptertest.Differs("context/client leaves", "fasthttp does not watch a connection while a handler runs"),
		// fasthttp reads a whole request before any handler runs, and refuses what it cannot read.
		adaptertest.Answers("json-size-003", 413, "larger than fiber's BodyLimit"),
		adaptertest.Answers("json-size-004", 413, "larger than fiber's BodyLimit"),
		adaptertest.Answers("json-size-007", 413, "larger than fiber's BodyLimit"),
		adaptertest.Answers("framing-004", 400, "fasthttp refuses the Content-Length"),
		adaptertest.Answers("framing-007", 400, "fasthttp cannot read the body"),
		adaptertest.Answers("framing-012", 400, "fasthttp refuses the Transfer-Encoding"),
		adaptertest.Answers("framing-016", 400, "fasthttp refuses the header"),
		adaptertest.Answers("framing-018", 501, "fiber knows the methods of its RequestMethods"),
		adaptertest.Differs("framing-020", "fasthttp takes any version of HTTP for 1.1"),
		adaptertest.Answers("path/needless escape", 404, "fiber matches a path as it was sent"),
		adaptertest.Answers("path-019", 404, "fiber is given the API's paths, and none has so many segments"),
		adaptertest.Answers("path-026", 431, "the request line is larger than fiber's ReadBufferSize"),
		adaptertest.Answers("query-028", 431, "the request line is larger than fiber's ReadBufferSize"),
	)
}
