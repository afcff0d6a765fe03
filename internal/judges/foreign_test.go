package judges

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

// guarded is an API with an unsafe endpoint of each kind of request, by path, that counts
// which of its handlers ran.
type guarded struct {
	api *typed.API

	mu    sync.Mutex
	ran   map[string]int
	asked map[string]int // POST requests that came, whatever became of them
}

type named struct {
	Name string `json:"name"`
}

func unsafeEndpoint[Req any](g *guarded, path string, opts ...typed.Option) {
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		if method == "DELETE" && (path == "/form" || path == "/json") {
			continue // has no body to read members from
		}
		typed.Handle(g.api, method+" "+path, typed.Func(func(context.Context, Req) (string, error) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.ran[path]++
			return "done", nil
		}), opts...)
	}
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{api: typed.New("Guarded", "1", nil), ran: map[string]int{}, asked: map[string]int{}}
	unsafeEndpoint[typed.None](g, "/none")
	unsafeEndpoint[struct {
		Body *named `body:""`
	}](g, "/optional")
	unsafeEndpoint[struct {
		Body []byte `body:""`
	}](g, "/raw")
	unsafeEndpoint[struct {
		Name string `form:"name"`
	}](g, "/form")
	unsafeEndpoint[struct {
		Session string `cookie:"session"`
	}](g, "/cookie")
	unsafeEndpoint[struct {
		Name string `query:"name"`
	}](g, "/query")
	unsafeEndpoint[struct {
		Body named `body:""`
	}](g, "/text", typed.Accepts("text/plain"))
	unsafeEndpoint[named](g, "/json")
	return g
}

func (g *guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" {
		w.Header().Set("Content-Type", "text/html")
		return
	}
	if r.Method == http.MethodPost {
		g.mu.Lock()
		g.asked[r.URL.Path]++
		g.mu.Unlock()
	}
	g.api.ServeHTTP(w, r)
}

// attack has a page of url send everything that a page may to the endpoints at target.
func attack(t *testing.T, g *guarded, url, target string) {
	t.Helper()
	g.ran, g.asked = map[string]int{}, map[string]int{}
	var targets []string
	for op := range g.api.Operations() {
		if op.Method == "POST" {
			targets = append(targets, target+op.Path)
		}
	}
	input, err := json.Marshal(map[string]any{"executable": browser(t), "url": url, "targets": targets})
	require.NoError(t, err)
	out, err := node(t, input, "foreign.mjs")
	require.NoError(t, err, indent(out))
	var said struct{ Sent int }
	require.NoError(t, json.Unmarshal([]byte(out), &said), out)
	came := 0
	for _, n := range g.asked {
		came += n
	}
	require.GreaterOrEqual(t, came, said.Sent, "requests got lost")
	require.Len(t, g.asked, len(targets))
	t.Logf("%d requests of %s; handlers ran: %v", came, url, g.ran)
}

// No page of another site, nor of another origin of the same site, reaches an unsafe endpoint: not
// by a form of any media type, nor by fetch or a beacon. Its own pages do, and so do clients
// that are no browsers.
func TestOutside(t *testing.T) {
	browser(t)
	g := newGuarded(t)
	server, foreign := httptest.NewServer(g), httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
	}))
	t.Cleanup(server.Close)
	t.Cleanup(foreign.Close)
	other := func(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }
	for name, page := range map[string]string{"cross-site": other(foreign.URL), "same-site": foreign.URL} {
		t.Run("S1 a page is "+name, func(t *testing.T) {
			attack(t, g, page, server.URL)
			require.Empty(t, g.ran)
		})
	}
	t.Run("S1 a page of the same origin", func(t *testing.T) {
		attack(t, g, server.URL, server.URL)
		require.Equal(t, []string{"/cookie", "/form", "/json", "/none", "/optional", "/query", "/raw", "/text"}, slices.Sorted(maps.Keys(g.ran)))
	})
	t.Run("S1 a client without a browser's headers", func(t *testing.T) {
		g.ran = map[string]int{}
		for path, contentType := range map[string]string{"/none": "", "/raw": "text/plain", "/form": "application/x-www-form-urlencoded", "/cookie": "", "/query": "", "/json": "application/json", "/text": "text/plain", "/optional": "application/json"} {
			res, err := http.Post(server.URL+path, contentType, strings.NewReader(map[bool]string{true: "name=x", false: `{"name":"x"}`}[path == "/form"]))
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, http.StatusOK, res.StatusCode, path)
		}
		require.Len(t, g.ran, 8)
	})
}
