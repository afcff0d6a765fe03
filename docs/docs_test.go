package docs_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/docs/ui"
	"github.com/apiroutes/apiroutes/typed"
)

func sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func TestDocument(t *testing.T) {
	docs.Golden(t, fixture(), "testdata/items.json", about())
	older := about()
	older.OpenAPI30 = true
	docs.Golden(t, fixture(), "testdata/items-3.0.json", older)
}

func TestSameProgramSameBytes(t *testing.T) {
	var first []byte
	for range 5 {
		doc, err := docs.OpenAPI(fixture(), nil)
		require.NoError(t, err)
		out, err := doc.JSON()
		require.NoError(t, err)
		if first == nil {
			first = out
		}
		require.Equal(t, string(first), string(out))
	}
}

func TestServersFollowTheBasePath(t *testing.T) {
	for base, want := range map[string]string{"": "/", "/api/v1": "/api/v1"} {
		doc, err := docs.OpenAPI(typed.New("A", "1", &typed.Options{BasePath: base}), nil)
		require.NoError(t, err)
		require.Equal(t, []*openapi.Server{{URL: want}}, doc.Servers)
	}
}

func get(api http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return w
}

func unpack(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	require.Equal(t, "gzip", w.Header().Get("Content-Encoding"))
	r, err := gzip.NewReader(w.Body)
	require.NoError(t, err)
	out, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(out)
}

func TestMount(t *testing.T) {
	api := fixture()
	docs.Mount(api, about())
	for path, media := range map[string]string{"/openapi.json": "application/json", "/openapi.yaml": "application/yaml", "/docs": "text/html; charset=utf-8"} {
		plain := get(api, path)
		require.Equal(t, 200, plain.Code, path)
		require.Equal(t, media, plain.Header().Get("Content-Type"))
		require.Equal(t, "no-cache", plain.Header().Get("Cache-Control"))
		require.Equal(t, "Accept-Encoding", plain.Header().Get("Vary"))
		require.Equal(t, "nosniff", plain.Header().Get("X-Content-Type-Options"))
		require.Empty(t, plain.Header().Get("Content-Encoding"))

		packed := get(api, path, "Accept-Encoding", "br, gzip;q=0.5")
		require.NotEqual(t, plain.Header().Get("ETag"), packed.Header().Get("ETag"))
		require.Equal(t, plain.Body.String(), unpack(t, packed))

		for _, w := range []*httptest.ResponseRecorder{plain, packed} {
			again := get(api, path, "If-None-Match", w.Header().Get("ETag"), "Accept-Encoding", map[bool]string{true: "gzip", false: "identity"}[w == packed])
			require.Equal(t, http.StatusNotModified, again.Code)
			require.Empty(t, again.Body.String())
		}
		require.Equal(t, 405, func() int {
			w := httptest.NewRecorder()
			api.ServeHTTP(w, httptest.NewRequest("POST", path, nil))
			return w.Code
		}())
	}
}

func TestEncodings(t *testing.T) {
	api := fixture()
	docs.Mount(api, nil)
	for accept, packed := range map[string]bool{
		"gzip": true, "GZIP": true, "*": true, "gzip;q=1": true, "gzip; q=0.01": true, "br, *;q=0.1": true,
		"*;q=0, gzip": true, "identity;q=0, gzip;Q=0.5": true, "*, gzip;q=0": false, "gzip;Q=0": false, "*;q=0": false,
		"": false, "br": false, "identity": false, "gzip;q=0": false, "gzip;q=0.000": false,
	} {
		got := get(api, "/openapi.json", "Accept-Encoding", accept)
		require.Equal(t, packed, got.Header().Get("Content-Encoding") == "gzip", accept)
	}
}

func TestThePageIsUnderItsPolicy(t *testing.T) {
	api := fixture()
	docs.Mount(api, nil)
	page := get(api, "/docs")
	require.Equal(t, ui.Policy, page.Header().Get("Content-Security-Policy"))
	require.Equal(t, "no-referrer", page.Header().Get("Referrer-Policy"))
	require.NotContains(t, ui.Policy, "unsafe")
	require.NotContains(t, ui.Policy, "http")
	require.Equal(t, 2, strings.Count(page.Body.String(), "</script>"), "no text ends a script early")
	require.False(t, strings.Contains(page.Body.String(), "docs_test"), "the page knows nothing of the API but where its document is")
}

func TestNothingIsServedWithoutMount(t *testing.T) {
	for _, path := range []string{"/openapi.json", "/openapi.yaml", "/docs"} {
		require.Equal(t, 404, get(fixture(), path).Code)
	}
}

func TestEndpointsAfterMountAreInTheDocument(t *testing.T) {
	api := typed.New("A", "1", nil)
	docs.Mount(api, nil)
	typed.Handle(api, "GET /late", answer[typed.None, string])
	body := get(api, "/openapi.json").Body.String()
	require.Contains(t, body, `"/late"`)
	require.NotContains(t, body, `"/docs"`)
}

// counted counts how often its schema is asked for.
type counted struct{ A int }

var schemasAsked atomic.Int32

func (counted) JSONSchema() string { schemasAsked.Add(1); return `{"type":"object"}` }

