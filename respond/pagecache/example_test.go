package pagecache_test

import (
	"context"
	"errors"
	"fmt"
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

func ExamplePolicy() {
	policy := pagecache.Policy{
		TTL:                  time.Minute,           // fresh: served without asking anybody
		StaleWhileRevalidate: time.Hour,             // then served while one render replaces it
		StaleIfError:         24 * time.Hour,        // then only if that render fails
		Tags:                 []string{"post:{id}"}, // for RevalidateTag
		Query:                []string{"page"},      // tells pages apart; the handler sees no other
		Vary:                 []string{"Accept-Language"},
	}
	fmt.Println(policy.TTL + policy.StaleWhileRevalidate + policy.StaleIfError)
	// Output:
	// 25h1m0s
}

// Another system says what has changed.
func ExampleNewHookRequest() {
	api, pages := shop(pagecache.Memory(8 << 20))
	defer pages.Close()
	visit(api)

	req, err := pagecache.NewHookRequest(context.Background(), "http://shop.example/hooks/shop",
		"a secret of 32 bytes or more, say", pagecache.Change{Tags: []string{"goods"}, Paths: []string{"/shop"}})
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
		fmt.Printf("%s %q\n", e.Op, e.Name)
	}
	// Output:
	// revalidate ""
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
	fmt.Println("put", e.Status, err)
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
	// put 200 <nil>
	// "render 1"
	// bump, hard: true marks: 1
	// <nil>
}
