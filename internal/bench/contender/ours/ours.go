// Package ours serves the workloads with this project, as its documentation shows.
package ours

import (
	"context"
	"net/http"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/work"
	"github.com/apiroutes/apiroutes/typed"
)

type lookup struct {
	ID      int    `path:"id" validate:"min=1"`
	Verbose bool   `query:"verbose"`
	Limit   int    `query:"limit" default:"20" validate:"min=1,max=100"`
	Trace   string `header:"X-Trace" validate:"max=64"`
}

// New returns an API; etag leaves its entity tags on.
func New(etag bool) contender.Contender {
	api := typed.New("bench", "1", nil)
	rows := work.Rows()
	name, opts := "apiroutes+etag", []typed.Option(nil)
	if !etag {
		name, opts = "apiroutes", []typed.Option{typed.NoETag()}
	}
	created := append(opts[:len(opts):len(opts)], typed.Status(http.StatusCreated))

	typed.Handle(api, work.HelloRoute, hello, opts...)
	typed.Handle(api, work.UserRoute, user, opts...)
	typed.Handle(api, work.CreateRoute, create, created...)
	typed.Handle(api, work.BatchRoute, batch, created...)
	typed.Handle(api, work.RowsRoute, func(_ context.Context, _ typed.None, res *typed.Response[[]work.Row]) (typed.Answer, error) {
		return res.JSON(rows)
	}, opts...)
	return contender.NetHTTP(name, "", api)
}

func hello(_ context.Context, _ typed.None, res *typed.Response[work.Greeting]) (typed.Answer, error) {
	return res.JSON(work.Greeting{Message: "Hello"})
}

func user(_ context.Context, in lookup, res *typed.Response[work.Lookup]) (typed.Answer, error) {
	return res.JSON(work.Lookup{ID: in.ID, Verbose: in.Verbose, Limit: in.Limit, Trace: in.Trace})
}

func create(_ context.Context, in work.NewUser, res *typed.Response[work.User]) (typed.Answer, error) {
	return res.JSON(work.Echo(in))
}

func batch(_ context.Context, in work.Batch, res *typed.Response[work.Imported]) (typed.Answer, error) {
	return res.JSON(work.Import(in))
}
