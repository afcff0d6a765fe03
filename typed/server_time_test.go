package typed_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apiroutes/apiroutes/typed"
	"github.com/stretchr/testify/require"
)

// pipes is a listener within the process, whose connections obey a bubble's clock.
type pipes struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// Dial is for http.Transport.
func (p *pipes) Dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, syscall.ECONNREFUSED
	}
}

// inBubble runs f with a server within a bubble, and a client of it, and ends both.
func inBubble(t *testing.T, s *typed.Server, f func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error)) {
	t.Helper()
	_, stop := signal.NotifyContext(t.Context(), syscall.SIGTERM) // os/signal's goroutine is not of the bubble
	defer stop()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		ctx, end := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- s.ServeListener(ctx, p) }()
		f(t, p, end, served)
		end()
		synctest.Wait()
	})
}

func clientOf(t *testing.T, p *pipes, h2 bool) *http.Client {
	var protocols http.Protocols
	protocols.SetHTTP1(!h2)
	protocols.SetUnencryptedHTTP2(h2)
	transport := &http.Transport{DialContext: p.Dial, Protocols: &protocols}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func testLongHandler(t *testing.T) {
	const takes = 10 * time.Minute
	for _, h2 := range []bool{false, true} {
		for name, content := range map[string]string{"GET": "", "POST": `{"text":"x"}`} {
			t.Run(fmt.Sprintf("%s h2=%v", name, h2), func(t *testing.T) {
				api := typed.New("Test", "1", &typed.Options{Timeout: takes + time.Minute})
				slow := func(ctx context.Context) (string, error) {
					select {
					case <-ctx.Done():
						return "", ctx.Err()
					case <-time.After(takes):
						return "done", nil
					}
				}
				typed.Handle(api, "GET /", typed.Func(func(ctx context.Context, _ typed.None) (string, error) { return slow(ctx) }))
				typed.Handle(api, "POST /", typed.Func(func(ctx context.Context, _ struct {
					Text string `json:"text"`
				}) (string, error) {
					return slow(ctx)
				}))
				inBubble(t, &typed.Server{Handler: api, H2C: h2}, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
					client := clientOf(t, p, h2)
					for range 2 { // the second on the connection of the first
						req, err := http.NewRequest(name, "http://test/", strings.NewReader(content))
						require.NoError(t, err)
						if content == "" {
							req.Body = nil
						}
						req.Header.Set("Content-Type", "application/json")
						start := time.Now()
						res, err := client.Do(req)
						require.NoError(t, err)
						body, err := io.ReadAll(res.Body)
						require.NoError(t, err)
						_ = res.Body.Close()
						require.Equal(t, `"done"`, string(body))
						require.Equal(t, takes, time.Since(start))
					}
					client.CloseIdleConnections()
					end()
					require.NoError(t, <-served)
				})
			})
		}
	}
}

// A client that reads nothing is cut off when the time for writing is over, counted
// from the answer's beginning.
func TestServerWriteTimeout(t *testing.T) {
	var wrote time.Duration
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(3 * time.Minute)
		start := time.Now()
		_, err := w.Write(make([]byte, 1<<20))
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			panic(err)
		}
		wrote = time.Since(start)
	})
	inBubble(t, &typed.Server{Handler: h, WriteTimeout: 7 * time.Second}, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
		conn, err := p.Dial(t.Context(), "", "")
		require.NoError(t, err)
		_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
		require.NoError(t, err)
		time.Sleep(3*time.Minute + 8*time.Second)
		synctest.Wait()
		require.Equal(t, 7*time.Second, wrote)
		_ = conn.Close()
		end()
		require.NoError(t, <-served)
	})
}

// A request whose content stalls ends when the time for reading is over.
func TestServerReadTimeout(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			panic(err)
		}
		w.WriteHeader(http.StatusRequestTimeout)
	})
	inBubble(t, &typed.Server{Handler: h, ReadTimeout: 9 * time.Second}, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
		conn, err := p.Dial(t.Context(), "", "")
		require.NoError(t, err)
		start := time.Now()
		_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf")
		require.NoError(t, err)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusRequestTimeout, res.StatusCode)
		require.Equal(t, 9*time.Second, time.Since(start))
		_ = conn.Close()
		end()
		require.NoError(t, <-served)
	})
}

