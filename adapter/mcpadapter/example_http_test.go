package mcpadapter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/apiroutes/apiroutes/adapter/mcpadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// Over HTTP: a page of another origin cannot call what is served on this machine.
func ExampleHandler() {
	api := typed.New("Books", "1.0.0", nil)
	searchBooks := typed.Handle(api, "POST /search", typed.Func(search))
	server := mcp.NewServer(&mcp.Implementation{Name: "books", Version: "1.0.0"}, nil)
	bridge := &mcpadapter.Bridge{MaxResult: mcpadapter.DefaultMaxResult / 4}
	bridge.Add(server, api, mcpadapter.Expose(searchBooks, "search_books", "Finds books by words of their titles.",
		mcpadapter.Anonymous(),
		mcpadapter.Annotate(mcp.ToolAnnotations{ReadOnlyHint: true}))) // it is a POST, but changes nothing

	mux := http.NewServeMux()
	mux.Handle("/mcp", mcpadapter.Handler(server, nil))
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/mcp", nil)
	r.Header.Set("Origin", "https://page.example")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code)
	// Output:
	// 403
}
