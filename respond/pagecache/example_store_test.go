package pagecache_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// What can go wrong with a path.
func ExampleErrPath() {
	_, pages := shop(pagecache.Memory(8 << 20))
	defer pages.Close()
	ctx := context.Background()
	for _, err := range []error{
		pages.Revalidate(ctx, "https://other.example/shop"),
		pages.Revalidate(ctx, "/nowhere"),
		pages.RevalidateStored(ctx, "/shop"), // nobody has visited it
	} {
		for _, cause := range []error{
			pagecache.ErrPath, pagecache.ErrNotCached, pagecache.ErrNotStored, pagecache.ErrRenderFailed, pagecache.ErrStore,
		} {
			if errors.Is(err, cause) {
				fmt.Println(cause)
			}
		}
	}
	// Output:
	// pagecache: not a path of the API
	// respond: nothing is cached at this path
	// pagecache: no page is stored for the path
}

// What a store writes, and how Marks judge it: the part that all stores have in common.
func ExampleMarks() {
	var token pagecache.Token = 7 // a store's Token method returns the next
	page := &pagecache.Entry{
		Tuple: []byte("GET /shop"), Token: token, Marks: []string{"path:/shop", "tag:goods"},
		Born: time.Unix(0, 0), Fresh: time.Hour, Stale: 24 * time.Hour, Error: 7 * 24 * time.Hour,
		Status: 200, ETag: `W/"1"`,
		Header: []pagecache.Field{{Name: "Content-Type", Values: []string{"application/json"}}},
		Body:   []byte(`"render 1"`),
	}
	stored, err := page.AppendBinary(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	read, err := pagecache.DecodeEntry(stored)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = pagecache.DecodeEntry(stored[:len(stored)/2])
	fmt.Println(errors.Is(err, pagecache.ErrDamaged))
	fmt.Println(read.ETag, "can go after", read.Fresh+read.Stale+read.Error)

	var marks pagecache.Marks
	verdict := func() {
		words := map[pagecache.Verdict]string{pagecache.Current: "current", pagecache.Outdated: "outdated", pagecache.Expired: "expired"}
		fmt.Println(words[marks.Judge(read)])
	}
	verdict()
	marks.Bump(pagecache.Bump{At: 8, Marks: []string{"tag:goods"}})
	verdict()
	marks.Bump(pagecache.Bump{At: 9, Hard: true, Marks: []string{"tag:goods"}})
	verdict()
	// A render that began before the bump comes too late.
	fmt.Println(errors.Is(marks.Admit(read, func() error { return nil }), pagecache.ErrSuperseded))
	// Output:
	// true
	// W/"1" can go after 193h0m0s
	// current
	// outdated
	// expired
	// true
}

// cluster is a store of several nodes: it may do these things beside Store.
type cluster struct{ pagecache.Store }

func (c cluster) Claim(ctx context.Context, key pagecache.Key) (*pagecache.Entry, pagecache.Verdict, func(), error) {
	e, v, err := c.Get(ctx, key)
	return e, v, func() {}, err // a real one takes a lock that all nodes see
}

func (c cluster) Peek(pagecache.Key) (*pagecache.Entry, bool) { return nil, false }

func (c cluster) Use(context.Context, string, time.Duration) (bool, error) { return true, nil }

func ExampleSharer() {
	var store pagecache.Store = cluster{pagecache.Memory(8 << 20)}
	_, shares := store.(pagecache.Sharer)
	_, peeks := store.(pagecache.Peeker)
	_, remembers := store.(pagecache.Nonces)
	fmt.Println(shares, peeks, remembers)

	api, pages := shop(store)
	defer pages.Close()
	visit(api)
	// Output:
	// true true true
	// "render 1"
}

// A webhook with a log of its own around it.
func ExampleHook() {
	const secret = "a secret of 32 bytes or more, say"
	api, pages := shop(pagecache.Memory(8 << 20))
	defer pages.Close()
	hook := pagecache.Hook(secret)
	logged := func(ctx context.Context, in pagecache.HookInput, res *respond.Response[pagecache.HookOutput]) (respond.Answer, error) {
		answer, err := hook(ctx, in, res)
		if err != nil {
			fmt.Println("refused", in.Nonce, "of", in.Timestamp, "signed", in.Signature != "")
		} else {
			fmt.Printf("done %s\n", in.Body)
		}
		return answer, err
	}
	typed.Handle(api, "POST /hooks/logged", logged, typed.Fails(400, 401, 409, 413, 422, 503))

	change := pagecache.Change{Tags: []string{"goods"}}
	for _, used := range []string{secret, "the secret of the year before"} {
		r, err := pagecache.NewHookRequest(context.Background(), "http://shop.example/hooks/logged", used, change)
		if err != nil {
			fmt.Println(err)
			return
		}
		if used != secret {
			r.Header.Set("X-Apiroutes-Timestamp", "1709208000")
			r.Header.Set("X-Apiroutes-Nonce", "n-7")
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// done {"tags":["goods"]}
	// 200
	// refused n-7 of 1709208000 signed true
	// 401
}
