package bind_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// unread fails the test when the body is touched.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) { u.t.Error("the body was read"); return 0, io.EOF }

func TestLimit(t *testing.T) {
	const limit = 20
	o := bind.Options{Method: "POST", MaxBody: limit}
	fits := `{"name":"0123456789` // padded below
	body := func(n int) string { return fits[:n-2] + `"}` }
	if len(body(limit)) != limit {
		t.Fatal(len(body(limit)))
	}
	for _, sized := range []bool{true, false} {
		for _, tt := range []struct {
			n    int
			want string
		}{{limit - 1, ""}, {limit, ""}, {limit + 1, "Content Too Large"}} {
			r := post(body(min(tt.n, limit+1)), jsonType)
			if !sized {
				r = unsized(r)
			}
			_, got := bound[user](t, o, r)
			if brief(got) != tt.want {
				t.Errorf("%d bytes, sized %v: %s", tt.n, sized, brief(got))
			}
			if got != nil && header(got).Get("Connection") != "close" {
				t.Errorf("header %v", header(got))
			}
		}
	}

	for name, bindOne := range map[string]func(*http.Request) *respond.Problem{
		"json":   func(r *http.Request) *respond.Problem { _, got := bound[user](t, o, r); return got },
		"stream": func(r *http.Request) *respond.Problem { _, got := bound[io.Reader](t, o, r); return got },
	} {
		r := post("", jsonType)
		r.Body, r.ContentLength = io.NopCloser(unread{t}), limit+1
		if got := bindOne(r); got == nil || got.Status != 413 {
			t.Errorf("%s by its declared length: %s", name, brief(got))
		}
	}

	big := bytes.Repeat([]byte(" "), bind.DefaultMaxBody-2)
	_, got := bound[user](t, bind.Options{}, unsized(post(string(big)+"{}", jsonType)))
	accepted(t, got)
	_, got = bound[user](t, bind.Options{}, unsized(post(string(big)+" {}", jsonType)))
	if got == nil || got.Status != 413 {
		t.Errorf("over the default limit: %s", brief(got))
	}
}

func TestStream(t *testing.T) {
	type in struct {
		Name string        `query:"name"`
		Body io.ReadCloser `body:""`
	}
	for _, tt := range []struct {
		size  int
		large bool
	}{{0, false}, {9, false}, {10, false}, {11, true}, {40, true}} {
		for _, piece := range []int{1, 3, 10, 11, 64} {
			request := unsized(post(strings.Repeat("x", tt.size), "video/mp4"))
			got, r := bound[in](t, bind.Options{Method: "POST", MaxBody: 10}, request)
			accepted(t, r)
			all, err := readBy(got.Body, piece)
			if len(all) != min(tt.size, 10) || bind.IsTooLarge(err) != tt.large || (err == nil) == tt.large {
				t.Errorf("%d bytes by %d: got %d, %v", tt.size, piece, len(all), err)
			}
			if tt.large {
				if n, again := got.Body.Read(make([]byte, 1)); n != 0 || !bind.IsTooLarge(again) {
					t.Errorf("then %d, %v", n, again)
				}
				if err.Error() != "the request body is larger than 10 bytes" {
					t.Error(err)
				}
			}
			if err := got.Body.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if bind.IsTooLarge(io.EOF) || bind.IsTooLarge(nil) || !bind.IsTooLarge(&http.MaxBytesError{}) {
		t.Error("IsTooLarge")
	}
}

// MaxInt64 is how a program says that there is no limit.
func TestNoLimit(t *testing.T) {
	o := bind.Options{Method: "POST", MaxBody: math.MaxInt64}
	got, r := bound[[]byte](t, o, unsized(post("abc", "")))
	accepted(t, r)
	equal(t, []byte("abc"), got)
	stream, r := bound[io.Reader](t, o, unsized(post("abc", "")))
	accepted(t, r)
	all, err := io.ReadAll(stream)
	if string(all) != "abc" || err != nil {
		t.Errorf("%q, %v", all, err)
	}
}

func readBy(r io.Reader, piece int) (all []byte, err error) {
	p := make([]byte, piece)
	for {
		n, err := r.Read(p)
		all = append(all, p[:n]...)
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}

func TestUnreadableBodies(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, tt := range []struct {
		name   string
		err    error
		ctx    context.Context
		status int
		gone   bool
	}{
		{"cut", io.ErrUnexpectedEOF, context.Background(), 400, true},
		{"reset", &net.OpError{Op: "read", Err: errors.New("reset")}, context.Background(), 400, true},
		{"cancelled", errors.New("x"), cancelled, 400, true},
		{"nonsense", errors.New("invalid byte in chunk length"), context.Background(), 400, false},
		{"slow", os.ErrDeadlineExceeded, context.Background(), 408, false},
		{"middleware", &http.MaxBytesError{Limit: 1}, context.Background(), 413, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := post("", jsonType).WithContext(tt.ctx)
			r.ContentLength = -1
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"name":`), iotest.ErrReader(tt.err)))
			_, got := bound[user](t, bind.Options{}, r)
			if got == nil || got.Status != tt.status || bind.IsDisconnected(got) != tt.gone || !errors.Is(got, tt.err) {
				t.Errorf("got %+v", got)
			}
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(tt.err)))
			stream, rejected := bound[io.Reader](t, bind.Options{}, r)
			accepted(t, rejected)
			all, err := io.ReadAll(stream)
			if late, ok := errors.AsType[*respond.Problem](err); !ok || string(all) != "abc" || late.Status != tt.status || bind.IsDisconnected(err) != tt.gone || !errors.Is(err, tt.err) {
				t.Errorf("stream: %q, %v", all, err)
			}
			if strings.Contains(got.Detail, tt.err.Error()) || !strings.Contains(got.Error(), tt.err.Error()) {
				t.Errorf("detail %q, error %q", got.Detail, got)
			}
		})
	}
}

// Pooled buffers never show one request's body to another.
func TestBuffersAreNotShared(t *testing.T) {
	plan := compile[user](t, bind.Options{})
	for _, size := range []int{10, 5000, 70 << 10, 3, 200 << 10, 100} {
		name := strings.Repeat("n", size)
		var first, second user
		for _, dst := range []*user{&first, &second} {
			r := httptest.NewRequest("POST", "/", strings.NewReader(`{"name":"`+name+`"}`))
			r.Header.Set("Content-Type", jsonType)
			accepted(t, plan.Bind(&wire.NetHTTP{R: r}, nil, dst))
			name = strings.Repeat("m", size)
		}
		if first.Name != strings.Repeat("n", size) || second.Name != name {
			t.Errorf("%d bytes: mixed up", size)
		}
	}
}
