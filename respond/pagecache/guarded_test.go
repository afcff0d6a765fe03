package pagecache_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// What middleware has written before the page comes to it: no cache after this one may
// store an answer that it calls private, or that sets a cookie.
func TestHeadOfMiddleware(t *testing.T) {
	const (
		ours    = "public, max-age=0, must-revalidate"
		private = "private, no-cache, no-store, max-age=0, must-revalidate"
		cdn     = "max-age=3600"
	)
	p := pagecache.Policy{TTL: time.Hour, CDN: true}
	for name, tt := range map[string]struct {
		written http.Header
		want    http.Header // Cache-Control, CDN-Cache-Control and Set-Cookie
	}{
		"nothing":            {nil, http.Header{"Cache-Control": {ours}, "Cdn-Cache-Control": {cdn}}},
		"public":             {http.Header{"Cache-Control": {"public, max-age=60"}}, http.Header{"Cache-Control": {ours}, "Cdn-Cache-Control": {cdn}}},
		"private":            {http.Header{"Cache-Control": {"private"}}, http.Header{"Cache-Control": {"private"}}},
		"two lines":          {http.Header{"Cache-Control": {"max-age=60", "No-Store"}}, http.Header{"Cache-Control": {"max-age=60", "No-Store"}}},
		"no-cache":           {http.Header{"Cache-Control": {"no-cache"}}, http.Header{"Cache-Control": {"no-cache"}}},
		"cookie":             {http.Header{"Set-Cookie": {"a=b"}}, http.Header{"Cache-Control": {private}, "Set-Cookie": {"a=b"}}},
		"cookie and public":  {http.Header{"Set-Cookie": {"a=b"}, "Cache-Control": {"public"}}, http.Header{"Cache-Control": {private}, "Set-Cookie": {"a=b"}}},
		"cookie and private": {http.Header{"Set-Cookie": {"a=b"}, "Cache-Control": {"private, max-age=5"}}, http.Header{"Cache-Control": {"private, max-age=5"}, "Set-Cookie": {"a=b"}}},
		"for a CDN":          {http.Header{"Cdn-Cache-Control": {"no-store"}}, http.Header{"Cache-Control": {private}, "Cdn-Cache-Control": {"no-store"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, p, nil)
			for _, tag := range []string{"", "", "*"} { // a miss, a hit, a 304
				w := httptest.NewRecorder()
				for field, lines := range tt.written {
					w.Header()[field] = lines
				}
				r := httptest.NewRequest("GET", "/posts/1", nil)
				if tag != "" {
					r.Header.Set("If-None-Match", tag)
				}
				if _, _, err := s.route.Answer(&wire.NetHTTP{W: w, R: r}, []string{"1"}); err != nil {
					t.Fatal(err)
				}
				got := http.Header{}
				for _, field := range []string{"Cache-Control", "Cdn-Cache-Control", "Set-Cookie"} {
					if lines := w.Header()[field]; lines != nil {
						got[field] = lines
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", w.Header().Get("X-Cache"), diff)
				}
			}
			if n := s.renders.Load(); n != 1 {
				t.Errorf("%d renders", n)
			}
		})
	}
}
