package typed_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// What is observed over a carrier that is not net/http's. adapter/adaptertest compares the real ones.
func TestObserveExchange(t *testing.T) {
	pages := pagecache.New(pagecache.Memory(1<<20), nil)
	defer pages.Close()
	api, all := observed(&typed.Options{OnError: silent, Pages: pages})
	api.Observe(func(ctx context.Context, o *typed.Observation) (context.Context, func()) {
		o.OnHead(func() { o.AddHeader("x-head", fmt.Sprint(o.Status)) })
		trace := fmt.Sprint(o.Host, o.Version, o.Secure, o.Header("X-Trace"))
		return context.WithValue(ctx, keyOf("trace"), trace), func() { require.Nil(t, o.Header("X-Trace")) }
	})
	value := func(ctx context.Context) string {
		require.Same(t, typed.HTTPRequest(ctx), typed.HTTPRequest(ctx))
		return fmt.Sprint(ctx.Value(keyOf("trace")), typed.HTTPRequest(ctx).Context().Value(keyOf("trace")))
	}
	typed.Handle(api, "GET /value", typed.Func(func(ctx context.Context, _ typed.None) (string, error) { return value(ctx), nil }))
	typed.Handle(api, "GET /wrapped", typed.Func(func(ctx context.Context, _ typed.None) (string, error) { return value(ctx), nil }),
		typed.Use(before(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Seen", said(r.Context())) })))
	typed.Handle(api, "GET /abort", typed.Func(func(context.Context, typed.None) (string, error) { panic(http.ErrAbortHandler) }))
	typed.Handle(api, "GET /stream", typed.Func(func(context.Context, typed.None) (io.Reader, error) { return strings.NewReader("bits"), nil }))
	typed.Handle(api, "POST /raw", typed.Func(func(_ context.Context, in struct {
		Body []byte `body:""`
	}) (int, error) {
		return len(in.Body), nil
	}), typed.MaxBody(5))
	typed.Handle(api, "GET /page", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }), typed.Cache(pagecache.Policy{TTL: time.Minute}))
	for _, bare := range []bool{false, true} {
		for _, tt := range []struct{ method, target, body, want string }{
			{"GET", "/value", "", `200 0 N /value`},
			{"HEAD", "/value", "", `200 0 N /value`},
			{"GET", "/unknown", "", `404 0 N `},
			{"GET", "/wrapped", "", `200 0 N /wrapped`},
			{"GET", "/abort", "", `0 0 N /abort aborted`},
			{"GET", "/stream", "", `200 0 N /stream`},
			{"POST", "/raw", "four", `200 4 N /raw`},
			{"POST", "/raw", "too long", `413 6 N /raw`}, // as much as it takes to know
			{"GET", "/page", "", `200 0 N /page MISS`},
			{"GET", "/page", "", `200 0 N /page HIT`},
		} {
			if bare && tt.target == "/wrapped" {
				continue // it cannot carry that
			}
			r := httptest.NewRequest(tt.method, tt.target, io.NopCloser(strings.NewReader(tt.body)))
			r.Header.Set("X-Trace", "t")
			if r.ContentLength = 0; tt.body != "" {
				r.ContentLength = -1
			}
			w := httptest.NewRecorder()
			carrier := &wire.NetHTTP{W: w, R: r}
			var ex wire.Exchange = &foreign{Exchange: carrier, net: carrier}
			if bare {
				ex = struct{ wire.Exchange }{carrier}
			}
			func() {
				defer func() { require.Equal(t, tt.target == "/abort", recover() == http.ErrAbortHandler) }()
				hook.ServeExchange(api, ex)
			}()
			o := <-all
			got := fmt.Sprint(o.Status, " ", o.Received, " ", o.Sent, " ", o.Route())
			if o.Page != "" {
				got += " " + o.Page
			}
			if o.Aborted {
				got += " aborted"
			}
			want := strings.Replace(tt.want, "N", fmt.Sprint(w.Body.Len()), 1)
			if bare && o.Page != "" {
				want = strings.Replace(want, "MISS", "HIT", 1) // it was rendered for the other carrier
			}
			require.Equal(t, want, got, "%s %s", tt.method, tt.target)
			if strings.HasSuffix(tt.target, "/value") && tt.method == "GET" || tt.target == "/wrapped" {
				const trace = "example.com1.1false [t]"
				require.Equal(t, `"`+trace+trace+`"`, w.Body.String())
			}
			if tt.target == "/wrapped" {
				require.Equal(t, "GET /wrapped", w.Header().Get("X-Seen"))
			}
			if o.Status != 0 {
				require.Equal(t, fmt.Sprint(o.Status), w.Header().Get("X-Head"))
			}
		}
	}
	require.Empty(t, all)
}
