package typed_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/typed"
)

// What docs/guide/testing.md shows.

var addBook = typed.Post[NewBook, Book]("/books", typed.Status(http.StatusCreated))

func handleAddBook(_ context.Context, in NewBook, res *typed.Response[Book]) (typed.Answer, error) {
	b := Book{ID: 1, Title: in.Title}
	return res.Status(http.StatusCreated).Header("Location", getBook.Path(GetBook{ID: b.ID})).JSON(b)
}

func newBooksAPI() *typed.API {
	api := typed.New("Books", "1.0.0", nil)
	addBook.Handle(api, handleAddBook)
	return api
}

func TestDeclarations(t *testing.T) {
	newBooksAPI() // panics, and so fails, if anything is declared wrong
}

func TestAddBookMalformed(t *testing.T) {
	r := httptest.NewRequest("POST", "/books", strings.NewReader(`{"title":`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	newBooksAPI().ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAddBookAlone(t *testing.T) {
	answer, err := handleAddBook(t.Context(), NewBook{Title: "Emma"}, new(typed.Response[Book]))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Book{ID: 1, Title: "Emma"}, answer.Payload()); diff != "" {
		t.Error(diff)
	}
	if answer.Status() != http.StatusCreated {
		t.Error(answer.Status())
	}
}
