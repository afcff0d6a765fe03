package loopback

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/bench/work"
)

func TestLoad(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Trailer", "X-Took")
			defer w.Header().Set("X-Took", "1")
			for range 3 { // more than one buffer: chunked
				_, _ = w.Write([]byte(strings.Repeat("x", 3000)))
			}
			return
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(srv.Close)
	for _, name := range []string{"W3", "W1"} {
		var conns []*conn
		for range 2 {
			c, err := dial(srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.Close() })
			conns = append(conns, c)
		}
		n, err := load(conns, work.Named(name), time.Minute, 20)
		if err != nil || n != 40 {
			t.Errorf("%s: %d requests, %v; want 40", name, n, err)
		}
	}
}

func TestLoadRefusesAnotherStatus(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	c, err := dial(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := load([]*conn{c}, work.Named("W1"), time.Minute, 5); err == nil {
		t.Error("404 passes for 200")
	}
}
