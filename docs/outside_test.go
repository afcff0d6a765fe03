package docs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/docs/ui"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// operation is one of a document.
func operation(t *testing.T, doc *openapi.Document, method, path string) *openapi.Operation {
	t.Helper()
	item, ok := doc.Paths.Get(path)
	require.True(t, ok, path)
	op, ok := item.Operations.Get(method)
	require.True(t, ok, method)
	return op
}

func mustOpenAPI(t *testing.T, api *typed.API, opts *docs.Options) *openapi.Document {
	t.Helper()
	doc, err := docs.OpenAPI(api, opts)
	require.NoError(t, err)
	return doc
}

// contents writes what a body may be: media types and schemas.
func contents(t *testing.T, content openapi.Map[*openapi.MediaType]) map[string]string {
	t.Helper()
	out := map[string]string{}
	for media, m := range content.All() {
		text, err := json.Marshal(m.Schema)
		require.NoError(t, err)
		out[media] = string(text)
	}
	return out
}

// Problem has the name of the toolkit's component.
type Problem struct {
	Own string `json:"own"`
}

// Shape is one of two, which its schema refers to by name.
type Shape struct{}

func (Shape) MarshalJSON() ([]byte, error) { return []byte(`{}`), nil }
func (Shape) JSONSchema() string {
	return `{"oneOf":[{"$ref":"#/components/schemas/Circle"},{"$ref":"#/components/schemas/Square"}],
		"discriminator":{"propertyName":"kind","mapping":{"circle":"#/components/schemas/Circle","square":"Square"}}}`
}

type Circle struct {
	Kind string `json:"kind"`
}

type Square struct {
	Kind string `json:"kind"`
}

// Address has the name of a type of net/mail.
type Address struct {
	City string `json:"city"`
}

// Within refers to a part of a component.
type Within struct{}

func (Within) MarshalJSON() ([]byte, error) { return []byte(`""`), nil }
func (Within) JSONSchema() string           { return `{"$ref":"#/components/schemas/Circle/properties/kind"}` }

