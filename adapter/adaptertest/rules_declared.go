package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// pictureOut answers one status in two media types.
type pictureOut struct {
	JSON typed.Reply[seen]   `status:"200"`
	PNG  typed.Reply[[]byte] `status:"200" type:"image/png" headers:"X-Width"`
}

// patched is a JSON Merge Patch.
type patched struct {
	Title typed.Optional[string] `json:"title" validate:"min=2"`
	Note  typed.Nullable[string] `json:"note" validate:"max=3"`
	In    struct {
		Old typed.Optional[bool] `json:"old"`
	} `json:"in"`
}

// declaring is an API whose endpoints say what they take and answer.
func declaring() *typed.API {
	api := typed.New("Declared", "1", &typed.Options{
		OnError:  ignore,
		Endpoint: []typed.Option{typed.Use(marked("X-Every"))},
		Message: func(ctx context.Context, e respond.FieldError) string {
			if typed.HTTPRequest(ctx).Header.Get("Accept-Language") == "de" && e.Rule == "min" {
				return "ist zu kurz"
			}
			return ""
		},
	})
	csv := func(mediaType string) typed.Handler[typed.None, string] {
		return func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
			if mediaType != "" {
				res.Header("Content-Type", mediaType)
			}
			return res.Send("a,b\n")
		}
	}
	typed.Handle(api, "GET /csv", csv(""), typed.Produces("text/csv"))
	typed.Handle(api, "GET /not-csv", csv("text/html"), typed.Produces("text/csv"))
	typed.Handle(api, "GET /picture", func(_ context.Context, in struct {
		PNG bool `query:"png"`
	}, out *pictureOut) (typed.Answer, error) {
		if in.PNG {
			return out.PNG.Send([]byte("png"), respond.SetHeader("X-Width", "7"))
		}
		return out.JSON.JSON(seen{"kind": "json"})
	})
	typed.Handle(api, "POST /text", typed.Func(func(_ context.Context, in struct {
		Name string `json:"name"`
	}) (seen, error) {
		return seen{"name": in.Name}, nil
	}), typed.Accepts("text/plain"))
	typed.Handle(api, "POST /image", typed.Func(func(_ context.Context, in struct {
		Raw []byte `body:""`
	}) (seen, error) {
		return seen{"bytes": fmt.Sprint(len(in.Raw))}, nil
	}), typed.Accepts("image/*"))
	typed.Handle(api, "GET /strict", typed.Func(func(_ context.Context, in struct {
		Limit int `query:"limit"`
	}) (seen, error) {
		return seen{"limit": fmt.Sprint(in.Limit)}, nil
	}), typed.StrictQuery())
	said := func(_ context.Context, in patched) (seen, error) {
		note, sent := in.Note.Get()
		return seen{"title": in.Title.Or("-"), "note": fmt.Sprint(note == nil, sent), "old": fmt.Sprint(in.In.Old.Or(false))}, nil
	}
	typed.Handle(api, "PATCH /patch", typed.Func(said), typed.Accepts("application/merge-patch+json"))
	typed.Handle(api, "PATCH /lenient", typed.Func(said), typed.NullAsAbsent())
	group := api.Group("/outer/{n}", typed.Use(marked("X-Outer"))).Group("/inner", typed.Use(marked("X-Inner")))
	typed.Handle(group, "DELETE /", typed.Do(func(context.Context, struct {
		N int `path:"n"`
	}) error {
		return nil
	}), typed.Use(preflight))
	return api
}

// marked is middleware that adds its name to X-Order.
func marked(name string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("X-Order", name)
			next.ServeHTTP(w, r)
		})
	}
}

// preflight is the CORS of one endpoint.
func preflight(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
		next.ServeHTTP(w, r)
	})
}

