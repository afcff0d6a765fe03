package typed_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/typed"
)

// A struct in the query makes the key with all of its members: it is named once in the
// policy, as its field is, and its members are what a request has.
func TestPagesByAStructInTheQuery(t *testing.T) {
	type filter struct {
		Name string `json:"name"`
		Age  *int   `json:"age"`
	}
	type list struct {
		Filter filter `query:"filter"`
		Page   int    `query:"page"`
	}
	pages := newPages(t, nil)
	api := typed.New("Test", "1", &typed.Options{Pages: pages})
	e := typed.Get[list, list]("/list", typed.Cache(pagecache.Policy{TTL: time.Hour, Query: []string{"filter", "page"}}))
	renders := 0
	e.Handle(api, typed.Func(func(_ context.Context, in list) (list, error) {
		renders++
		return in, nil
	}))
	for _, c := range []struct {
		target, want, cache string
	}{
		{"/list?filter[name]=a", `{"Filter":{"name":"a","age":null},"Page":0}`, "MISS"},
		{"/list?filter[name]=b", `{"Filter":{"name":"b","age":null},"Page":0}`, "MISS"},
		{"/list?filter%5Bname%5D=a", `{"Filter":{"name":"a","age":null},"Page":0}`, "HIT"},
		{"/list?page=2&filter[age]=7&filter[name]=a", `{"Filter":{"name":"a","age":7},"Page":2}`, "MISS"},
		{"/list?filter[name]=a&filter[age]=7&page=2", `{"Filter":{"name":"a","age":7},"Page":2}`, "HIT"},
		{e.Path(list{filter{Name: "b"}, 0}), `{"Filter":{"name":"b","age":null},"Page":0}`, "HIT"},
		{"/list?filter=x&filter[other]=1", `{"Filter":{"name":"","age":null},"Page":0}`, "MISS"},
		{"/list", `{"Filter":{"name":"","age":null},"Page":0}`, "HIT"},
	} {
		w := do(api, "GET", c.target, "")
		require.Equal(t, 200, w.Code, c.target)
		require.JSONEq(t, c.want, w.Body.String(), c.target)
		require.Equal(t, c.cache, w.Header().Get("X-Cache"), c.target)
	}
	before := renders
	require.NoError(t, pages.Revalidate(t.Context(), "/list?filter[name]=a"))
	require.Greater(t, renders, before)
}

// What StrictQuery refuses is refused before a page is looked for, and makes none.
func TestStrictQueryOfPages(t *testing.T) {
	type list struct {
		Page int `query:"page"`
	}
	api := typed.New("Test", "1", &typed.Options{Pages: newPages(t, nil)})
	typed.Handle(api, "GET /list", typed.Func(func(_ context.Context, in list) (int, error) { return in.Page, nil }),
		typed.StrictQuery(), typed.Cache(pagecache.Policy{TTL: time.Hour, Query: []string{"page", "unbound"}}))
	for _, c := range []struct {
		target string
		status int
		cache  string
	}{
		{"/list?pgae=1", 422, ""},
		{"/list?page=1", 200, "MISS"},
		{"/list?page=1&pgae=1", 422, ""},
		{"/list?page=1&%zz=1", 400, ""},
		{"/list?page=1&unbound=1", 422, ""},
		{"/list?&page=1&", 200, "HIT"},
		{"/list?page=x", 422, "BYPASS"},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			w := do(api, method, c.target, "")
			require.Equal(t, c.status, w.Code, c.target)
			if method == "GET" {
				require.Equal(t, c.cache, w.Header().Get("X-Cache"), c.target)
			}
		}
	}
}
