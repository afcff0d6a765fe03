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

func addBook(_ context.Context, in NewBook, res *typed.Response[Book]) (typed.Answer, error) {
	b := Book{ID: 1, Title: in.Title}
	return res.Status(http.StatusCreated).Header("Location", getBook.Path(GetBook{ID: b.ID})).JSON(b)
}

func newBooksAPI() *typed.API {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "POST /books", addBook, typed.Status(http.StatusCreated))
	return api
}

func TestDeclarations(t *testing.T) {
	newBooksAPI() // panics, and so fails, if anything is declared wrong
}

func TestAddBook(t *testing.T) {
	r := httptest.NewRequest("POST", "/books", strings.NewReader(`{"title":"Emma"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	newBooksAPI().ServeHTTP(w, r)

	if w.Code != http.StatusCreated || w.Header().Get("Location") != "/books/1" {
		t.Errorf("got %d and %q", w.Code, w.Header().Get("Location"))
	}
	if diff := cmp.Diff(`{"id":1,"title":"Emma"}`, w.Body.String()); diff != "" {
		t.Error(diff)
	}
}

func TestAddBookAlone(t *testing.T) {
	answer, err := addBook(t.Context(), NewBook{Title: "Emma"}, new(typed.Response[Book]))
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
