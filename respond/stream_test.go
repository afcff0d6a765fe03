package respond_test

import (
	"bytes"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/respond"
)

// tracked is a stream that knows whether it was closed.
type tracked struct {
	io.Reader
	closed int
}

func (s *tracked) Close() error { s.closed++; return nil }

// A stream is closed once, whatever becomes of its answer.
func TestStreamsAreClosed(t *testing.T) {
	type set struct {
		OK    respond.Reply[io.Reader] `status:"200"`
		Other respond.Reply[string]    `status:"203"`
	}
	send := func(say func(*respond.Response[io.Reader])) func(*respond.Response[io.Reader], io.Reader) (respond.Answer, error) {
		return func(r *respond.Response[io.Reader], s io.Reader) (respond.Answer, error) {
			say(r)
			return r.Send(s)
		}
	}
	nothing := func(*respond.Response[io.Reader]) {}
	for _, tt := range []struct {
		name   string
		method string
		answer func(*respond.Response[io.Reader], io.Reader) (respond.Answer, error)
		failed bool
	}{
		{"sent", "GET", send(nothing), false},
		{"HEAD", "HEAD", send(nothing), false},
		{"no content", "GET", send(func(r *respond.Response[io.Reader]) { r.Status(204) }), false},
		{"not modified", "GET", send(func(r *respond.Response[io.Reader]) { r.Header("ETag", `"v"`) }), false},
		{"an undeclared status", "GET", send(func(r *respond.Response[io.Reader]) { r.Status(418) }), true},
		{"a bad header", "GET", send(func(r *respond.Response[io.Reader]) { r.Header("", "") }), true},
		{"as JSON", "GET", func(r *respond.Response[io.Reader], s io.Reader) (respond.Answer, error) { return r.JSON(s) }, true},
		{"a foreign Response", "GET", func(_ *respond.Response[io.Reader], s io.Reader) (respond.Answer, error) {
			return new(respond.Response[io.Reader]).Send(s)
		}, true},
		{"a foreign Reply", "GET", func(_ *respond.Response[io.Reader], s io.Reader) (respond.Answer, error) { return new(set).OK.Send(s) }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := &tracked{Reader: strings.NewReader("abc")}
			req := httptest.NewRequest(tt.method, "/", nil)
			req.Header.Set("If-None-Match", `"v"`)
			_, err := serve(t, req, []int{200, 204}, func(r *respond.Response[io.Reader]) (respond.Answer, error) { return tt.answer(r, src) })
			if src.closed != 1 || (err != nil) != tt.failed {
				t.Errorf("closed %d times, %v", src.closed, err)
			}
		})
	}
	src := &tracked{}
	a, _ := new(respond.Response[*tracked]).Send(src)
	answer.Discard((*answer.Answer)(&a))
	a, _ = new(respond.Response[*tracked]).Send(nil)
	answer.Discard((*answer.Answer)(&a))
	a, _ = new(respond.Response[user]).JSON(user{})
	answer.Discard((*answer.Answer)(&a))
	answer.Discard(&answer.Answer{})
	if src.closed != 1 {
		t.Errorf("closed %d times", src.closed)
	}
}

// measured has a Len that is not its length.
type measured struct{ io.Reader }

func (measured) Len() int { return 1 }

func TestOnlyKnownReadersKnowTheirLength(t *testing.T) {
	for _, tt := range []struct {
		src  io.Reader
		want string
	}{
		{bytes.NewReader([]byte("abc")), "3"}, {bytes.NewBufferString("abc"), "3"}, {strings.NewReader("abc"), "3"}, {measured{strings.NewReader("abc")}, ""},
	} {
		w, err := serve(t, get(), nil, func(r *respond.Response[io.Reader]) (respond.Answer, error) { return r.Send(tt.src) })
		if err != nil || w.Body.String() != "abc" || w.Header().Get("Content-Length") != tt.want {
			t.Errorf("%T: %v %q %v", tt.src, err, w.Body, w.Header())
		}
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

func TestStreamFailure(t *testing.T) {
	cause := errors.New("disk")
	_, err := serve(t, get(), nil, func(r *respond.Response[io.Reader]) (respond.Answer, error) {
		return r.Send(io.MultiReader(strings.NewReader("abc"), failingReader{cause}))
	})
	if !errors.Is(err, cause) {
		t.Errorf("error %v, want the reader's", err)
	}
}
