package main

import (
	"context"

	"github.com/apiroutes/apiroutes/typed"
)

type Register struct {
	User struct {
		Username string `json:"username" validate:"required,max=64"`
		Email    string `json:"email" validate:"required,email"`
		Password string `json:"password" validate:"required"`
	} `json:"user"`
}

type Login struct {
	User struct {
		Email    string `json:"email" validate:"required"`
		Password string `json:"password" validate:"required"`
	} `json:"user"`
}

type GetAccount struct {
	Me User `auth:"Token"`
}

// UpdateAccount changes what is sent; null and "" remove bio and image.
type UpdateAccount struct {
	Me   User `auth:"Token"`
	User struct {
		Username typed.Optional[string] `json:"username" validate:"min=1,max=64"`
		Email    typed.Optional[string] `json:"email" validate:"min=1,email"`
		Password typed.Optional[string] `json:"password" validate:"min=1"`
		Bio      typed.Nullable[string] `json:"bio"`
		Image    typed.Nullable[string] `json:"image"`
	} `json:"user"`
}

type GetProfile struct {
	Me       *User  `auth:"Token"`
	Username string `path:"username"`
}

type Follow struct {
	Me       User   `auth:"Token"`
	Username string `path:"username"`
}

// Account is a user as that user sees it.
type Account struct {
	Email    string  `json:"email"`
	Token    string  `json:"token"`
	Username string  `json:"username"`
	Bio      *string `json:"bio"`
	Image    *string `json:"image"`
}

type AccountBody struct {
	User Account `json:"user"`
}

type ProfileBody struct {
	Profile Profile `json:"profile"`
}

// Users handles what is about users and their profiles.
type Users struct {
	store  *Store
	tokens Tokens
}

func (h Users) register(ctx context.Context, in Register) (AccountBody, error) {
	u, err := h.store.AddUser(ctx, in.User.Username, in.User.Email, in.User.Password)
	return h.account(u, err)
}

func (h Users) login(ctx context.Context, in Login) (AccountBody, error) {
	u, err := h.store.SignIn(ctx, in.User.Email, in.User.Password)
	return h.account(u, err)
}

func (h Users) get(_ context.Context, in GetAccount) (AccountBody, error) {
	return h.account(in.Me, nil)
}

func (h Users) update(ctx context.Context, in UpdateAccount) (AccountBody, error) {
	u := in.Me
	u.Username, u.Email = in.User.Username.Or(u.Username), in.User.Email.Or(u.Email)
	u.Bio, u.Image = orNull(in.User.Bio.Or(u.Bio)), orNull(in.User.Image.Or(u.Image))
	return h.account(u, h.store.SaveUser(ctx, u, in.User.Password.Or("")))
}

func (h Users) account(u User, err error) (AccountBody, error) {
	if err != nil {
		return AccountBody{}, err
	}
	token, err := h.tokens.sign(u.ID)
	return AccountBody{Account{u.Email, token, u.Username, u.Bio, u.Image}}, err
}

func (h Users) profile(ctx context.Context, in GetProfile) (ProfileBody, error) {
	p, err := h.store.Profile(ctx, in.Username, in.Me.viewer())
	return ProfileBody{p}, err
}

func (h Users) follow(ctx context.Context, in Follow) (ProfileBody, error) {
	p, err := h.store.Follow(ctx, in.Me.ID, in.Username, true)
	return ProfileBody{p}, err
}

func (h Users) unfollow(ctx context.Context, in Follow) (ProfileBody, error) {
	p, err := h.store.Follow(ctx, in.Me.ID, in.Username, false)
	return ProfileBody{p}, err
}

// orNull is null in place of an empty text.
func orNull(text *string) *string {
	if text != nil && *text == "" {
		return nil
	}
	return text
}
