package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/examples/internal/smoke"
)

func TestMain(m *testing.M) { smoke.Main(m, main) }

func TestFiles(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("no curl")
	}
	for _, router := range []string{"nethttp", "chi", "gin", "echo", "fiber"} {
		t.Run(router, func(t *testing.T) { walk(t, smoke.Start(t, "-router", router), curl) })
	}
}

// curl sends two files by a form, and goes on with a download in the middle.
func walk(t *testing.T, program *smoke.Program, curl string) {
	dir := t.TempDir()
	picture := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte("picture"), 20_000)...)
	file := filepath.Join(dir, "cät.png")
	require.NoError(t, os.WriteFile(file, picture, 0o600))
	run := func(args ...string) string {
		out, err := exec.Command(curl, append([]string{"-sS"}, args...)...).CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	require.Equal(t, `[{"id":1,"title":"Cat","name":"cät.png","type":"image/png","size":140008},{"id":2,"title":"Cat","name":"cät.png","type":"image/png","size":140008}]`,
		run(program.URL+"/pictures", "-F", "title=Cat", "-F", "picture=@"+file, "-F", "picture=@"+file))
	require.Contains(t, run(program.URL+"/pictures", "-F", "title=Cat", "-F", "picture=@main.go"), `"name":"picture"`)

	half := filepath.Join(dir, "half")
	require.NoError(t, os.WriteFile(half, picture[:70_000], 0o600))
	require.Contains(t, run("-D", "-", "-C", "-", "-o", half, program.URL+"/pictures/2"), "Content-Range: bytes 70000-140007/140008")
	whole, err := os.ReadFile(half)
	require.NoError(t, err)
	require.True(t, bytes.Equal(picture, whole))

	const lines = `{"id":1,"title":"Cat","name":"cät.png","type":"image/png","size":140008}` + "\n"
	exported := run(program.URL + "/pictures.ndjson")
	require.Contains(t, exported, lines)
	require.Contains(t, run(program.URL+"/pictures.csv"), "1,Cat,cät.png,image/png,140008\n")
	require.Equal(t, "2", run(program.URL+"/pictures.ndjson", "-H", "Content-Type: application/x-ndjson", "--data-binary", exported))
	require.Equal(t, 404, program.Do(t, "GET", "/pictures/3", "").Status)
	require.Equal(t, 422, program.Do(t, "POST", "/pictures.ndjson", lines+`{"id":1}`, "Content-Type", "application/x-ndjson").Status)
	require.Contains(t, program.Do(t, "GET", "/", "").Body, "multipart/form-data")
}
