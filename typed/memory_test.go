package typed_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

// held is what the program holds: its live heap, and its stacks.
func held() int64 {
	runtime.GC()
	runtime.GC() // what pools keep is dropped with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// counting is a listener that knows how much its connections have read.
type counting struct {
	net.Listener
	mu   sync.Mutex
	more sync.Cond
	read int
}

func (l *counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return countingConn{c, l}, err
}

// wait waits until n bytes were read.
func (l *counting) wait(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.read < n {
		l.more.Wait()
	}
	l.read -= n
}

type countingConn struct {
	net.Conn
	l *counting
}

func (c countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	c.l.read += n
	c.l.more.Broadcast()
	return n, err
}

type wideElement struct {
	Name string
	_    [700]byte
}

// TestMemoryBudget drives what one client can hold of the server's memory to its bound:
// SECURITY.md has the figures. Page caches and webhooks have theirs in package pagecache.
func TestMemoryBudget(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("the figures are those of a normal build")
	}
	const kib, mib = 1 << 10, 1 << 20
	inside, release := make(chan struct{}, 100), make(chan struct{})
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /", typed.Func(func(context.Context, typed.None) (string, error) { return "done", nil }))
	typed.Handle(api, "POST /wide", typed.Func(func(_ context.Context, in []wideElement) (int, error) {
		inside <- struct{}{}
		<-release
		return len(in), nil
	}))
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listener := &counting{Listener: tcp}
	listener.more.L = &listener.mu
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	server := &typed.Server{Handler: api, Drain: -1, ReadHeaderTimeout: time.Minute, ReadTimeout: time.Minute}
	go func() { served <- server.ServeListener(ctx, listener) }()
	t.Cleanup(func() { stop(); <-served })

	// open opens n connections and sends each of them a text; then it returns what each
	// holds, the client's side of it included.
	open := func(t *testing.T, n int, text string, after func(c net.Conn)) float64 {
		before := held()
		for range n {
			c, err := net.Dial("tcp", listener.Addr().String())
			require.NoError(t, err)
			t.Cleanup(func() { _ = c.Close() })
			_, err = io.WriteString(c, text)
			require.NoError(t, err)
			after(c)
		}
		listener.wait(n * len(text))
		return float64(held()-before) / float64(n)
	}
	nothing := func(net.Conn) {}
	fields := 64*kib/6 - 10 // as many as there is room for
	if _, limited := reflect.TypeFor[http.Server]().FieldByName("MaxHeaderValueCount"); limited {
		fields = 490 // since Go 1.27 a server takes 500
	}
	for _, tt := range []struct {
		name  string
		bound float64
		each  func(t *testing.T) float64
	}{
		{"a connection that is idle", 32 * kib, func(t *testing.T) float64 {
			return open(t, 200, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", func(c net.Conn) {
				res, err := http.ReadResponse(bufio.NewReader(c), nil)
				require.NoError(t, err)
				_, _ = io.Copy(io.Discard, res.Body)
			})
		}},
		{"a header that does not end", 5 * 64 * kib, func(t *testing.T) float64 {
			return open(t, 100, "GET / HTTP/1.1\r\nHost: a\r\n"+strings.Repeat("A: "+strings.Repeat("b", 64*kib/fields-5)+"\r\n", fields), nothing)
		}},
		{"a header of one long field", 5 * 64 * kib, func(t *testing.T) float64 {
			return open(t, 100, "GET / HTTP/1.1\r\nHost: a\r\nA: "+strings.Repeat("b", 64*kib-100), nothing)
		}},
		{"a body of which one byte is missing", 2*mib + 64*kib, func(t *testing.T) float64 {
			return open(t, 20, fmt.Sprintf("POST /wide HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n[%s", mib, strings.Repeat(" ", mib-2)), nothing)
		}},
		{"a body that is decoded to its bound", 17*mib + 64*kib, func(t *testing.T) float64 {
			const element = 16 + 704
			body := "[" + strings.Repeat("{},", 16*mib/3/element-2) + "{}]"
			body += strings.Repeat(" ", mib-len(body))
			each := open(t, 4, fmt.Sprintf("POST /wide HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body), func(net.Conn) { <-inside })
			close(release)
			return each
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			each := tt.each(t)
			t.Logf("%s holds %.1f KiB; the bound is %.0f KiB", tt.name, each/kib, tt.bound/kib)
			require.LessOrEqual(t, each, tt.bound)
			require.Positive(t, each)
		})
	}
}

// What validator finds wrong with the elements of a list is bounded by what a client is told,
// as long as it can be asked about the list in pieces: SECURITY.md has the figures.
func TestMemoryOfRefusedElements(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("the figures are those of a normal build")
	}
	type element struct {
		A string `json:"a" validate:"required"`
		B string `json:"b" validate:"iso4217"`
		C int    `json:"c" validate:"required_without=A"`
	}
	const mib = 1 << 20
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /list", typed.Func(func(context.Context, struct {
		V []int `json:"v" validate:"dive,gt=5"`
	}) (typed.None, error) {
		return typed.None{}, nil
	}))
	typed.Handle(api, "POST /bounded", typed.Func(func(context.Context, struct {
		V []int `json:"v" validate:"max=1000,dive,gt=5"`
	}) (typed.None, error) {
		return typed.None{}, nil
	}))
	typed.Handle(api, "POST /structs", typed.Func(func(context.Context, []element) (typed.None, error) {
		return typed.None{}, nil
	}))
	typed.Handle(api, "POST /nested", typed.Func(func(context.Context, struct {
		V []struct {
			W map[string][]int `json:"w" validate:"dive,dive,gt=5"`
		} `json:"v" validate:"min=1,dive"`
	}) (typed.None, error) {
		return typed.None{}, nil
	}))
	typed.Handle(api, "POST /whole", typed.Func(func(context.Context, struct {
		N int   `json:"n"`
		V []int `json:"v" validate:"required_with=N,dive,gt=5"`
	}) (typed.None, error) {
		return typed.None{}, nil
	}))
	ones := strings.Repeat("1,", mib/2-20) + "1"
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	for _, tt := range []struct {
		path, body string
		bound      float64
	}{
		{"/list", `{"v":[` + ones + "]}", 17 * mib},
		{"/bounded", `{"v":[` + ones + "]}", 4 * mib},
		{"/structs", "[" + strings.Repeat("{},", 16*mib/3/48-2) + "{}]", 17 * mib},
		{"/nested", `{"v":[{"w":{"x":[` + ones + "]}}]}", 17 * mib},
		{"/whole", `{"n":1,"v":[` + ones + "]}", 128 * mib},
	} {
		before, most, done := held(), int64(0), make(chan *httptest.ResponseRecorder)
		go func() { done <- do(api, "POST", tt.path, tt.body, "Content-Type", "application/json") }()
		for w := (*httptest.ResponseRecorder)(nil); w == nil; {
			select {
			case w = <-done:
				require.Equal(t, 422, w.Code)
			case <-time.After(time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, int64(m.HeapAlloc)-before)
			}
		}
		t.Logf("%s holds %.1f MiB; the bound is %.0f MiB", tt.path, float64(most)/mib, tt.bound/mib)
		require.LessOrEqual(t, float64(most), tt.bound)
	}
}
