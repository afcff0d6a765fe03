package fiberadapter_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/gofiber/fiber/v3"

	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/typed"
)

type Greeting struct {
	Name string `path:"name" validate:"max=50"`
}

func greet(_ context.Context, in Greeting) (string, error) { return "Hello, " + in.Name + "!", nil }

func ExampleMount() {
	api := typed.New("Greetings", "1.0.0", nil)
	typed.Handle(api, "GET /greetings/{name}", typed.Func(greet))

	app := fiber.New(fiber.Config{ErrorHandler: fiberadapter.ErrorHandler})
	fiberadapter.Mount(app.Group("/api"), api)

	res, err := app.Test(httptest.NewRequest(http.MethodGet, "/api/greetings/Ada", nil))
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	fmt.Println(res.StatusCode, string(body), err)
	// Output:
	// 200 "Hello, Ada!" <nil>
}

// What the API does not answer, such as a header that is too long, is a problem too.
func ExampleErrorHandler() {
	app := fiber.New(fiber.Config{ErrorHandler: fiberadapter.ErrorHandler})
	app.Get("/broken", func(fiber.Ctx) error { return fiber.ErrTeapot })

	res, err := app.Test(httptest.NewRequest(http.MethodGet, "/broken", nil))
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	fmt.Println(res.Header.Get("Content-Type"), string(body), err)
	// Output:
	// application/problem+json {"title":"I'm a teapot","status":418} <nil>
}
