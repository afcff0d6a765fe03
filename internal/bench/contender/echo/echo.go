// Package echo serves the workloads with echo's own binding and writing.
package echo

import (
	"net/http"

	"github.com/go-playground/validator/v10"
	echoweb "github.com/labstack/echo/v5"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/raw"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

type rules struct{ v *validator.Validate }

func (r rules) Validate(in any) error { return r.v.Struct(in) }

type lookup struct {
	ID      int    `param:"id" validate:"min=1"`
	Verbose bool   `query:"verbose"`
	Limit   int    `query:"limit" validate:"min=1,max=100"`
	Trace   string `header:"X-Trace" validate:"max=64"`
}

// New returns echo without middleware.
func New() contender.Contender {
	rows := work.Rows()
	e := echoweb.New()
	e.Validator = rules{raw.NewValidator()}
	e.GET("/hello", func(c *echoweb.Context) error { return c.JSON(http.StatusOK, work.Greeting{Message: "Hello"}) })
	e.GET("/users/:id", user)
	e.POST("/users", func(c *echoweb.Context) error {
		var in work.NewUser
		if err := c.Bind(&in); err != nil {
			return err
		}
		if err := c.Validate(&in); err != nil {
			return refuse(c, err)
		}
		return c.JSON(http.StatusCreated, work.Echo(in))
	})
	e.POST("/batch", func(c *echoweb.Context) error {
		var in work.Batch
		if err := c.Bind(&in); err != nil {
			return err
		}
		if err := c.Validate(&in); err != nil {
			return refuse(c, err)
		}
		return c.JSON(http.StatusCreated, work.Import(in))
	})
	e.GET("/rows", func(c *echoweb.Context) error { return c.JSON(http.StatusOK, rows) })
	return contender.NetHTTP("echo", "github.com/labstack/echo/v5", e)
}

func user(c *echoweb.Context) error {
	in := lookup{Limit: 20}
	if err := c.Bind(&in); err != nil {
		return err
	}
	// Bind leaves headers out.
	if err := echoweb.BindHeaders(c, &in); err != nil {
		return err
	}
	if err := c.Validate(&in); err != nil {
		return refuse(c, err)
	}
	return c.JSON(http.StatusOK, work.Lookup{ID: in.ID, Verbose: in.Verbose, Limit: in.Limit, Trace: in.Trace})
}

func refuse(c *echoweb.Context, err error) error {
	return c.JSON(http.StatusUnprocessableEntity, map[string]any{
		"title": "Unprocessable Entity", "errors": raw.Failures(err),
	})
}
