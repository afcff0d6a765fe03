package typed_test

import (
	"context"
	"errors"
	"testing"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// AddToShelf is a request of which each field says where it comes from.
type AddToShelf struct {
	Shelf  int    `path:"shelf"`
	Notify bool   `query:"notify"`
	Title  string `json:"title" validate:"required,max=200"`
	Pages  int    `json:"pages" validate:"min=1"`
}

type ShelvedBook struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	Pages int    `json:"pages"`
}

type GetShelved struct {
	Shelf int `path:"shelf"`
	ID    int `path:"id"`
}

var errNoShelf = errors.New("no such shelf")

// keep is what all samples call.
func keep(_ context.Context, shelf int, title string, pages int, _ bool) (ShelvedBook, error) {
	if shelf != 1 {
		return ShelvedBook{}, errNoShelf
	}
	return ShelvedBook{7, title, pages}, nil
}

func Example_comingFrom() {
	api := typed.New("Books", "1.0.0", nil)
	getShelved := typed.Get[GetShelved, ShelvedBook]("/shelves/{shelf}/books/{id}")
	typed.Handle(api, "POST /shelves/{shelf}/books",
		func(ctx context.Context, in AddToShelf, res *typed.Response[ShelvedBook]) (typed.Answer, error) {
			book, err := keep(ctx, in.Shelf, in.Title, in.Pages, in.Notify)
			if errors.Is(err, errNoShelf) {
				return typed.Fail(respond.NotFound("There is no such shelf."))
			}
			if err != nil {
				return typed.Fail(err)
			}
			return res.Header("Location", getShelved.Path(GetShelved{in.Shelf, book.ID})).JSON(book)
		}, typed.Status(201), typed.ResponseHeader("Location", "The book.", 201), typed.Fails(404))

	show(api, "POST", "/shelves/1/books?notify=true", `{"title":"Emma","pages":474}`)
	show(api, "POST", "/shelves/2/books", `{"title":"Emma","pages":474}`)
	show(api, "POST", "/shelves/1/books?notify=7", `{"title":"Emma","pages":474}`)
	// Output:
	// 201 application/json; charset=utf-8
	// Location: /shelves/1/books/7
	// {"id":7,"title":"Emma","pages":474}
	// 404 application/problem+json
	// {"title":"Not Found","status":404,"detail":"There is no such shelf."}
	// 422 application/problem+json
	// {"title":"Unprocessable Content","status":422,"detail":"The request is invalid; see errors for details.","errors":[{"in":"query","name":"notify","rule":"type","detail":"must be true or false"}]}
}

// What docs/guide/coming-from.md says of this endpoint.
func TestComingFrom(t *testing.T) {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "POST /shelves/{shelf}/books", typed.Func(func(ctx context.Context, in AddToShelf) (ShelvedBook, error) {
		return keep(ctx, in.Shelf, in.Title, in.Pages, in.Notify)
	}), typed.Status(201))
	const good = `{"title":"Emma","pages":474}`
	for _, tt := range []struct {
		target, body, mediaType string
		status                  int
	}{
		{"/shelves/1/books", good, "application/json", 201},
		{"/shelves/x/books", good, "application/json", 422},
		{"/shelves/1/books?notify=7", good, "application/json", 422},
		{"/shelves/1/books?notify=true&notify=false", good, "application/json", 422},
		{"/shelves/1/books", `{"title":"","pages":0}`, "application/json", 422},
		{"/shelves/1/books", `{"title":"Emma","pages":474,"author":"x"}`, "application/json", 422},
		{"/shelves/1/books", `{"TITLE":"Emma","pages":474}`, "application/json", 422},
		{"/shelves/1/books", `{"title":"a","title":"Emma","pages":474}`, "application/json", 400},
		{"/shelves/1/books", `{"title":"Emma","pages":474} x`, "application/json", 400},
		{"/shelves/1/books", `{"title":"Emma","pages":null}`, "application/json", 422},
		{"/shelves/1/books", "{\"title\":\"\xff\",\"pages\":474}", "application/json", 400},
		{"/shelves/1/books", good, "text/plain", 415},
	} {
		if got := do(api, "POST", tt.target, tt.body, "Content-Type", tt.mediaType).Code; got != tt.status {
			t.Errorf("%s %q %s: %d, want %d", tt.target, tt.body, tt.mediaType, got, tt.status)
		}
	}
}
