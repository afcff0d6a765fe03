package docs_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

type Greet struct {
	Name string `path:"name" validate:"alpha"`
}

func greetings() *typed.API {
	api := typed.New("Greetings", "1.0.0", nil)
	typed.Handle(api, "GET /hello/{name}", func(_ context.Context, in Greet, res *typed.Response[string]) (typed.Answer, error) {
		return res.JSON("Hello, " + in.Name)
	}, typed.Summary("Say hello"))
	return api
}

// The document is a Go value; it may be changed before it is written.
func ExampleOpenAPI() {
	doc, err := docs.OpenAPI(greetings(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for path, item := range doc.Paths.All() {
		for method, operation := range item.Operations.All() {
			fmt.Println(method, path, operation.OperationID, operation.Parameters[0].Schema.Pattern)
		}
	}
	// Output: get /hello/{name} getHelloByName ^[a-zA-Z]+$
}

// Mount serves the document and the page that shows it.
func ExampleMount() {
	api := greetings()
	docs.Mount(api, nil)
	for _, path := range []string{"/openapi.json", "/openapi.yaml", "/docs"} {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		fmt.Println(w.Code, w.Header().Get("Content-Type"))
	}
	// Output:
	// 200 application/json
	// 200 application/yaml
	// 200 text/html; charset=utf-8
}
