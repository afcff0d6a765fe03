// Books is the program of the README: read a book, review it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

type Book struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}

type GetBook struct {
	ID int `path:"id" validate:"min=1"`
}

// GetBookOut has a field for each answer; the compiler refuses any other.
type GetBookOut struct {
	OK       typed.Reply[Book]    `status:"200"`
	NotFound typed.Reply[Missing] `status:"404"`
}

type Missing struct {
	Message string `json:"message"`
}

type NewReview struct {
	Book  int    `path:"id" validate:"min=1"`
	Stars int    `json:"stars" validate:"min=1,max=5"`
	Text  string `json:"text" validate:"max=2000"`
}

type Review struct {
	Book  int `json:"book"`
	Stars int `json:"stars"`
}

func getBook(_ context.Context, in GetBook, out *GetBookOut) (typed.Answer, error) {
	if in.ID > 1 {
		return out.NotFound.JSON(Missing{Message: "no such book"})
	}
	return out.OK.JSON(Book{ID: in.ID, Title: "Emma"})
}

func addReview(_ context.Context, in NewReview) (Review, error) {
	return Review{Book: in.Book, Stars: in.Stars}, nil
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	flag.Parse()
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /books/{id}", getBook)
	typed.Handle(api, "POST /books/{id}/reviews", typed.Func(addReview), typed.Status(201))
	docs.Mount(api, nil) // /docs and /openapi.json
	fmt.Printf("curl -i http://%s/books/1, or open http://%[1]s/docs\n", *addr)
	if err := typed.Serve(context.Background(), *addr, api); err != nil {
		log.Fatal(err)
	}
}
