package typed_test

import (
	"context"
	"slices"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type Reader struct {
	Name   string
	Scopes []string
}

func (r Reader) HasScope(scope string) bool { return slices.Contains(r.Scopes, scope) }

func verifyReader(_ context.Context, token string) (Reader, error) {
	switch token { // a program looks into its database, or checks a signature
	case "ada":
		return Reader{Name: "Ada", Scopes: []string{"shelf:write"}}, nil
	case "bob":
		return Reader{Name: "Bob"}, nil
	}
	return Reader{}, respond.Unauthorized("The token is not valid.")
}

type ReadShelf struct {
	Me *Reader `auth:"token"` // optional: nil for a stranger
}

type FillShelf struct {
	Me   Reader `auth:"token" scopes:"shelf:write"`
	Book string `json:"book" validate:"required"`
}

func Example_signingIn() {
	api := typed.New("Shelf", "1.0.0", &typed.Options{Schemes: []typed.Scheme{typed.Bearer("token", verifyReader)}})
	typed.Handle(api, "GET /shelf", typed.Func(func(_ context.Context, in ReadShelf) (string, error) {
		if in.Me == nil {
			return "hello, stranger", nil
		}
		return "hello, " + in.Me.Name, nil
	}))
	typed.Handle(api, "POST /shelf", typed.Func(func(_ context.Context, in FillShelf) (string, error) {
		return in.Me.Name + " brings " + in.Book, nil
	}))

	show(api, "GET", "/shelf", "")
	show(api, "GET", "/shelf", "", "Authorization", "Bearer bob")
	show(api, "POST", "/shelf", `{"book":7}`)
	show(api, "POST", "/shelf", `{"book":"Emma"}`, "Authorization", "Bearer bob")
	show(api, "POST", "/shelf", `{"book":"Emma"}`, "Authorization", "Bearer ada")
	// Output:
	// 200 application/json; charset=utf-8
	// "hello, stranger"
	// 200 application/json; charset=utf-8
	// "hello, Bob"
	// 401 application/problem+json
	// {"title":"Unauthorized","status":401,"detail":"The request has no credentials: send those that WWW-Authenticate asks for."}
	// 403 application/problem+json
	// {"title":"Forbidden","status":403,"detail":"The credentials do not allow this: the scope shelf:write is needed."}
	// 200 application/json; charset=utf-8
	// "Ada brings Emma"
}
