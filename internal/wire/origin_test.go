package wire_test

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/wire"
)

func TestOriginOf(t *testing.T) {
	for version, proto := range map[string][2]int{"1.0": {1, 0}, "1.1": {1, 1}, "2": {2, 0}, "3": {3, 0}} {
		r := httptest.NewRequest("GET", "http://example.com:8080/", nil)
		r.ProtoMajor, r.ProtoMinor = proto[0], proto[1]
		host, got, secure := wire.OriginOf(&wire.NetHTTP{R: r})
		require.Equal(t, "example.com:8080", host)
		require.Equal(t, version, got)
		require.False(t, secure)
		r.TLS = &tls.ConnectionState{}
		_, _, secure = wire.OriginOf(&wire.NetHTTP{R: r})
		require.True(t, secure)
	}
}

// An answer that is written piece by piece arrives piece by piece, while the body still
// comes, and outlives the timeouts of its server.
func TestBegin(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ex := &wire.NetHTTP{W: w, R: r}
		extend := ex.ReadExtender()
		out := ex.Begin(http.StatusAccepted)
		line := make([]byte, 4)
		for {
			if _, err := io.ReadFull(r.Body, line); err != nil {
				return
			}
			extend()
			if _, err := out.Write(line); err != nil {
				t.Error(err)
				return
			}
			_, _ = out.Write(nil) // only flushes
		}
	}))
	server.Config.ReadTimeout, server.Config.WriteTimeout = time.Minute, time.Minute
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	body, in := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "POST", server.URL, body)
	require.NoError(t, err)
	go func() { _, _ = io.WriteString(in, "one\n") }()
	res, err := server.Client().Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusAccepted, res.StatusCode)
	piece := make([]byte, 4)
	_, err = io.ReadFull(res.Body, piece)
	require.NoError(t, err)
	require.Equal(t, "one\n", string(piece))
	_, _ = io.WriteString(in, "two\n")
	_, err = io.ReadFull(res.Body, piece)
	require.NoError(t, err)
	require.Equal(t, "two\n", string(piece))
	require.NoError(t, in.Close())
}

// Without a server there is no timeout to move, and a writer that fails says so.
func TestBeginWithoutServer(t *testing.T) {
	r := httptest.NewRequest("POST", "/", strings.NewReader("x")).WithContext(context.Background())
	w := httptest.NewRecorder()
	ex := &wire.NetHTTP{W: w, R: r}
	require.Nil(t, ex.ReadExtender())
	n, err := ex.Begin(http.StatusOK).Write([]byte("piece"))
	require.NoError(t, err)
	require.Equal(t, 5, n)
	require.Equal(t, "piece", w.Body.String())
	require.True(t, w.Flushed)

	_, err = (&wire.NetHTTP{W: broken{w}, R: r}).Begin(http.StatusOK).Write([]byte("piece"))
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

type broken struct{ http.ResponseWriter }

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
