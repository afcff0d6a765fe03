package validate_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/apiroutes/apiroutes/validate"
	"github.com/go-playground/validator/v10"
)

type Signup struct {
	Name  string   `json:"name" validate:"required,max=50"`
	Email string   `json:"email" validate:"required,email"`
	Tags  []string `json:"tags" validate:"max=3,dive,required"`
}

// Struct is for plain code: it compiles a type when it first meets it.
func ExampleStruct() {
	err := validate.Struct(Signup{Name: "Ada", Email: "ada", Tags: []string{"math", ""}})
	if failures, ok := errors.AsType[*validate.Failures](err); ok {
		for _, f := range failures.List {
			fmt.Println(f.Pointer, f.Rule, f.Message)
		}
	}
	// Output:
	// /email email must be an email address such as name@example.com
	// /tags/1 required is required and must not be empty
}

// Mistakes in tags are found before any value is judged; typed.Handle panics with them.
func ExampleStruct_mistakes() {
	type Search struct {
		Limit int      `validate:"omitempty,min=abc"`
		Sort  string   `validate:"onof=name age"`
		Terms []Signup `validate:"min=1"`
	}
	defer func() { fmt.Println(recover()) }()
	_ = validate.Struct(Search{})
	// Output:
	// validate: validate_test.Search: field Limit: tag min=abc: the parameter is no number that fits int: write a number such as min=3
	// validate: validate_test.Search: field Sort: tag onof=name age: validator knows no such tag: write oneof, or give Validator.Register a function for it
	// validate: validate_test.Search: field Terms: the elements have rules, and without dive validator skips them silently: add dive to its validate tag, once for each level, or tag it "-"
}

var sku = regexp.MustCompile(`^[A-Z]{3}-[0-9]{4}$`)

func ExampleValidator_Register() {
	v := validate.New(nil)
	v.Register("sku", func(_ context.Context, fl validator.FieldLevel) bool {
		return sku.MatchString(fl.Field().String())
	}, `{"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"}`)
	v.RegisterAlias("quantity", "min=1,max=99")

	type Line struct {
		SKU   string `json:"sku" validate:"sku"`
		Count int    `json:"count" validate:"quantity"`
	}
	fmt.Println(v.Struct(Line{SKU: "ABC-0001", Count: 2}))
	fmt.Println(v.Struct(Line{SKU: "abc", Count: 100}))
	// Output:
	// <nil>
	// /sku: breaks the rule sku; /count: must be at most 99
}

type Booking struct {
	From time.Time `json:"from" validate:"required"`
	To   time.Time `json:"to" validate:"required"`
}

// Validate runs after the tags, and only if all of them hold.
func (b Booking) Validate(context.Context) error {
	if !b.To.After(b.From) {
		return validate.Failure{Field: "To", Rule: "after", Param: "from", Message: "must be after from"}
	}
	return nil
}

func ExampleSelfChecker() {
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	fmt.Println(validate.Struct(Booking{From: day, To: day}))
	fmt.Println(validate.Struct(Booking{From: day}))
	// Output:
	// /to: must be after from
	// /to: is required
}

// A rule about several fields of a type that has no Validate method, as one of another package.
func ExampleValidator_RegisterStruct() {
	type Stay struct {
		Nights int `json:"nights"`
		Guests int `json:"guests" validate:"min=1"`
	}
	v := validate.New(nil)
	v.RegisterStruct(func(_ context.Context, sl validator.StructLevel) {
		if stay := sl.Current().Interface().(Stay); stay.Nights*stay.Guests > 30 {
			sl.ReportError(stay.Guests, "guests", "Guests", "group", "")
		}
	}, Stay{})
	fmt.Println(v.Struct(Stay{Nights: 7, Guests: 2}))
	fmt.Println(v.Struct(Stay{Nights: 7, Guests: 20}))
	// Output:
	// <nil>
	// /guests: breaks the rule group
}

// At most a hundred failures are listed, so that what a client sent has no long answer.
func ExampleFailures() {
	type Import struct {
		Signups []Signup `json:"signups" validate:"dive"`
	}
	err := validate.Struct(Import{Signups: make([]Signup, 500)})
	if failures, ok := errors.AsType[*validate.Failures](err); ok {
		fmt.Println(len(failures.List), "and more:", failures.Truncated)
	}
	// Output:
	// 100 and more: true
}
