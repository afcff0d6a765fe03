package typed_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

type item struct {
	ID          int       `json:"id"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	Price       float64   `json:"price"`
	Tags        []string  `json:"tags"`
	Created     time.Time `json:"created"`
}

// items is the payload of a page of 40 items.
func items() []item {
	out := make([]item, 40)
	for i := range out {
		out[i] = item{i, fmt.Sprint("Item number ", i), "A description that says what the item is and what it is good for.", float64(i) * 1.25,
			[]string{"new", "blue", "large"}, time.Date(2026, 1, 2, 3, 4, i, 0, time.UTC)}
	}
	return out
}

// benchmarked are the three handlers that are compared: a page from the cache, the same
// page rendered, and a handler that writes the same bytes and the same header from
// variables.
func benchmarked(tb testing.TB) (hit, render, static http.Handler) {
	list := typed.Func(func(context.Context, struct {
		Shop string `path:"shop"`
	}) ([]item, error) {
		return items(), nil
	})
	cached := typed.New("", "", &typed.Options{Pages: newPages(tb, nil)})
	typed.Handle(cached, "GET /shops/{shop}/items", list, typed.Cache(pagecache.Policy{TTL: time.Hour, Tags: []string{"shop:{shop}"}}))
	plain := typed.New("", "", nil)
	typed.Handle(plain, "GET /shops/{shop}/items", list)

	w := httptest.NewRecorder()
	cached.ServeHTTP(w, itemsRequest())
	w = httptest.NewRecorder()
	cached.ServeHTTP(w, itemsRequest())
	require.Equal(tb, "HIT", w.Header().Get("X-Cache"))
	body, header := w.Body.Bytes(), w.Header().Clone()
	static = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for name, values := range header {
			h.Set(name, values[0])
		}
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(body)
	})
	return cached, plain, static
}

func itemsRequest() *http.Request { return httptest.NewRequest("GET", "/shops/bikes/items", nil) }

func BenchmarkCache(b *testing.B) {
	hit, render, static := benchmarked(b)
	for _, c := range []struct {
		name    string
		handler http.Handler
	}{{"hit", hit}, {"static", static}, {"render40", render}} {
		b.Run(c.name, func(b *testing.B) {
			r, w := itemsRequest(), &discard{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				c.handler.ServeHTTP(w, r)
			}
		})
	}
}

// A hit costs the request's record and nothing else.
func TestHitAllocations(t *testing.T) {
	hit, _, _ := benchmarked(t)
	r, w := itemsRequest(), &discard{header: http.Header{}}
	n := testing.AllocsPerRun(1000, func() { hit.ServeHTTP(w, r) })
	require.LessOrEqual(t, n, 1.0)
}
