package docs_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type (
	greeting string
	octets   []byte
)

func returns[T any](v T) typed.Handler[typed.None, T] {
	return typed.Func(func(context.Context, typed.None) (T, error) { return v, nil })
}

// What a Func answers is what the document has, and nothing else: of each payload it is
// sent, and the media types are compared.
func outsidePlain(t *testing.T) {
	const text, base64 = `{"type":"string"}`, `{"type":"string","format":"byte"}`
	bytes := map[string]string{"3.0": base64, "3.1": `{"type":"string","contentEncoding":"base64"}`, "3.2": `{"type":"string","contentEncoding":"base64"}`}
	api := typed.New("A", "1", nil)
	typed.Handle(api, "GET /text", returns("a"))
	typed.Handle(api, "GET /named", returns(greeting("a")))
	typed.Handle(api, "GET /bytes", returns([]byte("a")))
	typed.Handle(api, "GET /octets", returns(octets("a")))
	typed.Handle(api, "GET /raw", returns(json.RawMessage("1")))
	typed.Handle(api, "GET /number", returns(1))
	typed.Handle(api, "GET /page", returns(respond.HTML("<p>")))
	typed.Handle(api, "GET /stream", returns(io.Reader(strings.NewReader("a"))))
	typed.Handle(api, "GET /vendor", returns("a"), typed.Produces("application/vnd.a+json"))
	typed.Handle(api, "GET /created", returns("a"), typed.Status(201))
	// A handler around one is not looked into: it might send text.
	typed.Handle(api, "GET /around", func(ctx context.Context, in typed.None, res *typed.Response[string]) (typed.Answer, error) {
		return returns("a")(ctx, in, res)
	})
	typed.Handle(api, "GET /send", func(_ context.Context, _ typed.None, res *typed.Response[[]byte]) (typed.Answer, error) {
		return res.Send([]byte("a"))
	})
	for version, encoded := range bytes {
		doc := mustOpenAPI(t, api, &docs.Options{Version: version})
		for path, want := range map[string]map[string]string{
			"/text":    {"application/json": text},
			"/named":   {"application/json": text},
			"/bytes":   {"application/json": encoded},
			"/octets":  {"application/json": encoded},
			"/raw":     {"application/json": `{}`},
			"/number":  {"application/json": `{"type":"integer","format":"int64"}`},
			"/page":    {"text/html": text},
			"/stream":  {"application/octet-stream": `{"type":"string","format":"binary"}`},
			"/vendor":  {"application/vnd.a+json": text},
			"/created": {"application/json": text},
			"/around":  {"application/json": text, "text/plain": text},
			"/send":    {"application/octet-stream": `{"type":"string","format":"binary"}`},
		} {
			w := httptest.NewRecorder()
			api.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			response, ok := operation(t, doc, "get", path).Responses.Get(map[bool]string{true: "201", false: "200"}[path == "/created"])
			require.True(t, ok, path)
			got := contents(t, response.Content)
			require.Equal(t, want, got, version+path)
			sent, _, _ := syntax.MediaType(w.Header().Get("Content-Type"))
			require.Contains(t, got, sent, path)
		}
	}
	t.Run("a media type that it would not send", func(t *testing.T) {
		for name, handle := range map[string]func(*typed.API){
			"string": func(a *typed.API) { typed.Handle(a, "GET /a", returns("a"), typed.Produces("text/csv")) },
			"[]byte": func(a *typed.API) {
				typed.Handle(a, "GET /a", returns([]byte("a")), typed.Produces("text/csv"))
			},
		} {
			require.PanicsWithValue(t, "typed: GET /a: text/csv is declared, and typed.Func answers a "+strings.ReplaceAll(name, "[]byte", "[]uint8")+" as JSON: "+
				"answer with res.Send in a handler that takes a *typed.Response, or drop the media type", func() { handle(typed.New("A", "1", nil)) })
		}
	})
	t.Run("JSON of bytes and pages is not documented", func(t *testing.T) {
		var reported error
		api := typed.New("A", "1", &typed.Options{OnError: func(_ context.Context, err error) { reported = err }})
		typed.Handle(api, "GET /bytes", func(_ context.Context, _ typed.None, res *typed.Response[[]byte]) (typed.Answer, error) {
			return res.JSON([]byte("a"))
		})
		typed.Handle(api, "GET /page", func(_ context.Context, _ typed.None, out *struct {
			OK typed.Reply[respond.HTML] `status:"200"`
		}) (typed.Answer, error) {
			return out.OK.JSON("<p>")
		})
		typed.Handle(api, "GET /declared", func(_ context.Context, _ typed.None, res *typed.Response[[]byte]) (typed.Answer, error) {
			return res.JSON([]byte("a"))
		}, typed.Produces("application/json"))
		for path, media := range map[string]string{"/bytes": "application/octet-stream", "/page": "text/html"} {
			w := httptest.NewRecorder()
			api.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			require.Equal(t, http.StatusInternalServerError, w.Code)
			require.EqualError(t, reported, "typed: GET "+path+": JSON answers a payload that the document has as "+media+": use Send, or declare application/json with typed.Produces or a type tag")
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest("GET", "/declared", nil))
		require.Equal(t, `"YQ=="`, w.Body.String())
	})
}

// A struct in the query has to be sent where a field of it has, unless it is a pointer.
func outsideRequiredObjects(t *testing.T) {
	type filter struct {
		Name string `json:"name" validate:"required"`
		Age  int    `json:"age"`
	}
	type in struct {
		Must  filter            `query:"must"`
		May   *filter           `query:"may"`
		Empty struct{ Age int } `query:"empty"`
		Sent  struct {
			Age typed.Optional[int] `validate:"required"`
		} `query:"sent"`
	}
	api := typed.New("A", "1", nil)
	typed.Handle(api, "GET /a", answer[in, typed.None])
	got := map[string]bool{}
	for _, p := range operation(t, mustOpenAPI(t, api, nil), "get", "/a").Parameters {
		got[p.Name] = p.Required
	}
	require.Equal(t, map[string]bool{"must": true, "may": false, "empty": false, "sent": true}, got)
}