// A handler that reads nothing of what was announced is no way around the time for reading.
func TestServerUnreadContent(t *testing.T) {
	h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	inBubble(t, &typed.Server{Handler: h}, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
		conn, err := p.Dial(t.Context(), "", "")
		require.NoError(t, err)
		start := time.Now()
		_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf")
		require.NoError(t, err)
		_, err = io.ReadAll(conn)
		require.NoError(t, err)
		require.LessOrEqual(t, time.Since(start), 31*time.Second)
		_ = conn.Close()
		end()
		require.NoError(t, <-served)
	})
}

// An events handler sends for an hour, with pauses longer than the time for writing,
// and ends when the server drains.
func TestServerStream(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := io.WriteString(w, "data: x\n\n"); err != nil {
				panic(err)
			}
			w.(http.Flusher).Flush()
			select {
			case <-typed.Draining(r.Context()):
				return
			case <-time.After(5 * time.Minute):
			}
		}
	})
	for _, h2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("h2=%v", h2), func(t *testing.T) {
			inBubble(t, &typed.Server{Handler: h, H2C: h2}, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
				client := clientOf(t, p, h2)
				res, err := client.Get("http://test/")
				require.NoError(t, err)
				start := time.Now()
				for range 12 {
					_, err := io.ReadFull(res.Body, make([]byte, len("data: x\n\n")))
					require.NoError(t, err)
				}
				require.Equal(t, 55*time.Minute, time.Since(start))
				end()
				_, err = io.ReadAll(res.Body)
				require.NoError(t, err)
				require.Equal(t, 55*time.Minute, time.Since(start), "it ends at once")
				_ = res.Body.Close()
				client.CloseIdleConnections()
				require.NoError(t, <-served)
			})
		})
	}
}

// While it is a lame duck a server is not ready, answers requests of old and new
// connections, and closes each; afterwards it accepts none.
func TestServerLameDuck(t *testing.T) {
	var log strings.Builder
	s := &typed.Server{
		Handler:  http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "answer") }),
		LameDuck: 10 * time.Second,
		Ready:    typed.Probe{Path: "/readyz"},
		Live:     typed.Probe{Path: "/livez"},
		Log:      slog.New(slog.NewTextHandler(&log, nil)),
	}
	inBubble(t, s, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
		get := func(client *http.Client, path string) (status int, closes bool) {
			t.Helper()
			res, err := client.Get("http://test" + path)
			require.NoError(t, err)
			_, err = io.ReadAll(res.Body)
			require.NoError(t, err)
			_ = res.Body.Close()
			return res.StatusCode, res.Close
		}
		check := func(client *http.Client, path string, wantStatus int, wantCloses bool) {
			t.Helper()
			status, closes := get(client, path)
			require.Equal(t, wantStatus, status)
			require.Equal(t, wantCloses, closes)
		}
		old := clientOf(t, p, false)
		check(old, "/", 200, false)
		check(old, "/readyz", 200, false)
		start := time.Now()
		end()
		synctest.Wait()
		time.Sleep(9 * time.Second)
		check(old, "/", 200, true)
		check(clientOf(t, p, false), "/", 200, true)
		check(old, "/readyz", 503, true)
		check(old, "/livez", 200, true)
		require.NoError(t, <-served)
		require.Equal(t, 10*time.Second, time.Since(start))
		_, err := old.Get("http://test/")
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.Contains(t, log.String(), "not ready, still accepting")
	})
}

