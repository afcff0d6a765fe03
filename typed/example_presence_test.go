package typed_test

import (
	"context"

	"github.com/apiroutes/apiroutes/typed"
)

type ChangeBook struct {
	ID    int                    `path:"id"`
	Title typed.Optional[string] `json:"title" validate:"min=1,max=200"` // may be left out, not removed
	Note  typed.Nullable[string] `json:"note" validate:"max=1000"`       // null: remove it
}

type NotedBook struct {
	Title string  `json:"title"`
	Note  *string `json:"note"`
}

func Example_mergePatch() {
	gift := "a gift"
	book := NotedBook{Title: "Emma", Note: &gift}
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "PATCH /books/{id}", typed.Func(func(_ context.Context, in ChangeBook) (NotedBook, error) {
		book.Title = in.Title.Or(book.Title)
		book.Note = in.Note.Or(book.Note)
		return book, nil
	}), typed.Accepts("application/merge-patch+json"))

	show(api, "PATCH", "/books/1", `{"title":"Persuasion"}`)
	show(api, "PATCH", "/books/1", `{"note":null}`)
	show(api, "PATCH", "/books/1", `{"title":null}`)
	// Output:
	// 200 application/json; charset=utf-8
	// {"title":"Persuasion","note":"a gift"}
	// 200 application/json; charset=utf-8
	// {"title":"Persuasion","note":null}
	// 422 application/problem+json
	// {"title":"Unprocessable Content","status":422,"detail":"The request is invalid; see errors for details.","errors":[{"in":"body","pointer":"/title","rule":"null","detail":"must not be null"}]}
}
