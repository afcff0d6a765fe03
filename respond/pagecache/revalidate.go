package pagecache

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// maxAtOnce is how many paths one call renders at the same time.
const maxAtOnce = 8

// Revalidate renders the pages of the paths now and stores them. A path is relative to
// the API and may have a query, as Endpoint.Path writes it. No request that begins
// after Revalidate has returned is served what was stored before: the path's other
// pages (by query and Vary) become old as well; the latest eight are rendered along,
// the others with their next request.
//
// The render begins after the call, never before; calls for one path that come while a
// render on demand runs share the next one. An answer that is not found or a redirect
// is a result like any other. If a render fails, the error says why, and the old page
// and its age stay as they are. The errors of several paths are joined, one *[Error]
// each. When ctx ends, the render goes on without its caller.
func (c *Cache) Revalidate(ctx context.Context, paths ...string) error {
	return c.each(ctx, paths, false)
}

// RevalidateStored is [Cache.Revalidate] for paths that have a page; for the others it
// renders nothing, and the joined error holds [ErrNotStored].
func (c *Cache) RevalidateStored(ctx context.Context, paths ...string) error {
	return c.each(ctx, paths, true)
}

func (c *Cache) each(ctx context.Context, paths []string, storedOnly bool) error {
	if ctx.Value(rendering{}) != nil {
		return errRendering
	}
	errs := make([]error, len(paths)+1)
	purge := make([]string, len(paths))
	atOnce(len(paths), func(i int) {
		cdn, err := c.revalidate(ctx, paths[i], storedOnly)
		if err != nil {
			errs[i] = &Error{"revalidate", paths[i], err}
		} else if cdn {
			purge[i] = paths[i]
		}
	})
	errs[len(paths)] = c.purge(ctx, slices.DeleteFunc(purge, func(p string) bool { return p == "" }), nil)
	return errors.Join(errs...)
}

// atOnce calls f(0) ... f(n-1), some of them at the same time.
func atOnce(n int, f func(i int)) {
	if n == 1 {
		f(0)
		return
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, maxAtOnce)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			f(i)
		})
	}
	wg.Wait()
}

// revalidate renders one path. cdn says that the endpoint wants a CDN to know.
func (c *Cache) revalidate(ctx context.Context, path string, storedOnly bool) (cdn bool, err error) {
	j, err := c.jobOf(path)
	if err != nil {
		return false, err
	}
	others := slices.DeleteFunc(c.variants.latest(j.req.Path), func(o job) bool { return o.key == j.key })
	if !j.bare {
		bare, err := c.jobOf(j.req.Path)
		if err == nil && c.isStored(ctx, bare) {
			others = append(others, bare)
		}
	}
	if storedOnly && !c.isStored(ctx, j) {
		if len(others) == 0 {
			return false, ErrNotStored
		}
		j, others = others[0], others[1:]
	}
	if err := c.demanded(ctx, c.demand(j, true, true)); err != nil {
		return false, err
	}
	atOnce(len(others), func(i int) {
		if err := c.demanded(ctx, c.demand(others[i], true, false)); err != nil {
			c.opts.Log.Warn("pagecache: a variant could not be revalidated; its next request renders it",
				"path", others[i].req.Path, "query", others[i].req.RawQuery, "error", err)
		}
	})
	return j.route.policy.CDN, nil
}

