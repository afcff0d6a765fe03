package adapter_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/apiroutes/apiroutes/adapter"
	"github.com/apiroutes/apiroutes/typed"
)

type getNote struct {
	ID int `path:"id"`
}

// An adapter for a router that writes ":id" and "*path", here net/http in the end: a
// router that is asked for the API's paths hands each request to the API.
func Example() {
	api := typed.New("Notes", "1.0.0", nil)
	typed.Handle(api, "GET /notes/{id}", typed.Func(func(_ context.Context, in getNote) (int, error) { return in.ID, nil }))
	typed.Handle(api, "GET /files/{path...}", typed.Func(func(context.Context, struct {
		Path string `path:"path"`
	}) (int, error) {
		return 0, nil
	}))

	syntax := adapter.Syntax{
		Wildcard: func(name string) string { return ":" + name },
		Rest:     func(name string) string { return "*" + name },
		Literal:  adapter.Escape(":*"),
	}
	methods := adapter.Methods(api, http.MethodGet, http.MethodHead, http.MethodPost)
	for _, path := range adapter.Mount(api, "/v1") {
		fmt.Println(syntax.Write(path), methods)
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/", api)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/notes/7", nil))
	fmt.Println(w.Code, w.Body)
	// Output:
	// /notes/:id [GET HEAD POST]
	// /files/*path [GET HEAD POST]
	// 200 7
}

// The segments of a path, for a router that has no text form of it.
func ExamplePaths() {
	api := typed.New("Notes", "1.0.0", nil)
	typed.Handle(api, "GET /notes/{id}", typed.Func(func(_ context.Context, in getNote) (int, error) { return in.ID, nil }))

	kinds := map[adapter.Kind]string{adapter.Literal: "literal", adapter.Wildcard: "wildcard", adapter.Rest: "rest"}
	show := func(s adapter.Segment) { fmt.Println(kinds[s.Kind], s.Text) }
	walk := func(path adapter.Path) {
		for _, segment := range path {
			show(segment)
		}
	}
	for _, path := range adapter.Paths(api) {
		walk(path)
	}
	// Output:
	// literal notes
	// wildcard id
}
