package typed_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/typed"
)

// foreign is a carrier that is not net/http's, as far as the pipeline can tell.
type foreign struct {
	wire.Exchange
	net      *wire.NetHTTP
	detached int
	bridged  int
}

func (f *foreign) Detach(run func()) { f.detached++; run() }

func (f *foreign) Bridge(h http.Handler) { f.bridged++; h.ServeHTTP(f.net.W, f.net.R) }

func TestServeExchange(t *testing.T) {
	mark := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Mark", r.PathValue("id"))
			next.ServeHTTP(w, r)
		})
	}
	type id struct {
		ID string `path:"id"`
	}
	say := typed.Func(func(_ context.Context, in id) (string, error) { return in.ID, nil })
	build := func(mw ...func(http.Handler) http.Handler) *typed.API {
		api := typed.New("Test", "1", nil)
		api.Use(mw...)
		typed.Handle(api, "GET /plain/{id}", say)
		typed.Handle(api, "GET /wrapped/{id}", say, typed.Use(mark))
		typed.Handle(api, "GET /stream", typed.Func(func(context.Context, typed.None) (io.Reader, error) { return strings.NewReader("bits"), nil }))
		return api
	}
	for name, c := range map[string]struct {
		api               *typed.API
		target, want      string
		detached, bridged int
		mark              string
	}{
		"plain":               {build(), "/plain/a%2Fb", `"a/b"`, 0, 0, ""},
		"a stream":            {build(), "/stream", "bits", 1, 0, ""},
		"endpoint middleware": {build(), "/wrapped/a%2Fb", `"a/b"`, 0, 1, "a/b"},
		"API middleware":      {build(mark), "/plain/a", `"a"`, 0, 1, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			carrier := &wire.NetHTTP{W: w, R: httptest.NewRequest("GET", c.target, nil)}
			ex := &foreign{Exchange: carrier, net: carrier}
			hook.ServeExchange(c.api, ex)
			require.Equal(t, c.want, w.Body.String())
			require.Equal(t, []int{c.detached, c.bridged}, []int{ex.detached, ex.bridged})
			require.Equal(t, c.mark, w.Header().Get("X-Mark"))
		})
	}
	require.PanicsWithValue(t, "typed: struct { wire.Exchange } cannot carry net/http middleware", func() {
		carrier := &wire.NetHTTP{W: httptest.NewRecorder(), R: httptest.NewRequest("GET", "/wrapped/a", nil)}
		hook.ServeExchange(build(), struct{ wire.Exchange }{carrier})
	})
}
