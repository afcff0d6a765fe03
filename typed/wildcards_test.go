package typed_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/hook"
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
			hook.ServeExchange(api(nil).(*typed.API), struct{ wire.Exchange }{&wire.NetHTTP{W: w, R: r}})
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

type booked struct {
	Book string `path:"book"`
}

// sayBooked answers what was bound and what the request says, which is to be the same.
func sayBooked(ctx context.Context, in booked) (string, error) {
	if asked := typed.HTTPRequest(ctx).PathValue("book"); asked != in.Book {
		return "", fmt.Errorf("bound %q, the request has %q", in.Book, asked)
	}
	return in.Book, nil
}

// The record of a request has no room for the value of an only wildcard; HTTPRequest has
// it all the same, whoever has found the endpoint and whatever carries the request.
func TestOneWildcard(t *testing.T) {
	const pattern = "/b/{book}"
	api := func(opts *typed.Options, options ...typed.Option) http.Handler {
		api := typed.New("Test", "1", opts)
		typed.Handle(api, "GET "+pattern, typed.Func(sayBooked), options...)
		typed.Handle(api, "GET /b/special", typed.Func(func(context.Context, typed.None) (string, error) { return "special", nil }))
		return api
	}
	below := func(path string, h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(path, h)
		return mux
	}
	alone := typed.HTTP("GET "+pattern, typed.Func(sayBooked))
	pass := before(func(http.ResponseWriter, *http.Request) {})
	for name, h := range map[string]http.Handler{
		"plain":               api(nil),
		"timeout":             api(&typed.Options{Timeout: time.Minute}),
		"endpoint middleware": api(nil, typed.Use(pass)),
		"cached":              api(&typed.Options{Pages: newPages(t, nil)}, typed.Cache(pagecache.Policy{TTL: time.Minute})),
		"below a mux":         below("/b/{any...}", api(nil)),
		"stripped":            http.StripPrefix("/v1", api(nil)),
		"HTTP alone":          alone,
		"HTTP below a mux":    below(pattern, alone),
		"HTTP, another path":  below("/v1/library/{book}", alone),
		"other carrier": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hook.ServeExchange(api(nil).(*typed.API), struct{ wire.Exchange }{&wire.NetHTTP{W: w, R: r}})
		}),
	} {
		t.Run(name, func(t *testing.T) {
			prefix := map[string]string{"stripped": "/v1/b/", "HTTP, another path": "/v1/library/"}[name]
			if prefix == "" {
				prefix = "/b/"
			}
			for range 2 { // the second from the cache
				for book, want := range map[string]string{"a": "a", "a%2Fb": "a/b", "%2541": "%41", "%E4%B8%AD": "中"} {
					w := do(h, "GET", prefix+book, "")
					require.Equal(t, 200, w.Code, w.Body)
					require.Equal(t, fmt.Sprintf("%q", want), w.Body.String())
					require.Equal(t, 200, do(h, "HEAD", prefix+book, "").Code)
				}
			}
		})
	}
}

// A context that is kept knows the only value of its path as well.
func TestKeptContextOneWildcard(t *testing.T) {
	kept := make(map[string]context.Context)
	api := typed.New("Test", "1", &typed.Options{BasePath: "/v1"})
	typed.Handle(api, "GET /b/{book}", func(ctx context.Context, in booked, res *typed.Response[string]) (typed.Answer, error) {
		kept[in.Book] = ctx
		return res.JSON(in.Book)
	})
	for i := range 100 {
		require.Equal(t, 200, do(api, "GET", fmt.Sprintf("/v1/b/%d", i), "").Code)
	}
	for book, ctx := range kept {
		require.Equal(t, book, typed.HTTPRequest(ctx).PathValue("book"))
	}
	require.Len(t, kept, 100)
}

// selfBooked looks at its own request.
type selfBooked booked

func (b selfBooked) Validate(ctx context.Context) error {
	if r := typed.HTTPRequest(ctx); r == nil || r.PathValue("book") != b.Book {
		return fmt.Errorf("bound %q, the request is %v", b.Book, r)
	}
	return nil
}

// A type's own check sees the request that Decode was given, with the values of its mux.
func TestDecodeRequest(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/x/{book}", func(w http.ResponseWriter, r *http.Request) {
		in, err := typed.Decode[selfBooked](r)
		if err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, in.Book)
	})
	require.Equal(t, "a/b", do(mux, "GET", "/x/a%2Fb", "").Body.String())
}