// TestOutside has what others' reports showed, by its id.
func TestOutside(t *testing.T) {
	t.Run("R18 responses are named as RFC 9110 names their statuses", func(t *testing.T) {
		api := typed.New("A", "1", nil)
		typed.Handle(api, "POST /a", answer[struct {
			A int `json:"a"`
		}, typed.None], typed.Fails(414, 416))
		for _, version := range []string{"3.0", "3.1", "3.2"} {
			responses := operation(t, mustOpenAPI(t, api, &docs.Options{Version: version}), "post", "/a").Responses
			for code, want := range map[string]string{
				"413": "ContentTooLarge", "414": "URITooLong", "416": "RangeNotSatisfiable", "422": "UnprocessableContent",
			} {
				got, ok := responses.Get(code)
				require.True(t, ok, code)
				require.Equal(t, "#/components/responses/"+want, got.Ref)
			}
		}
	})
	t.Run("A1 bodies of bytes", func(t *testing.T) {
		api := typed.New("A", "1", nil)
		typed.Handle(api, "POST /bytes", answer[Raw, typed.None])
		typed.Handle(api, "POST /stream", answer[struct {
			Body io.Reader `body:""`
		}, io.Reader])
		for _, version := range []string{"3.0", "3.1", "3.2"} {
			doc := mustOpenAPI(t, api, &docs.Options{Version: version})
			for _, path := range []string{"/bytes", "/stream"} {
				body := operation(t, doc, "post", path).RequestBody
				require.Equal(t, map[string]string{"application/octet-stream": `{"type":"string","format":"binary"}`}, contents(t, body.Content), version+path)
			}
			ok, _ := operation(t, doc, "post", "/stream").Responses.Get("200")
			require.Equal(t, map[string]string{"application/octet-stream": `{"type":"string","format":"binary"}`}, contents(t, ok.Content))
		}
	})
	t.Run("A2 304 wherever an entity tag is", func(t *testing.T) {
		doc := mustOpenAPI(t, fixture(), nil)
		tagged := 0
		for _, item := range doc.Paths.All() {
			for _, op := range item.Operations.All() {
				etag := false
				for _, r := range op.Responses.All() {
					_, has := r.Headers.Get("ETag")
					etag = etag || has
				}
				_, unchanged := op.Responses.Get("304")
				require.Equal(t, etag, unchanged, op.OperationID)
				if etag {
					tagged++
				}
			}
		}
		require.NotZero(t, tagged)
		r, ok := doc.Components.Responses.Get("NotModified")
		require.True(t, ok)
		require.Zero(t, r.Content.Len(), "a 304 has no content")
	})
	t.Run("A5 a problem beside an outcome of its status", func(t *testing.T) {
		api := typed.New("A", "1", nil)
		typed.Handle(api, "GET /a", func(context.Context, typed.None, *struct {
			OK   typed.Reply[Item]    `status:"200"`
			Gone typed.Reply[Circle]  `status:"404"`
			None typed.Empty          `status:"410"`
			Down typed.Reply[Circle]  `status:"503"`
			Text typed.Reply[string]  `status:"409"`
			Own  typed.Reply[Problem] `status:"422"`
		}) (typed.Answer, error) {
			return typed.Fail(respond.NotFound("gone"))
		})
		doc := mustOpenAPI(t, api, nil)
		op := operation(t, doc, "get", "/a")
		for _, code := range []string{"404", "409", "410", "422", "503"} {
			r, ok := op.Responses.Get(code)
			require.True(t, ok)
			require.Equal(t, `{"$ref":"#/components/schemas/Problem"}`, contents(t, r.Content)["application/problem+json"], code)
		}
		ok, _ := op.Responses.Get("200")
		require.NotContains(t, contents(t, ok.Content), "application/problem+json")
	})
	t.Run("A6 a reference to nothing", func(t *testing.T) {
		api := typed.New("A", "1", nil)
		typed.Handle(api, "GET /a", answer[typed.None, Shape])
		_, err := docs.OpenAPI(api, nil)
		require.EqualError(t, err, `docs: GET /a: the reference "#/components/schemas/Circle" points to nothing: `+
			"write #/components/schemas/NAME with the name of a component, and name its Go type in Options.Components\n"+
			`GET /a: the reference "Square" points to nothing: `+
			"write #/components/schemas/NAME with the name of a component, and name its Go type in Options.Components\n"+
			`GET /a: the reference "#/components/schemas/Square" points to nothing: `+
			"write #/components/schemas/NAME with the name of a component, and name its Go type in Options.Components")
		require.Panics(t, func() { docs.Mount(api, nil) })
		opts := &docs.Options{Components: []reflect.Type{reflect.TypeFor[Circle](), reflect.TypeFor[Square]()}}
		for _, opts.Version = range []string{"3.0", "3.1", "3.2"} {
			doc := mustOpenAPI(t, api, opts)
			_, ok := doc.Components.Schemas.Get("Square")
			require.True(t, ok)
		}
		opts.Components = append(opts.Components, nil)
		_, err = docs.OpenAPI(api, opts)
		require.EqualError(t, err, "docs: Options.Components has a nil type: write reflect.TypeFor[User]()")
	})
	t.Run("A6 a second type of the name", func(t *testing.T) {
		api := typed.New("A", "1", nil)
		typed.Handle(api, "GET /a", answer[typed.None, Within])
		typed.Handle(api, "GET /b", answer[typed.None, Circle])
		mustOpenAPI(t, api, nil)
		types := map[reflect.Type]*openapi.Schema{reflect.TypeFor[Opaque](): {Ref: "#/components/schemas/Address"}}
		typed.Handle(api, "GET /c", answer[typed.None, Opaque])
		typed.Handle(api, "GET /d", answer[typed.None, Address])
		mustOpenAPI(t, api, &docs.Options{Types: types})
		typed.Handle(api, "GET /e", answer[typed.None, mail.Address])
		_, err := docs.OpenAPI(api, &docs.Options{Types: types})
		require.ErrorContains(t, err, `docs: GET /c: the reference "#/components/schemas/Address" points to nothing`)
		doc := mustOpenAPI(t, api, &docs.Options{Types: types, Components: []reflect.Type{reflect.TypeFor[Address]()}})
		kept, _ := doc.Components.Schemas.Get("Address")
		_, ok := kept.Properties.Get("city")
		require.True(t, ok)
		_, ok = doc.Components.Schemas.Get("MailAddress")
		require.True(t, ok)
	})
	t.Run("A6 references that Change leaves", func(t *testing.T) {
		api := typed.New("A", "1", nil)
		typed.Handle(api, "GET /a", answer[typed.None, Circle])
		for ref, want := range map[string]string{
			"#/components/schemas/Circle": "", "#/components/schemas/Circle/properties/kind": "", "https://example.org/a.json": "",
			"#/components/schemas/Circle/required/0": "", "#/components/schemas/Circle/required/1": "points to nothing",
			"#/components/schemas/Circle/type/a": "points to nothing", "#/$defs/A": "points to nothing", "Circle": "points to nothing", "#a": "points to nothing", "%": "points to nothing",
		} {
			_, err := docs.OpenAPI(api, &docs.Options{Change: func(d *openapi.Document) {
				d.Components.Schemas.Set("Mine", &openapi.Schema{AllOf: []*openapi.Schema{{Ref: ref}}})
			}})
			if want == "" {
				require.NoError(t, err, ref)
			} else {
				require.ErrorContains(t, err, "docs: schema Mine: the reference \""+ref+"\" "+want)
			}
		}
	})
	t.Run("A8 declared headers and media types", func(t *testing.T) {
		api := typed.New("A", "1", nil)
		typed.Handle(api, "POST /a", answer[typed.None, Circle], typed.Status(201, 202), typed.Fails(409, 429),
			typed.ResponseHeader("Location", "Where the circle is.", 201), typed.ResponseHeader("X-Trace", ""), typed.ResponseHeader("Retry-After", "When to try again.", 429, 503))
		typed.Handle(api, "GET /csv", answer[typed.None, io.Reader], typed.Produces("text/csv; charset=utf-8"), typed.ResponseHeader("etag", "Of the table."))
		typed.Handle(api, "GET /quiet", answer[typed.None, Circle], typed.NoETag())
		typed.Handle(api, "GET /b", func(context.Context, typed.None, *struct {
			JSON typed.Reply[Circle]       `status:"200" doc:"The circle."`
			PNG  typed.Reply[[]byte]       `status:"200" type:"image/png" headers:"X-Width, X-Height" doc:"A picture of it."`
			Text typed.Reply[string]       `status:"200" type:"text/markdown" example:"# It"`
			Page typed.Reply[respond.HTML] `status:"200"`
			Raw  typed.Reply[[]byte]       `status:"202" type:"application/geo+json"`
			Go   typed.Redirect            `status:"303"`
		}) (typed.Answer, error) {
			return typed.Answer{}, nil
		}, typed.ResponseHeader("Location", "Where it went.", 303))
		doc := mustOpenAPI(t, api, nil)
		headers := func(method, path, code string) []string {
			r, ok := operation(t, doc, method, path).Responses.Get(code)
			require.True(t, ok, code)
			var out []string
			for name, h := range r.Headers.All() {
				out = append(out, strings.TrimSpace(name+" "+h.Description))
			}
			return out
		}
		require.Equal(t, []string{"Location Where the circle is.", "X-Trace"}, headers("post", "/a", "201"))
		require.Equal(t, []string{"X-Trace"}, headers("post", "/a", "202"))
		require.Equal(t, []string{"Retry-After When to try again."}, headers("post", "/a", "429"))
		require.Equal(t, []string{"Retry-After When to try again."}, headers("post", "/a", "503"))
		require.Empty(t, headers("post", "/a", "409"))
		require.Equal(t, []string{"etag Of the table."}, headers("get", "/csv", "200"))
		_, unchanged := operation(t, doc, "get", "/csv").Responses.Get("304")
		require.True(t, unchanged)
		require.Empty(t, headers("get", "/quiet", "200"))
		require.Equal(t, []string{"ETag", "X-Width", "X-Height"}, headers("get", "/b", "200"))
		require.Equal(t, []string{"Location Where it went."}, headers("get", "/b", "303"))
		csv, _ := operation(t, doc, "get", "/csv").Responses.Get("200")
		require.Equal(t, map[string]string{"text/csv": `{"type":"string"}`}, contents(t, csv.Content))
		several, _ := operation(t, doc, "get", "/b").Responses.Get("200")
		require.Equal(t, map[string]string{
			"application/json": `{"$ref":"#/components/schemas/Circle"}`, "image/png": `{"type":"string","format":"binary"}`,
			"text/markdown": `{"type":"string"}`, "text/html": `{"type":"string"}`,
		}, contents(t, several.Content))
		require.Equal(t, "The circle. Or: A picture of it. Or: OK", several.Description)
		raw, _ := operation(t, doc, "get", "/b").Responses.Get("202")
		require.Equal(t, map[string]string{"application/geo+json": `{}`}, contents(t, raw.Content))
	})
	t.Run("A8 what is deprecated", func(t *testing.T) {
		type in struct {
			Old  string `query:"old" deprecated:""`
			New  string `query:"new"`
			Name string `json:"name" deprecated:""`
			Twin Circle `json:"twin" deprecated:""`
		}
		api := typed.New("A", "1", nil)
		typed.Handle(api, "POST /a", answer[in, typed.None])
		for _, version := range []string{"3.0", "3.1"} {
			text, err := mustOpenAPI(t, api, &docs.Options{Version: version}).JSON()
			require.NoError(t, err)
			require.Contains(t, string(text), `{"name":"old","in":"query","deprecated":true,"schema":{"type":"string"}}`)
			require.Contains(t, string(text), `{"name":"new","in":"query","schema":{"type":"string"}}`)
			require.Contains(t, string(text), `"name":{"type":"string","deprecated":true}`)
			require.Regexp(t, `"twin":\{(?:"allOf":\[)?\{?"\$ref":"#/components/schemas/Circle"\}?\]?,"deprecated":true\}`, string(text))
		}
	})
	t.Run("A10 default alone", func(t *testing.T) {
		for _, item := range mustOpenAPI(t, fixture(), nil).Paths.All() {
			for _, op := range item.Operations.All() {
				for code := range op.Responses.All() {
					require.NotContains(t, code, "XX")
				}
				_, ok := op.Responses.Get("default")
				require.True(t, ok)
			}
		}
	})
	t.Run("A11 an outcome's example breaks its schema", func(t *testing.T) {
		api := typed.New("A", "1", nil)
		outcomes[struct {
			OK  typed.Reply[Circle] `status:"200" example:"{}"`
			Bad typed.Reply[[]int8] `status:"400" example:"1,300"`
		}](api)
		_, err := docs.OpenAPI(api, nil)
		require.EqualError(t, err, `docs: GET /a: outcome OK: the example "{}" has no member "kind": write one that its schema accepts`+"\n"+
			`GET /a: outcome Bad: the example "1,300" has an item 1 that is greater than 127: write one that its schema accepts`)
	})
	t.Run("A11 a parameter's example breaks its schema", func(t *testing.T) {
		api := typed.New("A", "1", nil)
		typed.Handle(api, "POST /a", answer[struct {
			Limit int8   `query:"limit" validate:"min=1,max=9" example:"10"`
			Name  string `form:"name" validate:"oneof=a b" example:"c"`
		}, typed.None])
		_, err := docs.OpenAPI(api, nil)
		require.EqualError(t, err, `docs: type int8: field Limit: the example "10" is greater than 9: write one that its schema accepts`+"\n"+
			`type string: field Name: the example "c" is none of its enum: write one that its schema accepts`)
	})
	t.Run("A12 servers resolve with and without a proxy", func(t *testing.T) {
		for _, c := range []struct{ base, path, json string }{
			{"", "/items", ""}, {"/api/v1", "/api/v1/items", ""}, {"", "/items", "/docs/v2/openapi.json"}, {"/api", "/api/items", "/docs/a.json"},
		} {
			api := typed.New("A", "1", &typed.Options{BasePath: c.base})
			typed.Handle(api, "GET /items", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
				return typed.Fail(respond.Conflict("here"))
			})
			docs.Mount(api, &docs.Options{JSONPath: c.json})
			for _, prefix := range []string{"", "/behind/proxy"} {
				server := httptest.NewServer(http.StripPrefix(prefix, api))
				at := server.URL + prefix + c.base + first(c.json, "/openapi.json")
				var doc struct{ Servers []struct{ URL string } }
				fetchJSON(t, at, &doc)
				base, err := url.Parse(at)
				require.NoError(t, err)
				target, err := base.Parse(doc.Servers[0].URL + "/")
				require.NoError(t, err)
				res, err := http.Get(strings.TrimSuffix(target.String(), "/") + "/items")
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				require.Equal(t, http.StatusConflict, res.StatusCode, at)
				server.Close()
			}
		}
	})
	t.Run("A13 the policy allows what the document names", func(t *testing.T) {
		flow := &openapi.OAuthFlow{AuthorizationURL: "https://login.example.org/authorize", TokenURL: "https://token.example.org:8443/token?a=b", RefreshURL: "https://refresh.example.org/"}
		var flows openapi.Map[*openapi.OAuthFlow]
		flows.Set("authorizationCode", flow)
		api := fixture()
		docs.Mount(api, &docs.Options{
			Servers: []*openapi.Server{{URL: "https://api.example.org/v1"}, {URL: "."}, {URL: "http://[::1]:8080"}, {URL: "https://evil;script-src *"}, {URL: "javascript:1"}, {URL: "https://api.example.org/v2"}},
			SecuritySchemes: map[string]*openapi.SecurityScheme{
				"oauth": {Type: "oauth2", Flows: flows},
				"oidc":  {Type: "openIdConnect", OpenIDConnectURL: "https://id.example.org/.well-known/openid-configuration"},
			},
		})
		policy := get(api, "/docs").Header().Get("Content-Security-Policy")
		require.Contains(t, policy, "connect-src 'self' https://api.example.org http://[::1]:8080 https://token.example.org:8443 https://refresh.example.org https://id.example.org; ")
		require.Equal(t, strings.Replace(policy, " https://api.example.org http://[::1]:8080 https://token.example.org:8443 https://refresh.example.org https://id.example.org", "", 1), ui.Policy)
	})
	t.Run("A13 the sign-in page", func(t *testing.T) {
		api := fixture()
		docs.Mount(api, nil)
		w := get(api, "/oauth2-redirect.html")
		require.Equal(t, 200, w.Code)
		require.Equal(t, ui.RedirectPolicy, w.Header().Get("Content-Security-Policy"))
		require.Contains(t, w.Body.String(), "swaggerUIRedirectOauth2")
	})
	t.Run("A13 two documents, and a GET /docs of the program", func(t *testing.T) {
		api := fixture()
		typed.Handle(api, "GET /docs", answer[typed.None, string])
		require.PanicsWithValue(t, `docs: Mount: GET /docs is handled already: give Options.PagePath another path, or "-" to serve none`, func() { docs.Mount(api, nil) })
		docs.Mount(api, &docs.Options{PagePath: "/reference"})
		require.Panics(t, func() { docs.Mount(api, &docs.Options{PagePath: "/other"}) })
		docs.Mount(api, &docs.Options{PagePath: "/older", JSONPath: "/v3.0/openapi.json", YAMLPath: "-", Version: "3.0"})
		for path, want := range map[string]string{"/openapi.json": `"openapi":"3.1.0"`, "/v3.0/openapi.json": `"openapi":"3.0.3"`} {
			require.Contains(t, get(api, path).Body.String(), want)
		}
		require.Contains(t, get(api, "/reference").Body.String(), `<meta name="document" content="openapi.json">`)
		older := get(api, "/older")
		require.Contains(t, older.Body.String(), `<meta name="document" content="v3.0/openapi.json">`)
		require.Equal(t, older.Body.String(), unpack(t, get(api, "/older", "Accept-Encoding", "gzip")))
		require.Equal(t, 404, get(api, "/v3.0/openapi.yaml").Code)
		for path, want := range map[string]string{
			"docs": "docs: Mount: Options.JSONPath is \"docs\": write a plain path like \"/v2/openapi.json\", or \"-\" to serve none",
			"/":    "", "/a/": "", "/a//b": "", "/{a}": "", "/a b": "", "/a%20b": "", "/../a": "", "/a?b": "",
		} {
			if want == "" {
				require.Panics(t, func() { docs.Mount(fixture(), &docs.Options{JSONPath: path}) }, path)
			} else {
				require.PanicsWithValue(t, want, func() { docs.Mount(fixture(), &docs.Options{JSONPath: path}) })
			}
		}
		none := fixture()
		docs.Mount(none, &docs.Options{JSONPath: "-"})
		require.Equal(t, 404, get(none, "/docs").Code)
		require.Equal(t, 200, get(none, "/openapi.yaml").Code)
	})
	t.Run("A14 the servers are the same before and after the first request", func(t *testing.T) {
		servers := func(api *typed.API) string { return mustOpenAPI(t, api, nil).Servers[0].URL }
		group := fixture() // as chi does: the prefix comes with the first request
		group.Paths()
		before := servers(group)
		require.NoError(t, group.Mount("/api/v1"))
		require.Equal(t, before, servers(group))
		require.Equal(t, ".", before)
		root := fixture()
		root.Paths()
		before = servers(root)
		require.NoError(t, root.Mount(""))
		require.Equal(t, before, servers(root))
		told := typed.New("A", "1", &typed.Options{BasePath: "/v1"})
		told.Paths()
		before = servers(told)
		require.NoError(t, told.Mount("/v1"))
		require.Equal(t, before, servers(told))
		require.Equal(t, "/v1", before)
		plain := fixture()
		before = servers(plain)
		get(plain, "/items")
		require.Equal(t, before, servers(plain))
		require.Equal(t, "/", before)
	})
	t.Run("A15 Golden knows the options of Mount", func(t *testing.T) {
		api := fixture()
		typed.Handle(api, "GET /signed-in", answer[typed.None, typed.None], typed.Security("token"))
		opts := &docs.Options{Summary: "Of Mount.", SecuritySchemes: map[string]*openapi.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}}}
		docs.Mount(api, opts)
		docs.Mount(api, &docs.Options{Version: "3.0", SecuritySchemes: opts.SecuritySchemes, JSONPath: "/old.json", YAMLPath: "-", PagePath: "-"})
		path := filepath.Join(t.TempDir(), "openapi.json")
		t.Setenv("GOLDEN_UPDATE", "1")
		var r recorder
		docs.Golden(&r, api, path)
		require.Contains(t, r.String(), "was rewritten")
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(text), "Of Mount.")
		require.Contains(t, string(text), `"openapi": "3.1.0"`)
		docs.Golden(&r, api, path, &docs.Options{Summary: "Of the test.", SecuritySchemes: opts.SecuritySchemes})
		text, err = os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(text), "Of the test.")
	})
	t.Run("A22 a type named Problem", func(t *testing.T) {
		api := typed.New("A", "1", nil)
		typed.Handle(api, "GET /a", answer[typed.None, Problem])
		doc := mustOpenAPI(t, api, nil)
		toolkit, _ := doc.Components.Schemas.Get("Problem")
		require.Contains(t, toolkit.Description, "RFC 9457")
		_, ok := doc.Components.Schemas.Get("DocsTestProblem")
		require.True(t, ok)
	})
	t.Run("R16 a struct in the query that has to be sent", outsideRequiredObjects)
	t.Run("A23 what a Func answers", outsidePlain)
	t.Run("A24 a url.URL", func(t *testing.T) {
		const mend = `use a string with validate:"url", or a type of your own with MarshalText and UnmarshalText`
		for name, handle := range map[string]func(*typed.API){
			"answer":  func(api *typed.API) { typed.Handle(api, "GET /a", answer[typed.None, struct{ Home url.URL }]) },
			"pointer": func(api *typed.API) { typed.Handle(api, "GET /a", answer[typed.None, struct{ Home *url.URL }]) },
			"list":    func(api *typed.API) { typed.Handle(api, "GET /a", answer[typed.None, []url.URL]) },
			"request": func(api *typed.API) {
				typed.Handle(api, "POST /a", answer[struct{ Home map[string]url.URL }, typed.None])
			},
		} {
			func() {
				defer func() { require.Contains(t, fmt.Sprint(recover()), mend, name) }()
				handle(typed.New("A", "1", nil))
			}()
		}
	})
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

