// Quickstart is a users API: create one, read one, list them.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

type User struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

type NewUser struct {
	Name  string `json:"name" validate:"required,max=50"`
	Email string `json:"email" validate:"required,email"`
}

type GetUser struct {
	ID int `path:"id"`
}

// GetUserOut has a field for each way GET /users/{id} may answer; the compiler
// refuses any other.
type GetUserOut struct {
	OK       typed.Reply[User]    `status:"200"`
	NotFound typed.Reply[Missing] `status:"404"`
}

type Missing struct {
	Message string `json:"message"`
}

type ListUsers struct {
	Limit int `query:"limit" default:"20" validate:"min=1,max=100"`
}

// The endpoints are declared apart from their handlers: links and clients are made of them.
var (
	getUser   = typed.Define[GetUser, GetUserOut]("GET /users/{id}")
	listUsers = typed.Get[ListUsers, []User]("/users")
	addUser   = typed.Post[NewUser, User]("/users", typed.Status(http.StatusCreated),
		typed.ResponseHeader("Location", "The user.", http.StatusCreated))
)

// Users keeps users in memory; a user's ID is its place, counted from 1.
type Users struct {
	mu  sync.Mutex
	all []User
}

func (s *Users) Add(in NewUser) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := User{ID: len(s.all) + 1, Name: in.Name, Email: in.Email}
	s.all = append(s.all, u)
	return u
}

func (s *Users) Get(_ context.Context, in GetUser, out *GetUserOut) (typed.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.ID < 1 || in.ID > len(s.all) {
		return out.NotFound.JSON(Missing{Message: "no such user"})
	}
	return out.OK.JSON(s.all[in.ID-1])
}

func (s *Users) List(_ context.Context, in ListUsers) ([]User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[:min(in.Limit, len(s.all))], nil
}

func newAPI() *typed.API {
	api := typed.New("Users", "1.0.0", nil)
	users := &Users{}

	getUser.Handle(api, users.Get)
	listUsers.Handle(api, typed.Func(users.List))
	addUser.Handle(api, func(_ context.Context, in NewUser, res *typed.Response[User]) (typed.Answer, error) {
		u := users.Add(in)
		return res.Header("Location", getUser.Path(GetUser{ID: u.ID})).JSON(u)
	})
	docs.Mount(api, about())
	return api
}

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "address to listen on")
	url := flag.String("call", "", "URL of a running quickstart, to be called instead of served")
	flag.Parse()
	if *url != "" {
		if err := call(context.Background(), os.Stdout, *url); err != nil {
			log.Fatal(err)
		}
		return
	}
	fmt.Printf(`Listening on %[1]s. Try:

  curl -i http://%[1]s/users -H 'Content-Type: application/json' -d '{"name":"Ada","email":"ada@example.com"}'
  curl -i http://%[1]s/users/1
  curl -i 'http://%[1]s/users?limit=1000'

or open http://%[1]s/docs in a browser, or have a typed client call it:

  go run ./examples/quickstart -call http://%[1]s

`, *addr)
	if err := typed.Serve(context.Background(), *addr, newAPI()); err != nil {
		log.Fatal(err)
	}
}
