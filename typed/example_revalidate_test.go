package typed_test

import (
	"context"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// if (req.query.secret !== process.env.MY_SECRET_TOKEN) return res.status(401).json({ message: 'Invalid token' })
// try { await res.revalidate('/path-to-revalidate'); return res.json({ revalidated: true }) }
// catch (err) { return res.status(500).send('Error revalidating') }
//
// The secret is in a header here: what is in a query ends up in logs.
func Example_revalidate() {
	type Invalid struct {
		Message string `json:"message"`
	}
	type Done struct {
		Revalidated bool `json:"revalidated"`
	}
	type RevalidateOut struct { // three payloads: three outcomes
		OK           typed.Reply[Done]    `status:"200"`
		Unauthorized typed.Reply[Invalid] `status:"401"`
		Failed       typed.Reply[string]  `status:"500"`
	}
	type Revalidate struct {
		Secret string `header:"X-Secret"`
	}
	const token = "MY_SECRET_TOKEN"

	pages := pagecache.New(pagecache.Memory(1<<20), nil)
	defer pages.Close()
	api := typed.New("Blog", "1.0.0", &typed.Options{Pages: pages})

	version := 0
	typed.Handle(api, "GET /posts", typed.Func(func(context.Context, typed.None) (string, error) {
		version++
		return fmt.Sprint("version ", version), nil
	}), typed.Cache(pagecache.Policy{TTL: time.Hour}))

	typed.Handle(api, "POST /api/revalidate",
		func(ctx context.Context, in Revalidate, out *RevalidateOut) (typed.Answer, error) {
			if subtle.ConstantTimeCompare([]byte(in.Secret), []byte(token)) != 1 {
				return out.Unauthorized.JSON(Invalid{"Invalid token"})
			}
			if err := typed.Revalidate(ctx, "/posts"); err != nil {
				return out.Failed.Send("Error revalidating")
			}
			return out.OK.JSON(Done{Revalidated: true})
		})

	show(api, "GET", "/posts", "")
	show(api, "GET", "/posts", "")
	show(api, "POST", "/api/revalidate", "")
	show(api, "POST", "/api/revalidate", "", "X-Secret", token)
	show(api, "GET", "/posts", "")
	// Output:
	// 200 application/json; charset=utf-8
	// "version 1"
	// 200 application/json; charset=utf-8
	// "version 1"
	// 401 application/json; charset=utf-8
	// {"message":"Invalid token"}
	// 200 application/json; charset=utf-8
	// {"revalidated":true}
	// 200 application/json; charset=utf-8
	// "version 2"
}