func fetchJSON(t *testing.T, url string, into any) {
	t.Helper()
	res, err := http.Get(url)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Equal(t, 200, res.StatusCode, url)
	require.NoError(t, json.NewDecoder(res.Body).Decode(into))
}

func TestVersions(t *testing.T) {
	api := fixture()
	for _, c := range []struct {
		opts docs.Options
		want string
	}{
		{docs.Options{}, "3.1.0"}, {docs.Options{Version: "3.1"}, "3.1.0"}, {docs.Options{Version: "3.0"}, "3.0.3"},
		{docs.Options{OpenAPI30: true}, "3.0.3"}, {docs.Options{OpenAPI30: true, Version: "3.0"}, "3.0.3"}, {docs.Options{Version: "3.2"}, "3.2.0"},
	} {
		text, err := mustOpenAPI(t, api, &c.opts).JSON()
		require.NoError(t, err)
		require.Contains(t, string(text), `{"openapi":"`+c.want+`"`)
	}
	for _, c := range []struct {
		opts docs.Options
		want string
	}{
		{docs.Options{Version: "3.1.0"}, `docs: Options.Version is "3.1.0": write "3.0", "3.1" or "3.2"`},
		{docs.Options{Version: "3.1", OpenAPI30: true}, `docs: Options.OpenAPI30 is set beside the Version "3.1": drop one of them`},
	} {
		_, err := docs.OpenAPI(api, &c.opts)
		require.EqualError(t, err, c.want)
	}
}

func TestChange(t *testing.T) {
	opts := &docs.Options{Change: func(d *openapi.Document) {
		d.Extensions.Set("x-mine", true)
		item, _ := d.Components.Schemas.Get("Item")
		item.Properties.Set("more", &openapi.Schema{Type: []string{"string", "null"}})
	}}
	for version, want := range map[string]string{"3.1": `"more":{"type":["string","null"]}`, "3.0": `"more":{"type":"string","nullable":true}`} {
		opts.Version = version
		text, err := mustOpenAPI(t, fixture(), opts).JSON()
		require.NoError(t, err)
		require.Contains(t, string(text), want)
		require.Contains(t, string(text), `"x-mine":true`)
	}
}
