package respond_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type Book struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}

// showGet sends a request and prints the answer.
func showGet(h http.Handler, path string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	fmt.Println(strings.TrimSpace(fmt.Sprint(w.Code, " ", cmp.Or(w.Header().Get("Content-Type"), w.Header().Get("Location")))))
	if w.Body.Len() > 0 {
		fmt.Println(w.Body)
	}
}

func ExampleResponse() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /book", func(_ context.Context, _ typed.None, res *respond.Response[Book]) (respond.Answer, error) {
		return res.Header("X-Shelf", "12").Cookie(&http.Cookie{Name: "seen", Value: "1"}).JSON(Book{1, "Emma"})
	})
	showGet(api, "/book")
	// Output:
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Emma"}
}

// A field for each way to answer: Reply has a payload, Empty none, Redirect a target.
func ExampleReply() {
	type Gone struct {
		Since int `json:"since"`
	}
	type Out struct {
		OK      respond.Reply[Book] `status:"200" doc:"the book"`
		Nothing respond.Empty       `status:"204" doc:"it is lent"`
		Moved   respond.Redirect    `status:"308"`
		Gone    respond.Reply[Gone] `status:"410"`
	}
	type GetBook struct {
		ID int `path:"id"`
	}
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /books/{id}", func(_ context.Context, in GetBook, out *Out) (respond.Answer, error) {
		switch in.ID {
		case 1:
			return out.OK.JSON(Book{1, "Emma"}, respond.SetHeader("X-Shelf", "12"))
		case 2:
			return out.Nothing.End(respond.SetCookie(&http.Cookie{Name: "asked", Value: "2"}))
		case 3:
			return out.Moved.To("/books/1")
		}
		return out.Gone.JSON(Gone{Since: 1815})
	})
	for id := 1; id <= 4; id++ {
		showGet(api, fmt.Sprint("/books/", id))
	}
	// Output:
	// 200 application/json; charset=utf-8
	// {"id":1,"title":"Emma"}
	// 204
	// 308 /books/1
	// 410 application/json; charset=utf-8
	// {"since":1815}
}

func ExampleEmpty() {
	type Out struct {
		Done respond.Empty `status:"204"`
	}
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /ping", func(_ context.Context, _ typed.None, out *Out) (respond.Answer, error) {
		return out.Done.End()
	})
	showGet(api, "/ping")
	// Output:
	// 204
}

func ExampleRedirect() {
	type Out struct {
		SeeOther respond.Redirect `status:"303"`
	}
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /latest", func(_ context.Context, _ typed.None, out *Out) (respond.Answer, error) {
		return out.SeeOther.To("/books/1")
	})
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/latest", nil))
	fmt.Println(w.Code, w.Header().Get("Location"))
	// Output:
	// 303 /books/1
}

// An answer is a value: a test reads what a handler returned.
func ExampleAnswer() {
	var res respond.Response[Book]
	a, err := res.Status(http.StatusCreated).Header("Location", "/books/1").JSON(Book{1, "Emma"})
	fmt.Println(a.Status(), a.Header().Get("Location"), a.Payload(), err)
	// Output:
	// 201 /books/1 {1 Emma} <nil>
}

// HTML is sent as it is: what it holds has been escaped.
func ExampleHTML() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /", func(_ context.Context, _ typed.None, res *respond.Response[respond.HTML]) (respond.Answer, error) {
		return res.Send("<h1>Books</h1>")
	})
	showGet(api, "/")
	// Output:
	// 200 text/html; charset=utf-8
	// <h1>Books</h1>
}

// A problem is an error. What is behind it is reported, and not sent.
func ExampleProblem() {
	api := typed.New("Books", "1.0.0", &typed.Options{
		OnError: func(_ context.Context, err error) { fmt.Println("reported:", err) },
	})
	typed.Handle(api, "GET /books", typed.Func(func(context.Context, typed.None) ([]Book, error) {
		return nil, respond.Unavailable("The catalogue is being moved.").Expose().
			Header("Retry-After", "60").
			Because(errors.New("dial tcp 10.0.0.1:5432: refused"))
	}))
	showGet(api, "/books")
	// Output:
	// reported: 503 Service Unavailable: The catalogue is being moved.: dial tcp 10.0.0.1:5432: refused
	// 503 application/problem+json
	// {"title":"Service Unavailable","status":503,"detail":"The catalogue is being moved."}
}

// A handler can say what is wrong with one value, as the toolkit itself does.
func ExampleFieldError() {
	type NewBook struct {
		Title string `query:"title"`
	}
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /check", typed.Func(func(_ context.Context, in NewBook) (bool, error) {
		return false, &respond.Problem{
			Status: http.StatusUnprocessableEntity,
			Title:  "The title is taken.",
			Errors: []respond.FieldError{{In: "query", Name: "title", Rule: "unique", Detail: "is the title of another book"}},
		}
	}), typed.Fails(http.StatusUnprocessableEntity))
	showGet(api, "/check?title=Emma")
	// Output:
	// 422 application/problem+json
	// {"title":"The title is taken.","status":422,"errors":[{"in":"query","name":"title","rule":"unique","detail":"is the title of another book"}]}
}

// What an endpoint may answer can be listed.
func ExampleOutcome() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /book", typed.Func(func(context.Context, typed.None) (Book, error) { return Book{}, nil }))
	for op := range api.Operations() {
		for _, o := range op.Outcomes {
			fmt.Println(op.Method, op.Path, o.Status, o.Payload)
		}
	}
	// Output:
	// GET /book 200 respond_test.Book
}
