package wire_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// client is a ResponseWriter that notes in which order it is used.
type client struct {
	header http.Header
	calls  []string
	fail   string // this call does
	status int
	body   strings.Builder
}

var errGone = errors.New("gone")

func (c *client) note(call string) error {
	c.calls = append(c.calls, call)
	if call == c.fail {
		return errGone
	}
	return nil
}

func (c *client) Header() http.Header { return c.header }
func (c *client) WriteHeader(status int) {
	c.status = status
	_ = c.note("head")
}
func (c *client) Write(p []byte) (int, error) {
	c.body.Write(p)
	return len(p), c.note("write")
}
func (c *client) FlushError() error                { return c.note("flush") }
func (c *client) SetWriteDeadline(time.Time) error { return c.note("deadline") }

// Each chunk is sent at once, and has the server's whole write timeout.
func TestStream(t *testing.T) {
	errDisk := errors.New("the disk is gone")
	server := context.WithValue(t.Context(), http.ServerContextKey, &http.Server{WriteTimeout: time.Minute})
	for _, tt := range []struct {
		name  string
		ctx   context.Context
		src   io.Reader
		fail  string
		want  error
		calls []string
		body  string
		eager bool
		http2 bool
	}{
		{"two chunks", server, iotest.OneByteReader(strings.NewReader("ab")), "", nil,
			[]string{"head", "deadline", "write", "flush", "deadline", "write", "flush"}, "ab", false, false},
		{"no server", t.Context(), strings.NewReader("ab"), "", nil, []string{"head", "write", "flush"}, "ab", false, false},
		{"data with the end", t.Context(), iotest.DataErrReader(strings.NewReader("ab")), "", nil, []string{"head", "write", "flush"}, "ab", false, false},
		{"nothing", server, http.NoBody, "", nil, []string{"head"}, "", false, false},
		{"a source that fails", t.Context(), io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(errDisk)), "", errDisk, []string{"head", "write", "flush"}, "ab", false, false},
		{"a client that leaves", t.Context(), strings.NewReader("ab"), "write", errGone, []string{"head", "write"}, "ab", false, false},
		{"a client that is gone when flushed", t.Context(), strings.NewReader("ab"), "flush", errGone, []string{"head", "write", "flush"}, "ab", false, false},
		{"a writer without deadlines", server, strings.NewReader("ab"), "deadline", nil, []string{"head", "deadline", "write", "flush"}, "ab", false, false},
		{"an eager head", server, strings.NewReader("ab"), "", nil, []string{"head", "flush", "deadline", "write", "flush"}, "ab", true, false},
		{"an eager head to nobody", server, strings.NewReader("ab"), "flush", errGone, []string{"head", "flush"}, "", true, false},
		{"a stream of HTTP/2, which cannot outlive a deadline", server, iotest.OneByteReader(strings.NewReader("ab")), "", nil,
			[]string{"head", "deadline", "write", "flush", "deadline", "deadline", "write", "flush", "deadline"}, "ab", false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &client{fail: tt.fail}
			x := wire.NetHTTP{W: c, R: httptest.NewRequest("GET", "/", nil).WithContext(tt.ctx)}
			if tt.http2 {
				x.R.ProtoMajor = 2
			}
			err := x.Stream(203, tt.src, tt.eager)
			if !errors.Is(err, tt.want) || !slices.Equal(c.calls, tt.calls) || c.status != 203 || c.body.String() != tt.body {
				t.Errorf("%v %d %q %q", err, c.status, c.calls, c.body.String())
			}
		})
	}
}

// A writer that cannot flush still gets everything.
func TestStreamWithoutFlush(t *testing.T) {
	c := &client{}
	x := wire.NetHTTP{W: struct{ http.ResponseWriter }{c}, R: httptest.NewRequest("GET", "/", nil)}
	if err := x.Stream(200, strings.NewReader("ab"), true); err != nil || c.body.String() != "ab" {
		t.Errorf("%v %q", err, c.body.String())
	}
}

func TestNetHTTP(t *testing.T) {
	r := httptest.NewRequest("PUT", "/a?b=c", strings.NewReader("body"))
	r.Header.Set("X-A", "1")
	w := httptest.NewRecorder()
	x := wire.NetHTTP{W: w, R: r}
	if x.Method() != "PUT" || x.RawQuery() != "b=c" || x.ContentLength() != 4 || x.HTTPRequest() != r || x.Context() != r.Context() ||
		!slices.Equal(x.Header("X-A"), []string{"1"}) || x.Header("X-B") != nil {
		t.Errorf("%+v", x)
	}
	if b, err := io.ReadAll(x.Body()); string(b) != "body" || err != nil {
		t.Errorf("%q %v", b, err)
	}
	r.Body = nil
	if b, err := io.ReadAll(x.Body()); len(b) > 0 || err != nil {
		t.Errorf("no body: %q %v", b, err)
	}
	x.SetHeader("Vary", []string{"A"})
	x.AddHeader("Vary", "B")
	if err := x.Send(201, []byte("x")); err != nil || w.Code != 201 || w.Body.String() != "x" || !slices.Equal(w.Header()["Vary"], []string{"A", "B"}) {
		t.Errorf("%v %v", err, w)
	}
	c := &client{}
	x = wire.NetHTTP{W: c, R: r}
	if err := x.Send(204, nil); err != nil || !slices.Equal(c.calls, []string{"head"}) {
		t.Errorf("%v %q: nothing is written where there is nothing", err, c.calls)
	}
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("Abort did not abort")
		}
	}()
	x.Abort()
}

// wrapping is the writer of some middleware.
type wrapping struct{ http.ResponseWriter }

func (w wrapping) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// The server hears that nobody reads the rest of the content, also through the writers
// of middleware: it closes the connection, but not before the client has the answer.
func TestRefuseContent(t *testing.T) {
	for name, wrap := range map[string]func(http.ResponseWriter) http.ResponseWriter{
		"plain":   func(w http.ResponseWriter) http.ResponseWriter { return w },
		"wrapped": func(w http.ResponseWriter) http.ResponseWriter { return wrapping{wrapping{w}} },
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var x wire.Exchange = &wire.NetHTTP{W: wrap(w), R: r}
			wire.RefuseContent(struct{ wire.Exchange }{x}) // one that cannot be told
			if w.Header().Get("Connection") != "" {
				t.Errorf("%s: told by somebody else", name)
			}
			wire.RefuseContent(x)
			_ = x.Send(413, []byte("no"))
		}))
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		res, err := client.Post(srv.URL, "", strings.NewReader(strings.Repeat("x", 4<<20)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != 413 || string(body) != "no" || !res.Close {
			t.Errorf("%s: %d %q, closes %t, %v", name, res.StatusCode, body, res.Close, err)
		}
		_ = res.Body.Close()
		srv.Close()
	}
}
