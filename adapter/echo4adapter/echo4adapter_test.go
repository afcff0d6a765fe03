package echo4adapter_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/echo4adapter"
	"github.com/apiroutes/apiroutes/typed"
)

func newEcho() *echo.Echo {
	e := echo.New()
	e.Use(echo.WrapMiddleware(adaptertest.Middleware), middleware.Recover())
	e.GET(adaptertest.OwnPath, func(c echo.Context) error { return c.String(200, "own") })
	return e
}

func TestAdapter(t *testing.T) {
	adaptertest.Run(t, func(api *typed.API) adaptertest.Server {
		e := newEcho()
		echo4adapter.Mount(e, api)
		return adaptertest.Serve(e)
	}, adaptertest.Group(func(prefix string, api *typed.API) adaptertest.Server {
		e := newEcho()
		echo4adapter.Mount(e.Group(prefix), api)
		return adaptertest.Serve(e)
	}),
		adaptertest.Answers("framing-018", 405, "echo v4 knows a list of methods, all in upper case"),
		adaptertest.Answers("path/needless escape", 404, "echo matches an escaped path as it was sent"),
		adaptertest.Answers("path-019", 404, "echo is given the API's paths, and none has so many segments"),
	)
}

func TestCost(t *testing.T) {
	empty := echo.New()
	empty.GET("/users/:id", func(echo.Context) error { return nil })
	empty.POST("/users", func(echo.Context) error { return nil })
	adaptertest.Cost(t, empty, func(api *typed.API) http.Handler {
		e := echo.New()
		echo4adapter.Mount(e, api)
		return e
	})
}
