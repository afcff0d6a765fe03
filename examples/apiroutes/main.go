// Apiroutes serves a few people: all of them, or one by its id. It is the example
// project "api-routes" of the Next.js documentation, with its answers.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"slices"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Born int    `json:"born"`
	Work string `json:"work"`
}

// GetPerson takes any text for an id: one that nobody has is a 404, not a bad request.
type GetPerson struct {
	ID string `path:"id"`
}

type GetPersonOut struct {
	OK       typed.Reply[Person]  `status:"200" doc:"the person"`
	NotFound typed.Reply[Missing] `status:"404" doc:"nobody has this id"`
}

type Missing struct {
	Message string `json:"message"`
}

func people() []Person {
	return []Person{
		{ID: "1", Name: "Ada Lovelace", Born: 1815, Work: "Notes on the Analytical Engine"},
		{ID: "2", Name: "Emmy Noether", Born: 1882, Work: "Invariante Variationsprobleme"},
		{ID: "3", Name: "Alan Turing", Born: 1912, Work: "On Computable Numbers"},
		{ID: "4", Name: "Barbara Liskov", Born: 1939, Work: "Programming with Abstract Data Types"},
	}
}

func newAPI() *typed.API {
	api := typed.New("People", "1.0.0", nil)
	all := people()

	typed.Handle(api, "GET /api/people",
		typed.Func(func(context.Context, typed.None) ([]Person, error) { return all, nil }),
		typed.Summary("Everybody"))

	typed.Handle(api, "GET /api/people/{id}",
		func(_ context.Context, in GetPerson, out *GetPersonOut) (typed.Answer, error) {
			i := slices.IndexFunc(all, func(p Person) bool { return p.ID == in.ID })
			if i < 0 {
				return out.NotFound.JSON(Missing{Message: fmt.Sprintf("User with id: %s not found.", in.ID)})
			}
			return out.OK.JSON(all[i])
		},
		typed.Summary("One person"))
	docs.Mount(api, about())
	return api
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	flag.Parse()
	fmt.Printf(`Listening on %[1]s. Try:

  curl -i http://%[1]s/api/people
  curl -i http://%[1]s/api/people/1
  curl -i http://%[1]s/api/people/99

or open http://%[1]s/docs in a browser.

`, *addr)
	if err := typed.Serve(context.Background(), *addr, newAPI()); err != nil {
		log.Fatal(err)
	}
}
