package typedtest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/client"
	"github.com/apiroutes/apiroutes/typed/typedtest"
)

type Book struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}

type NewBook struct {
	Title string `json:"title" validate:"required,max=100"`
}

type GetBook struct {
	ID int `path:"id" validate:"min=1"`
}

var (
	getBook = typed.Get[GetBook, Book]("/books/{id}", typed.Fails(http.StatusNotFound))
	addBook = typed.Post[NewBook, Book]("/books", typed.Status(http.StatusCreated))
)

func newBooksAPI() *typed.API {
	var mu sync.Mutex
	var books []Book
	api := typed.New("Books", "1.0.0", nil)
	addBook.Handle(api, func(_ context.Context, in NewBook, res *typed.Response[Book]) (typed.Answer, error) {
		mu.Lock()
		defer mu.Unlock()
		b := Book{ID: len(books) + 1, Title: in.Title}
		books = append(books, b)
		return res.Header("Location", fmt.Sprintf("/book/%d", b.ID)).JSON(b) // and not getBook.Path(GetBook{b.ID})
	})
	getBook.Handle(api, typed.Func(func(_ context.Context, in GetBook) (Book, error) {
		mu.Lock()
		defer mu.Unlock()
		if in.ID > len(books) {
			return Book{}, respond.NotFound("There is no book %d.", in.ID)
		}
		return books[in.ID-1], nil
	}))
	return api
}

func ExampleExplore() {
	var t printed // a *testing.T: func TestAPI(t *testing.T)
	typedtest.Explore(t, newBooksAPI(), &typedtest.Options{Seed: 1, Count: 100})
	// Output:
	// FAIL: typedtest: POST /books answers 201, and its Location, /book/2, leads to a 404
	//   curl -i -X POST 'http://localhost:8080/books' -H 'Content-Type: application/json' --data-binary '{"title":"a"}'
	//   # its Location
	//   curl -i 'http://localhost:8080/book/2'
	//   answer:   404 application/problem+json {"title":"Not Found","status":404,"detail":"Nothing is served at this path."}
	//   in Go:
	//     r := httptest.NewRequest("POST", "/books", strings.NewReader(`{"title":"a"}`))
	//     r.Header.Set("Content-Type", `application/json`)
	//     w := httptest.NewRecorder()
	//     api.ServeHTTP(w, r)
	//     r = httptest.NewRequest("GET", "/book/2", nil)
	//     w = httptest.NewRecorder()
	//     api.ServeHTTP(w, r)
	//   the run: &typedtest.Options{Seed: 1, Case: 1}
	// typedtest: seed 1: 100 cases, 2 of 2 endpoints took a request
}

// Every night for longer, without the endpoint that ends the process. And once more the case
// that a run has printed, after its fault was mended.
func ExampleOptions() {
	newAPI := func() *typed.API {
		api := typed.New("Books", "1.0.0", nil)
		addBook.Handle(api, typed.Func(func(_ context.Context, in NewBook) (Book, error) { return Book{1, in.Title}, nil }))
		typed.Handle(api, "POST /restart", typed.Do(func(context.Context, typed.None) error { os.Exit(1); return nil }))
		return api
	}
	var t printed // a *testing.T
	restart := []string{"POST /restart"}
	typedtest.Explore(t, newAPI(), &typedtest.Options{Time: 10 * time.Minute, Count: 200, Seed: 7, Except: restart})
	typedtest.Explore(t, newAPI(), &typedtest.Options{Seed: 1, Case: 1, Except: restart})
	// Output:
	// typedtest: seed 7: 200 cases, 1 of 1 endpoints took a request
	// typedtest: seed 1: 1 cases, 1 of 1 endpoints took a request
}

func ExampleNew() {
	var t printed // a *testing.T: func TestGetBook(t *testing.T)
	api := typed.New("Books", "1.0.0", nil)
	getBook.Handle(api, typed.Func(func(context.Context, GetBook) (Book, error) {
		return Book{}, respond.Gone("It was sold.")
	}))
	_, err := client.Call(context.Background(), typedtest.New(t, api), getBook, GetBook{ID: 1})
	fmt.Println(err)
	// Output:
	// FAIL: typedtest: GET /books/{id}: answers 410, which it does not declare (typed.Status, typed.Fails, an outcome)
	//   answer:   410 application/problem+json {"title":"Gone","status":410,"detail":"It was sold."}
	// client: GET /books/{id}: 410 Gone: It was sold.
}

func ExampleOptions_As() {
	var t printed // a *testing.T
	api := typed.New("Books", "1.0.0", &typed.Options{
		Schemes: []typed.Scheme{typed.Bearer("reader", typed.Keys(map[string]string{"t0ken": "Ada"}))},
	})
	typed.Handle(api, "GET /me", typed.Func(func(_ context.Context, in struct {
		Me string `auth:"reader"`
	}) (string, error) {
		return in.Me, nil
	}))
	opts := &typedtest.Options{Seed: 1, Count: 100}
	typedtest.Explore(t, api, opts.As("reader", "t0ken"))
	// Output:
	// typedtest: seed 1: 100 cases, 1 of 1 endpoints took a request
}

func ExampleOptions_values() {
	var t printed // a *testing.T
	api := typed.New("Shops", "1.0.0", nil)
	typed.Handle(api, "GET /shops/{shop}/books", typed.Func(func(_ context.Context, in struct {
		Shop string `path:"shop"` // or with example:"corner", which the document shows
	}) ([]Book, error) {
		if in.Shop != "corner" {
			return nil, respond.NotFound("There is no such shop.")
		}
		return []Book{}, nil
	}), typed.Fails(http.StatusNotFound))
	typedtest.Explore(t, api, &typedtest.Options{Seed: 1, Count: 100, Values: map[string][]string{"shop": {"corner"}}})
	// Output:
	// typedtest: seed 1: 100 cases, 1 of 1 endpoints took a request
}

func TestAddBook(t *testing.T) {
	c := typedtest.New(t, newBooksAPI())
	answer, err := client.Do(t.Context(), c, addBook, NewBook{Title: "Emma"})
	if err != nil {
		t.Fatal(err)
	}
	book, ok := answer.Out.Payload()
	if diff := cmp.Diff(Book{ID: 1, Title: "Emma"}, book); diff != "" || !ok {
		t.Error(diff)
	}
	if answer.Status != http.StatusCreated {
		t.Error(answer.Status)
	}
}

func TestAddBookWithoutTitle(t *testing.T) {
	c := typedtest.New(t, newBooksAPI())
	_, err := client.Call(t.Context(), c, addBook, NewBook{})
	problem, ok := errors.AsType[*respond.Problem](err)
	if !ok || problem.Status != http.StatusUnprocessableEntity || problem.Errors[0].Pointer != "/title" {
		t.Error(err)
	}
}

// printed prints what a test would.
type printed struct{}

func (printed) Helper()                           {}
func (printed) Errorf(format string, args ...any) { fmt.Printf("FAIL: "+format+"\n", args...) }
func (printed) Fatalf(format string, args ...any) { fmt.Printf("FAIL: "+format+"\n", args...) }
func (printed) Logf(format string, args ...any)   { fmt.Printf(format+"\n", args...) }
