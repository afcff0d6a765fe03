package main

import (
	"context"
	"strings"
	"sync"

	"github.com/apiroutes/apiroutes/typed"
)

type User struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

type FindUsers struct {
	Name  string `query:"name" doc:"A part of the name; without it, all users."`
	Limit int    `query:"limit" default:"20" validate:"min=1,max=100"`
}

type AddUser struct {
	Me    Account `auth:"token" scopes:"users:write"`
	Name  string  `json:"name" validate:"required,max=50"`
	Email string  `json:"email" validate:"required,email"`
}

// Account is who calls the API.
type Account struct{ Scopes string }

// HasScope makes the scopes of an auth tag askable.
func (a Account) HasScope(scope string) bool { return a.Scopes == scope }

// Users keeps users in memory.
type Users struct {
	mu  sync.Mutex
	all []User
}

func (s *Users) Find(_ context.Context, in FindUsers) ([]User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []User{}
	for _, u := range s.all {
		if strings.Contains(strings.ToLower(u.Name), strings.ToLower(in.Name)) && len(found) < in.Limit {
			found = append(found, u)
		}
	}
	return found, nil
}

func (s *Users) Add(_ context.Context, in AddUser) (User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := User{ID: len(s.all) + 1, Name: in.Name, Email: in.Email}
	s.all = append(s.all, u)
	return u, nil
}

// accounts are those of the tokens.
var accounts = map[string]Account{"secret": {Scopes: "users:write"}, "guest": {}}

func newAPI() (api *typed.API, find *typed.Endpoint[FindUsers, typed.Response[[]User]], add *typed.Endpoint[AddUser, typed.Response[User]]) {
	api = typed.New("Users", "1.0.0", &typed.Options{
		Schemes: []typed.Scheme{typed.Bearer("token", typed.Keys(accounts))},
	})
	users := &Users{all: []User{{1, "Ada", "ada@example.com"}, {2, "Emmy", "emmy@example.com"}}}
	find = typed.Handle(api, "GET /users", typed.Func(users.Find))
	add = typed.Handle(api, "POST /users", typed.Func(users.Add))
	return api, find, add
}
