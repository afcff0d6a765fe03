package docs_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

// What a Content may be answered with is in the document, with its header fields.
func TestContent(t *testing.T) {
	type out struct {
		OK   typed.Reply[typed.Content] `status:"200" type:"image/*"`
		Gone typed.Empty                `status:"410"`
	}
	api := typed.New("A", "1", nil)
	outcomes[out](api)
	file := func(context.Context, typed.None) (typed.Content, error) {
		return typed.Content{Name: "a.csv", ETag: `"v1"`, Attachment: true, Body: strings.NewReader("a,b")}, nil
	}
	typed.Handle(api, "GET /declared", typed.Func(file), typed.Produces("text/csv"))
	typed.Handle(api, "GET /any", typed.Func(file))
	typed.Handle(api, "POST /posted", typed.Func(file), typed.Produces("application/pdf"))
	for _, version := range []string{"3.0", "3.1", "3.2"} {
		doc, err := docs.OpenAPI(api, &docs.Options{Version: version})
		require.NoError(t, err)
		for path, want := range map[string]string{
			"/a":        "200 image/*; 206 image/* multipart/byteranges; 304; 410 application/problem+json; 412 application/problem+json; 416 application/problem+json; 500; default",
			"/declared": "200 text/csv; 206 text/csv multipart/byteranges; 304; 412 application/problem+json; 416 application/problem+json; 500; default",
			"/any":      "200 */*; 206 */* multipart/byteranges; 304; 412 application/problem+json; 416 application/problem+json; 500; default",
			"/posted":   "200 application/pdf; 403; 500; default",
		} {
			item, _ := doc.Paths.Get(path)
			var said []string
			for _, op := range item.Operations.All() {
				for code, r := range op.Responses.All() {
					text := code
					for media := range r.Content.All() {
						text += " " + media
					}
					said = append(said, text)
				}
				if path == "/posted" {
					continue
				}
				for code, fields := range map[string][]string{"200": {"Accept-Ranges", "ETag", "Last-Modified", "Content-Disposition"}, "206": {"Accept-Ranges", "Content-Range"}, "416": {"Content-Range"}} {
					r, _ := op.Responses.Get(code)
					for _, name := range fields {
						_, ok := r.Headers.Get(name)
						require.True(t, ok, "%s %s %s", path, code, name)
					}
				}
			}
			require.Equal(t, want, strings.Join(said, "; "), version+" "+path)
		}
	}

	// What is answered is what the document has.
	doc, err := docs.OpenAPI(api, nil)
	require.NoError(t, err)
	item, _ := doc.Paths.Get("/declared")
	op, _ := item.Operations.Get("get")
	for field, value := range map[string]string{"X": "", "Range": "bytes=0-1", "If-Range": `"v1"`, "If-None-Match": `"v1"`, "If-Match": `"v0"`} {
		r := httptest.NewRequest(http.MethodGet, "/declared", nil)
		r.Header.Set(field, value)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		answer, ok := op.Responses.Get(strconv.Itoa(w.Code))
		require.True(t, ok, "%s: %d", field, w.Code)
		for name := range w.Header() {
			documented := slices.Contains([]string{"Content-Type", "Content-Length", "X-Content-Type-Options", "Cache-Control"}, name) || answer.Ref != ""
			for declared := range answer.Headers.All() {
				documented = documented || strings.EqualFold(declared, name)
			}
			require.True(t, documented, "%s: %d has %s", field, w.Code, name)
		}
	}
}
