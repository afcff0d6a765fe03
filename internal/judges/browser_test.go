package judges

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/ui"
)

// visit says what to do with a page in the browser.
type visit struct {
	Executable  string `json:"executable"`
	URL         string `json:"url"`
	Scheme      string `json:"scheme,omitempty"`
	Send        string `json:"send,omitempty"`
	Screenshots string `json:"screenshots,omitempty"`

	Connects []string `json:"-"` // origins that the policy allows beside its own
}

// sight is what came of it.
type sight struct {
	Requests, Injected, ScriptLinks, Tabs      int
	Foreign, Messages, Operations              []string
	Policy, Title, Heading, Background, Answer string
}

// browser is Debian's Chromium.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "Chromium", "apt-get install chromium")
	return ""
}

// look opens a page in Chromium, headless. Whatever page it is, it asks no
// other origin for anything, has its policy and says nothing on the console.
func look(t *testing.T, v visit) sight {
	t.Helper()
	v.Executable = browser(t)
	input, err := json.Marshal(v)
	require.NoError(t, err)
	out, err := node(t, input, "browser.mjs")
	require.NoError(t, err, indent(out))
	var s sight
	require.NoError(t, json.Unmarshal([]byte(out), &s), out)
	require.NotZero(t, s.Requests)
	require.Empty(t, s.Foreign, "the page asked another origin")
	require.Empty(t, s.Messages, "the page complains on the console")
	require.Equal(t, ui.PolicyWith(v.Connects...), s.Policy)
	require.NotContains(t, s.Policy, "unsafe")
	return s
}

// everyOrigins are those that the document of the API with every feature names.
var everyOrigins = []string{"https://example.org"}

// TestPageInABrowser opens the page of the API with every feature and hostile texts,
// sends a request from it by keyboard alone, and reads the answer.
func TestPageInABrowser(t *testing.T) {
	var mu sync.Mutex
	var received []string
	api := everyAPI(nasty)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		received = append(received, r.Method+" "+r.URL.RequestURI())
		mu.Unlock()
		api.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s := look(t, visit{URL: server.URL + "/api/v1/docs", Send: "GET /products", Connects: everyOrigins})

	for _, want := range []string{"GET /products", "POST /products", "GET /products/{id}", "PATCH /products/{id}", "DELETE /products/{id}", "POST /contact", "PUT /files/{name}", "POST /webhook", "GET /levels"} {
		require.Contains(t, s.Operations, want)
	}
	require.NotContains(t, strings.Join(s.Operations, " "), "/secret")
	require.Equal(t, "Products"+nasty, s.Title, "hostile text stays text")
	require.Contains(t, s.Heading, nasty)
	require.Zero(t, s.Injected)
	require.Zero(t, s.ScriptLinks, "no link runs a script")
	require.Contains(t, s.Answer, "200")
	require.Contains(t, s.Answer, `"Chair"`)
	require.Contains(t, received, "GET /api/v1/products?limit=20&tag=a&within=1h&find%5Bname%5D=string") // the page fills in a sample of an object
	t.Logf("%d operations; the request took %d tabs", len(s.Operations), s.Tabs)
}

// TestPageFollowsTheColourScheme compares the page in light and in dark.
func TestPageFollowsTheColourScheme(t *testing.T) {
	server := httptest.NewServer(everyAPI(""))
	t.Cleanup(server.Close)
	url := server.URL + "/api/v1/docs"
	light, dark := look(t, visit{URL: url, Scheme: "light", Connects: everyOrigins}), look(t, visit{URL: url, Scheme: "dark", Connects: everyOrigins})
	require.Equal(t, "rgb(255, 255, 255)", light.Background)
	require.NotEqual(t, light.Background, dark.Background)
}

// TestExamplePages opens the page of each example, as its program serves it.
func TestExamplePages(t *testing.T) {
	for dir, operations := range examples(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			s := look(t, visit{URL: serve(t, dir) + "/docs"})
			require.ElementsMatch(t, operations, s.Operations)
		})
	}
}

// examples are the directories of the examples with a document, and its operations.
func examples(t *testing.T) map[string][]string {
	t.Helper()
	paths, err := filepath.Glob("../../examples/*/openapi.json")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	out := map[string][]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		var doc struct{ Paths map[string]map[string]any }
		require.NoError(t, json.Unmarshal(text, &doc))
		for p, item := range doc.Paths {
			for method := range item {
				out[filepath.Dir(path)] = append(out[filepath.Dir(path)], strings.ToUpper(method)+" "+p)
			}
		}
	}
	return out
}

// TestScreenshots takes the pictures of the guide of the quickstart's page, when
// APIROUTES_SCREENSHOTS names the directory to write them to: ../../docs/guide.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("APIROUTES_SCREENSHOTS")
	if dir == "" {
		t.Skip("APIROUTES_SCREENSHOTS names no directory to write to")
	}
	origin := serve(t, "../../examples/quickstart")
	for scheme, name := range map[string]string{"light": "docs-page", "dark": "docs-page-dark"} {
		look(t, visit{URL: origin + "/docs", Scheme: scheme, Send: "GET /users", Screenshots: filepath.Join(dir, name)})
	}
}