// jobOf makes the job of a path with or without a query.
func (c *Cache) jobOf(path string) (job, error) {
	path, query, _ := strings.Cut(path, "?")
	foreign := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '#' }
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`) ||
		strings.ContainsFunc(path, foreign) || strings.ContainsFunc(query, foreign) {
		return job{}, ErrPath
	}
	resolve := c.resolve.Load()
	if resolve == nil {
		return job{}, ErrNotCached
	}
	r, values, err := (*resolve)(path)
	if err != nil {
		return job{}, err
	}
	rt := r.(*route)
	var a ask
	n, ok := rt.read(&a, nil, values, query, noHeader{})
	if !ok {
		return job{}, fmt.Errorf("%w: its values or its query make no key", ErrPath)
	}
	return rt.job(&a, values, n, c.hasher.key(n)), nil
}

// noHeader is a request without any header.
type noHeader struct{}

func (noHeader) Header(string) []string { return nil }

func (c *Cache) isStored(ctx context.Context, j job) bool {
	e, v, _ := c.get(ctx, j.key, j.tuple, nil)
	return e != nil && !e.Marker && v != Expired
}

// demanded waits for a render on demand and says why it failed.
func (c *Cache) demanded(ctx context.Context, f *flight) error {
	select {
	case <-f.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	switch {
	case f.err != nil:
		return fmt.Errorf("%w: %w", ErrRenderFailed, f.err)
	case f.refused != nil:
		return fmt.Errorf("%w: it may not be stored: %w", ErrRenderFailed, f.refused)
	case f.storeErr != nil:
		return fmt.Errorf("%w: %w", ErrStore, f.storeErr)
	}
	return nil
}

// Expire makes all pages of the paths old: their next requests wait for a render. It
// renders nothing, and a path at which nothing is cached is no error: it is for the
// answers of unsafe methods (RFC 9111, section 4.4).
func (c *Cache) Expire(ctx context.Context, paths ...string) error {
	var (
		marks, cdn []string
		errs       []error
	)
	for _, path := range paths {
		j, err := c.jobOf(path)
		switch {
		case err == nil:
			marks = append(marks, pathMark(j.req.Path))
			if j.route.policy.CDN {
				cdn = append(cdn, path)
			}
		case !errors.Is(err, ErrNotCached) && !errors.Is(err, ErrPath):
			errs = append(errs, &Error{"expire", path, err})
		}
	}
	if len(marks) > 0 {
		if err := c.bump(ctx, true, marks); err != nil {
			errs = append(errs, &Error{"expire", strings.Join(paths, " "), err})
		}
	}
	return errors.Join(append(errs, c.purge(ctx, cdn, nil))...)
}

// RevalidateTag makes every page that carries one of the tags stale: the next request
// gets it, and starts its render. It takes no longer for many pages than for one.
func (c *Cache) RevalidateTag(ctx context.Context, tags ...string) error {
	return c.bumpTags(ctx, "revalidate", false, tags)
}

// ExpireTag makes every page that carries one of the tags old: its next request waits
// for a render.
func (c *Cache) ExpireTag(ctx context.Context, tags ...string) error {
	return c.bumpTags(ctx, "expire", true, tags)
}

func (c *Cache) bumpTags(ctx context.Context, op string, hard bool, tags []string) error {
	marks := make([]string, 0, len(tags))
	for _, t := range tags {
		if t == "" || len(t) > maxTagLength {
			return &Error{op, t, errTag}
		}
		marks = append(marks, tagMark(t))
	}
	if len(marks) == 0 {
		return nil
	}
	if err := c.bump(ctx, hard, marks); err != nil {
		return &Error{op, strings.Join(tags, " "), err}
	}
	if !c.cdn.Load() {
		return nil
	}
	return c.purge(ctx, nil, tags)
}

// bump makes what carries the marks old, as of now.
func (c *Cache) bump(ctx context.Context, hard bool, marks []string) error {
	at, err := bounded(c, ctx, c.store.Token)
	if err == nil {
		err = c.call(ctx, func(ctx context.Context) error {
			return c.store.Bump(ctx, Bump{At: at, Hard: hard, Marks: marks})
		})
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStore, err)
	}
	return nil
}

func (c *Cache) purge(ctx context.Context, paths, tags []string) error {
	if c.opts.Purge == nil || len(paths)+len(tags) == 0 {
		return nil
	}
	if err := c.opts.Purge(ctx, paths, tags); err != nil {
		return fmt.Errorf("pagecache: purge: %w", err)
	}
	return nil
}