// HTTP/2 clients are told by GOAWAY.
func TestServerLameDuckHTTP2(t *testing.T) {
	s := &typed.Server{
		Handler:  http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.RemoteAddr) }),
		LameDuck: 10 * time.Second,
		H2C:      true,
	}
	inBubble(t, s, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
		dials := 0
		client := clientOf(t, p, true)
		client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			dials++
			return p.Dial(ctx, network, addr)
		}
		get := func() {
			res, err := client.Get("http://test/")
			require.NoError(t, err)
			_, err = io.ReadAll(res.Body)
			require.NoError(t, err)
			_ = res.Body.Close()
			synctest.Wait()
		}
		get()
		get()
		require.Equal(t, 1, dials)
		end()
		synctest.Wait()
		get()
		get()
		require.Equal(t, 2, dials, "the connection is given up after its next answer")
		require.NoError(t, <-served)
	})
}

// Requests that do not end in time are cut off, counted, and logged.
func TestServerCutsOff(t *testing.T) {
	var log strings.Builder
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	for drain, want := range map[time.Duration]time.Duration{0: 25 * time.Second, 3 * time.Second: 3 * time.Second, -1: 0} {
		t.Run(drain.String(), func(t *testing.T) {
			s := &typed.Server{Handler: h, Drain: drain, Log: slog.New(slog.NewTextHandler(&log, nil))}
			inBubble(t, s, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
				client := clientOf(t, p, false)
				failed := make(chan error)
				go func() {
					_, err := client.Get("http://test/")
					failed <- err
				}()
				synctest.Wait()
				start := time.Now()
				end()
				err := <-served
				require.Equal(t, want, time.Since(start))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorContains(t, err, "typed: 1 requests did not end within")
				require.Error(t, <-failed)
				require.Contains(t, log.String(), "cut off")
			})
		})
	}
}

// A client that never closes its connection does not keep the server from ending.
func TestServerIdleClient(t *testing.T) {
	inBubble(t, &typed.Server{Handler: http.NotFoundHandler()}, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
		client := clientOf(t, p, false)
		res, err := client.Get("http://test/")
		require.NoError(t, err)
		_, err = io.ReadAll(res.Body)
		require.NoError(t, err)
		_ = res.Body.Close()
		silent, err := p.Dial(t.Context(), "", "") // has not sent a byte
		require.NoError(t, err)
		synctest.Wait()
		start := time.Now()
		end()
		require.NoError(t, <-served)
		require.LessOrEqual(t, time.Since(start), 6*time.Second)
		_ = silent.Close()
	})
}

// Connections beyond the limit wait until one is closed.
func TestServerMaxConnections(t *testing.T) {
	inBubble(t, &typed.Server{Handler: http.NotFoundHandler(), MaxConnections: 2}, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
		var conns []net.Conn
		for range 2 {
			c, err := p.Dial(t.Context(), "", "")
			require.NoError(t, err)
			conns = append(conns, c)
		}
		third := make(chan net.Conn)
		go func() {
			c, _ := p.Dial(t.Context(), "", "")
			third <- c
		}()
		synctest.Wait()
		select {
		case <-third:
			t.Fatal("a third connection is open")
		default:
		}
		_ = conns[0].Close()
		c := <-third
		_, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
		require.NoError(t, err)
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		require.NoError(t, err)
		require.Equal(t, 404, res.StatusCode)
		_ = res.Body.Close()
		_ = c.Close()
		_ = conns[1].Close()
		end()
		require.NoError(t, <-served)
	})
}

// A connection that a handler has taken over has no deadlines of ours, also after it has returned.
func TestServerHijacked(t *testing.T) {
	wrote := make(chan error, 1)
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			wrote <- err
			return
		}
		go func() {
			defer func() { _ = conn.Close() }()
			time.Sleep(time.Hour)
			_, err := io.WriteString(conn, "late")
			wrote <- err
		}()
	})
	inBubble(t, &typed.Server{Handler: h}, func(t *testing.T, p *pipes, end context.CancelFunc, served <-chan error) {
		conn, err := p.Dial(t.Context(), "", "")
		require.NoError(t, err)
		_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
		require.NoError(t, err)
		text, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.Equal(t, "late", string(text))
		require.NoError(t, <-wrote)
		end()
		require.NoError(t, <-served)
	})
}
