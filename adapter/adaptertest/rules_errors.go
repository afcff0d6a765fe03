package adaptertest

import (
	"context"
	"errors"
	"net/http"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// refusal is an API's own form of errors.
type refusal struct {
	Code int    `json:"code"`
	Text string `json:"text"`
}

// ownErrors is an API with a form of errors of its own.
func ownErrors() *typed.API {
	api := typed.New("Errors", "1", &typed.Options{
		OnError: ignore,
		Schemes: []typed.Scheme{typed.Bearer("token", verifyVisitor)},
		Errors: typed.Errors("application/vnd.refusal+json", func(_ context.Context, p *respond.Problem) refusal {
			if p.Status == http.StatusTeapot {
				panic("the form panics")
			}
			return refusal{p.Status, p.Title + ": " + p.Detail}
		}),
	})
	stop := func(p *respond.Problem) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("X-Stop") == "" {
					next.ServeHTTP(w, r)
					return
				}
				p.ServeHTTP(w, r)
			})
		}
	}
	typed.Handle(api, "GET /errors/{n}", typed.Func(func(_ context.Context, in struct {
		N int `path:"n"`
	}) (seen, error) {
		switch in.N {
		case 500:
			return nil, errSecret
		case 1:
			panic("the handler panics")
		}
		return nil, (&respond.Problem{Status: in.N, Detail: "Of the handler."}).Header("Retry-After", "9")
	}))
	typed.Handle(api, "POST /errors", typed.Func(func(context.Context, struct {
		Name string `json:"name"`
	}) (seen, error) {
		return seen{}, nil
	}))
	typed.Handle(api, "GET /me", typed.Func(func(context.Context, struct {
		Me visitor `auth:"token"`
	}) (seen, error) {
		return seen{}, nil
	}))
	typed.Handle(api, "GET /within", typed.Func(func(context.Context, typed.None) (seen, error) {
		return seen{}, nil
	}), typed.Use(stop(respond.Gone("Of the middleware."))))
	return api
}

// errorForms is that every error has the one form that the API gives them.
func errorForms() []rule {
	one := func(name, says string, q query, status int, body string, header ...string) rule {
		return rule{name, says, func(b *bench) error {
			router, reference := b.start(ownErrors)
			got, err := compare(router, reference, q)
			return errors.Join(err, wish{status, append(header, "Content-Type: application/vnd.refusal+json"), body}.check(q, got))
		}}
	}
	return []rule{
		one("errors/handler", "A handler's problem has the form, its status and its header fields.", get("/errors/409"), 409, `{"code":409,"text":"Conflict: Of the handler."}`, "Retry-After: 9"),
		one("errors/HEAD", "HEAD is answered with the header of the form.", send("HEAD", "/errors/409", ""), 409, "", "Content-Length: 47"),
		one("errors/500", "A 5xx is emptied before the form sees it.", get("/errors/500"), 500, `{"code":500,"text":"Internal Server Error: "}`),
		one("errors/panic", "So is a panic.", get("/errors/1"), 500, `{"code":500,"text":"Internal Server Error: "}`),
		one("errors/400", "A malformed body has the form.", send("POST", "/errors", "{", "Content-Type: application/json"), 400, `~{"code":400,`),
		one("errors/415", "So has a media type that is not taken.", send("POST", "/errors", "{", "Content-Type: text/plain"), 415, `~{"code":415,`),
		one("errors/422", "So has a parameter of the wrong type.", get("/errors/x"), 422, `~{"code":422,`),
		one("errors/401", "So has a request without credentials.", get("/me"), 401, `~{"code":401,`, `Www-Authenticate: Bearer realm="Errors"`),
		one("errors/405", "So has a method that the path does not have.", send("DELETE", "/errors", ""), 405, `~{"code":405,`, "Allow: OPTIONS, POST"),
		one("errors/middleware", "So has a problem that middleware serves.", get("/within", "X-Stop: 1"), 410, `{"code":410,"text":"Gone: Of the middleware."}`),
		{"errors/form panics", "Where the form panics, the plain problem is sent.", func(b *bench) error {
			router, reference := b.start(ownErrors)
			q := get("/errors/418")
			got, err := compare(router, reference, q)
			return errors.Join(err, wish{418, []string{errorType, "Retry-After: 9"}, `~"status":418`}.check(q, got))
		}},
	}
}
