package typed_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

type filed struct {
	Shelf string `path:"shelf"`
	Book  string `path:"book"`
	Page  string `path:"page"`
}

// sayFiled answers what was bound and what the request says, which is to be the same.
func sayFiled(ctx context.Context, in filed) ([]string, error) {
	r := typed.HTTPRequest(ctx)
	asked := filed{r.PathValue("shelf"), r.PathValue("book"), r.PathValue("page")}
	if asked != in {
		return nil, fmt.Errorf("bound %q, the request has %q", in, asked)
	}
	return []string{in.Shelf, in.Book, in.Page}, nil
}

// The values of several wildcards come, each decoded once, by every way to an endpoint.
func TestSeveralWildcards(t *testing.T) {
	const pattern = "/s/{shelf}/{book}/p/{page...}"
	pass := before(func(http.ResponseWriter, *http.Request) {})
	api := func(opts *typed.Options, options ...typed.Option) http.Handler {
		api := typed.New("Test", "1", opts)
		typed.Handle(api, "GET "+pattern, typed.Func(sayFiled), options...)
		return api
	}
	mux := func(path string, h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(path, h)
		return mux
	}
	use := func() http.Handler {
		api := typed.New("Test", "1", nil)
		api.Use(pass)
		typed.Handle(api, "GET "+pattern, typed.Func(sayFiled))
		return api
	}
	alone := typed.HTTP("GET "+pattern, typed.Func(sayFiled))
	for name, h := range map[string]http.Handler{
		"plain":               api(nil),
		"timeout":             api(&typed.Options{Timeout: time.Minute}),
		"endpoint middleware": api(nil, typed.Use(pass)),
		"API middleware":      use(),
		"cached":              api(&typed.Options{Pages: newPages(t, nil)}, typed.Cache(pagecache.Policy{TTL: time.Minute})),
		"HTTP alone":          alone,
		"HTTP below a mux":    mux(pattern, alone),
		"other carrier": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			api(nil).(*typed.API).ServeExchange(struct{ wire.Exchange }{&wire.NetHTTP{W: w, R: r}})
		}),
		"Decode": mux(pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			in, err := typed.Decode[filed](r)
			if err != nil {
				t.Error(err)
			}
			fmt.Fprintf(w, "[%q,%q,%q]", in.Shelf, in.Book, in.Page)
		})),
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // the second from the cache
				for target, want := range map[string]string{
					"/s/a/b/p/c/d":                 `["a","b","c/d"]`,
					"/s/a%2Fb/%2541/p/%E4%B8%AD/x": `["a/b","%41","中/x"]`,
					"/s/a/b/p/":                    `["a","b",""]`,
				} {
					w := do(h, "GET", target, "")
					require.Equal(t, 200, w.Code, w.Body)
					require.Equal(t, want, w.Body.String())
				}
			}
			if name == "Decode" {
				return
			}
			require.Equal(t, 404, do(h, "GET", "/s/a/b/q/", "").Code)
			require.Equal(t, "15", do(h, "HEAD", "/s/a/b/p/c/d", "").Header().Get("Content-Length"))
			for method, status := range map[string]int{"OPTIONS": 204, "PUT": 405} {
				w := do(h, method, "/s/a%2Fb/%2541/p/c", "")
				require.Equal(t, status, w.Code)
				require.Equal(t, "GET, HEAD, OPTIONS", w.Header().Get("Allow"))
			}
		})
	}
}

// A context that is kept knows its request after it, and no other.
func TestKeptContext(t *testing.T) {
	kept := make(map[string]context.Context)
	api := typed.New("Test", "1", &typed.Options{BasePath: "/v1"})
	e := typed.Handle(api, "GET /s/{shelf}/{book}/p/{page...}", func(ctx context.Context, in filed, res *typed.Response[string]) (typed.Answer, error) {
		kept[in.Book] = ctx
		return res.JSON(in.Book)
	})
	for i := range 100 {
		require.Equal(t, 200, do(api, "GET", fmt.Sprintf("/v1/s/a/%d/p/", i), "").Code)
	}
	for book, ctx := range kept {
		require.Equal(t, book, typed.HTTPRequest(ctx).PathValue("book"))
		require.Equal(t, "/v1/s/a/b/p/c", typed.URL(ctx, e, filed{"a", "b", "c"}))
	}
	require.Len(t, kept, 100)
}
