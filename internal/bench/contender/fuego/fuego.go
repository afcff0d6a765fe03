// Package fuego serves the workloads with fuego's own server, bodies, rules and writing.
package fuego

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/go-fuego/fuego"
	"github.com/go-fuego/fuego/option"
	"github.com/go-fuego/fuego/param"
	"github.com/go-playground/validator/v10"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/raw"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

// lookup holds the parameters of W2 under their rules: fuego reads them one by one.
type lookup struct {
	ID      int    `json:"id" validate:"min=1"`
	Verbose bool   `json:"verbose"`
	Limit   int    `json:"limit" validate:"min=1,max=100"`
	Trace   string `json:"X-Trace" validate:"max=64"`
}

// New returns fuego without its log of requests, and with a validator that names members
// as JSON does. fuego keeps its validator in a package variable; nobody else in the
// process reads it.
func New() contender.Contender {
	rows := work.Rows()
	rules := raw.NewValidator()
	s := fuego.NewServer(
		fuego.WithoutLogger(),
		fuego.WithLogHandler(slog.DiscardHandler),
		fuego.WithValidator(rules),
		fuego.WithEngineOptions(fuego.WithErrorHandler(refuse)),
	)
	created := option.DefaultStatusCode(http.StatusCreated)
	fuego.Get(s, "/hello", func(fuego.ContextNoBody) (work.Greeting, error) {
		return work.Greeting{Message: "Hello"}, nil
	})
	fuego.Get(s, "/users/{id}", func(c fuego.ContextNoBody) (work.Lookup, error) { return user(c, rules) },
		option.QueryBool("verbose", ""), option.QueryInt("limit", "", param.Default(20)), option.Header("X-Trace", ""))
	fuego.Post(s, "/users", func(c fuego.ContextWithBody[work.NewUser]) (work.User, error) {
		in, err := c.Body()
		if err != nil {
			return work.User{}, err
		}
		return work.Echo(in), nil
	}, created)
	fuego.Post(s, "/batch", func(c fuego.ContextWithBody[work.Batch]) (work.Imported, error) {
		in, err := c.Body()
		if err != nil {
			return work.Imported{}, err
		}
		return work.Import(in), nil
	}, created)
	fuego.Get(s, "/rows", func(fuego.ContextNoBody) ([]work.Row, error) { return rows, nil })
	return contender.NetHTTP("fuego", "github.com/go-fuego/fuego", s.Mux)
}

func user(c fuego.ContextNoBody, rules *validator.Validate) (work.Lookup, error) {
	in := lookup{Trace: c.Header("X-Trace")}
	var err error
	if in.ID, err = c.PathParamIntErr("id"); err != nil {
		return work.Lookup{}, err
	}
	if c.HasQueryParam("verbose") {
		if in.Verbose, err = c.QueryParamBoolErr("verbose"); err != nil {
			return work.Lookup{}, err
		}
	}
	if in.Limit, err = c.QueryParamIntErr("limit"); err != nil {
		return work.Lookup{}, err
	}
	if err := rules.Struct(in); err != nil {
		return work.Lookup{}, err
	}
	return work.Lookup(in), nil
}

// refuse has the names of what failed in the answer; it logs nothing, which fuego's own does.
func refuse(_ context.Context, err error) error {
	if failures := raw.Failures(err); failures != nil {
		return refusal{HTTPError: fuego.HTTPError{Title: "Unprocessable Entity", Status: http.StatusUnprocessableEntity}, Errors: failures}
	}
	if known, ok := errors.AsType[fuego.ErrorWithStatus](err); ok {
		return fuego.HTTPError{Title: http.StatusText(known.StatusCode()), Status: known.StatusCode()}
	}
	return fuego.HTTPError{Title: "Unprocessable Entity", Status: http.StatusUnprocessableEntity}
}

// refusal is fuego's form of an error with the list that everybody has.
type refusal struct {
	fuego.HTTPError

	Errors []raw.Failure `json:"errors"`
}
