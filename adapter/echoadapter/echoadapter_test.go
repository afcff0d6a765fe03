package echoadapter_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/echoadapter"
	"github.com/apiroutes/apiroutes/typed"
)

func newEcho() *echo.Echo {
	e := echo.New()
	e.Use(echo.WrapMiddleware(adaptertest.Middleware), middleware.Recover())
	e.GET(adaptertest.OwnPath, func(c *echo.Context) error { return c.String(200, "own") })
	return e
}

func TestAdapter(t *testing.T) {
	adaptertest.Run(t, func(api *typed.API) adaptertest.Server {
		e := newEcho()
		echoadapter.Mount(e, api)
		return adaptertest.Serve(e)
	}, adaptertest.Group(func(prefix string, api *typed.API) adaptertest.Server {
		e := newEcho()
		echoadapter.Mount(e.Group(prefix), api)
		return adaptertest.Serve(e)
	}),
		adaptertest.Answers("path/needless escape", 404, "echo matches an escaped path as it was sent"),
		adaptertest.Answers("path-019", 404, "echo is given the API's paths, and none has so many segments"),
	)
}

func TestCost(t *testing.T) {
	empty := echo.New()
	empty.GET("/users/:id", func(*echo.Context) error { return nil })
	empty.POST("/users", func(*echo.Context) error { return nil })
	adaptertest.Cost(t, empty, func(api *typed.API) http.Handler {
		e := echo.New()
		echoadapter.Mount(e, api)
		return e
	})
}

// TestOutside has the rows of the guide's table on who answers: the API with a problem,
// or echo with its own words.
func TestOutside(t *testing.T) {
	api := typed.New("Test", "1", nil)
	served := typed.Func(func(context.Context, typed.None) (string, error) { return "", nil })
	typed.Handle(api, "GET /solo", served)
	typed.Handle(api, "GET /users/{id}", typed.Func(func(_ context.Context, in struct {
		ID string `path:"id"`
	}) (string, error) {
		return in.ID, nil
	}))
	e := echo.New()
	echoadapter.Mount(e, api)
	for _, tt := range []struct {
		target string
		byAPI  bool
	}{
		{"/solo/", false},       // a slash behind a literal
		{"/solo/more", false},   // a segment behind a literal
		{"/users/7/", true},     // a slash behind a wildcard
		{"/users/7/more", true}, // a segment behind a wildcard
		{"/users", false},       // a segment less
		{"//solo", false},
	} {
		t.Run("A27 "+tt.target, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/", nil)
			r.URL.Path = tt.target
			e.ServeHTTP(w, r)
			byAPI := w.Header().Get("Content-Type") == "application/problem+json"
			if w.Code != 404 || byAPI != tt.byAPI {
				t.Errorf("%d by the API: %v, want 404 by the API: %v", w.Code, byAPI, tt.byAPI)
			}
		})
	}
}
