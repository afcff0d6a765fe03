package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// Failure is the form of every error: what is wrong, by what it is wrong with.
type Failure struct {
	Errors map[string][]string `json:"errors"`
}

func failure(_ context.Context, p *respond.Problem) Failure {
	f := Failure{map[string][]string{}}
	for _, e := range p.Errors {
		at := strings.Split(e.Pointer, "/") // "/article/title": title
		name := cmp.Or(e.Name, at[min(2, len(at)-1)], "body")
		f.Errors[name] = append(f.Errors[name], e.Detail)
	}
	if len(p.Errors) == 0 && p.Status == http.StatusUnauthorized { // nobody has signed in
		f.Errors["token"] = []string{"is missing"}
	} else if len(p.Errors) == 0 {
		f.Errors["request"] = []string{cmp.Or(p.Detail, p.Title)}
	}
	return f
}

// wording says of what must not be empty what the specification says of it.
func wording(_ context.Context, e respond.FieldError) string {
	if e.In == "body" && (e.Rule == "required" || e.Rule == "min" && e.Param == "1") {
		return "can't be blank"
	}
	return ""
}

// fail is an error of the form {"errors": {about: [what]}}.
func fail(status int, about, what string) *respond.Problem {
	return &respond.Problem{Status: status, Errors: []respond.FieldError{{Name: about, Detail: what}}}
}

// handle makes a handler of a function that returns errors of the store.
func handle[Req, Body any](f func(context.Context, Req) (Body, error)) typed.Handler[Req, Body] {
	statuses := map[Kind]int{Missing: 404, Foreign: 403, Taken: 409, Invalid: 401, TooLong: 422}
	return typed.Func(func(ctx context.Context, in Req) (Body, error) {
		body, err := f(ctx, in)
		if e, ok := errors.AsType[Error](err); ok {
			err = fail(statuses[e.Kind], e.What, string(e.Kind))
		}
		return body, err
	})
}

// Tokens signs users in: a token is a JWT (RFC 7519) that holds the id of its user.
type Tokens struct {
	secret []byte
	store  *Store
}

func (t Tokens) sign(id int64) (string, error) {
	claims := jwt.RegisteredClaims{Subject: strconv.FormatInt(id, 10), ExpiresAt: jwt.NewNumericDate(time.Now().Add(30 * 24 * time.Hour))}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(t.secret)
}

func (t Tokens) verify(ctx context.Context, token string) (u User, err error) {
	var claims jwt.RegisteredClaims
	key := func(*jwt.Token) (any, error) { return t.secret, nil }
	_, err = jwt.ParseWithClaims(token, &claims, key, jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
	if err == nil {
		id, _ := strconv.ParseInt(claims.Subject, 10, 64)
		if u, err = t.store.User(ctx, id); !errors.Is(err, Error{"user", Missing}) {
			return u, err
		}
	}
	return u, fail(http.StatusUnauthorized, "token", "is invalid").Because(err)
}

// logged logs each request by the pattern of its endpoint.
func logged(ctx context.Context, o *typed.Observation) (context.Context, func()) {
	return ctx, func() {
		slog.InfoContext(ctx, "request", "method", o.Method, "route", o.Route(), "status", o.Status, "took", o.Duration)
	}
}

// viewer is the id of a user who may be nobody.
func (u *User) viewer() int64 {
	if u == nil {
		return 0
	}
	return u.ID
}
