// Apiroutesrest serves one resource under two methods. It is the example project
// "api-routes-rest" of the Next.js documentation; what its handler switches on by
// hand (the method, the 405 and its Allow) follows here from the declarations.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

type UserID struct {
	ID int `json:"id"`
}

type User struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

type GetUser struct {
	ID int `path:"id"`
}

// PutUser gives the user a name, which may be in the query, as in the example of Next.js, or
// in a JSON body. Without one the user has the default name.
type PutUser struct {
	ID   int     `path:"id"`
	Name string  `query:"name" validate:"max=50"`
	Body *Rename `body:""`
}

type Rename struct {
	Name string `json:"name" validate:"max=50"`
}

func defaultName(id int) string { return fmt.Sprintf("User %d", id) }

func listUsers(context.Context, typed.None) ([]UserID, error) {
	return []UserID{{1}, {2}, {3}}, nil
}

func getUser(_ context.Context, in GetUser) (User, error) {
	return User{ID: in.ID, Name: defaultName(in.ID)}, nil
}

func putUser(_ context.Context, in PutUser) (User, error) {
	name := in.Name
	if in.Body != nil {
		name = cmp.Or(in.Body.Name, name)
	}
	return User{ID: in.ID, Name: cmp.Or(name, defaultName(in.ID))}, nil
}

func newAPI() *typed.API {
	api := typed.New("Users", "1.0.0", nil)
	typed.Handle(api, "GET /api/users", typed.Func(listUsers))
	typed.Handle(api, "GET /api/user/{id}", typed.Func(getUser))
	typed.Handle(api, "PUT /api/user/{id}", typed.Func(putUser))
	docs.Mount(api, about())
	return api
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	flag.Parse()
	fmt.Printf(`Listening on %[1]s. Try:

  curl -i http://%[1]s/api/users
  curl -i http://%[1]s/api/user/1
  curl -i -X PUT 'http://%[1]s/api/user/1?name=Ada'
  curl -i -X PUT http://%[1]s/api/user/1 -H 'Content-Type: application/json' -d '{"name":"Ada"}'
  curl -i -X DELETE http://%[1]s/api/user/1

or open http://%[1]s/docs in a browser.

`, *addr)
	if err := typed.Serve(context.Background(), *addr, newAPI()); err != nil {
		log.Fatal(err)
	}
}
