package pagecache_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

func TestRevalidateRendersNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		s.expect("MISS", "render 1", "/posts/1")
		time.Sleep(5 * time.Second)
		require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"))
		require.Equal(t, int64(2), s.renders.Load())
		r := s.expect("HIT", "render 2", "/posts/1")
		require.Equal(t, "0", r.header.Get("Age"))
		time.Sleep(9 * time.Second)
		s.expect("HIT", "render 2", "/posts/1")
	})
}

// An ungenerated path is rendered as well; not found and redirects are results.
func TestRevalidateResults(t *testing.T) {
	for _, c := range []struct {
		status int
		header []string
	}{{200, nil}, {404, nil}, {410, nil}, {307, []string{"Location", "/"}}, {308, []string{"Location", "/"}}} {
		s := newSite(t, plainPolicy(), nil)
		s.answer(func(n int64) *pages.Page { return text(c.status, fmt.Sprint(c.status), c.header...) })
		require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"))
		r := s.expect("HIT", fmt.Sprint(c.status), "/posts/1")
		require.Equal(t, c.status, r.status)
	}
}

// When the render fails, the error says why, and the old page and its clock stay.
func TestRevalidateFails(t *testing.T) {
	boom := errors.New("database down")
	for name, render := range map[string]pages.Render{
		"error":  func(context.Context, pages.Request) (*pages.Page, error) { return nil, boom },
		"status": func(context.Context, pages.Request) (*pages.Page, error) { return text(502, "bad"), nil },
		"panic":  func(context.Context, pages.Request) (*pages.Page, error) { panic(boom) },
		"hangs": func(ctx context.Context, _ pages.Request) (*pages.Page, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"nothing": func(context.Context, pages.Request) (*pages.Page, error) { return nil, nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := plainPolicy()
				p.RenderTimeout = time.Second
				s := newSite(t, p, nil)
				s.expect("MISS", "render 1", "/posts/1")
				time.Sleep(3 * time.Second)
				s.rendering(render)
				began := time.Now()
				err := s.cache.Revalidate(t.Context(), "/posts/1")
				require.ErrorIs(t, err, pagecache.ErrRenderFailed)
				var one *pagecache.Error
				require.ErrorAs(t, err, &one)
				require.Equal(t, "/posts/1", one.Name)
				r := s.expect("HIT", "render 1", "/posts/1")
				require.Equal(t, fmt.Sprint(int(3+time.Since(began).Seconds())), r.header.Get("Age"))
			})
		})
	}
}

func TestRevalidateRefuses(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	for path, want := range map[string]error{
		"/nothing":              pagecache.ErrNotCached,
		"/posts/1/comments":     pagecache.ErrNotCached,
		"/posts/":               pagecache.ErrNotCached,
		"":                      pagecache.ErrPath,
		"posts/1":               pagecache.ErrPath,
		"//posts/1":             pagecache.ErrPath,
		"//evil.example/posts":  pagecache.ErrPath,
		"https://evil.example/": pagecache.ErrPath,
		"/posts/1#top":          pagecache.ErrPath,
		"/posts/\\1":            pagecache.ErrPath,
		"/posts/1\r\n":          pagecache.ErrPath,
		"/posts/a b":            pagecache.ErrPath,
		"/posts/1?page=%zz":     pagecache.ErrPath,
		"/posts/1?page=1#top":   pagecache.ErrPath,
		"/posts/1?page=1 2":     pagecache.ErrPath,
		"/posts/1?page=1\n":     pagecache.ErrPath,
		"/posts/%00":            pagecache.ErrPath,
		"/posts/%2e%2e":         pagecache.ErrPath,
	} {
		err := s.cache.Revalidate(t.Context(), path)
		require.ErrorIs(t, err, want, path)
	}
	require.Zero(t, s.renders.Load())
	require.ErrorIs(t, pagecache.ErrNotCached, respond.ErrNotCached)

	unbound := pagecache.New(pagecache.Memory(0), nil)
	defer unbound.Close()
	require.ErrorIs(t, unbound.Revalidate(t.Context(), "/posts/1"), pagecache.ErrNotCached)
	require.NoError(t, unbound.Revalidate(t.Context()))
}

// Several paths: one error each, and the good ones are rendered.
func TestRevalidateJoinsErrors(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	paths := []string{"/posts/1", "/nothing", "/posts/2", "bad"}
	for i := range 30 {
		paths = append(paths, fmt.Sprintf("/posts/%d", 100+i))
	}
	err := s.cache.Revalidate(t.Context(), paths...)
	require.ErrorIs(t, err, pagecache.ErrNotCached)
	require.ErrorIs(t, err, pagecache.ErrPath)
	require.Len(t, err.(interface{ Unwrap() []error }).Unwrap(), 2)
	require.Equal(t, int64(32), s.renders.Load())
	require.Equal(t, "HIT", s.get("/posts/2").cache())
}

