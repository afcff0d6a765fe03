package compat_test

import (
	"context"
	"fmt"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/compat"
	"github.com/apiroutes/apiroutes/typed"
)

type FindBooks struct {
	Title string `query:"title"`
	Limit int    `query:"limit" default:"20" validate:"max=50"` // was 100
}

func findBooks(context.Context, FindBooks) ([]string, error) { return nil, nil }

func newBooksAPI() *typed.API {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /books", typed.Func(findBooks))
	docs.Mount(api, nil)
	return api
}

func ExampleCheck() {
	var t report // a *testing.T: func TestCompatible(t *testing.T)
	compat.Check(t, newBooksAPI(), "testdata/books.json")
	compat.Check(t, newBooksAPI(), "testdata/books.json",
		compat.Allow("request-parameter-max-decreased GET /books", "the logs of a month have no limit above 30"))
	// Output:
	// FAIL: compat: clients that were written for testdata/books.json break:
	//   typed: GET /books: FindBooks.Limit: for the `query` request parameter `limit`, the max was decreased from `100.00` to `50.00` [request-parameter-max-decreased GET /books]
	// Undo this, excuse it with compat.Allow, or run the test with -update to accept it.
}

// report prints what a test would.
type report struct{}

func (report) Helper()                           {}
func (report) Errorf(format string, args ...any) { fmt.Printf("FAIL: "+format+"\n", args...) }
func (report) Fatalf(format string, args ...any) { fmt.Printf("FAIL: "+format+"\n", args...) }
func (report) Logf(string, ...any)               {}
