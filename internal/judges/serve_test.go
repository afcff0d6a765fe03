package judges

import (
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serve builds and runs an example on a free port until the test ends. It returns where its
// API is: an example may have a base path.
func serve(t *testing.T, dir string) (url string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "example")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = dir
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := free.Addr().String()
	require.NoError(t, free.Close())
	run := exec.Command(program, "-addr", addr)
	require.NoError(t, run.Start())
	t.Cleanup(func() {
		_ = run.Process.Kill()
		_ = run.Wait()
	})
	require.Eventually(t, func() bool {
		for _, base := range []string{"", "/api"} {
			res, err := http.Get("http://" + addr + base + "/openapi.json")
			if err != nil {
				return false
			}
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				url = "http://" + addr + base
				return true
			}
		}
		return false
	}, 20*time.Second, 50*time.Millisecond)
	return url
}
