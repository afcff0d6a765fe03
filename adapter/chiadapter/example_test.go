package chiadapter_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/apiroutes/apiroutes/adapter/chiadapter"
	"github.com/apiroutes/apiroutes/typed"
)

type Greeting struct {
	Name string `path:"name" validate:"max=50"`
}

func greet(_ context.Context, in Greeting) (string, error) { return "Hello, " + in.Name + "!", nil }

func ExampleMount() {
	api := typed.New("Greetings", "1.0.0", nil)
	typed.Handle(api, "GET /greetings/{name}", typed.Func(greet))

	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer)
	r.Route("/api", func(r chi.Router) { chiadapter.Mount(r, api) })

	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/greetings/Ada", nil))
	fmt.Println(w.Code, w.Body)
	// Output:
	// 200 "Hello, Ada!"
}
