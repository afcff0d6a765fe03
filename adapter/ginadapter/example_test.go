package ginadapter_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"

	"github.com/apiroutes/apiroutes/adapter/ginadapter"
	"github.com/apiroutes/apiroutes/typed"
)

type Greeting struct {
	Name string `path:"name" validate:"max=50"`
}

func greet(_ context.Context, in Greeting) (string, error) { return "Hello, " + in.Name + "!", nil }

func ExampleMount() {
	api := typed.New("Greetings", "1.0.0", nil)
	typed.Handle(api, "GET /greetings/{name}", typed.Func(greet))

	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(gin.Recovery())
	ginadapter.Mount(engine.Group("/api"), api)

	w := httptest.NewRecorder()
	engine.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/greetings/Ada", nil))
	fmt.Println(w.Code, w.Body)
	// Output:
	// 200 "Hello, Ada!"
}