func TestRevalidateStored(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	err := s.cache.RevalidateStored(t.Context(), "/posts/1", "/posts/2")
	require.ErrorIs(t, err, pagecache.ErrNotStored)
	require.Zero(t, s.renders.Load())
	s.expect("MISS", "render 1", "/posts/1")
	require.NoError(t, s.cache.RevalidateStored(t.Context(), "/posts/1"))
	s.expect("HIT", "render 2", "/posts/1")
	// A path of which only a variant is stored has pages as well.
	s.expect("MISS", "render 3", "/posts/2?page=2")
	require.NoError(t, s.cache.RevalidateStored(t.Context(), "/posts/2"))
	s.expect("HIT", "render 4", "/posts/2?page=2")
	s.expect("MISS", "render 5", "/posts/2")
}

// All variants become old by the path's version; the path itself and the latest eight
// are rendered now, the others with their next request.
func TestRevalidateVariants(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	s.answer(func(int64) *pages.Page { return text(200, "old") })
	s.get("/posts/1")
	for i := range 10 {
		s.get(fmt.Sprintf("/posts/1?page=%d", i))
	}
	s.get("/posts/1", "Accept-Language", "de")
	s.get("/posts/2")
	s.answer(func(int64) *pages.Page { return text(200, "new") })
	n := s.renders.Load()
	require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"))
	require.Equal(t, n+9, s.renders.Load())
	s.expect("HIT", "new", "/posts/1")
	s.expect("HIT", "new", "/posts/1", "Accept-Language", "de")
	for i := range 10 {
		want := "HIT"
		if i < 3 {
			want = "REVALIDATED"
		}
		s.expect(want, "new", fmt.Sprintf("/posts/1?page=%d", i))
	}
	s.expect("HIT", "old", "/posts/2")
}

// A path with a query names that page; its path's others are rendered along.
func TestRevalidateWithQuery(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	s.get("/posts/1")
	require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1?page=2"))
	s.expect("HIT", "render 2", "/posts/1?page=2")
	s.expect("HIT", "render 3", "/posts/1")
}

// A variant that fails is logged; its old page is not served.
// What may not be stored is no variant that is rendered along.
func TestRevalidateRefused(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	s.answer(func(int64) *pages.Page { return text(200, "old") })
	s.get("/posts/1")
	s.get("/posts/1?page=1")
	s.answer(func(int64) *pages.Page { return text(422, "no") })
	for i := range 10 {
		s.get(fmt.Sprintf("/posts/1?page=x%d", i))
	}
	s.answer(func(int64) *pages.Page { return text(200, "new") })
	n := s.renders.Load()
	require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"))
	require.Equal(t, n+2, s.renders.Load())
	s.expect("HIT", "new", "/posts/1?page=1")
}

func TestRevalidateVariantFails(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	s.get("/posts/1")
	s.get("/posts/1?page=2")
	s.rendering(func(_ context.Context, r pages.Request) (*pages.Page, error) {
		if r.RawQuery != "" {
			return nil, errors.New("no page two")
		}
		return text(200, "new"), nil
	})
	require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1"))
	require.Contains(t, s.log.String(), "no page two")
	s.expect("HIT", "new", "/posts/1")
	require.Error(t, s.get("/posts/1?page=2").err)
}

// A render that asks for a render would wait for itself.
func TestRevalidateInsideRender(t *testing.T) {
	s := newSite(t, plainPolicy(), nil)
	var got error
	s.rendering(func(ctx context.Context, _ pages.Request) (*pages.Page, error) {
		got = s.cache.Revalidate(ctx, "/posts/1")
		return text(200, "page"), nil
	})
	s.expect("MISS", "page", "/posts/1")
	require.Error(t, got)
}

// When the caller goes away, the render goes on.
func TestRevalidateCallerGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			time.Sleep(2 * time.Second)
			return text(200, "page"), nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, s.cache.Revalidate(ctx, "/posts/1"), context.DeadlineExceeded)
		time.Sleep(2 * time.Second)
		s.expect("HIT", "page", "/posts/1")
	})
}

// isr: a request while a render on demand runs gets the old page at once.
func TestRequestDuringRevalidate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		s.expect("MISS", "render 1", "/posts/1")
		s.rendering(func(context.Context, pages.Request) (*pages.Page, error) {
			time.Sleep(time.Second)
			return text(200, "new"), nil
		})
		done := make(chan error)
		go func() { done <- s.cache.Revalidate(t.Context(), "/posts/1") }()
		synctest.Wait()
		s.expect("HIT", "render 1", "/posts/1")
		require.NoError(t, <-done)
		s.expect("HIT", "new", "/posts/1")
	})
}

func TestTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, plainPolicy(), nil)
		s.rendering(func(_ context.Context, r pages.Request) (*pages.Page, error) {
			p := text(200, fmt.Sprint("render ", s.renders.Load()))
			p.Tags = []string{"", "author:7", "posts"}
			return p, nil
		})
		s.expect("MISS", "render 1", "/posts/1")
		s.expect("MISS", "render 2", "/posts/2")

		// Soft: the old page once more, and a render behind it.
		require.NoError(t, s.cache.RevalidateTag(t.Context(), "post:1"))
		s.expect("STALE", "render 1", "/posts/1")
		synctest.Wait()
		s.expect("HIT", "render 3", "/posts/1")
		s.expect("HIT", "render 2", "/posts/2")

		// Hard: wait for a fresh one.
		require.NoError(t, s.cache.ExpireTag(t.Context(), "posts"))
		s.expect("REVALIDATED", "render 4", "/posts/1")
		s.expect("REVALIDATED", "render 5", "/posts/2")

		// A tag that only the handler gave.
		require.NoError(t, s.cache.ExpireTag(t.Context(), "other", "author:7"))
		s.expect("REVALIDATED", "render 6", "/posts/1")

		// No page carries these.
		require.NoError(t, s.cache.ExpireTag(t.Context(), "post:", "post:11", "author", "p:/posts/1"))
		require.NoError(t, s.cache.ExpireTag(t.Context()))
		s.expect("HIT", "render 6", "/posts/1")
		require.Error(t, s.cache.ExpireTag(t.Context(), ""))
		require.Error(t, s.cache.RevalidateTag(t.Context(), string(make([]byte, 257))))
	})
}

// A soft mark on a page without a stale window leaves its error window: the request
// waits, and gets the old page only if the render fails.
func TestSoftTagWithoutStaleWindow(t *testing.T) {
	p := plainPolicy()
	p.StaleWhileRevalidate = 0
	s := newSite(t, p, nil)
	s.expect("MISS", "render 1", "/posts/1")
	require.NoError(t, s.cache.RevalidateTag(t.Context(), "posts"))
	s.expect("REVALIDATED", "render 2", "/posts/1")
	require.NoError(t, s.cache.RevalidateTag(t.Context(), "posts"))
	s.answer(func(int64) *pages.Page { return text(500, "broken") })
	s.expect("STALE", "render 2", "/posts/1")
}

// Too many or too long tags: storing without them would lose a later bump, so the page
// is not stored.
func TestTagLimits(t *testing.T) {
	many := make([]string, 129)
	for i := range many {
		many[i] = fmt.Sprint("tag", i)
	}
	for _, tags := range [][]string{many, {string(make([]byte, 257))}} {
		s := newSite(t, plainPolicy(), nil)
		s.answer(func(int64) *pages.Page {
			p := text(200, "page")
			p.Tags = tags
			return p
		})
		s.expect("BYPASS", "page", "/posts/1")
		s.expect("BYPASS", "page", "/posts/1")
	}
}

func TestPurge(t *testing.T) {
	type call struct{ paths, tags []string }
	var calls []call
	purged := errors.New("no answer from the edge")
	var fail bool
	p := plainPolicy()
	p.CDN = true
	s := newSite(t, p, nil, func(_ *pages.Endpoint, o *pagecache.Options) {
		o.Purge = func(_ context.Context, paths, tags []string) error {
			calls = append(calls, call{paths, tags})
			if fail {
				return purged
			}
			return nil
		}
	})
	r := s.expect("MISS", "render 1", "/posts/1")
	require.Equal(t, "max-age=10, stale-while-revalidate=20, stale-if-error=30", r.header.Get("Cdn-Cache-Control"))
	require.NoError(t, s.cache.Revalidate(t.Context(), "/posts/1", "/posts/2"))
	require.NoError(t, s.cache.RevalidateTag(t.Context(), "posts"))
	require.NoError(t, s.cache.ExpireTag(t.Context(), "posts", "x"))
	require.NoError(t, s.cache.Expire(t.Context(), "/posts/3"))
	require.Error(t, s.cache.Revalidate(t.Context(), "/nothing"))
	require.Equal(t, []call{{[]string{"/posts/1", "/posts/2"}, nil}, {nil, []string{"posts"}}, {nil, []string{"posts", "x"}}, {[]string{"/posts/3"}, nil}}, calls)
	fail = true
	require.ErrorIs(t, s.cache.Revalidate(t.Context(), "/posts/1"), purged)
	require.ErrorIs(t, s.cache.ExpireTag(t.Context(), "posts"), purged)
	require.ErrorIs(t, s.cache.Expire(t.Context(), "/posts/1"), purged)
}
