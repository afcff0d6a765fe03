// Package serve has one API served by the router of a name: what the other examples do with
// their flag -router.
package serve

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v5"

	"github.com/apiroutes/apiroutes/adapter/chiadapter"
	"github.com/apiroutes/apiroutes/adapter/echoadapter"
	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/adapter/ginadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// Names are the routers that With knows, for the text of a flag.
const Names = "nethttp, chi, gin, echo or fiber"

// With serves api on addr, at the root of the router, until the program is told to end.
func With(ctx context.Context, router, addr string, api *typed.API) error {
	switch router {
	case "nethttp":
		return typed.Serve(ctx, addr, api)
	case "chi":
		r := chi.NewRouter()
		chiadapter.Mount(r, api)
		return typed.Serve(ctx, addr, r)
	case "gin":
		gin.SetMode(gin.ReleaseMode)
		engine := gin.New()
		ginadapter.Mount(engine, api)
		return typed.Serve(ctx, addr, engine)
	case "echo":
		e := echo.New()
		echoadapter.Mount(e, api)
		return typed.Serve(ctx, addr, e)
	case "fiber":
		return withFiber(ctx, addr, api)
	}
	return fmt.Errorf("-router is %q: write %s", router, Names)
}

func withFiber(ctx context.Context, addr string, api *typed.API) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	app := fiber.New(fiber.Config{
		ReadTimeout:  5 * time.Minute, // of a request with all of its body
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorHandler: fiberadapter.ErrorHandler,
		// Uploads are read as they come, and bounded by what each endpoint declares.
		StreamRequestBody: true, DisablePreParseMultipartForm: true, BodyLimit: 100 << 20,
	})
	fiberadapter.Mount(app, api)
	return app.Listen(addr, fiber.ListenConfig{GracefulContext: ctx, ShutdownTimeout: 25 * time.Second, DisableStartupMessage: true})
}
