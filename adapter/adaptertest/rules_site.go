package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// published is an API with its document, and a page that is kept.
func published(b *bench, base string) *typed.API {
	pages := pagecache.New(pagecache.Memory(1<<20), nil)
	b.t.Cleanup(func() {
		if err := pages.Close(); err != nil {
			b.t.Errorf("the page cache did not close: %v", err)
		}
	})
	var renders atomic.Int64
	api := typed.New("Published", "1", &typed.Options{Pages: pages, BasePath: base})
	typed.Handle(api, "GET /pages/{id}", typed.Func(func(_ context.Context, in id) (seen, error) {
		return seen{"id": in.ID, "render": fmt.Sprint(renders.Add(1))}, nil
	}), typed.Cache(pagecache.Policy{TTL: time.Hour}))
	typed.Handle(api, "POST /pages/{id}", typed.Func(func(ctx context.Context, in id) (typed.None, error) {
		return typed.None{}, typed.Revalidate(ctx, "/pages/"+in.ID)
	}))
	docs.Mount(api, nil)
	return api
}

// sites is what serves more than answers of handlers: the document, its page, kept pages.
func sites() []rule {
	both := func(name, says string, q query, w wish) rule {
		return rule{name, says, func(b *bench) error {
			router, reference := b.start(func() *typed.API { return published(b, "/v1") })
			got, err := compare(router, reference, q)
			return errors.Join(err, w.check(q, got))
		}}
	}
	return []rule{
		both("docs/JSON", "The document is served, with the base path as its server.", get("/v1/openapi.json"), wish{200, []string{"Content-Type: application/json"}, `~"/v1"`}),
		both("docs/YAML", "The document is served as YAML as well.", get("/v1/openapi.yaml"), wish{200, []string{"Content-Type: application/yaml"}, "~openapi: \"3.1"}),
		both("docs/page", "The page that shows the document is served.", get("/v1/docs"), wish{200, nil, "~<html"}),
		both("docs/packed", "The page is served compressed, byte for byte.", get("/v1/docs", "Accept-Encoding: gzip"), wish{200, []string{"Content-Encoding: gzip"}, ""}),
		both("docs/304", "The page is not sent again.", get("/v1/docs", "If-None-Match: *"), wish{304, nil, ""}),
		{"docs/in a group", "In a group the document has the group's prefix as its server.", func(b *bench) error {
			if b.suite.group == nil {
				b.t.Skip("the router has no groups")
			}
			router := b.suite.group("/group/v2", published(b, ""))
			defer router.Close()
			q := get("/group/v2/openapi.json")
			got, err := router.send(q)
			return errors.Join(err, wish{200, nil, `~"/group/v2"`}.check(q, got))
		}},
		{"pages/kept", "A page is rendered once and kept, and rendered again when it is revalidated.", func(b *bench) error {
			router, reference := b.start(func() *typed.API { return published(b, "") })
			page := get("/pages/a%2Fb")
			for i, step := range []struct {
				query query
				want  string
			}{
				{page, `"render":"1"`}, {page, `"render":"1"`}, {get("/pages/other"), `"render":"2"`},
				{send("POST", "/pages/other", ""), ""}, {get("/pages/other"), `"render":"3"`}, {page, `"render":"1"`},
				{send("HEAD", "/pages/other", ""), ""}, {get("/pages/other", "If-None-Match: *"), ""},
			} {
				got, err := compare(router, reference, step.query)
				if err != nil {
					return fmt.Errorf("step %d: %w", i, err)
				}
				if !strings.Contains(got.body, step.want) {
					return fmt.Errorf("step %d: %d %s, want %s", i, got.status, got.body, step.want)
				}
			}
			return nil
		}},
		{"pages/guarded", "No other cache may store a page whose middleware calls it private or sets a cookie.", heedsMiddleware},
	}
}

// storing is what an answer says of storing it.
type storing struct {
	Page                       string // X-Cache
	CacheControl, CDN, Cookies []string
}

// guardedPages is an API whose middleware guards a page that is kept, for everybody and for CDNs.
func guardedPages(b *bench) *typed.API {
	pages := pagecache.New(pagecache.Memory(1<<20), nil)
	b.t.Cleanup(func() {
		if err := pages.Close(); err != nil {
			b.t.Errorf("the page cache did not close: %v", err)
		}
	})
	api := typed.New("Guarded", "1", &typed.Options{Pages: pages})
	answer := typed.Func(func(context.Context, typed.None) (string, error) { return "for members", nil })
	cached := typed.Cache(pagecache.Policy{TTL: time.Hour, CDN: true})
	for path, header := range map[string]http.Header{
		"/open":    nil,
		"/private": {"Cache-Control": {"private, no-store"}},
		"/session": {"Set-Cookie": {"session=1", "csrf=2"}},
	} {
		typed.Handle(api, "GET "+path, answer, cached, typed.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				maps.Copy(w.Header(), header)
				next.ServeHTTP(w, r)
			})
		}))
	}
	return api
}

// heedsMiddleware asks for pages whose middleware forbids other caches to store them.
func heedsMiddleware(b *bench) error {
	router, _ := b.start(func() *typed.API { return guardedPages(b) })
	const ours = "private, no-cache, no-store, max-age=0, must-revalidate"
	for path, want := range map[string]storing{
		"/open":    {"", []string{"public, max-age=0, must-revalidate"}, []string{"max-age=3600"}, nil},
		"/private": {"", []string{"private, no-store"}, nil, nil},
		"/session": {"", []string{ours}, nil, []string{"session=1", "csrf=2"}},
	} {
		for _, want.Page = range []string{"MISS", "HIT"} {
			got, err := router.send(get(path))
			if err != nil {
				return err
			}
			h := got.header
			if diff := cmp.Diff(want, storing{h.Get("X-Cache"), h["Cache-Control"], h["Cdn-Cache-Control"], h["Set-Cookie"]}); diff != "" {
				return fmt.Errorf("%s (-want +got):\n%s", path, diff)
			}
		}
	}
	return nil
}
