// Package huma serves the workloads with huma on its own net/http adapter.
package huma

import (
	"context"
	"net/http"

	humaweb "github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/apiroutes/apiroutes/internal/bench/contender"
	"github.com/apiroutes/apiroutes/internal/bench/work"
)

type lookup struct {
	ID      int    `path:"id" minimum:"1"`
	Verbose bool   `query:"verbose"`
	Limit   int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Trace   string `header:"X-Trace" maxLength:"64"`
}

type input[T any] struct{ Body T }

type output[T any] struct{ Body T }

// New returns huma without its $schema links, which would add a member and a
// header to every answer, and their cost.
func New() contender.Contender {
	rows := work.Rows()
	mux := http.NewServeMux()
	config := humaweb.DefaultConfig("bench", "1")
	config.CreateHooks = nil
	api := humago.New(mux, config)
	created := func(o *humaweb.Operation) { o.DefaultStatus = http.StatusCreated }

	humaweb.Get(api, "/hello", func(context.Context, *struct{}) (*output[work.Greeting], error) {
		return &output[work.Greeting]{work.Greeting{Message: "Hello"}}, nil
	})
	humaweb.Get(api, "/users/{id}", func(_ context.Context, in *lookup) (*output[work.Lookup], error) {
		return &output[work.Lookup]{work.Lookup{ID: in.ID, Verbose: in.Verbose, Limit: in.Limit, Trace: in.Trace}}, nil
	})
	humaweb.Post(api, "/users", func(_ context.Context, in *input[newUser]) (*output[work.User], error) {
		return &output[work.User]{in.Body.echo()}, nil
	}, created)
	humaweb.Post(api, "/batch", func(_ context.Context, in *input[batch]) (*output[work.Imported], error) {
		return &output[work.Imported]{in.Body.imported()}, nil
	}, created)
	humaweb.Get(api, "/rows", func(context.Context, *struct{}) (*output[[]work.Row], error) {
		return &output[[]work.Row]{rows}, nil
	})
	return contender.NetHTTP("huma", "github.com/danielgtaylor/huma/v2", mux)
}
