package typed_test

import (
	"context"
	"net/http"
	"strings"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type Person struct {
	Name  string `json:"name"`
	Admin bool   `json:"admin"`
}

type personKey struct{}

var people = map[string]Person{"token-of-ada": {Name: "Ada", Admin: true}, "token-of-bob": {Name: "Bob"}}

// SignedIn lets in who has a token, and puts the person into the context.
func SignedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		person, ok := people[token]
		if !ok {
			respond.Unauthorized("A token is needed.").Header("WWW-Authenticate", "Bearer").ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), personKey{}, person)))
	})
}

// Admin lets in only admins. It stands behind SignedIn.
func Admin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !PersonOf(r.Context()).Admin {
			respond.Forbidden("Only admins may do this.").ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// PersonOf is who is signed in.
func PersonOf(ctx context.Context) Person {
	person, _ := ctx.Value(personKey{}).(Person)
	return person
}

func Example_middleware() {
	api := typed.New("Books", "1.0.0", nil)
	typed.Handle(api, "GET /me", typed.Func(func(ctx context.Context, _ typed.None) (Person, error) {
		return PersonOf(ctx), nil
	}), typed.Use(SignedIn), typed.Security("token"), typed.Fails(401))
	typed.Handle(api, "DELETE /books/{id}", typed.Func(func(context.Context, GetBook) (typed.None, error) {
		return typed.None{}, nil
	}), typed.Use(SignedIn, Admin), typed.Security("token"), typed.Fails(401, 403))

	show(api, "GET", "/me", "")
	show(api, "GET", "/me", "", "Authorization", "Bearer token-of-bob")
	show(api, "DELETE", "/books/1", "", "Authorization", "Bearer token-of-bob")
	show(api, "DELETE", "/books/1", "", "Authorization", "Bearer token-of-ada")
	// Output:
	// 401 application/problem+json
	// {"title":"Unauthorized","status":401,"detail":"A token is needed."}
	// 200 application/json; charset=utf-8
	// {"name":"Bob","admin":false}
	// 403 application/problem+json
	// {"title":"Forbidden","status":403,"detail":"Only admins may do this."}
	// 204
}
