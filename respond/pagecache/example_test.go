package pagecache_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// shop has one page, GET /shop, and its webhook.
func shop(store pagecache.Store) (*typed.API, *pagecache.Cache) {
	pages := pagecache.New(store, &pagecache.Options{RenderTimeout: 5 * time.Second})
	api := typed.New("Shop", "1.0.0", &typed.Options{Pages: pages})
	renders := 0
	typed.Handle(api, "GET /shop", typed.Func(func(context.Context, typed.None) (string, error) {
		renders++
		return fmt.Sprint("render ", renders), nil
	}), typed.Cache(pagecache.Policy{TTL: time.Hour, Tags: []string{"goods"}}))
	typed.Handle(api, "POST /hooks/shop", pagecache.Hook("a secret of 32 bytes or more, say"))
	return api, pages
}

func visit(api *typed.API) {
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/shop", nil))
	fmt.Println(w.Body)
}

func ExampleCache() {
	api, pages := shop(pagecache.Memory(8 << 20))
	defer pages.Close()
	visit(api)
	visit(api)
	fmt.Println(pages.Revalidate(context.Background(), "/shop"))
	visit(api)
	// Output:
	// "render 1"
	// "render 1"
	// <nil>
	// "render 2"
}

// What has been deleted is not shown once more, whatever its page's policy says.
func ExampleCache_Expire() {
	api, pages := shop(pagecache.Memory(8 << 20))
	defer pages.Close()
	visit(api)
	fmt.Println(pages.Expire(context.Background(), "/shop"))
	visit(api)
	// Output:
	// "render 1"
	// <nil>
	// "render 2"
}

func ExamplePolicy() {
	policy := pagecache.Policy{
		TTL:                  time.Minute,           // fresh: served without asking anybody
		StaleWhileRevalidate: time.Hour,             // then served while one render replaces it
		StaleIfError:         24 * time.Hour,        // then only if that render fails
		Tags:                 []string{"post:{id}"}, // for RevalidateTag
		Query:                []string{"page"},      // tells pages apart; the handler sees no other
		Vary:                 []string{"Accept-Language"},
		BypassAuthorization:  true,     // who is signed in sees drafts
		MaxBody:              64 << 10, // no post is longer, and what is longer is not kept
		MaxVariants:          20,       // ?page=1 to ?page=20
		MaxBypass:            8,        // readers who are signed in, at one time
	}
	fmt.Println(policy.TTL + policy.StaleWhileRevalidate + policy.StaleIfError)
	// Output:
	// 25h1m0s
}

// A CDN in front keeps the pages as well, and is told when they are old.
func ExampleOptions() {
	pages := pagecache.New(pagecache.Memory(8<<20), &pagecache.Options{
		Purge: func(_ context.Context, paths, tags []string) error {
			fmt.Println("purge", paths, tags) // a program calls the API of its CDN
			return nil
		},
		Build:         "2024-02-29",           // pages of other builds are not served
		RenderTimeout: 5 * time.Second,        // a render that takes longer has failed
		StoreTimeout:  100 * time.Millisecond, // a store that takes longer is left alone for a while
		MaxRenders:    32,                     // as many as the database has connections
		MaxBackground: 8,                      // of renders that no request waits for
		Log:           slog.New(slog.DiscardHandler),
	})
	defer pages.Close()
	api := typed.New("Shop", "1.0.0", &typed.Options{Pages: pages})
	typed.Handle(api, "GET /shop", typed.Func(func(context.Context, typed.None) (string, error) { return "goods", nil }),
		typed.Cache(pagecache.Policy{TTL: time.Minute, StaleWhileRevalidate: time.Hour, Tags: []string{"goods"}, CDN: true}))

	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/shop", nil))
	fmt.Println(w.Header().Get("CDN-Cache-Control"))
	fmt.Println(pages.RevalidateTag(context.Background(), "goods"))
	// Output:
	// max-age=60, stale-while-revalidate=3600
	// purge [] [goods]
	// <nil>
}

// Another system says what has changed.
func ExampleNewHookRequest() {
	api, pages := shop(pagecache.Memory(8 << 20))
	defer pages.Close()
	visit(api)

	req, err := pagecache.NewHookRequest(context.Background(), "http://shop.example/hooks/shop",
		"a secret of 32 bytes or more, say", pagecache.Change{
			Paths:      []string{"/shop"},   // rendered now
			Tags:       []string{"goods"},   // rendered with the next request, which gets the old page
			ExpireTags: []string{"recalls"}, // no request gets the old page
		})
	if err != nil {
		panic(err)
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, req)
	fmt.Println(w.Code, w.Body) // a HookOutput
	visit(api)
	// Output:
	// "render 1"
	// 200 {"revalidated":true}
	// "render 2"
}

// An Error names the path or the tag.
func ExampleError() {
	_, pages := shop(pagecache.Memory(8 << 20))
	defer pages.Close()
	err := pages.RevalidateTag(context.Background(), "")
	if e, ok := errors.AsType[*pagecache.Error](err); ok {
		fmt.Printf("%s %q: %v\n", e.Op, e.Name, e.Err)
	}
	// Output:
	// revalidate "": pagecache: a tag is empty or too long
}

// loud is a Store that tells what is asked of it. It embeds another, and hides nothing
// of the rule that pagecache.Store states for Bump.
type loud struct{ pagecache.Store }

func (s loud) Bump(ctx context.Context, b pagecache.Bump) error {
	fmt.Println("bump, hard:", b.Hard, "marks:", len(b.Marks))
	return s.Store.Bump(ctx, b)
}

func (s loud) Put(ctx context.Context, key pagecache.Key, e *pagecache.Entry) error {
	err := s.Store.Put(ctx, key, e)
	fmt.Println("put", e.Status, "a page:", !e.Marker, err) // a marker: an answer that may not be stored
	return err
}

func (s loud) Get(ctx context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, error) {
	e, v, err := s.Store.Get(ctx, key)
	fmt.Println("get: stored", e != nil, "current", v == pagecache.Current)
	return e, v, err
}

func ExampleStore() {
	api, pages := shop(loud{pagecache.Memory(8 << 20)})
	defer pages.Close()
	visit(api)
	fmt.Println(pages.ExpireTag(context.Background(), "goods"))
	// Output:
	// get: stored false current false
	// get: stored false current false
	// put 200 a page: true <nil>
	// "render 1"
	// bump, hard: true marks: 1
	// <nil>
}
