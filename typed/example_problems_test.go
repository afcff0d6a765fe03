package typed_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// What the store knows of; it does not know of HTTP.
var (
	errNoBook    = errors.New("no such book")
	errDuplicate = errors.New("the title is taken")
)

// problem says what a client is told about an error of the store.
func problem(err error) error {
	switch {
	case errors.Is(err, errNoBook):
		return respond.NotFound("There is no book with this id.").Because(err)
	case errors.Is(err, errDuplicate):
		p := respond.Conflict("There is a book with this title.").Because(err)
		p.Type = "https://example.com/problems/duplicate-title"
		return p
	}
	return err // nil, or a 500 that tells nobody but OnError
}

func Example_problems() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "POST /books", typed.Func(func(_ context.Context, in NewBook) (Book, error) {
		err := fmt.Errorf("store: %w", errDuplicate)
		return Book{}, problem(err)
	}), typed.Status(201), typed.Fails(409))

	show(api, "POST", "/books", `{"title":"Emma"}`)
	// Output:
	// 409 application/problem+json
	// {"type":"https://example.com/problems/duplicate-title","title":"Conflict","status":409,"detail":"There is a book with this title."}
}
