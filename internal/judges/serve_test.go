package judges

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serve runs an example that has a document, and returns where its API is: an example may
// have a base path.
func serve(t *testing.T, dir string) (url string) {
	t.Helper()
	origin := launch(t, build(t, dir))
	for _, base := range []string{"", "/api"} {
		res, err := http.Get(origin + base + "/openapi.json")
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		if res.StatusCode == http.StatusOK {
			return origin + base
		}
	}
	t.Fatal(dir, " has no document")
	return ""
}

// build builds an example, and returns the path of its program.
func build(t *testing.T, dir string) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "example")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", program, ".")
	build.Dir = dir
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

// launch runs an example on a free port, with these flags beside -addr, until the test ends.
func launch(t *testing.T, program string, flags ...string) (origin string) {
	t.Helper()
	addr := freeAddr(t)
	example := exec.Command(program, append([]string{"-addr", addr}, flags...)...)
	require.NoError(t, example.Start())
	t.Cleanup(func() {
		_ = example.Process.Kill()
		_ = example.Wait()
	})
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", addr)
		return err == nil && conn.Close() == nil
	}, 20*time.Second, 50*time.Millisecond)
	return "http://" + addr
}

// freeAddr is an address that a program can listen on. Its port is below those that the
// system hands out to whoever asks for any, of which another could get it before the program.
func freeAddr(t *testing.T) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprint("127.0.0.1:", 10_000+rand.IntN(20_000))
		if l, err := net.Listen("tcp", addr); err == nil {
			_ = l.Close()
			return addr
		}
	}
	t.Fatal("no port is free")
	return ""
}
