package judges

import (
	"bytes"
	"context"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/typed"
)

// content is what the clients of transfer/ and testdata/transfer send and want back.
func content() []byte {
	b := make([]byte, 200_000)
	for i := range b {
		b[i] = byte(i * i >> 3)
	}
	return b
}

// received says what a client has sent.
type received struct {
	Title string `json:"title"`
	Whole int    `json:"whole"` // how many files have arrived as they should
}

// transferAPI takes files in a form, takes one as it is, and gives it back.
func transferAPI() *typed.API {
	want := content()
	whole := func(r io.Reader, err error) (int, error) {
		if err != nil {
			return 0, err
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(want, got) {
			return 0, err
		}
		return 1, nil
	}
	api := typed.New("Transfer", "1", nil)
	typed.Handle(api, "POST /form", typed.Func(func(_ context.Context, in struct {
		Title string       `form:"title" validate:"required"`
		File  typed.File   `form:"file" maxsize:"1MB" validate:"required"`
		More  []typed.File `form:"more" maxsize:"1MB" validate:"max=3"`
	}) (received, error) {
		out := received{Title: in.Title}
		for _, f := range append([]typed.File{in.File}, in.More...) {
			n, err := whole(f.Open())
			if err != nil {
				return out, err
			}
			out.Whole += n
		}
		return out, nil
	}))
	typed.Handle(api, "PUT /raw", typed.Func(func(_ context.Context, in struct {
		Body io.Reader `body:""`
	}) (received, error) {
		n, err := whole(in.Body, nil)
		return received{Whole: n}, err
	}))
	typed.Handle(api, "GET /download", typed.Func(func(context.Context, typed.None) (typed.Content, error) {
		return typed.Content{Name: "content.bin", Type: "application/octet-stream", Body: bytes.NewReader(want)}, nil
	}), typed.Produces("application/octet-stream"))
	return api
}

// transferred is what each client prints.
const transferred = `{"form":{"title":"Fär","whole":3},"raw":{"title":"","whole":1},"download":true}` + "\n"

// transferDocument writes the document of transferAPI, and returns its path.
func transferDocument(t *testing.T, version string) string {
	t.Helper()
	text, err := mustDocument(t, transferAPI(), &docs.Options{Version: version}).JSON()
	require.NoError(t, err)
	return write(t, "openapi.json", text)
}

// What four generators make of the document in TypeScript uploads files, and downloads the
// same bytes. docs/guide/files.md has what they cannot do.
func TestTransferInTypeScript(t *testing.T) {
	server := httptest.NewServer(transferAPI())
	t.Cleanup(server.Close)
	doc := transferDocument(t, "3.1")
	dir, err := os.MkdirTemp(".", "client-") // below node_modules, and tsconfig.json
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	generators := map[string]struct {
		command []string
		want    string
	}{
		"openapi-fetch":          {[]string{bin("openapi-typescript", "bin", "cli.js"), doc, "-o", filepath.Join(dir, "openapi-fetch", "generated.ts")}, transferred},
		"hey-api":                {[]string{bin("@hey-api", "openapi-ts", "bin", "run.js"), "-i", doc, "-o", filepath.Join(dir, "hey-api", "generated")}, transferred},
		"oazapfts":               {[]string{bin("oazapfts", "dist", "cli.js"), doc, filepath.Join(dir, "oazapfts", "generated.ts")}, transferred},
		"swagger-typescript-api": {[]string{bin("swagger-typescript-api", "dist", "cli.mjs"), "generate", "-p", doc, "-o", filepath.Join(dir, "swagger-typescript-api"), "-n", "generated.ts"}, strings.Replace(transferred, `"title":"","whole":1`, `"title":"","whole":0`, 1)},
	}
	for name, g := range generators {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o755))
		out, err := node(t, nil, g.command...)
		require.NoErrorf(t, err, "%s: %s", name, indent(out))
	}
	require.NoError(t, os.CopyFS(dir, os.DirFS("transfer")))
	out, err := node(t, nil, bin("typescript", "bin", "tsc"), "-p", dir)
	require.NoError(t, err, indent(out))
	for name, g := range generators {
		t.Run(name, func(t *testing.T) {
			out, err := node(t, nil, filepath.Join(dir, name+".js"), server.URL)
			require.NoError(t, err, indent(out))
			require.Equal(t, g.want, out)
		})
	}
}

// The same with clients of oapi-codegen and ogen, in Go. Both know OpenAPI 3.0 best.
func TestTransferInGo(t *testing.T) {
	server := httptest.NewServer(transferAPI())
	t.Cleanup(server.Close)
	doc := transferDocument(t, "3.0")
	for name, generate := range map[string]func(dir string) []string{
		"oapi-codegen": func(dir string) []string {
			return []string{"oapi-codegen", "-generate", "types,client", "-package", "main", "-o", filepath.Join(dir, "client.go"), doc}
		},
		"ogen": func(dir string) []string {
			return []string{"ogen", "-target", dir, "-package", "main", "-config", "testdata/transfer/ogen.yml", doc}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("testdata", "client-")
			require.NoError(t, err)
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			program, err := os.ReadFile(filepath.Join("testdata", "transfer", name+".go.txt"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), program, 0o644))
			out, err := exec.Command("go", append([]string{"tool"}, generate(dir)...)...).CombinedOutput()
			require.NoError(t, err, string(out))
			client := filepath.Join(t.TempDir(), "client")
			out, err = exec.Command("go", "build", "-ldflags=-s -w", "-o", client, "./"+dir).CombinedOutput()
			require.NoError(t, err, string(out))
			out, err = exec.Command(client, server.URL).CombinedOutput()
			require.NoError(t, err, string(out))
			require.Equal(t, transferred, string(out))
		})
	}
}

// ogen has no function for a form whose file has media types of its own. The guide says so.
func TestTransferWithAccept(t *testing.T) {
	doc := write(t, "openapi.json", judged(t)["streams-3.0.json"])
	out, err := exec.Command("go", "tool", "ogen", "-target", t.TempDir(), "-config", "testdata/transfer/ogen.yml", doc).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), `Feature "form content encoding" is not implemented yet.`)
}
