package typed_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

const hookURL = "http://blog.example/hooks/pages"

// hooked is a blog with a webhook.
func hooked(t testing.TB, secrets ...string) *blog {
	b := newBlog(t, nil)
	typed.Handle(b.api, "POST /hooks/pages", pagecache.Hook(secrets...))
	typed.Handle(b.api, "POST /hooks/other", pagecache.Hook(secrets...))
	return b
}

func signed(t testing.TB, secret string, ch pagecache.Change) *http.Request {
	r, err := pagecache.NewHookRequest(t.Context(), hookURL, secret, ch)
	require.NoError(t, err)
	r.RequestURI = r.URL.RequestURI()
	return r
}

func deliver(b *blog, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, r)
	return w
}

func TestHook(t *testing.T) {
	b := hooked(t, "new secret", "old secret")
	b.expect(t, "MISS", 1, "/posts/1")
	b.expect(t, "MISS", 2, "/posts/2")
	w := deliver(b, signed(t, "new secret", pagecache.Change{Paths: []string{"/posts/1"}}))
	require.Equal(t, 200, w.Code, w.Body)
	require.JSONEq(t, `{"revalidated": true}`, w.Body.String())
	b.expect(t, "HIT", 3, "/posts/1")
	require.Equal(t, 200, deliver(b, signed(t, "old secret", pagecache.Change{ExpireTags: []string{"post:1"}, Tags: []string{"post:2"}})).Code)
	b.expect(t, "REVALIDATED", 4, "/posts/1")
	b.expect(t, "STALE", 2, "/posts/2")
}

// What is not signed exactly as it was sent is 401, a replay 409, too much 413.
func TestHookRefuses(t *testing.T) {
	b := hooked(t, "secret")
	b.expect(t, "MISS", 1, "/posts/1")
	ch := pagecache.Change{Paths: []string{"/posts/1"}}
	for name, spoil := range map[string]func(r *http.Request){
		"unsigned":        func(r *http.Request) { r.Header.Del("X-Apiroutes-Signature") },
		"no timestamp":    func(r *http.Request) { r.Header.Del("X-Apiroutes-Timestamp") },
		"no nonce":        func(r *http.Request) { r.Header.Del("X-Apiroutes-Nonce") },
		"long nonce":      func(r *http.Request) { r.Header.Set("X-Apiroutes-Nonce", strings.Repeat("a", 200)) },
		"other nonce":     func(r *http.Request) { r.Header.Set("X-Apiroutes-Nonce", "a") },
		"other timestamp": func(r *http.Request) { r.Header.Set("X-Apiroutes-Timestamp", "1") },
		"other body": func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(`{"paths":["/posts/2"]}`))
			r.ContentLength = 22
		},
		"other scheme": func(r *http.Request) {
			r.Header.Set("X-Apiroutes-Signature", "v2"+r.Header.Get("X-Apiroutes-Signature")[2:])
		},
		"cut": func(r *http.Request) {
			r.Header.Set("X-Apiroutes-Signature", r.Header.Get("X-Apiroutes-Signature")[:60])
		},
	} {
		r := signed(t, "secret", ch)
		spoil(r)
		require.Equal(t, 401, deliver(b, r).Code, name)
	}
	require.Equal(t, 401, deliver(b, signed(t, "another", ch)).Code)

	// The same signature at another path of the same API.
	r := signed(t, "secret", ch)
	r.URL.Path, r.RequestURI = "/hooks/other", "/hooks/other"
	require.Equal(t, 401, deliver(b, r).Code)

	replay := signed(t, "secret", ch)
	body, err := io.ReadAll(replay.Body)
	require.NoError(t, err)
	for _, want := range []int{200, 409, 409} {
		again := replay.Clone(context.Background())
		again.Body = io.NopCloser(bytes.NewReader(body))
		require.Equal(t, want, deliver(b, again).Code)
	}
	require.Equal(t, 413, deliver(b, signed(t, "secret", pagecache.Change{Tags: []string{strings.Repeat("x", 70_000)}})).Code)
	require.Equal(t, 413, deliver(b, signed(t, "secret", pagecache.Change{Tags: []string{strings.Repeat("x", 2<<20)}})).Code)

	// Only cached routes, and nothing is done if one path is none.
	for _, path := range []string{"/nothing", "/hooks/pages", "https://evil.example/", "//posts/1"} {
		require.Equal(t, 422, deliver(b, signed(t, "secret", pagecache.Change{Paths: []string{"/posts/1", path}})).Code, path)
	}
	b.expect(t, "HIT", 2, "/posts/1")
}

func TestHookWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := hooked(t, "secret")
		for _, c := range []struct {
			late time.Duration
			want int
		}{{5 * time.Minute, 200}, {5*time.Minute + time.Second, 401}, {time.Hour, 401}} {
			r := signed(t, "secret", pagecache.Change{Paths: []string{"/posts/1"}})
			time.Sleep(c.late)
			require.Equal(t, c.want, deliver(b, r).Code, c.late)
		}
		b.pages.Close()
	})
}

func TestHookBody(t *testing.T) {
	b := hooked(t, "secret")
	require.Equal(t, 200, deliver(b, rawHook(t, `{}`)).Code)
	for _, body := range []string{`[]`, `{"path":["/posts/1"]}`, `{} {}`, `{"paths":"x"}`, `x`} {
		require.Equal(t, 400, deliver(b, rawHook(t, body)).Code, body)
	}
	require.Panics(t, func() { pagecache.Hook() })
	require.Panics(t, func() { pagecache.Hook("a", "") })

	without := typed.New("", "", &typed.Options{OnError: func(context.Context, error) {}})
	typed.Handle(without, "POST /hooks/pages", pagecache.Hook("secret"))
	require.Equal(t, 500, ask(without, "POST", "/hooks/pages", "{}").Code)
}

// rawHook signs a body that is no Change, as only a test can.
func rawHook(t testing.TB, body string) *http.Request {
	r := signed(t, "secret", pagecache.Change{})
	r.Body = io.NopCloser(strings.NewReader(body))
	r.ContentLength = int64(len(body))
	m := []string{"POST", "/hooks/pages", r.Header.Get("X-Apiroutes-Timestamp"), r.Header.Get("X-Apiroutes-Nonce"), body}
	r.Header.Set("X-Apiroutes-Signature", signParts("secret", m))
	return r
}

// signParts writes the signature down once more, from its description alone.
func signParts(secret string, parts []string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	for _, p := range parts {
		mac.Write(binary.AppendUvarint(nil, uint64(len(p))))
		mac.Write([]byte(p))
	}
	return fmt.Sprintf("v1=%x", mac.Sum(nil))
}

// sharedNonces is the memory of two nodes' nonces.
type sharedNonces struct {
	pagecache.Store
	used map[string]time.Duration
	down bool
}

func (s *sharedNonces) Use(_ context.Context, nonce string, ttl time.Duration) (bool, error) {
	if s.down {
		return false, errors.New("the store is gone")
	}
	_, used := s.used[nonce]
	s.used[nonce] = ttl
	return !used, nil
}

// A request that one node has accepted is refused by the others, where the store remembers
// nonces for all. While it cannot, no request is accepted.
func TestHookNoncesOfStore(t *testing.T) {
	used := map[string]time.Duration{}
	var stores []*sharedNonces
	var nodes []*blog
	for range 2 {
		store := &sharedNonces{Store: pagecache.Memory(1 << 20), used: used}
		pages := pagecache.New(store, nil)
		t.Cleanup(func() { require.NoError(t, pages.Close()) })
		api := typed.New("", "", &typed.Options{Pages: pages, OnError: func(context.Context, error) {}})
		typed.Handle(api, "GET /p", typed.Func(func(context.Context, typed.None) (string, error) { return "page", nil }),
			typed.Cache(pagecache.Policy{TTL: time.Hour}))
		typed.Handle(api, "POST /hooks/pages", pagecache.Hook("secret"))
		stores, nodes = append(stores, store), append(nodes, &blog{api: api, pages: pages})
	}
	r := signed(t, "secret", pagecache.Change{Paths: []string{"/p"}})
	again := func() *http.Request {
		c := r.Clone(t.Context())
		c.Body, _ = r.GetBody()
		return c
	}
	require.Equal(t, 200, deliver(nodes[0], again()).Code)
	require.Equal(t, 409, deliver(nodes[1], again()).Code)
	require.Equal(t, 409, deliver(nodes[0], again()).Code)
	for _, ttl := range used {
		require.InDelta(t, 5*time.Minute, ttl, float64(3*time.Second), "until the request is too old")
	}
	r = signed(t, "secret", pagecache.Change{Paths: []string{"/p"}})
	stores[0].down = true
	w := deliver(nodes[0], again())
	require.Equal(t, 503, w.Code)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
	require.Equal(t, 200, deliver(nodes[1], again()).Code)
}
