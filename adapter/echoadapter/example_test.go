package echoadapter_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v5"

	"github.com/apiroutes/apiroutes/adapter/echoadapter"
	"github.com/apiroutes/apiroutes/typed"
)

type Greeting struct {
	Name string `path:"name" validate:"max=50"`
}

func greet(_ context.Context, in Greeting) (string, error) { return "Hello, " + in.Name + "!", nil }

func ExampleMount() {
	api := typed.New("Greetings", "1.0.0", nil)
	typed.Handle(api, "GET /greetings/{name}", typed.Func(greet))

	e := echo.New()
	var router echoadapter.Router = e.Group("/api") // or e itself
	echoadapter.Mount(router, api)

	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/greetings/Ada", nil))
	fmt.Println(w.Code, w.Body)
	// Output:
	// 200 "Hello, Ada!"
}

// listed is a Router that tells which routes it is given.
type listed struct{ echoadapter.Router }

func (l listed) Any(path string, h echo.HandlerFunc, mw ...echo.MiddlewareFunc) echo.RouteInfo {
	fmt.Println(path)
	return l.Router.Any(path, h, mw...)
}

func ExampleRouter() {
	api := typed.New("Greetings", "1.0.0", nil)
	typed.Handle(api, "GET /greetings/{name}", typed.Func(greet))
	echoadapter.Mount(listed{echo.New()}, api)
	// Output:
	// /greetings/:name
}
