package respond_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/apiroutes/apiroutes/respond"
)

// A function for each status that a handler answers with.
func ExampleNotFound() {
	for _, p := range []*respond.Problem{
		respond.NotFound("no book has the number %d", 7),
		respond.Gone("the book was withdrawn"),
		respond.PreconditionFailed("the book has changed since"),
		respond.PreconditionRequired("send If-Match"),
		respond.TooManyRequests("wait a minute"),
	} {
		fmt.Println(p.Status, p.Title+":", p.Detail)
	}
	// Output:
	// 404 : no book has the number 7
	// 410 : the book was withdrawn
	// 412 : the book has changed since
	// 428 : send If-Match
	// 429 : wait a minute
}

// Code that a handler calls, and that has its context, revalidates pages.
func ExampleRevalidate() {
	err := respond.Revalidate(context.Background(), "/books/7") // of no handler
	fmt.Println(errors.Is(err, respond.ErrNotCached))
	// Output:
	// true
}

// The head of one answer of an outcome set.
func ExampleOption() {
	opts := []respond.Option{
		respond.SetHeader("X-Edition", "2"),
		respond.SetCookie(&http.Cookie{Name: "seen", Value: "7"}),
	}
	fmt.Println(len(opts), "options, as in out.OK.JSON(book, opts...)")
	// Output:
	// 2 options, as in out.OK.JSON(book, opts...)
}
