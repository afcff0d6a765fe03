package typed_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type Book struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}

type GetBook struct {
	ID int `path:"id"`
}

type NewBook struct {
	Title string `json:"title" validate:"required,max=200"`
}

// getBook is declared apart from its handler: other packages can link to it.
var getBook = typed.Get[GetBook, Book]("/books/{id}", typed.Summary("One book"))

func ExampleHandle() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "POST /books",
		func(_ context.Context, in NewBook, res *typed.Response[Book]) (typed.Answer, error) {
			b := Book{ID: 1, Title: in.Title}
			return res.Header("Location", getBook.Path(GetBook{ID: b.ID})).JSON(b)
		}, typed.Status(http.StatusCreated))

	show(api, "POST", "/books", `{"title":"Emma"}`)
	// Output:
	// 201 application/json; charset=utf-8
	// Location: /books/1
	// {"id":1,"title":"Emma"}
}

func ExampleFunc() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /books", typed.Func(func(context.Context, typed.None) ([]Book, error) {
		return []Book{{1, "Emma"}, {2, "Middlemarch"}}, nil
	}))

	show(api, "GET", "/books", "")
	// Output:
	// 200 application/json; charset=utf-8
	// [{"id":1,"title":"Emma"},{"id":2,"title":"Middlemarch"}]
}

func ExampleEndpoint_Handle() {
	api := typed.New("Books", "1.0.0", nil)
	getBook.Handle(api, func(_ context.Context, in GetBook, res *typed.Response[Book]) (typed.Answer, error) {
		if in.ID != 1 {
			return typed.Fail(respond.NotFound("There is no book with this id."))
		}
		return res.JSON(Book{ID: 1, Title: "Emma"})
	})

	show(api, "GET", "/books/1", "")
	show(api, "GET", "/books/2", "")
	// Output:
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Emma"}
	// 404 application/problem+json
	// {"title":"Not Found","status":404,"detail":"There is no book with this id."}
}

func ExampleDefine() {
	type Gone struct {
		Since int `json:"since"`
	}
	type FindBookOut struct {
		OK    typed.Reply[Book] `status:"200" doc:"the book"`
		Moved typed.Redirect    `status:"308" doc:"its number has changed"`
		Gone  typed.Reply[Gone] `status:"410" doc:"no longer kept"`
	}
	findBook := typed.Define[GetBook, FindBookOut]("GET /books/{id}")

	api := typed.New("Books", "1.0.0", nil)
	findBook.Handle(api, func(_ context.Context, in GetBook, out *FindBookOut) (typed.Answer, error) {
		switch in.ID {
		case 1:
			return out.OK.JSON(Book{ID: 1, Title: "Emma"})
		case 2:
			return out.Moved.To(findBook.Path(GetBook{ID: 1}))
		default:
			return out.Gone.JSON(Gone{Since: 2024})
		}
	})

	show(api, "GET", "/books/1", "")
	show(api, "GET", "/books/2", "")
	show(api, "GET", "/books/3", "")
	// Output:
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Emma"}
	// 308
	// Location: /books/1
	// 410 application/json; charset=utf-8
	// {"since":2024}
}

func ExampleURL() {
	api := typed.New("Books", "1.0.0", &typed.Options{BasePath: "/api/v1"})
	typed.Handle(api, "POST /books",
		func(ctx context.Context, in NewBook, res *typed.Response[Book]) (typed.Answer, error) {
			b := Book{ID: 1, Title: in.Title}
			return res.Header("Location", typed.URL(ctx, getBook, GetBook{ID: b.ID})).JSON(b)
		}, typed.Status(http.StatusCreated))

	show(api, "POST", "/api/v1/books", `{"title":"Emma"}`)
	// Output:
	// 201 application/json; charset=utf-8
	// Location: /api/v1/books/1
	// {"id":1,"title":"Emma"}
}

func ExampleHTTP() {
	mux := http.NewServeMux()
	mux.Handle("GET /books/{id}", typed.HTTP("GET /books/{id}",
		typed.Func(func(_ context.Context, in GetBook) (Book, error) {
			return Book{ID: in.ID, Title: "Emma"}, nil
		})))

	show(mux, "GET", "/books/1", "")
	// Output:
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Emma"}
}

func ExampleDecode() {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /books", func(w http.ResponseWriter, r *http.Request) {
		in, err := typed.Decode[NewBook](r)
		if problem, ok := errors.AsType[*respond.Problem](err); ok {
			problem.ServeHTTP(w, r) // or in words of your own: it has a Status, and says where in Errors
			return
		}
		fmt.Fprintf(w, "adding %q\n", in.Title)
	})

	show(mux, "POST", "/books", `{"title":""}`)
	// Output:
	// 422 application/problem+json
	// {"title":"Unprocessable Content","status":422,"detail":"The request is invalid; see errors for details.","errors":[{"in":"body","pointer":"/title","rule":"required","detail":"is required and must not be empty"}]}
}

func ExampleHTTPRequest() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /agent",
		func(ctx context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
			return res.Send(typed.HTTPRequest(ctx).UserAgent())
		})

	show(api, "GET", "/agent", "", "User-Agent", "curl/8")
	// Output:
	// 200 text/plain; charset=utf-8
	// curl/8
}
