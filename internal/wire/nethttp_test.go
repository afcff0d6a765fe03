package wire_test

import (
	"net/http"
	"net/url"
	"testing"

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
