package docs_test

import (
	"fmt"

	"github.com/apiroutes/apiroutes/typed"
)

// An API whose endpoints have types of their own, as large programs have them. Types
// for a generic function cannot be made at run time, so the type arguments are the
// digits of an endpoint's number: two hundred instantiations of a few lines, which is
// what the compiler can be asked for in a test. Names and reflect.Types differ; tags do
// not, and rarely do. internal/bench writes a program with a thousand such endpoints.

type Edit[A, B, C any] struct {
	ID     int      `path:"id" validate:"min=1"`
	Notify bool     `query:"notify"`
	Name   string   `json:"name" validate:"required,min=2,max=64"`
	Email  string   `json:"email" validate:"required,email"`
	Age    int      `json:"age" validate:"min=18,max=120"`
	Role   string   `json:"role" validate:"required,oneof=admin member guest"`
	Tags   []string `json:"tags" validate:"max=10,dive,max=20"`
}

type Edited[A, B, C any] struct {
	ID    int      `json:"id"`
	Name  string   `json:"name"`
	Email string   `json:"email"`
	Age   int      `json:"age"`
	Tags  []string `json:"tags"`
}

type (
	d0 struct{}
	d1 struct{}
	d2 struct{}
	d3 struct{}
	d4 struct{}
	d5 struct{}
	d6 struct{}
	d7 struct{}
)

// distinct is an API with 200 endpoints of which no two share a type.
func distinct() *typed.API {
	api := typed.New("Distinct", "1.0", nil)
	forty[d0](api)
	forty[d1](api)
	forty[d2](api)
	forty[d3](api)
	forty[d4](api)
	return api
}

func forty[A any](api *typed.API) {
	eight[A, d0](api)
	eight[A, d1](api)
	eight[A, d2](api)
	eight[A, d3](api)
	eight[A, d4](api)
}

func eight[A, B any](api *typed.API) {
	one[A, B, d0](api)
	one[A, B, d1](api)
	one[A, B, d2](api)
	one[A, B, d3](api)
	one[A, B, d4](api)
	one[A, B, d5](api)
	one[A, B, d6](api)
	one[A, B, d7](api)
}

func one[A, B, C any](api *typed.API) {
	number := 0
	for range api.Operations() {
		number++
	}
	typed.Handle(api, fmt.Sprintf("POST /things%d/{id}", number), answer[Edit[A, B, C], Edited[A, B, C]])
}
