package typedtest_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-playground/validator/v10"
	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
	"github.com/apiroutes/apiroutes/typed/typedtest"
	"github.com/apiroutes/apiroutes/validate"
)

// numbered gives each answer a header field of its own, as those do that name a request.
func numbered() func(w http.ResponseWriter, r *http.Request, next http.Handler) {
	n := 0
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		n++
		w.Header().Set("X-Request-ID", strconv.Itoa(n))
		next.ServeHTTP(w, r)
	}
}

// Span has a condition on two members, which Validate says.
type Span struct {
	From *time.Time `json:"from"`
	To   *time.Time `json:"to"`
}

func (s Span) Validate(context.Context) error {
	if s.From != nil && s.To != nil && s.To.Before(*s.From) {
		return validate.Failure{Field: "To", Rule: "after", Message: "must be after from"}
	}
	return nil
}

// Ordered names its rule as a tag is named.
type Ordered struct {
	Least int `json:"least" validate:"min=0"`
	Most  int `json:"most"`
}

func (o Ordered) Validate(context.Context) error {
	if o.Most < o.Least {
		return validate.Failure{Field: "Most", Rule: "min", Message: "must be at least least"}
	}
	return nil
}

type Within struct {
	From int `query:"from"`
	To   int `query:"to"`
}

func (w Within) Validate(context.Context) error {
	if w.To < w.From {
		return validate.Failure{Field: "To", Message: "must be at least from"}
	}
	return nil
}

type Slots struct {
	ID   string `path:"id"`
	Slot int    `json:"slot"`
	Span
}

type Titled struct {
	Title string `json:"title" validate:"required,max=40"`
	Span
}

// Stay has a condition that a function of the validator says.
type Stay struct {
	Nights int `json:"nights"`
	Guests int `json:"guests" validate:"min=1"`
}

func judging() *validate.Validator {
	v := validate.New(nil)
	v.RegisterStruct(func(_ context.Context, sl validator.StructLevel) {
		if stay := sl.Current().Interface().(Stay); stay.Nights*stay.Guests > 30 {
			sl.ReportError(stay.Guests, "guests", "Guests", "group", "")
		}
	}, Stay{})
	return v
}

func done[In any](In) (typed.None, error) { return typed.None{}, nil }

// TestNoFault explores APIs that do what no document says, and nothing wrong.
func TestNoFault(t *testing.T) {
	for name, plant := range map[string]func(*typed.API){
		"a Validate method of a body":               handle("POST /x", done[Span]),
		"one that names its rule as a tag is named": handle("POST /x", done[Ordered]),
		"one that is embedded":                      handle("POST /x/{id}", done[Slots]),
		"one of parameters":                         handle("GET /x", done[Within]),
		"one of rows": handle("POST /x", func(in struct {
			Rows typed.Lines[Titled] `body:""`
		}) (typed.None, error) {
			for _, err := range in.Rows {
				if err != nil {
					return typed.None{}, err
				}
			}
			return typed.None{}, nil
		}),
		"a function for a struct": handle("POST /x", done[Stay]),
		"a function for a struct inside": handle("POST /x", done[struct {
			Stays []Stay `json:"stays" validate:"max=3,dive"`
		}]),
		"a header field of each answer":              wrapped(numbered()),
		"a header field of each answer, and a cache": cached(numbered()),
	} {
		t.Run(name, func(t *testing.T) {
			opts := &typed.Options{Validator: judging()}
			if strings.Contains(name, "cache") {
				opts.Pages = pagecache.New(pagecache.Memory(1<<20), nil)
				defer opts.Pages.Close()
			}
			api := typed.New("Unsaid", "1", opts)
			plant(api)
			var r recording
			typedtest.Explore(&r, api, &typedtest.Options{Seed: seed(), Count: cases(), Time: time.Minute})
			if diff := cmp.Diff([]string(nil), r.errors); diff != "" {
				t.Error(diff)
			}
			if log := strings.Join(r.logs, "\n"); !strings.Contains(log, "1 of 1 endpoints took a request") {
				t.Error(log)
			}
		})
	}
}
