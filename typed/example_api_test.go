package typed_test

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/validate"
)

// An API for pages of another origin, with rules of the program's own.
func ExampleOptions() {
	type Label struct {
		Text string `form:"text" validate:"label"`
	}
	type StoredLabel struct {
		Text string `json:"text" validate:"label"`
	}
	origins := http.NewCrossOriginProtection()
	if err := origins.AddTrustedOrigin("https://app.example.com"); err != nil {
		panic(err)
	}
	rules := validate.New(nil)
	rules.RegisterAlias("label", "required,max=20")
	api := typed.New("Labels", "1.0.0", &typed.Options{
		Validator:   rules,
		CrossOrigin: origins,
		Endpoint:    []typed.Option{typed.Tags("labels"), typed.StrictQuery()}, // of every endpoint
		MaxBody:     64 << 10,
		Timeout:     10 * time.Second,
	})
	typed.Handle(api, "POST /labels", typed.Func(func(_ context.Context, in Label) (string, error) { return in.Text, nil }))

	for _, origin := range []string{"https://app.example.com", "https://other.example.com"} {
		show(api, "POST", "/labels", "text=red", "Origin", origin, "Content-Type", "application/x-www-form-urlencoded")
	}
	fmt.Println(api.Validator().Struct(StoredLabel{})) // what came another way, by the same rules
	// Output:
	// 200 application/json; charset=utf-8
	// "red"
	// 403 application/problem+json
	// {"title":"Forbidden","status":403,"detail":"The request comes from another origin."}
	// /text: is required and must not be empty
}

// A test that holds the endpoints of an API to the rules of a house.
func ExampleAPI_Operations() {
	api := typed.New("Books", "1.0.0", nil)
	getBook.Handle(api, typed.Func(func(_ context.Context, in GetBook) (Book, error) { return Book{ID: in.ID}, nil }))
	typed.Handle(api, "GET /books", typed.Func(func(context.Context, typed.None) ([]Book, error) { return nil, nil }), typed.NoETag())
	typed.Handle(api, "POST /books", typed.Func(keepBook), typed.AllowUnknownFields(), typed.NullAsAbsent())
	typed.Handle(api, "DELETE /books/{id}", typed.Do(func(context.Context, GetBook) error { return nil }), typed.Fails(404))

	for op := range api.Operations() {
		rule := func(broken bool, text string) {
			if broken {
				fmt.Println(op.Method, op.Path+":", text)
			}
		}
		isRead := op.Method == "GET"
		rule(!isRead && !op.Authenticate, "anybody may call it: add a field tagged auth")
		rule(!isRead && op.Guarded, "pages of other origins need Options.CrossOrigin to call it")
		rule(op.AllowUnknown || op.NullAsAbsent, "clients do not learn of their mistakes")
		rule(isRead && op.NoETag, "clients load again what has not changed")
		rule(strings.Contains(op.Path, "{") && !slices.Contains(op.Fails, 404), "add typed.Fails(404)")
		rule(isRead && op.Request == reflect.TypeFor[typed.None](), "a list has a limit")
	}
	// Output:
	// GET /books/{id}: add typed.Fails(404)
	// GET /books: clients load again what has not changed
	// GET /books: a list has a limit
	// POST /books: anybody may call it: add a field tagged auth
	// POST /books: clients do not learn of their mistakes
	// DELETE /books/{id}: anybody may call it: add a field tagged auth
	// DELETE /books/{id}: pages of other origins need Options.CrossOrigin to call it
}

// What an adapter does for a group of routes: the API learns its prefix, and the program
// which endpoints cost more on a router that is not built on net/http.
func ExampleAPI_Mount() {
	api := newBooksAPI()
	typed.Handle(api, "GET /me", typed.Func(func(ctx context.Context, _ typed.None) (Person, error) {
		return PersonOf(ctx), nil
	}), typed.Use(SignedIn))

	fmt.Println(api.Mount("/v1"), api.BasePath())
	fmt.Println(api.Wrapped())
	fmt.Println(api.Mount("/v2"))
	// Output:
	// <nil> /v1
	// [GET /me]
	// typed: the API is served below "/v1/" and cannot be mounted below "/v2/" as well: make an API for each prefix
}
