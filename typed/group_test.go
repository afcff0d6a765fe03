package typed_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type inShop struct {
	Shop string `path:"shop"`
}

type shopItem struct {
	inShop
	ID int `path:"id"`
}

// trail is middleware that writes its name into a header field.
func trail(name string) typed.Option {
	return typed.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("X-Trail", name)
			next.ServeHTTP(w, r)
		})
	})
}

func TestGroup(t *testing.T) {
	api := typed.New("Test", "1", &typed.Options{Endpoint: []typed.Option{trail("API"), typed.Tags("all"), typed.Fails(503)}})
	shops := api.Group("/shops/{shop}", trail("shops"), typed.Tags("shops"), typed.MaxBody(10))
	items := shops.Group("/items", typed.All(trail("items"), nil, typed.MaxBody(20)))
	plain := api.Group("", typed.Deprecated())

	get := typed.Handle(items, "GET /{id}", typed.Func(func(_ context.Context, in shopItem) (string, error) { return in.Shop, nil }), trail("own"), typed.Fails(404))
	list := typed.Handle(items, "GET /", typed.Func(func(_ context.Context, in inShop) (string, error) { return in.Shop, nil }))
	typed.Handle(shops, "DELETE /", typed.Do(func(_ context.Context, in inShop) error { return nil }))
	typed.Handle(plain, "GET /plain", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }))
	apart := typed.Get[shopItem, string]("/shops/{shop}/items/{id}/apart", typed.Summary("Apart"))
	apart.Handle(items, typed.Func(func(_ context.Context, in shopItem) (string, error) { return "apart", nil }))

	require.Equal(t, "/shops/a/items/7", get.Path(shopItem{inShop{"a"}, 7}))
	require.Equal(t, "/shops/a/items", list.Path(inShop{"a"}))
	require.Equal(t, "/shops/a/items/7/apart", apart.Path(shopItem{inShop{"a"}, 7}))

	type view struct {
		Path    string
		Tags    []string
		Fails   []int
		MaxBody int64
	}
	var got []view
	for op := range api.Operations() {
		got = append(got, view{op.Method + " " + op.Path, op.Tags, op.Fails, op.MaxBody})
	}
	if diff := cmp.Diff([]view{
		{"GET /shops/{shop}/items/{id}", []string{"all", "shops"}, []int{503, 404}, 20},
		{"GET /shops/{shop}/items", []string{"all", "shops"}, []int{503}, 20},
		{"DELETE /shops/{shop}", []string{"all", "shops"}, []int{503}, 10},
		{"GET /plain", []string{"all"}, []int{503}, typed.DefaultMaxBody},
		{"GET /shops/{shop}/items/{id}/apart", []string{"all", "shops"}, []int{503}, 20},
	}, got); diff != "" {
		t.Error(diff)
	}

	for target, want := range map[string]string{
		"GET /shops/a/items/7": "API shops items own", "GET /shops/a/items": "API shops items", "DELETE /shops/a": "API shops",
		"GET /plain": "API", "GET /shops/a/items/7/apart": "API shops items",
	} {
		method, path, _ := strings.Cut(target, " ")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		require.Less(t, w.Code, 300, target)
		require.Equal(t, want, strings.Join(w.Header()["X-Trail"], " "), target)
	}
}

func TestDo(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "DELETE /{id}", typed.Do(func(_ context.Context, in getByID) error {
		if in.ID == 0 {
			return respond.NotFound("There is none.")
		}
		return nil
	}))
	for target, want := range map[string]int{"/1": 204, "/0": 404} {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest("DELETE", target, nil))
		require.Equal(t, want, w.Code)
	}
}

type getByID struct {
	ID int `path:"id"`
}

