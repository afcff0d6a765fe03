package main

import (
	"context"
	"io"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v5"

	"github.com/apiroutes/apiroutes/adapter/chiadapter"
	"github.com/apiroutes/apiroutes/adapter/echoadapter"
	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/adapter/ginadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// routers serve an API below /api, beside a route of their own.
var routers = map[string]func(ctx context.Context, addr string, api *typed.API) error{
	"nethttp": withNetHTTP,
	"chi":     withChi,
	"gin":     withGin,
	"echo":    withEcho,
	"fiber":   withFiber,
}

func withNetHTTP(ctx context.Context, addr string, api *typed.API) error {
	if err := api.Mount("/api"); err != nil { // or typed.Options.BasePath
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", api)
	mux.HandleFunc("GET /health", health)
	return typed.Serve(ctx, addr, mux)
}

func withChi(ctx context.Context, addr string, api *typed.API) error {
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer)
	r.Get("/health", health)
	r.Route("/api", func(r chi.Router) { chiadapter.Mount(r, api) })
	return typed.Serve(ctx, addr, r)
}

func withGin(ctx context.Context, addr string, api *typed.API) error {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.Default()
	engine.UseRawPath = true // /users/a%2Fb is one user
	engine.GET("/health", gin.WrapF(health))
	ginadapter.Mount(engine.Group("/api"), api)
	return typed.Serve(ctx, addr, engine)
}

func withEcho(ctx context.Context, addr string, api *typed.API) error {
	e := echo.New()
	e.GET("/health", echo.WrapHandler(http.HandlerFunc(health)))
	echoadapter.Mount(e.Group("/api"), api)
	return typed.Serve(ctx, addr, e)
}

func withFiber(ctx context.Context, addr string, api *typed.API) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	app := fiber.New(fiber.Config{
		ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorHandler: fiberadapter.ErrorHandler,
	})
	app.Get("/health", func(c fiber.Ctx) error { return c.SendString("well") })
	fiberadapter.Mount(app.Group("/api"), api)
	return app.Listen(addr, fiber.ListenConfig{GracefulContext: ctx, ShutdownTimeout: 25 * time.Second, DisableStartupMessage: true})
}

func health(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "well") }
