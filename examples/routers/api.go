package main

import (
	"context"
	"net/http"
	"sync"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// The types and endpoints do not know which router serves them.
type (
	User struct {
		ID    int    `json:"id"`
		Name  string `json:"name"`
		Email string `json:"email"`
	}
	NewUser struct {
		Name  string `json:"name" validate:"required,max=50"`
		Email string `json:"email" validate:"required,email"`
	}
	GetUser struct {
		ID int `path:"id"`
	}
	ListUsers struct {
		Limit int `query:"limit" default:"20" validate:"min=1,max=100"`
	}
)

var getUser = typed.Get[GetUser, User]("/users/{id}", typed.Fails(http.StatusNotFound))

func newAPI() *typed.API {
	var mu sync.Mutex
	var users []User

	api := typed.New("Users", "1.0.0", nil)
	getUser.Handle(api, typed.Func(func(_ context.Context, in GetUser) (User, error) {
		mu.Lock()
		defer mu.Unlock()
		if in.ID < 1 || in.ID > len(users) {
			return User{}, respond.NotFound("No such user.")
		}
		return users[in.ID-1], nil
	}))
	typed.Handle(api, "GET /users", typed.Func(func(_ context.Context, in ListUsers) ([]User, error) {
		mu.Lock()
		defer mu.Unlock()
		return append([]User{}, users[:min(in.Limit, len(users))]...), nil
	}))
	typed.Handle(api, "POST /users", func(ctx context.Context, in NewUser, res *typed.Response[User]) (typed.Answer, error) {
		mu.Lock()
		defer mu.Unlock()
		u := User{ID: len(users) + 1, Name: in.Name, Email: in.Email}
		users = append(users, u)
		return res.Header("Location", typed.URL(ctx, getUser, GetUser{ID: u.ID})).JSON(u)
	}, typed.Status(http.StatusCreated))
	docs.Mount(api, nil)
	return api
}