func TestGroupRefused(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*typed.API)
		want string
	}{
		{"no slash", func(a *typed.API) { a.Group("admin") }, `typed: the group "admin": the prefix "admin" is no path: begin with a slash and end without one, as in "/admin"; "" is none at all`},
		{"slash at the end", func(a *typed.API) { a.Group("/a").Group("/b/") }, `typed: the group "/a/b/": the prefix "/b/" is no path`},
		{"slash alone", func(a *typed.API) { a.Group("/") }, `typed: the group "/": the prefix "/" is no path: begin with a slash and end without one, as in "/admin"; "" is none at all`},
		{"rest", func(a *typed.API) { a.Group("/{rest...}") }, `a wildcard that takes the rest of the path leaves nothing to its endpoints: write "/{name}"`},
		{"Status", func(a *typed.API) { a.Group("/a", typed.Status(201)) }, `typed: the group "/a": the option Status is about one endpoint: give it to that endpoint`},
		{"Summary", func(a *typed.API) { a.Group("/a", typed.All(typed.Summary("x"))) }, `the option Summary is about one endpoint`},
		{"OperationID", func(a *typed.API) { a.Group("/a", typed.OperationID("x")) }, `the option OperationID is about one endpoint`},
		{"default Status", func(*typed.API) { typed.New("", "", &typed.Options{Endpoint: []typed.Option{typed.Status(201)}}) }, `typed: Options.Endpoint: the option Status is about one endpoint: give it to that endpoint`},
		{"elsewhere", func(a *typed.API) {
			typed.Get[getByID, string]("/users/{id}").Handle(a.Group("/admin"), typed.Func(func(context.Context, getByID) (string, error) { return "", nil }))
		}, `typed: GET /users/{id}: the path /users/{id} is not below /admin, the group that the endpoint is handled in: declare it as "GET /admin/users/{id}", or handle it on the API`},
		{"nearly", func(a *typed.API) {
			typed.Get[getByID, string]("/administrators/{id}").Handle(a.Group("/admin"), typed.Func(func(context.Context, getByID) (string, error) { return "", nil }))
		}, `is not below /admin`},
		{"wildcard that nobody binds", func(a *typed.API) {
			typed.Handle(a.Group("/{shop}"), "GET /x", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }))
		}, `typed: GET /{shop}/x: the path has {shop}, which no field takes: add a field with the tag path:"shop"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Contains(t, panicOf(func() { tt.do(typed.New("Test", "1", nil)) }), tt.want)
		})
	}
}

// Groups are there for declarations: a request pays nothing for them.
func TestGroupAllocations(t *testing.T) {
	api := typed.New("Test", "1", nil)
	h := typed.Func(func(_ context.Context, in getByID) (string, error) { return "", nil })
	typed.Handle(api, "GET /alone/{id}", h)
	typed.Handle(api.Group("/a", typed.Fails(404)).Group("/b", typed.Tags("x")), "GET /{id}", h)
	cost := func(target string) float64 {
		r, w := httptest.NewRequest("GET", target, nil), &nullWriter{header: http.Header{}}
		return testing.AllocsPerRun(200, func() { api.ServeHTTP(w, r) })
	}
	require.Equal(t, cost("/alone/7"), cost("/a/b/7"))
}

func TestCheck(t *testing.T) {
	api := typed.New("Test", "1", &typed.Options{Schemes: []typed.Scheme{typed.Bearer("token", verifyToken), typed.Bearer("other", verifyToken)}})
	require.NoError(t, api.Check(), "nothing is handled yet")
	typed.Handle(api, "GET /{id}", typed.Func(func(_ context.Context, in asksToken) (string, error) { return "", nil }))
	want := `typed: no endpoint asks for the scheme "other": ask by a field with the tag auth:"other", or take it out of Options.Schemes`
	require.EqualError(t, api.Check(), want)
	require.Equal(t, want, panicOf(func() { api.Paths() }))
	require.Equal(t, want, panicOf(func() {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("over"))
		_ = typed.Serve(ctx, "127.0.0.1:0", api)
	}))
	typed.Handle(api, "GET /other", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }), typed.SecurityAll("token", "other"))
	require.NoError(t, api.Check())
}
