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
	"github.com/apiroutes/apiroutes/typed/client"
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
	showGet(api, "/latest")
	// Output:
	// 303 /books/1
}

// A client reads where it is sent to.
func ExampleRedirect_Target() {
	type Out struct {
		SeeOther respond.Redirect `status:"303"`
		None     respond.Empty    `status:"404"`
	}
	api := typed.New("Books", "1.0.0", nil)
	latest := typed.Handle(api, "GET /latest", func(_ context.Context, _ typed.None, out *Out) (respond.Answer, error) {
		return out.SeeOther.To("/books/1")
	})
	answer, err := client.Do(context.Background(), client.Local(api), latest, typed.None{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Out.SeeOther.Target())
	// Output:
	// /books/1 true
}

// A payment goes on at another origin, which the program knows and no client has sent.
func ExampleResponse_RedirectExternal() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /pay", func(_ context.Context, _ typed.None, res *respond.Response[typed.None]) (respond.Answer, error) {
		return res.Status(http.StatusSeeOther).RedirectExternal("https://pay.example.com/orders/7")
	}, typed.Status(http.StatusSeeOther))
	showGet(api, "/pay")
	// Output:
	// 303 https://pay.example.com/orders/7
}

// An answer is a value: a test reads what a handler returned.
func ExampleAnswer() {
	var res respond.Response[Book]
	a, err := res.Status(http.StatusCreated).Header("Location", "/books/1").JSON(Book{1, "Emma"})
	fmt.Println(a.Status(), a.Header().Get("Location"), a.Payload(), err)
	// Output:
	// 201 /books/1 {1 Emma} <nil>
}

// What a handler says of the page that its answer becomes on an endpoint with typed.Cache:
// the tags that make it old, and whether it is kept at all.
func ExampleResponse_Tag() {
	getBook := func(b Book, price int) (respond.Answer, error) {
		res := new(respond.Response[Book]).Tag(fmt.Sprint("book:", b.ID))
		if price == 0 { // not known yet: the next request asks again
			res.NoStore()
		}
		return res.JSON(b)
	}
	for _, price := range []int{12, 0} {
		a, _ := getBook(Book{1, "Emma"}, price)
		fmt.Println(a.CacheTags(), a.Storable())
	}
	// Output:
	// [book:1] true
	// [book:1] false
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

// What programs read of a problem: its type, what it happened to, and further members.
func ExampleProblem_extensions() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /orders/7", typed.Func(func(context.Context, typed.None) (Book, error) {
		p := respond.Conflict("There are 2 copies left.")
		p.Type = "https://example.com/problems/out-of-stock"
		p.Instance = "/orders/7/attempts/3"
		p.Extensions = map[string]any{"left": 2}
		return Book{}, p
	}), typed.Fails(http.StatusConflict))
	showGet(api, "/orders/7")
	// Output:
	// 409 application/problem+json
	// {"type":"https://example.com/problems/out-of-stock","title":"Conflict","status":409,"detail":"There are 2 copies left.","instance":"/orders/7/attempts/3","left":2}
}

// A handler can say what is wrong with one value, as the toolkit itself does.
func ExampleFieldError() {
	type NewBook struct {
		Title  string `query:"title"`
		Copies int    `query:"copies"`
	}
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /check", typed.Func(func(_ context.Context, in NewBook) (bool, error) {
		return false, &respond.Problem{
			Status: http.StatusUnprocessableEntity,
			Title:  "The shelf cannot take the book.",
			Errors: []respond.FieldError{
				{In: "query", Name: "title", Rule: "unique", Detail: "is the title of another book"},
				{In: "query", Name: "copies", Rule: "max", Param: "3", Detail: "must be at most 3, for which there is space"},
			},
		}
	}), typed.Fails(http.StatusUnprocessableEntity))
	showGet(api, "/check?title=Emma&copies=4")
	// Output:
	// 422 application/problem+json
	// {"title":"The shelf cannot take the book.","status":422,"errors":[{"in":"query","name":"title","rule":"unique","detail":"is the title of another book"},{"in":"query","name":"copies","rule":"max","param":"3","detail":"must be at most 3, for which there is space"}]}
}

// What an endpoint may answer can be listed.
func ExampleOutcome() {
	type Out struct {
		OK   respond.Reply[Book] `status:"200" doc:"the book" example:"{\"id\":1,\"title\":\"Emma\"}"`
		Lent respond.Empty       `status:"204" doc:"it is lent"`
	}
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /book", func(_ context.Context, _ typed.None, out *Out) (respond.Answer, error) {
		return out.OK.JSON(Book{1, "Emma"})
	})
	for op := range api.Operations() {
		for _, o := range op.Outcomes {
			fmt.Println(op.Method, op.Path, o.Status, o.Doc, o.Payload, o.Example)
		}
	}
	// Output:
	// GET /book 200 the book respond_test.Book {"id":1,"title":"Emma"}
	// GET /book 204 it is lent <nil>
}
