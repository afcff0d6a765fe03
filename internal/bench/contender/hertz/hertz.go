// Package hertz serves the workloads with hertz's own binding and writing, which use sonic.
package hertz

import (
	"bytes"
	"context"
	"net"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/config"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/common/utils"
	"github.com/cloudwego/hertz/pkg/protocol"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/contender/raw"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

type lookup struct {
	ID      int    `path:"id" json:"id" validate:"min=1"`
	Verbose bool   `query:"verbose" json:"verbose"`
	Limit   int    `query:"limit" json:"limit" default:"20" validate:"min=1,max=100"`
	Trace   string `header:"X-Trace" json:"X-Trace" validate:"max=64"`
}

// New returns hertz without middleware, with validator/v10 for its rules.
func New() contender.Contender {
	hlog.SetLevel(hlog.LevelFatal)
	h := engine()
	return contender.Contender{
		Name: "hertz", Module: "github.com/cloudwego/hertz",
		Prepare: func(w work.Work) contender.Call { return prepare(h, w) },
		Listen:  func(l net.Listener) error { return engine(server.WithListener(l)).Run() },
	}
}

func engine(opts ...config.Option) *server.Hertz {
	rules := raw.NewValidator()
	rows := work.Rows()
	h := server.New(append(opts,
		server.WithDisablePrintRoute(true),
		server.WithHandleMethodNotAllowed(true),
		server.WithCustomValidatorFunc(func(_ *protocol.Request, in any) error { return rules.Struct(in) }),
	)...)
	h.GET("/hello", func(_ context.Context, c *app.RequestContext) {
		c.JSON(http.StatusOK, work.Greeting{Message: "Hello"})
	})
	h.GET("/users/:id", func(_ context.Context, c *app.RequestContext) {
		var in lookup
		if bound(c, c.BindAndValidate(&in)) {
			c.JSON(http.StatusOK, work.Lookup(in))
		}
	})
	h.POST("/users", func(_ context.Context, c *app.RequestContext) {
		var in work.NewUser
		if bound(c, c.BindAndValidate(&in)) {
			c.JSON(http.StatusCreated, work.Echo(in))
		}
	})
	h.POST("/batch", func(_ context.Context, c *app.RequestContext) {
		var in work.Batch
		if bound(c, c.BindAndValidate(&in)) {
			c.JSON(http.StatusCreated, work.Import(in))
		}
	})
	h.GET("/rows", func(_ context.Context, c *app.RequestContext) { c.JSON(http.StatusOK, rows) })
	return h
}

// bound reports whether binding went well, and answers if not.
func bound(c *app.RequestContext, err error) bool {
	if err == nil {
		return true
	}
	if failures := raw.Failures(err); failures != nil {
		c.JSON(http.StatusUnprocessableEntity, utils.H{"title": "Unprocessable Entity", "errors": failures})
		return false
	}
	c.JSON(http.StatusBadRequest, utils.H{"title": "Bad Request"})
	return false
}

// prepare makes a request of hertz. The target is set each time, as fiber's is.
func prepare(h *server.Hertz, w work.Work) contender.Call {
	ctx := h.NewContext()
	ctx.Request.Header.SetMethod(w.Method)
	ctx.Request.Header.SetHost("127.0.0.1")
	for name, lines := range w.Header {
		ctx.Request.Header.Set(name, lines[0])
	}
	ctx.Request.SetBodyString(w.Body)
	ctx.Request.Header.SetContentLength(len(w.Body))
	background := context.Background()
	return contender.Call{
		Do: func() {
			ctx.Request.SetRequestURI(w.Target)
			ctx.Response.Reset()
			ctx.Params = ctx.Params[:0]
			ctx.SetIndex(-1)
			h.ServeHTTP(background, ctx)
		},
		Answer: func() contender.Answer {
			header := http.Header{}
			ctx.Response.Header.VisitAll(func(name, value []byte) { header.Add(string(name), string(value)) })
			return contender.Answer{Status: ctx.Response.StatusCode(), Header: header, Body: bytes.Clone(ctx.Response.Body())}
		},
	}
}
