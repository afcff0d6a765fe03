package apiroutes_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/apiroutes/apiroutes"

// A layer is a package of this module and what it may import. A name that ends in
// "/..." covers the packages below it as well; the longest name that fits decides.
type layer struct {
	path     string
	internal []string // packages of this module; "/..." as above
	external []string // modules beside the standard library, by path prefix; "*" is any
}

// layers has imports pointing down only: adapter → typed → {bind, validate,
// respond/pagecache → respond} → wire, and docs → typed. A package that is not in
// the list fails the test, so that where it belongs is decided when it is made.
var layers = []layer{
	// Leaves: the standard library, or the one library that the package wraps.
	{path: "internal/syntax"},
	{path: "internal/fault"},
	{path: "internal/conditional"},
	{path: "internal/hook", internal: []string{"internal/..."}}, // names the types of its hooks
	{path: "internal/wire", internal: []string{"internal/syntax"}},
	{path: "internal/pattern", internal: []string{"internal/wire", "internal/syntax", "internal/fault"}},
	// What a presence type is: typed declares them, the codec reads and writes them.
	{path: "internal/presence"},
	{path: "internal/jsonx/...", internal: []string{"internal/syntax", "internal/fault", "internal/presence"}, external: []string{"github.com/go-json-experiment/json"}},

	// Files of requests, and the framing that they come in: typed declares them, bind fills them.
	{path: "internal/upload/...", internal: []string{"internal/syntax"}},

	// The seam between typed and the page cache.
	{path: "internal/pages", internal: []string{"internal/wire", "internal/pattern", "internal/fault"}},
	// What an answer says, and its way to the wire; respond is what users see of it.
	// The wire format of events and lines, for those who send and those who read them.
	{path: "internal/stream", internal: []string{"internal/fault"}},
	{path: "internal/answer", internal: []string{"internal/wire", "internal/stream", "internal/conditional", "internal/syntax", "internal/fault"}},
	{path: "respond", internal: []string{"internal/answer", "internal/wire", "internal/syntax", "internal/fault", "internal/hook"}},
	{path: "respond/pagecache/...",
		internal: []string{"respond/...", "internal/pages", "internal/jsonx", "internal/wire", "internal/conditional", "internal/syntax", "internal/fault", "internal/hook"},
		external: []string{"github.com/maypok86/otter/v2"}},
	{path: "respond/pagecache/storetest/...",
		internal: []string{"respond/..."},
		external: []string{"github.com/google/go-cmp", "github.com/stretchr/testify"}}, // a suite for other people's tests
	{path: "respond/pagecache/diskstore/...", internal: []string{"respond/..."}, external: []string{"*"}},
	{path: "respond/pagecache/redisstore/...", internal: []string{"respond/..."}, external: []string{"*"}},

	// The tag model, the audit and the compiled rules; validate is what users see of them.
	{path: "internal/rules/...", internal: []string{"internal/syntax", "internal/fault", "internal/hook", "internal/presence"}, external: []string{"github.com/go-playground/", "github.com/gabriel-vasile/mimetype"}},
	{path: "validate/...", internal: []string{"internal/rules", "internal/hook"}, external: []string{"github.com/go-playground/"}},

	{path: "internal/bind/...", internal: []string{"internal/upload", "internal/wire", "internal/stream", "internal/pattern", "internal/jsonx/...", "internal/presence", "internal/syntax", "internal/fault", "respond"}},
	// The model of a type's schema reads the model of the tags.
	// It writes them in the terms of docs/openapi, a leaf that knows nothing of handlers.
	{path: "docs/openapi", internal: []string{"internal/syntax"}},
	{path: "internal/schema/...", internal: []string{"docs/openapi", "internal/syntax", "internal/fault", "internal/hook", "internal/jsonx/...", "internal/presence", "internal/bind/...", "internal/rules/..."}},

	{path: "typed", internal: []string{"docs/openapi", // a scheme may be described in its terms
		"internal/answer", "internal/upload", "internal/pages", "internal/wire", "internal/stream", "internal/pattern", "internal/bind/...", "internal/jsonx/...", "internal/presence", "internal/schema/...",
		"internal/syntax", "internal/fault", "internal/hook",
		"internal/rules", "validate", "respond", "respond/pagecache"}},

	// The inverse of binding and answering: it reads the same plans.
	{path: "typed/client", internal: []string{"typed", "respond",
		"internal/bind", "internal/answer", "internal/stream", "internal/jsonx", "internal/pattern", "internal/syntax", "internal/fault", "internal/hook"}},

	// Requests that an API's own document makes up, judged by another engine.
	{path: "typed/typedtest", internal: []string{"typed", "typed/client", "respond", "docs", "docs/openapi", "internal/bind", "internal/hook", "internal/rules"}, external: []string{"*"}},

	{path: "docs/...", internal: []string{
		"docs/...", "typed", "respond", "internal/answer", "internal/stream", "internal/rules/...", "internal/schema/...", "internal/jsonx/...", "internal/bind/...",
		"internal/syntax", "internal/fault", "internal/hook"}},

	// Changes of a document, judged by other people's rules, and the Go fields of requests,
	// answers and streams that they come from.
	{path: "docs/compat/...", internal: []string{"docs", "typed", "internal/answer", "internal/stream", "internal/bind", "internal/jsonx/...", "internal/hook"}, external: []string{"*"}},

	{path: "adapter/adaptertest/...",
		internal: []string{"typed", "typed/client", "respond", "validate", "adapter/adaptertest/...", "docs", "docs/openapi", "respond/pagecache"},
		external: []string{"github.com/google/go-cmp", "github.com/stretchr/testify"}},
	{path: "adapter/...", internal: []string{"typed", "respond", "internal/wire", "internal/syntax", "internal/hook"}, external: []string{"*"}},
	// A tool has the schemas of the document, and needs to know where each argument goes.
	{path: "adapter/mcpadapter/...",
		internal: []string{"typed", "respond", "docs", "docs/openapi", "internal/bind", "internal/pattern", "internal/syntax", "internal/fault", "internal/hook"},
		external: []string{"*"}},

	// What judges the rest from outside: nothing may know it, so it may know anything.
	{path: "internal/judges/...", internal: []string{
		"typed", "respond/...", "validate", "docs/...", "internal/...", "adapter/...", "examples/..."}, external: []string{"*"}},

	// Examples use what users can use: nothing internal but their own test harness.
	{path: "examples/...", internal: []string{
		"typed/...", "respond/...", "validate", "docs/...", "adapter/...", "examples/..."}, external: []string{"*"}},
}

