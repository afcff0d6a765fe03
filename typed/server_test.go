package typed_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

// TestServeDrains ends a server with requests in flight: all are answered, new ones refused.
func TestServeDrains(t *testing.T) {
	for name, end := range map[string]func(cancel func()){
		"context": func(cancel func()) { cancel() },
		"SIGTERM": func(func()) {
			p, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = p.Signal(syscall.SIGTERM)
			}
			if err != nil {
				panic(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			const inFlight = 50
			var arrived sync.WaitGroup
			arrived.Add(inFlight)
			release := make(chan struct{})
			api := typed.New("Test", "1", nil)
			typed.Handle(api, "GET /slow", func(_ context.Context, _ typed.None, res *typed.Response[string]) (typed.Answer, error) {
				arrived.Done()
				<-release
				return res.JSON("done")
			})
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			served := make(chan error, 1)
			go func() { served <- typed.ServeListener(ctx, l, api) }()

			url := "http://" + l.Addr().String()
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			var wg sync.WaitGroup
			for range inFlight {
				wg.Go(func() {
					res, err := client.Get(url + "/slow")
					if err != nil {
						t.Error(err)
						return
					}
					defer res.Body.Close()
					if b, err := io.ReadAll(res.Body); err != nil || string(b) != `"done"` {
						t.Errorf("%s %v", b, err)
					}
				})
			}
			arrived.Wait()
			end(cancel)
			require.Eventually(t, func() bool { // until the listener is closed
				conn, err := net.Dial("tcp", l.Addr().String())
				if err == nil {
					_ = conn.Close()
				}
				return err != nil
			}, 5*time.Second, time.Millisecond)
			close(release)
			wg.Wait()
			require.NoError(t, <-served)
		})
	}
}

func TestServeAddress(t *testing.T) {
	require.Error(t, typed.Serve(t.Context(), "127.0.0.1:-1", http.NotFoundHandler()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, typed.ServeListener(ctx, l, http.NotFoundHandler()))
	l, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	require.Error(t, typed.ServeListener(t.Context(), l, http.NotFoundHandler()))
}

// A client that is going to close its connection hears that its content is too large,
// too: the server does not reset the connection while the client still sends.
func TestTooLargeIsHeard(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /whole", typed.Func(func(_ context.Context, in struct {
		Text string `json:"text"`
	}) (string, error) {
		return in.Text, nil
	}))
	typed.Handle(api, "POST /stream", typed.Func(func(_ context.Context, in struct {
		Body io.Reader `body:""`
	}) (typed.None, error) {
		_, err := io.Copy(io.Discard, in.Body)
		return typed.None{}, err
	}))
	srv := httptest.NewServer(api)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	content := strings.Repeat("x", 4<<20)
	for _, path := range []string{"/whole", "/stream"} {
		for _, chunked := range []bool{false, true} {
			for range 10 {
				req, err := http.NewRequest("POST", srv.URL+path, strings.NewReader(content))
				require.NoError(t, err)
				req.Header.Set("Content-Type", "application/json")
				if chunked {
					req.ContentLength = -1
				}
				res, err := client.Do(req)
				require.NoError(t, err, path)
				body, err := io.ReadAll(res.Body)
				require.NoError(t, err)
				require.NoError(t, res.Body.Close())
				require.Equal(t, 413, res.StatusCode)
				checkProblem(t, 413, body)
			}
		}
	}
}
