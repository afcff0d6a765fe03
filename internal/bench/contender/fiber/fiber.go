// Package fiber serves the workloads with fiber 3, which is built on fasthttp.
package fiber

import (
	"bytes"
	"net"
	"net/http"

	"github.com/go-playground/validator/v10"
	fiberweb "github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/raw"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

type rules struct{ v *validator.Validate }

func (r rules) Validate(in any) error { return r.v.Struct(in) }

// fiber validates after each source, so each source has its own struct.

type userPath struct {
	ID int `uri:"id" validate:"min=1"`
}

type userQuery struct {
	Verbose bool `query:"verbose"`
	Limit   int  `query:"limit" validate:"min=1,max=100"`
}

type userHeader struct {
	Trace string `header:"X-Trace" validate:"max=64"`
}

// New returns fiber without middleware.
func New() contender.Contender {
	rows := work.Rows()
	app := fiberweb.New(fiberweb.Config{StructValidator: rules{raw.NewValidator()}})
	app.Get("/hello", func(c fiberweb.Ctx) error { return c.JSON(work.Greeting{Message: "Hello"}) })
	app.Get("/users/:id", user)
	app.Post("/users", func(c fiberweb.Ctx) error {
		var in work.NewUser
		if err := c.Bind().JSON(&in); err != nil {
			return refuse(c, err)
		}
		return c.Status(fiberweb.StatusCreated).JSON(work.Echo(in))
	})
	app.Post("/batch", func(c fiberweb.Ctx) error {
		var in work.Batch
		if err := c.Bind().JSON(&in); err != nil {
			return refuse(c, err)
		}
		return c.Status(fiberweb.StatusCreated).JSON(work.Import(in))
	})
	app.Get("/rows", func(c fiberweb.Ctx) error { return c.JSON(rows) })
	return contender.Contender{
		Name: "fiber", Module: "github.com/gofiber/fiber/v3",
		Prepare: func(w work.Work) contender.Call { return prepare(app.Handler(), w) },
		Listen: func(l net.Listener) error {
			return app.Listener(l, fiberweb.ListenConfig{DisableStartupMessage: true})
		},
	}
}

func user(c fiberweb.Ctx) error {
	var path userPath
	var header userHeader
	query := userQuery{Limit: 20}
	if err := c.Bind().URI(&path); err != nil {
		return refuse(c, err)
	}
	if err := c.Bind().Query(&query); err != nil {
		return refuse(c, err)
	}
	if err := c.Bind().Header(&header); err != nil {
		return refuse(c, err)
	}
	return c.JSON(work.Lookup{ID: path.ID, Verbose: query.Verbose, Limit: query.Limit, Trace: header.Trace})
}

func refuse(c fiberweb.Ctx, err error) error {
	if failures := raw.Failures(err); failures != nil {
		return c.Status(fiberweb.StatusUnprocessableEntity).JSON(fiberweb.Map{
			"title": "Unprocessable Entity", "errors": failures,
		})
	}
	return c.Status(fiberweb.StatusBadRequest).JSON(fiberweb.Map{"title": "Bad Request"})
}

// prepare makes a request of fasthttp. The target is set each time, because a parsed
// one would stay parsed; net/http's server has split it before the handler runs,
// fasthttp splits it when it is asked for.
func prepare(h fasthttp.RequestHandler, w work.Work) contender.Call {
	ctx := new(fasthttp.RequestCtx)
	ctx.Request.Header.SetMethod(w.Method)
	for name, lines := range w.Header {
		for _, line := range lines {
			ctx.Request.Header.Add(name, line)
		}
	}
	ctx.Request.SetBodyString(w.Body)
	return contender.Call{
		Do: func() {
			ctx.Request.SetRequestURI(w.Target)
			ctx.Response.Reset()
			ctx.ResetUserValues()
			h(ctx)
		},
		Answer: func() contender.Answer {
			header := http.Header{}
			for name, value := range ctx.Response.Header.All() {
				header.Add(string(name), string(value))
			}
			return contender.Answer{Status: ctx.Response.StatusCode(), Header: header, Body: bytes.Clone(ctx.Response.Body())}
		},
	}
}
