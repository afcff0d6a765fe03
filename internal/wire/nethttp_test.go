package wire_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// TestEscapedPath holds the short cut against net/url.
func TestEscapedPath(t *testing.T) {
	paths := []string{"", "/", "*", "/users/7", "/a-b_c.d~e", "/a b", "/é", "/a%2Fb", "/a:b", "/a@b", "/$&+,;=", "/[x]", "/%", "/a//b/../c"}
	for c := range 256 {
		paths = append(paths, "/"+string(rune(c)), "/"+string([]byte{byte(c)}))
	}
	for _, path := range paths {
		urls := []*url.URL{{Path: path}}
		if u, err := url.Parse("http://host" + path); err == nil {
			urls = append(urls, u)
		}
		for _, u := range urls {
			x := wire.NetHTTP{R: &http.Request{URL: u}}
			if got, want := x.EscapedPath(), u.EscapedPath(); got != want {
				t.Errorf("%#v: %q, want %q", u, got, want)
			}
		}
	}
}

func TestSetContent(t *testing.T) {
	w := httptest.NewRecorder()
	x := wire.NetHTTP{W: w, R: httptest.NewRequest(http.MethodGet, "/", nil)}
	x.SetContent([]string{"text/plain"}, 3)
	if diff := cmp.Diff(http.Header{"Content-Type": {"text/plain"}, "Content-Length": {"3"}}, w.Header()); diff != "" {
		t.Error(diff)
	}
	clear(w.Header())
	if x.SetContent(nil, -1); len(w.Header()) > 0 {
		t.Errorf("%v: nothing is known of the content", w.Header())
	}
}

func TestNewRequest(t *testing.T) {
	for _, tt := range []struct{ path, query, target, urlPath string }{
		{"/a%20b", "c=d", "/a%20b?c=d", "/a b"},
		{"/a", "", "/a", "/a"},
		{"/%zz", "", "/%zz", "/%zz"}, // which net/http would not have taken
	} {
		header := http.Header{"X-A": {"1"}}
		r := wire.NewRequest(t.Context(), http.MethodPut, tt.path, tt.query, header)
		if r.Method != http.MethodPut || r.RequestURI != tt.target || r.URL.Path != tt.urlPath || r.URL.RawQuery != tt.query || r.Header.Get("X-A") != "1" || r.Body != http.NoBody || r.Context() != t.Context() {
			t.Errorf("%+v: %+v, URL %+v", tt, r, r.URL)
		}
	}
}

func TestDraining(t *testing.T) {
	if wire.Draining(t.Context()) != nil {
		t.Error("a channel where no server said")
	}
	drain, begin := context.WithCancel(t.Context())
	ctx := wire.WithDraining(t.Context(), drain)
	called := make(chan struct{})
	wire.AfterDraining(ctx, func() { close(called) })
	stop := wire.AfterDraining(ctx, func() { t.Error("called after stop") })
	if !stop() || !wire.AfterDraining(t.Context(), nil)() {
		t.Error("not stopped")
	}
	select {
	case <-wire.Draining(ctx):
		t.Error("the server drains already")
	default:
	}
	begin()
	<-wire.Draining(ctx)
	<-called
}
