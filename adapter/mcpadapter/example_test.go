package mcpadapter_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"reflect"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/apiroutes/apiroutes/adapter/mcpadapter"
	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/typed"
)

type Search struct {
	Text  string `query:"text" validate:"required" doc:"Words of the title."`
	Limit int    `query:"limit" default:"10" validate:"min=1,max=50"`
}

type Book struct {
	Title string `json:"title"`
}

func search(_ context.Context, in Search) ([]Book, error) { return []Book{{Title: in.Text}}, nil }

func ExampleAdd() {
	api := typed.New("Books", "1.0.0", nil)
	searchBooks := typed.Handle(api, "GET /books", typed.Func(search))

	server := mcp.NewServer(&mcp.Implementation{Name: "books", Version: "1.0.0"}, nil)
	mcpadapter.Add(server, api,
		mcpadapter.Expose(searchBooks, "search_books",
			"Finds books by words of their titles. Use it before you say that a book does not exist.",
			mcpadapter.Anonymous()))

	session := connected(server)
	for _, arguments := range []map[string]any{{"text": "Go"}, {"text": "Go", "limit": 1000}} {
		result, err := session.CallTool(context.Background(), &mcp.CallToolParams{Name: "search_books", Arguments: arguments})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(result.IsError, result.Content[0].(*mcp.TextContent).Text)
	}
	// Output:
	// false [{"title":"Go"}]
	// true 422 Unprocessable Content: The request is invalid; see errors for details.
	// /limit: must be at most 50
}

type Order struct {
	Me   Customer `auth:"token" scopes:"orders:write"`
	Book string   `json:"book" validate:"required"`
}

type Customer struct{ Name string }

func (c Customer) HasScope(scope string) bool { return c.Name == "Ada" }

func order(_ context.Context, in Order) (string, error) { return in.Book + " for " + in.Me.Name, nil }

// The token of a server on stdio is in its environment.
func ExampleBridge() {
	api := typed.New("Books", "1.0.0", &typed.Options{
		Schemes: []typed.Scheme{typed.Bearer("token", typed.Keys(map[string]Customer{"secret": {Name: "Ada"}}))},
	})
	orderBook := typed.Handle(api, "POST /orders", typed.Func(order))

	server := mcp.NewServer(&mcp.Implementation{Name: "books", Version: "1.0.0"}, nil)
	bridge := &mcpadapter.Bridge{
		Credentials: func(_ context.Context, _ mcp.Request, to *http.Request) error {
			to.Header.Set("Authorization", "Bearer "+os.Getenv("BOOKS_TOKEN"))
			return nil
		},
	}
	bridge.Add(server, api, mcpadapter.Expose(orderBook, "order_book", "Orders one book. Ask the user first."))

	session := connected(server)
	for _, token := range []string{"", "secret"} {
		os.Setenv("BOOKS_TOKEN", token)
		list, err := session.ListTools(context.Background(), nil)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(list.Tools), "tools")
	}
	result, err := session.CallTool(context.Background(), &mcp.CallToolParams{Name: "order_book", Arguments: map[string]any{"book": "Go"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Content[0].(*mcp.TextContent).Text)
	// Output:
	// 0 tools
	// 1 tools
	// "Go for Ada"
}

// Date is of another package: its JSON form is in its own method.
type Date struct{ time.Time }

func (d Date) MarshalJSON() ([]byte, error) { return []byte(d.Format(`"2006-01-02"`)), nil }

type Sale struct {
	Day    Date `json:"day"`
	Copies int  `json:"copies"`
}

// Who sees a tool is the program's to say, as well as what is known of types whose JSON form
// is their own.
func ExampleBridge_visible() {
	api := typed.New("Books", "1.0.0", nil)
	searchBooks := typed.Handle(api, "GET /books", typed.Func(search))
	listSales := typed.Handle(api, "GET /sales", typed.Func(func(context.Context, typed.None) ([]Sale, error) { return nil, nil }))

	server := mcp.NewServer(&mcp.Implementation{Name: "books", Version: "1.0.0"}, nil)
	isOpen := false // a program asks from.GetExtra() for the token of the session
	bridge := &mcpadapter.Bridge{
		Visible: func(_ context.Context, from mcp.Request, tool string) bool { return tool != "list_sales" || isOpen },
		Docs: &docs.Options{Types: map[reflect.Type]*openapi.Schema{
			reflect.TypeFor[Date](): {Type: []string{openapi.TypeString}, Format: "date"},
		}},
	}
	bridge.Add(server, api,
		mcpadapter.Expose(searchBooks, "search_books", "Finds books by words of their titles.", mcpadapter.Anonymous()),
		mcpadapter.Expose(listSales, "list_sales", "Lists what was sold.", mcpadapter.Anonymous()))

	session := connected(server)
	for _, isOpen = range []bool{false, true} {
		list, err := session.ListTools(context.Background(), nil)
		if err != nil {
			log.Fatal(err)
		}
		for _, tool := range list.Tools {
			fmt.Println(tool.Name)
		}
	}
	// Output:
	// search_books
	// list_sales
	// search_books
}

// connected is a client of a server, in this process.
func connected(server *mcp.Server) *mcp.ClientSession {
	ctx := context.Background()
	here, there := mcp.NewInMemoryTransports()
	if _, err := server.Connect(ctx, there, nil); err != nil {
		log.Fatal(err)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "1.0.0"}, nil).Connect(ctx, here, nil)
	if err != nil {
		log.Fatal(err)
	}
	return session
}
