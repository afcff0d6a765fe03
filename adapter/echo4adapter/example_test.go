package echo4adapter_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/labstack/echo/v4"

	"github.com/apiroutes/apiroutes/adapter/echo4adapter"
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
	var router echo4adapter.Router = e.Group("/api") // or e itself
	echo4adapter.Mount(router, api)

	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/greetings/Ada", nil))
	fmt.Println(w.Code, w.Body)
	// Output:
	// 200 "Hello, Ada!"
}

// listed is a Router that tells which routes it is given.
type listed struct{ echo4adapter.Router }

func (l listed) Match(methods []string, path string, h echo.HandlerFunc, mw ...echo.MiddlewareFunc) []*echo.Route {
	fmt.Println(path)
	return l.Router.Match(methods, path, h, mw...)
}

func ExampleRouter() {
	api := typed.New("Greetings", "1.0.0", nil)
	typed.Handle(api, "GET /greetings/{name}", typed.Func(greet))
	echo4adapter.Mount(listed{echo.New()}, api)
	// Output:
	// /greetings/:name
}
