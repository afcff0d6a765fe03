package judges

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/typed"
)

// judged are the documents that every judge gets: the one with every feature and
// that of streams and files, in all versions of the specification, and the committed ones
// of the examples.
func judged(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, version := range []string{"3.0", "3.1", "3.2"} {
		opts := everyOptions("")
		opts.Version = version
		text, err := mustDocument(t, everyAPI(""), opts).JSON()
		require.NoError(t, err)
		out["every-"+version+".json"] = text
		opts = everyOptions("")
		opts.Version, opts.Components, opts.SecuritySchemes, opts.Security = version, nil, nil, nil
		text, err = mustDocument(t, streamsAPI(), opts).JSON()
		require.NoError(t, err)
		out["streams-"+version+".json"] = text
	}
	examples, err := filepath.Glob("../../examples/*/openapi.json")
	require.NoError(t, err)
	for _, path := range examples {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		out[filepath.Base(filepath.Dir(path))+".json"] = text
	}
	return out
}

func mustDocument(t *testing.T, api *typed.API, opts *docs.Options) *openapi.Document {
	t.Helper()
	doc, err := docs.OpenAPI(api, opts)
	require.NoError(t, err)
	return doc
}

// TestLinters wants no error and no warning. The tools take seconds to start, so each
// starts once.
func TestLinters(t *testing.T) {
	docs := judged(t)
	dir := t.TempDir()
	var paths []string
	for name, doc := range docs {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, doc, 0o644))
		paths = append(paths, path)
		t.Run("kin-openapi/"+name, func(t *testing.T) {
			loaded, err := openapi3.NewLoader().LoadFromData(doc)
			require.NoError(t, err)
			require.NoError(t, loaded.Validate(t.Context()))
		})
	}
	t.Run("spectral", func(t *testing.T) {
		args := []string{bin("@stoplight", "spectral-cli", "dist", "index.js"), "lint", "--ruleset", ".spectral.yaml", "--fail-severity", "hint"}
		out, err := node(t, nil, append(args, paths...)...)
		require.NoError(t, err, indent(out))
	})
	t.Run("redocly", func(t *testing.T) {
		args := []string{bin("@redocly", "cli", "bin", "cli.js"), "lint", "--config", "redocly.yaml", "--format", "json"}
		out, err := node(t, nil, append(args, paths...)...)
		require.NoError(t, err, indent(out))
		totals := regexp.MustCompile(`"errors": (\d+),\s+"warnings": (\d+)`).FindAllStringSubmatch(out, -1)
		require.Len(t, totals, len(paths), indent(out))
		for _, total := range totals {
			require.Equal(t, []string{"0", "0"}, total[1:], indent(out))
		}
	})
	t.Run("seriousme", func(t *testing.T) {
		out, err := node(t, nil, append([]string{"seriousme.mjs"}, paths...)...)
		require.NoError(t, err, indent(out))
	})
	t.Logf("%d documents", len(docs))
}
