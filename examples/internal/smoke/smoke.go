// Package smoke runs an example program the way its user does: as a process of its
// own, on a real listener, ended by a signal.
package smoke

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// variable turns the test's own binary into the example program.
const variable = "APIROUTES_EXAMPLE"

// Main is the TestMain of an example: in the process that [Start] made it runs
// program, which is the example's main, instead of the tests.
func Main(m *testing.M, program func()) {
	if os.Getenv(variable) != "" {
		program()
		return
	}
	os.Exit(m.Run())
}

// A Program is a running example.
type Program struct {
	// URL is where it listens, without a slash at the end.
	URL string
}

// Start runs the example, with these flags beside -addr, until the test ends. It must then end by itself, and
// without an error, when it is sent SIGTERM.
func Start(t *testing.T, args ...string) *Program {
	t.Helper()
	addr := FreeAddr(t)
	self, err := os.Executable()
	require.NoError(t, err)
	var output bytes.Buffer
	cmd := exec.Command(self, append([]string{"-addr", addr}, args...)...)
	cmd.Env = append(os.Environ(), variable+"=1")
	cmd.Stdout, cmd.Stderr = &output, &output
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // fails when it has ended already, which is reported below
		select {
		case err := <-ended:
			require.NoErrorf(t, err, "the program ended with:\n%s", output.String())
			require.Contains(t, output.String(), "curl -i http://"+addr, "it says what to try")
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			t.Error("the program did not end within 10 s of SIGTERM")
		}
	})
	awaitListener(t, addr)
	return &Program{URL: "http://" + addr}
}

// An Answer is what came back, with the body read.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Do sends one request. A body is JSON unless header, pairs of name and value, says
// otherwise. Redirects are not followed.
func (p *Program) Do(t *testing.T, method, path, body string, header ...string) Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return Answer{Status: res.StatusCode, Header: res.Header, Body: string(text)}
}

// FreeAddr is an address that a program can listen on. Its port is below those that the
// system hands out to whoever asks for any, of which another could get it before the program.
func FreeAddr(t *testing.T) string {
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

func awaitListener(t *testing.T, addr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-ctx.Done():
			require.NoError(t, err, "the program does not listen")
		case <-time.After(5 * time.Millisecond):
		}
	}
}
