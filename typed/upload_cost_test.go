package typed_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

// pattern is endless content.
type pattern struct{}

func (pattern) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// A large upload needs little memory, into a File as into an io.Reader: 8 MiB are more
// than all that is allocated for it, freed or not. APIROUTES_PROOF=1 sends 1 GB.
func TestMemoryOfLargeUploads(t *testing.T) {
	left := temporary(t)
	size := int64(64e6)
	if os.Getenv("APIROUTES_PROOF") == "1" {
		size = 1e9
	}
	type file struct {
		File typed.File `form:"file" maxsize:"1GB"`
	}
	type raw struct {
		Body io.Reader `body:""`
	}
	api := typed.New("A", "1", nil)
	typed.Handle(api, "POST /file", typed.Func(func(_ context.Context, in file) (int64, error) {
		r, err := in.File.Open()
		if err != nil {
			return 0, err
		}
		return io.Copy(io.Discard, r)
	}))
	typed.Handle(api, "POST /raw", typed.Func(func(_ context.Context, in raw) (int64, error) { return io.Copy(io.Discard, in.Body) }), typed.MaxBody(1e9))
	const head, foot = "--XX\r\nContent-Disposition: form-data; name=file; filename=large\r\n\r\n", "\r\n--XX--"
	for path, body := range map[string]io.Reader{
		"/file": io.MultiReader(strings.NewReader(head), io.LimitReader(pattern{}, size), strings.NewReader(foot)),
		"/raw":  io.LimitReader(pattern{}, size),
	} {
		r := httptest.NewRequest(http.MethodPost, path, body)
		r.Header.Set("Content-Type", multipartXX)
		w := httptest.NewRecorder()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		api.ServeHTTP(w, r)
		runtime.ReadMemStats(&after)
		require.Equal(t, fmt.Sprint(size), w.Body.String(), path)
		allocated := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d bytes of content, %d allocated", path, size, allocated)
		require.Less(t, allocated, uint64(8<<20), path)
	}
	require.Zero(t, left())
}

// A client that is killed in the middle of its upload leaves nothing, and no goroutine.
func TestKilledUpload(t *testing.T) {
	left := temporary(t)
	srv := httptest.NewServer(uploads(nil, func(uploaded) error { t.Error("the handler was called"); return nil }))
	defer srv.Close()
	goroutines := runtime.NumGoroutine()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	_, err = fmt.Fprintf(conn, "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\nContent-Type: %s\r\n\r\n--XX\r\nContent-Disposition: form-data; name=extra\r\n\r\n%s", multipartXX, strings.Repeat("x", 300_000))
	require.NoError(t, err)
	if runtime.GOOS == "linux" {
		require.Eventually(t, func() bool { return left() > 0 }, 5*time.Second, time.Millisecond, "the upload has begun")
	}
	require.NoError(t, conn.(*net.TCPConn).SetLinger(0)) // a reset, as of a process that is killed
	require.NoError(t, conn.Close())
	require.Eventually(t, func() bool {
		return left() == 0 && runtime.NumGoroutine()-1 <= goroutines // without the one that asks
	}, 5*time.Second, time.Millisecond)
}