// requirements is everything that a user of the root module inherits by choice.
// No router, database client or file store is among them: those are modules of
// their own.
var requirements = map[string]string{
	"github.com/go-json-experiment/json":       "JSON codec, behind internal/jsonx",
	"github.com/go-playground/validator/v10":   "judge of validate tags",
	"github.com/maypok86/otter/v2":             "memory store of the page cache",
	"github.com/google/go-cmp":                 "tests",
	"github.com/stretchr/testify":              "tests",
	"go.uber.org/goleak":                       "tests",
	"github.com/santhosh-tekuri/jsonschema/v6": "tests: the second opinion on schemas",
	"github.com/getkin/kin-openapi":            "tests: the second opinion on documents",
}

// forbidden may not reach the root module by way of another requirement either.
var forbidden = []string{
	"github.com/go-chi/", "github.com/gin-gonic/", "github.com/labstack/", "github.com/gofiber/", "github.com/valyala/fasthttp",
	"go.etcd.io/", "github.com/redis/", "github.com/danielgtaylor/", "github.com/modelcontextprotocol/", "github.com/oasdiff/",
}

func TestLayers(t *testing.T) {
	edges := 0
	for _, pkg := range listPackages(t, "work") {
		path, ok := strings.CutPrefix(pkg.ImportPath, module+"/")
		if !ok {
			continue // the root itself, which holds tests only
		}
		l, ok := layerOf(path)
		if !ok {
			t.Errorf("%s is in no layer: add it to layers, with what it may import", path)
			continue
		}
		for _, imported := range pkg.Imports {
			if why, allowed := l.allows(imported); !allowed {
				t.Errorf("%s imports %s: %s", path, imported, why)
			}
			edges++
		}
	}
	require.NotZero(t, edges, "go list found no import: the test tests nothing")
	t.Logf("%d imports checked", edges)
}

func TestRootRequiresLittle(t *testing.T) {
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	require.NoError(t, json.Unmarshal(run(t, "go", "mod", "edit", "-json"), &mod))
	require.NotEmpty(t, mod.Require)
	for _, r := range mod.Require {
		if _, ok := requirements[r.Path]; !ok && !r.Indirect {
			t.Errorf("go.mod requires %s: users inherit it, so it needs a reason in requirements", r.Path)
		}
		for _, prefix := range forbidden {
			if strings.HasPrefix(r.Path, prefix) {
				t.Errorf("go.mod names %s: what needs it is a module of its own", r.Path)
			}
		}
	}
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T, patterns ...string) []goPackage {
	t.Helper()
	args := append([]string{"list", "-json=ImportPath,Imports"}, patterns...)
	dec := json.NewDecoder(strings.NewReader(string(run(t, "go", args...))))
	var pkgs []goPackage
	for {
		var p goPackage
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return pkgs
		}
		require.NoError(t, err)
		pkgs = append(pkgs, p)
	}
}

func layerOf(path string) (layer, bool) {
	var best layer
	found := false
	for _, l := range layers {
		if covers(l.path, path) && (!found || len(l.path) > len(best.path)) {
			best, found = l, true
		}
	}
	return best, found
}

func (l layer) allows(imported string) (why string, ok bool) {
	if path, inside := strings.CutPrefix(imported, module+"/"); inside {
		self := covers(l.path, path) && strings.HasSuffix(l.path, "/...")
		listed := slices.ContainsFunc(l.internal, func(p string) bool { return covers(p, path) })
		return "the layer " + l.path + " may not know it", self || listed
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return "", true // the standard library
	}
	listed := slices.ContainsFunc(l.external, func(p string) bool {
		return p == "*" || strings.HasPrefix(imported, p)
	})
	return "the layer " + l.path + " has no such library", listed
}

// covers reports whether path is pattern, or below a pattern that ends in "/...".
func covers(pattern, path string) bool {
	prefix, below := strings.CutSuffix(pattern, "/...")
	return path == prefix || below && strings.HasPrefix(path, prefix+"/")
}

func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoErrorf(t, err, "%s %s\n%s", name, strings.Join(args, " "), stderr.String())
	return out
}