// declarations is that what an endpoint declares is what it takes and answers.
func declarations() []rule {
	one := func(name, says string, q query, w wish) rule {
		return rule{name, says, func(b *bench) error {
			router, reference := b.start(declaring)
			got, err := compare(router, reference, q)
			return errors.Join(err, w.check(q, got))
		}}
	}
	patch := func(body string, header ...string) query {
		return send("PATCH", "/patch", body, append(header, "Content-Type: application/merge-patch+json")...)
	}
	lenient := func(body string) query { return send("PATCH", "/lenient", body, "Content-Type: application/json") }
	invalid := func(pointer, rule string) wish {
		return wish{422, []string{errorType}, `~"pointer":"` + pointer + `","rule":"` + rule + `"`}
	}
	outer := []string{"X-Order: X-Every", "X-Order: X-Outer", "X-Order: X-Inner"}
	return []rule{
		one("declared/type", "The declared media type is sent.", get("/csv"), wish{200, []string{"Content-Type: text/csv"}, "a,b\n"}),
		one("declared/other type", "Another one is a 500.", get("/not-csv"), wish{500, []string{errorType}, ""}),
		one("declared/two types", "One status may have two media types.", get("/picture?png=true"), wish{200, []string{"Content-Type: image/png", "X-Width: 7"}, "png"}),
		one("declared/two types, the other", "Each is an outcome.", get("/picture"), wish{200, []string{jsonType}, `{"kind":"json"}`}),
		one("declared/JSON as text", "JSON may come as another media type that is declared.", send("POST", "/text", `{"name":"x"}`, "Content-Type: text/plain"), wish{200, nil, `{"name":"x"}`}),
		one("declared/JSON as text from elsewhere", "Such an endpoint is guarded, since a form can send it.",
			send("POST", "/text", `{"name":"x"}`, "Content-Type: text/plain", "Sec-Fetch-Site: cross-site"), wish{403, []string{errorType}, ""}),
		one("declared/range of types", "Raw content has one of the declared media types.", send("POST", "/image", "xyz", "Content-Type: image/png"), wish{200, nil, `{"bytes":"3"}`}),
		one("declared/other content", "Other content is 415 with Accept.", send("POST", "/image", "xyz", "Content-Type: text/plain"), wish{415, []string{"Accept: image/*", errorType}, ""}),
		one("declared/strict query", "An unknown query parameter is refused by its name.", get("/strict?limt=5"), wish{422, []string{errorType}, `~"name":"limt"`}),
		one("declared/strict query, known", "A known one is taken.", get("/strict?limit=5"), wish{200, nil, `{"limit":"5"}`}),
		one("presence/absent", "Absent members are told from null.", patch(`{"in":{}}`), wish{200, nil, `{"note":"true false","old":"false","title":"-"}`}),
		one("presence/sent", "A value is a value.", patch(`{"title":"Emma","note":"x","in":{"old":true}}`), wish{200, nil, `{"note":"false true","old":"true","title":"Emma"}`}),
		one("presence/null", "Null is null where it may be.", patch(`{"note":null,"in":{}}`), wish{200, nil, `{"note":"true true","old":"false","title":"-"}`}),
		one("presence/null of an Optional", "Elsewhere it is refused.", patch(`{"title":null,"in":{}}`), invalid("/title", "null")),
		one("presence/null deeper", "With a pointer to it.", patch(`{"in":{"old":null}}`), invalid("/in/old", "null")),
		one("presence/type", "A wrong type has a pointer.", patch(`{"note":7,"in":{}}`), invalid("/note", "type")),
		one("presence/rule", "Rules judge what was sent.", patch(`{"title":"x","in":{}}`), invalid("/title", "min")),
		one("presence/null as absent", "A null may count as absent.", lenient(`{"title":null,"in":null}`), wish{200, nil, `{"note":"true false","old":"false","title":"-"}`}),
		one("message/language", "A failure has the words that the request asks for.", patch(`{"title":"x","in":{}}`, "Accept-Language: de"), wish{422, nil, `~"detail":"ist zu kurz"`}),
		one("group/middleware", "Middleware runs from outside in, and Do answers 204.", send("DELETE", "/outer/7/inner", ""), wish{204, outer, ""}),
		one("group/parameter", "A wildcard of a prefix is bound.", send("DELETE", "/outer/x/inner", ""), wish{422, outer, `~"name":"n"`}),
		one("group/preflight", "A preflight goes through the middleware of the endpoint that it asks for.",
			send("OPTIONS", "/outer/7/inner", "", "Origin: https://app.example", "Access-Control-Request-Method: DELETE"),
			wish{204, append([]string{"Access-Control-Allow-Origin: https://app.example"}, outer...), ""}),
		{"group/order", "The order is that of the declarations.", func(b *bench) error {
			router, _ := b.start(declaring)
			got, err := router.send(send("DELETE", "/outer/7/inner", ""))
			return errors.Join(err, same("X-Order", strings.Join(got.header.Values("X-Order"), " "), "X-Every X-Outer X-Inner"))
		}},
	}
}
