package docs_test

import (
	"context"
	"flag"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

var _ = flag.Bool("update", false, "rewrite golden files")

type Item struct {
	ID   int       `json:"id" doc:"Assigned by the server."`
	Name string    `json:"name" validate:"required,max=50" example:"Chair"`
	Made time.Time `json:"made"`
	Kids []*Item   `json:"kids" validate:"dive"`
}

type List struct {
	Limit int           `query:"limit" default:"20" validate:"min=1,max=100" doc:"How many."`
	Tags  []string      `query:"tag"`
	Wait  time.Duration `query:"wait" default:"1s"`
	Trace []string      `header:"X-Trace"`
	User  string        `cookie:"user" example:"ada"`
}

type One struct {
	ID int `path:"id" validate:"min=1"`
}

type Change struct {
	ID   int     `path:"number"`
	Name *string `json:"name" validate:"omitempty,min=2"`
}

type Form struct {
	Name string `form:"name" validate:"required"`
	Age  int    `form:"age"`
}

type Rest struct {
	Path string `path:"path"`
}

type Raw struct {
	Data []byte `body:""`
}

type Answers struct {
	OK    typed.Reply[Item]            `status:"200" doc:"The item."`
	None  typed.Reply[respond.Problem] `status:"404"`
	Moved typed.Redirect               `status:"308"`
}

func answer[Req, Resp any](_ context.Context, _ Req, res *typed.Response[Resp]) (typed.Answer, error) {
	return res.End()
}

// fixture is an API with an endpoint of each kind.
func fixture() *typed.API {
	api := typed.New("Items", "1.0", nil)
	typed.Handle(api, "GET /items", answer[List, []Item], typed.Summary("List"), typed.Tags("all"))
	typed.Handle(api, "POST /items", answer[Item, Item], typed.Status(201, 202), typed.Fails(http.StatusConflict, http.StatusTeapot))
	typed.Handle(api, "GET /items/{id}", func(_ context.Context, _ One, out *Answers) (typed.Answer, error) {
		return out.OK.JSON(Item{})
	}, typed.Fails(http.StatusNotFound))
	typed.Handle(api, "PATCH /items/{number}", answer[Change, *Item], typed.AllowUnknownFields(), typed.Description("Changes it."))
	typed.Handle(api, "DELETE /items/{id}", answer[One, typed.None], typed.Deprecated(), typed.OperationID("dropItem"))
	typed.Handle(api, "POST /form", answer[Form, string])
	typed.Handle(api, "POST /raw", answer[Raw, []byte])
	typed.Handle(api, "GET /files/{path...}", answer[Rest, io.Reader])
	typed.Handle(api, "GET /files/{path}", answer[Rest, respond.HTML], typed.OperationID("getFile"))
	typed.Handle(api, "POST /list", answer[[]Item, map[string]Item])
	typed.Handle(api, "GET /", answer[typed.None, any], typed.OperationID("root"))
	typed.Handle(api, "GET /hidden", answer[typed.None, string], typed.Hidden())
	return api
}

func about() *docs.Options {
	return &docs.Options{
		Summary: "Short.", Description: "Long.", TermsOfService: "https://example.org/terms",
		Contact:      &openapi.Contact{Name: "Team"},
		License:      &openapi.License{Name: "MIT", Identifier: "MIT"},
		Servers:      []*openapi.Server{{URL: "https://example.org/"}},
		ExternalDocs: &openapi.ExternalDocs{URL: "https://example.org"},
		Tags:         []*openapi.Tag{{Name: "items", Description: "Things."}},
	}
}

// recorder is a TB that keeps what it is told.
type recorder struct{ lines []string }

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.lines = append(r.lines, "error: "+sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) {
	r.lines = append(r.lines, "fatal: "+sprintf(format, args...))
}
func (r *recorder) Logf(format string, args ...any) {
	r.lines = append(r.lines, "log: "+sprintf(format, args...))
}
func (r *recorder) String() string { return strings.Join(r.lines, "\n") }
