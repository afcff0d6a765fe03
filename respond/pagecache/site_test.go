package pagecache_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// proof tells whether tests run with the full number of rounds.
func proof(rounds, few int) int {
	if os.Getenv("APIROUTES_PROOF") == "1" {
		return rounds
	}
	return few
}

// site is one cached endpoint, /posts/{id}, whose render a test can change, and the
// cache in front of it.
type site struct {
	t       testing.TB
	cache   *pagecache.Cache
	route   pages.Route
	log     *lockedBuffer
	renders atomic.Int64
	mu      sync.Mutex
	render  pages.Render
}

// plainPolicy has all four states: fresh 10 s, stale 20 s, error-stale 30 s.
func plainPolicy() pagecache.Policy {
	return pagecache.Policy{
		TTL: 10 * time.Second, StaleWhileRevalidate: 20 * time.Second, StaleIfError: 30 * time.Second,
		Tags: []string{"posts", "post:{id}"}, Query: []string{"page", "q"}, Vary: []string{"Accept-Language"},
	}
}

type siteOption func(*pages.Endpoint, *pagecache.Options)

func newSite(t testing.TB, p pagecache.Policy, store pagecache.Store, opts ...siteOption) *site {
	t.Helper()
	s := &site{t: t, log: &lockedBuffer{}}
	pat, err := pattern.Parse("GET /posts/{id}")
	require.NoError(t, err)
	e := pages.Endpoint{Pattern: pat, Representation: "text/plain",
		Render: func(ctx context.Context, r pages.Request) (*pages.Page, error) {
			s.renders.Add(1)
			s.mu.Lock()
			render := s.render
			s.mu.Unlock()
			return render(ctx, r)
		}}
	o := &pagecache.Options{Log: slog.New(slog.NewTextHandler(s.log, nil))}
	for _, opt := range opts {
		opt(&e, o)
	}
	if store == nil {
		store = pagecache.Memory(64 << 20)
	}
	s.cache = pagecache.New(store, o)
	t.Cleanup(func() { s.cache.Close() })
	backend := hook.Pages(s.cache)
	var faults []fault.Fault
	s.route, faults = backend.Register(e, p)
	require.Empty(t, faults)
	require.NoError(t, backend.Bind(func(path string) (pages.Route, []string, error) {
		id, ok := strings.CutPrefix(path, "/posts/")
		if !ok || id == "" || strings.Contains(id, "/") {
			return nil, nil, pagecache.ErrNotCached
		}
		id, err := url.PathUnescape(id)
		return s.route, []string{id}, err
	}))
	s.answer(func(n int64) *pages.Page { return text(200, fmt.Sprint("render ", n)) })
	return s
}

// answer sets what renders answer, given how many there were.
func (s *site) answer(f func(n int64) *pages.Page) {
	s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
		return f(s.renders.Load()), nil
	})
}

func (s *site) rendering(f pages.Render) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.render = f
}

func text(status int, body string, header ...string) *pages.Page {
	p := &pages.Page{Status: status, Header: http.Header{"Content-Type": {"text/plain"}}, Body: []byte(body)}
	for i := 0; i+1 < len(header); i += 2 {
		p.Header.Add(header[i], header[i+1])
	}
	return p
}

// reply is an answer as the client sees it.
type reply struct {
	status int
	body   string
	header http.Header
	past   bool
	err    error
}

func (r reply) cache() string { return r.header.Get("X-Cache") }

func (s *site) get(target string, header ...string) reply {
	return s.do(context.Background(), http.MethodGet, target, header...)
}

func (s *site) do(ctx context.Context, method, target string, header ...string) reply {
	path, query, _ := strings.Cut(target, "?")
	id, err := url.PathUnescape(strings.TrimPrefix(path, "/posts/"))
	if err != nil {
		s.t.Error(err)
	}
	r := &http.Request{Method: method, URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	x := &wire.NetHTTP{W: w, R: r.WithContext(ctx)}
	past, release, err := s.route.Answer(x, []string{id})
	if past != nil {
		release()
	}
	if past != nil || err != nil {
		return reply{past: past != nil, err: err}
	}
	return reply{status: w.Code, body: w.Body.String(), header: w.Header()}
}

// expect asks for a page and checks X-Cache and the body.
func (s *site) expect(cache, body string, target string, header ...string) reply {
	s.t.Helper()
	r := s.get(target, header...)
	require.NoError(s.t, r.err)
	require.Equal(s.t, body, r.body)
	require.Equal(s.t, cache, r.cache())
	return r
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

var _ io.Writer = (*lockedBuffer)(nil)
