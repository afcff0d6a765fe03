package judges

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTypeScriptClient generates types by openapi-typescript and has tsc check them, and a
// client of one document: right calls compile, wrong ones do not. tsc takes seconds to
// start, so it starts once.
func TestTypeScriptClient(t *testing.T) {
	needNode(t)
	dir, err := os.MkdirTemp(".", "client-") // below node_modules, for openapi-fetch, and tsconfig.json
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for name, doc := range judged(t) {
		t.Run(name, func(t *testing.T) {
			out, err := node(t, nil, bin("openapi-typescript", "bin", "cli.js"), write(t, name, doc), "-o", filepath.Join(dir, name, "generated.ts"))
			if name == "streams-3.2.json" {
				require.Contains(t, out, "Property `itemSchema` is not expected here.", "it has learnt 3.2: drop this") // why 3.1 is the default
				return
			}
			require.NoError(t, err, indent(out))
		})
	}
	client, err := os.ReadFile("client.ts")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "every-3.1.json", "client.ts"), client, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tsconfig.json"), []byte(`{ "extends": "../tsconfig.json" }`), 0o644))
	out, err := node(t, nil, bin("typescript", "bin", "tsc"), "--noEmit", "-p", dir)
	require.NoError(t, err, indent(out))
}

// TestGoClient generates a client by oapi-codegen, which knows OpenAPI 3.0 best, builds
// it and has it send requests to the API that the document describes.
func TestGoClient(t *testing.T) {
	// Within the module, for the imports of the client, and where ./... does not look.
	dir, err := os.MkdirTemp("testdata", "client-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	doc := write(t, "openapi.json", judged(t)["every-3.0.json"])
	program, err := os.ReadFile("testdata/goclient/main.go.txt")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), program, 0o644))

	generate := exec.Command("go", "tool", "oapi-codegen", "-generate", "types,client", "-package", "main", "-o", filepath.Join(dir, "client.go"), doc)
	out, err := generate.CombinedOutput()
	require.NoError(t, err, string(out))

	server := httptest.NewServer(everyAPI(""))
	t.Cleanup(server.Close)
	// Built first: what the go command prints, such as the modules that it downloads, is
	// no part of what the program prints.
	client := filepath.Join(t.TempDir(), "client")
	out, err = exec.Command("go", "build", "-ldflags=-s -w", "-o", client, "./"+dir).CombinedOutput()
	require.NoError(t, err, string(out))
	out, err = exec.Command(client, server.URL+"/api/v1").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "round trip complete\n", string(out))
}
