package typed_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

// rolloutLameDuck is short: the load balancer of the test asks every few milliseconds.
const rolloutLameDuck = 400 * time.Millisecond

// serveRollout is the process that testRollout ends.
func serveRollout() error {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /work", typed.Func(func(_ context.Context, in struct {
		N int `json:"n"`
	}) (int, error) {
		time.Sleep(time.Duration(in.N%5) * time.Millisecond)
		return in.N, nil
	}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	s := &typed.Server{Handler: api, LameDuck: rolloutLameDuck, Ready: typed.Probe{Path: "/readyz"}}
	return s.ServeListener(context.Background(), l)
}

// testRollout ends a process under the load of 48 clients that keep their connections
// and send what is never sent a second time. They turn away when the probe fails, and
// until then no request may be lost.
func testRollout(t *testing.T) {
	rounds := 2
	if os.Getenv("APIROUTES_PROOF") == "1" {
		rounds = 20
	}
	sent := 0
	for range rounds {
		sent += rollout(t)
	}
	t.Logf("%d rounds, %d requests, none lost", rounds, sent)
}

func rollout(t *testing.T) int {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), serveVariable+"=rollout")
	cmd.Stderr = io.Discard
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	url := "http://" + lines.Text()

	var sent, closed atomic.Int64
	turnedAway := make(chan struct{})
	var clients sync.WaitGroup
	for range 48 {
		clients.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for n := 0; ; n++ {
				select {
				case <-turnedAway:
					return
				default:
				}
				res, err := client.Post(url+"/work", "application/json", strings.NewReader(fmt.Sprintf(`{"n":%d}`, n)))
				if err != nil {
					t.Errorf("lost: %v", err)
					return
				}
				body, err := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if err != nil || res.StatusCode != http.StatusOK || string(body) != fmt.Sprint(n) {
					t.Errorf("lost: %d %s %v", res.StatusCode, body, err)
					return
				}
				sent.Add(1)
				if res.Close {
					closed.Add(1)
				}
			}
		})
	}
	probe := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ready := func() int {
		res, err := probe.Get(url + "/readyz")
		if err != nil {
			t.Errorf("the probe was not answered: %v", err)
			return 0
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	require.Eventually(t, func() bool { return sent.Load() > 500 }, 20*time.Second, time.Millisecond)
	require.Equal(t, http.StatusOK, ready())
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool { return ready() == http.StatusServiceUnavailable }, rolloutLameDuck, 5*time.Millisecond)
	require.Eventually(t, func() bool { return closed.Load() > 48 }, rolloutLameDuck, time.Millisecond, "requests are still answered, with Connection: close")
	close(turnedAway)
	clients.Wait()
	require.NoError(t, cmd.Wait())
	return int(sent.Load())
}
