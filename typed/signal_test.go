package typed_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

// serveVariable makes the test binary the server of TestSecondSignal, or of testRollout.
const serveVariable = "APIROUTES_TEST_SERVE"

// serveForever serves a request that never ends, and says where.
func serveForever() error {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /hang", func(context.Context, typed.None, *typed.Response[string]) (typed.Answer, error) {
		fmt.Println("hanging")
		select {}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	return typed.ServeListener(context.Background(), l, api)
}

// TestSecondSignal has a process drain, which a request that hangs would make it do
// for 25 seconds, and then tells it again.
func TestSecondSignal(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), serveVariable+"=forever")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	addr := lines.Text()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if res, err := http.Get("http://" + addr + "/hang"); err == nil {
			_ = res.Body.Close()
		}
	}()
	require.True(t, lines.Scan(), "the request has arrived")
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool { // until it takes no more connections
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, 10*time.Second, 5*time.Millisecond)
	start := time.Now()
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	err = cmd.Wait()
	exit, ok := err.(*exec.ExitError)
	require.True(t, ok, "%v", err)
	status, ok := exit.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.True(t, status.Signaled() && status.Signal() == syscall.SIGTERM, "%v", exit)
	require.Less(t, time.Since(start), 10*time.Second)
	<-gone
}
