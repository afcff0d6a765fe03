package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
)

type Book struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}

type GetBook struct {
	ID int `path:"id"`
}

type NewBook struct {
	Title string `json:"title" validate:"required"`
}

type Moved struct {
	Shelf int `json:"shelf"`
}

type FindBookOut struct {
	OK       typed.Reply[Book]  `status:"200"`
	Lent     typed.Reply[Moved] `status:"409"`
	NotFound typed.Empty        `status:"404"`
}

// The declarations are what server and client have in common.
var (
	getBook  = typed.Get[GetBook, Book]("/books/{id}")
	addBook  = typed.Post[NewBook, Book]("/books", typed.Status(http.StatusCreated))
	findBook = typed.Define[GetBook, FindBookOut]("GET /find/{id}")
)

func newBooks(opts *typed.Options) *typed.API {
	api := typed.New("Books", "1.0.0", opts)
	getBook.Handle(api, typed.Func(func(_ context.Context, in GetBook) (Book, error) {
		if in.ID != 1 {
			return Book{}, respond.NotFound("There is no book %d.", in.ID)
		}
		return Book{1, "Emma"}, nil
	}))
	addBook.Handle(api, typed.Func(func(_ context.Context, in NewBook) (Book, error) { return Book{2, in.Title}, nil }))
	findBook.Handle(api, func(_ context.Context, in GetBook, out *FindBookOut) (typed.Answer, error) {
		switch in.ID {
		case 1:
			return out.OK.JSON(Book{1, "Emma"})
		case 2:
			return out.Lent.JSON(Moved{Shelf: 7})
		}
		return out.NotFound.End()
	})
	return api
}

func ExampleCall() {
	server := httptest.NewServer(newBooks(nil))
	defer server.Close()

	c := client.New(server.URL, nil)
	book, err := client.Call(context.Background(), c, getBook, GetBook{ID: 1})
	fmt.Println(book, err)

	_, err = client.Call(context.Background(), c, addBook, NewBook{})
	if p, ok := errors.AsType[*respond.Problem](err); ok {
		fmt.Println(p.Status, p.Errors[0].Pointer, p.Errors[0].Detail)
	}
	// Output:
	// {1 Emma} <nil>
	// 422 /title is required and must not be empty
}

func ExampleDo() {
	c := client.Local(newBooks(nil))
	for id := range 3 {
		var answer *client.Answer[FindBookOut]
		answer, err := client.Do(context.Background(), c, findBook, GetBook{ID: id})
		if err != nil {
			fmt.Println(err)
			return
		}
		if book, ok := answer.Out.OK.Payload(); ok {
			fmt.Println("there is", book.Title)
		}
		if moved, ok := answer.Out.Lent.Payload(); ok {
			fmt.Println("it is at", moved.Shelf)
		}
		if answer.Out.NotFound.Answered() {
			fmt.Println("there is none:", answer.Status)
		}
	}
	// Output:
	// there is none: 404
	// there is Emma
	// it is at 7
}

// A test calls the API without a socket.
func ExampleLocal() {
	c := client.Local(newBooks(nil))
	book, err := client.Call(context.Background(), c, addBook, NewBook{Title: "Persuasion"})
	fmt.Println(book, err)

	_, err = client.Call(context.Background(), c, getBook, GetBook{ID: 3})
	fmt.Println(err)
	// Output:
	// {2 Persuasion} <nil>
	// client: GET /books/{id}: 404 Not Found: There is no book 3.
}

type Reader struct{ Name string }

type BorrowBook struct {
	ID  int    `path:"id"`
	Who Reader `auth:"token"`
}

func ExampleClient_With() {
	keys := typed.Bearer("token", typed.Keys(map[string]Reader{"t0ken": {"Ada"}}))
	api := typed.New("Books", "1.0.0", &typed.Options{Schemes: []typed.Scheme{keys}})
	borrow := typed.Handle(api, "POST /books/{id}/borrow", typed.Func(func(_ context.Context, in BorrowBook) (string, error) {
		return in.Who.Name, nil
	}))

	c := client.Local(api)
	_, err := client.Call(context.Background(), c, borrow, BorrowBook{ID: 1})
	fmt.Println(err)

	who, err := client.Call(context.Background(), c.With(client.WithBearer("t0ken")), borrow, BorrowBook{ID: 1})
	fmt.Println(who, err)
	// Output:
	// client: POST /books/{id}/borrow: 401 Unauthorized: The request has no credentials: send those that WWW-Authenticate asks for.
	// Ada <nil>
}

func ExampleOptions() {
	var c *client.Client = client.New("https://api.example.com/v1", &client.Options{
		HTTP: &http.Client{Timeout: 10 * time.Second},
		Credentials: map[string]func(context.Context) (string, error){
			"token": func(context.Context) (string, error) { return "t0ken", nil },
		},
		Schemes:   []typed.Scheme{typed.Bearer("token", typed.Keys[Reader](nil))},
		MaxAnswer: client.DefaultMaxAnswer / 10,
		Strict:    true, // in a test: what the server has added is a fault
	})
	opts := []client.Option{client.WithHeader("X-Team", "red"), client.WithBasic("ada", "pa55word")}
	_, err := client.Call(context.Background(), c.With(opts...), getBook, GetBook{ID: 1})
	_ = err // a server has to be there
}

func ExampleRetry() {
	books, requests := newBooks(nil), 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests++; requests < 3 {
			respond.Unavailable("The server starts.").ServeHTTP(w, r)
			return
		}
		books.ServeHTTP(w, r)
	}))
	defer server.Close()

	c := client.New(server.URL, &client.Options{Retry: client.Retry{
		Tries: 4,                     // the first included
		Base:  10 * time.Millisecond, // then up to 20, 40, ...
		Max:   time.Second,
	}})
	book, err := client.Call(context.Background(), c, getBook, GetBook{ID: 1})
	fmt.Println(book, err, "after", requests)
	// Output:
	// {1 Emma} <nil> after 3
}

type Fault struct {
	Message string `json:"message"`
}

func ExampleFailure() {
	form := typed.Errors("application/json", func(_ context.Context, p *respond.Problem) Fault { return Fault{p.Detail} })
	c := client.Local(newBooks(&typed.Options{Errors: form})) // New takes it in client.Options

	_, err := client.Call(context.Background(), c, getBook, GetBook{ID: 3})
	if f, ok := errors.AsType[*client.Failure[Fault]](err); ok {
		fmt.Println(f.Endpoint, f.Status, f.Body.Message)
	}
	// Output: GET /books/{id} 404 There is no book 3.
}

func ExampleUnexpectedAnswer() {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Via", "1.1 cache.example.com")
		http.Error(w, "upstream is away", http.StatusBadGateway)
	}))
	defer proxy.Close()

	_, err := client.Call(context.Background(), client.New(proxy.URL, nil), getBook, GetBook{ID: 1})
	if e, ok := errors.AsType[*client.UnexpectedAnswer](err); ok {
		fmt.Println(err)
		fmt.Printf("%s by %s, of type %s: %s", e.Endpoint, e.Header.Get("Via"), e.Type, e.Body) // for a log
	}
	// Output:
	// client: GET /books/{id}: answered 502 with "text/plain; charset=utf-8", which the endpoint does not declare
	// GET /books/{id} by 1.1 cache.example.com, of type text/plain; charset=utf-8: upstream is away
}
