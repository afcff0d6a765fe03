package validate_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/apiroutes/apiroutes/validate"
)

// Sentences of the program's own, and another tag.
func ExampleOptions() {
	type Account struct {
		Name string `json:"name" rules:"required"`
	}
	v := validate.New(&validate.Options{
		TagName: "rules",
		Message: func(_ context.Context, f validate.Failure) string { return "bitte ausfüllen" },
		Report:  func(_ context.Context, err error) { fmt.Println(err) },
		Logger:  slog.New(slog.DiscardHandler),
	})
	fmt.Println(v.Struct(Account{}))
	// Output:
	// /name: bitte ausfüllen
}
