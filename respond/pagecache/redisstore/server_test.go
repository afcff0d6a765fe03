package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache/redisstore"
)

// servers are the programs that the tests run against, where they are installed.
func servers(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		t.Skip("neither redis-server nor valkey-server is installed (Debian: apt-get install redis-server)")
	}
	return found
}

// server is a Redis or Valkey server of the test's own.
type server struct {
	t    testing.TB
	path string
	args []string
	dir  string
	addr string
	cmd  *exec.Cmd
}

// startServer starts one without persistence, unless args say otherwise.
func startServer(t testing.TB, path string, args ...string) *server {
	t.Helper()
	s := &server{t: t, path: path, args: args, dir: t.TempDir(), addr: freeAddr(t)}
	s.start()
	t.Cleanup(s.kill)
	return s
}

func startRedis(t *testing.T, args ...string) *server {
	t.Helper()
	return startServer(t, servers(t)[0], args...)
}

func (s *server) start() {
	s.t.Helper()
	_, port, _ := net.SplitHostPort(s.addr)
	args := append([]string{"--port", port, "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--loglevel", "warning",
		"--repl-diskless-sync-delay", "0"}, s.args...)
	s.cmd = exec.Command(s.path, args...)
	s.cmd.Stdout, s.cmd.Stderr = io.Discard, io.Discard
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(s.t, s.cmd.Start())
	s.await()
}

// await returns when the server answers.
func (s *server) await() {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		answer, err := s.try("PING")
		return err == nil && (answer == "PONG" || strings.Contains(answer, "NOAUTH") || strings.Contains(answer, "NOPERM"))
	}, 20*time.Second, 20*time.Millisecond, "the server does not start")
}

func (s *server) kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

func (s *server) signal(sig syscall.Signal) { require.NoError(s.t, s.cmd.Process.Signal(sig)) }

// do sends a command and returns the answer.
func (s *server) do(args ...string) string {
	s.t.Helper()
	answer, err := s.try(args...)
	require.NoError(s.t, err, "%v", args)
	require.NotRegexp(s.t, "^(ERR|NOAUTH|NOPERM|WRONGTYPE|OOM|READONLY) ", answer, "%v", args)
	return answer
}

// try sends a command over a connection of its own, and returns the first line of the
// answer without its type, or the text of a bulk string.
func (s *server) try(args ...string) (string, error) {
	c, err := net.DialTimeout("tcp", s.addr, time.Second)
	if err != nil {
		return "", err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := io.WriteString(c, b.String()); err != nil {
		return "", err
	}
	buf := make([]byte, 0, 4096)
	for {
		if n := len(buf); n == cap(buf) {
			buf = append(buf, 0)[:n]
		}
		n, err := c.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err != nil {
			return "", err
		}
		line, rest, ok := strings.Cut(string(buf), "\r\n")
		switch {
		case !ok:
		case line[0] != '$':
			return line[1:], nil
		case line == "$-1":
			return "", nil
		default:
			var size int
			if _, err := fmt.Sscanf(line, "$%d", &size); err != nil {
				return "", err
			}
			if len(rest) >= size {
				return rest[:size], nil
			}
		}
	}
}

// ports counts the ports that were given out, so that parallel tests get different ones.
var ports atomic.Int64

// freeAddr is an address whose port no connection is given by the system, so that a server
// which is restarted finds it free.
func freeAddr(t testing.TB) string {
	t.Helper()
	for range 1000 {
		addr := fmt.Sprint("127.0.0.1:", 20000+(int64(os.Getpid())*97+ports.Add(1))%12000)
		if l, err := net.Listen("tcp", addr); err == nil {
			l.Close()
			return addr
		}
	}
	t.Fatal("no port is free")
	return ""
}

func (s *server) option() rueidis.ClientOption {
	return rueidis.ClientOption{InitAddress: []string{s.addr}}
}

// open opens a store and waits for its first lease; the test closes it.
func open(t testing.TB, client rueidis.ClientOption, opts redisstore.Options) *redisstore.Store {
	t.Helper()
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Prefix == "" {
		opts.Prefix = "test"
	}
	if opts.Timeout == 0 {
		opts.Timeout = 5 * time.Second // what is tested is not how busy the machine is
	}
	s, err := redisstore.Open(client, &opts)
	require.NoError(t, err)
	ready(t, s)
	return s
}

func ready(t testing.TB, s *redisstore.Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := errors.New("never asked")
	for err != nil && ctx.Err() == nil {
		err = s.Ready(ctx)
	}
	require.NoError(t, err)
}

// logBook gathers what a store logs.
type logBook struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logBook) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// proof tells whether the long forms of the tests are asked for.
func proof() bool { return os.Getenv("APIROUTES_PROOF") == "1" }