func TestTheDocumentOfMountIsTheOneThatIsServed(t *testing.T) {
	api := typed.New("A", "1", nil)
	typed.Handle(api, "GET /counted", answer[typed.None, counted])
	docs.Mount(api, nil)
	asked := schemasAsked.Load()
	require.NotZero(t, asked)
	for _, path := range []string{"/openapi.json", "/openapi.yaml", "/openapi.json"} {
		require.Contains(t, get(api, path).Body.String(), "getCounted")
	}
	require.Equal(t, asked, schemasAsked.Load())
}

// Opaque encodes itself and does not say how.
type Opaque struct{}

func (Opaque) MarshalJSON() ([]byte, error) { return []byte("1"), nil }

func TestUnknownTypesFailAtStart(t *testing.T) {
	api := typed.New("A", "1", nil)
	typed.Handle(api, "GET /a", answer[typed.None, Opaque])
	_, err := docs.OpenAPI(api, nil)
	require.ErrorContains(t, err, "docs: type docs_test.Opaque: its JSON form is in its own method and cannot be known: add a method JSONSchema() string")
	require.Panics(t, func() { docs.Mount(api, nil) })
	named := &docs.Options{Types: map[reflect.Type]*openapi.Schema{reflect.TypeFor[Opaque](): {Type: []string{"integer"}}}}
	_, err = docs.OpenAPI(api, named)
	require.NoError(t, err)

	late := typed.New("A", "1", &typed.Options{OnError: nil})
	docs.Mount(late, nil)
	typed.Handle(late, "GET /a", answer[typed.None, Opaque])
	require.Equal(t, 500, get(late, "/openapi.json").Code)
	require.Equal(t, 500, get(late, "/openapi.yaml").Code)
	var r recorder
	docs.Golden(&r, late, "testdata/none.json")
	require.Contains(t, r.String(), "fatal: docs: type docs_test.Opaque")
}

func TestGolden(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "openapi.json")
	var r recorder
	docs.Golden(&r, fixture(), path)
	require.Contains(t, r.String(), "does not exist: run the test with -update")
	t.Setenv("GOLDEN_UPDATE", "1")
	r = recorder{}
	docs.Golden(&r, fixture(), path)
	require.Contains(t, r.String(), "was rewritten")
	t.Setenv("GOLDEN_UPDATE", "")
	r = recorder{}
	docs.Golden(&r, fixture(), path)
	require.Empty(t, r.String())

	changed := fixture()
	typed.Handle(changed, "PUT /items", answer[List, []Item], typed.Tags("all", "new"))
	docs.Golden(&r, changed, path)
	require.Contains(t, r.String(), "PUT /items: was added")
	require.Contains(t, r.String(), "tags, new: was added")
	require.Contains(t, r.String(), "Run the test with -update to accept this.")
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Mkdir(path, 0o755))
	r = recorder{}
	docs.Golden(&r, fixture(), path)
	require.Contains(t, r.String(), "fatal")
	t.Setenv("GOLDEN_UPDATE", "1")
	r = recorder{}
	docs.Golden(&r, fixture(), path)
	require.Contains(t, r.String(), "fatal")
}

func TestGoldenSaysWhatChanged(t *testing.T) {
	doc, err := docs.OpenAPI(fixture(), nil)
	require.NoError(t, err)
	text, err := doc.JSON()
	require.NoError(t, err)
	for _, c := range []struct{ old, new, want string }{
		{`"maximum":100`, `"maximum":50`, "GET /items, parameters, limit, schema, maximum: was 50, is 100"},
		{`"maxLength":50`, `"maxLength":40`, "schema ItemInput, property name, maxLength: was 40, is 50"},
		{`"required":["id","name","made","kids"]`, `"required":["id","gone"]`, `schema Item, required: has "name" now`},
		{`"required":["id","name","made","kids"]`, `"required":["id","gone"]`, `schema Item, required: no longer has "gone"`},
		{`"deprecated":true,`, ``, ""},
		{`,"deprecated":true`, ``, "DELETE /items/{id}, deprecated: is true now"},
		{`"title":"Items"`, `"title":"Things"`, `info, title: was "Things", is "Items"`},
		{`"summary":"List",`, `"summary":"List","x":{"a":[1]},`, "GET /items, x: was removed"},
		{`"servers":[{"url":"/"}]`, `"servers":[{"url":"/"},{"url":"/b"}]`, "servers, 2: was removed"},
		{`"servers":[{"url":"/"}]`, `"servers":[]`, "servers, 1: was added"},
	} {
		if !strings.Contains(string(text), c.old) {
			require.Empty(t, c.want, c.old)
			continue
		}
		path := filepath.Join(t.TempDir(), "openapi.json")
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), c.old, c.new, 1)), 0o644))
		var r recorder
		docs.Golden(&r, fixture(), path)
		require.Contains(t, r.String(), c.want)
	}
	path := filepath.Join(t.TempDir(), "openapi.json")
	for content, want := range map[string]string{
		"{": "the file is no JSON", string(text): "only the order or the white space differs", "1": "the document: was 1, is {",
		`{"paths":{"/x":{"get":{}}}}`: "path /x: was removed",
	} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
		var r recorder
		docs.Golden(&r, fixture(), path)
		require.Contains(t, r.String(), want)
	}
}
