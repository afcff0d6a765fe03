package typed_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/typed"
)

func outsideAccepts(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "POST /sns", typed.Func(func(_ context.Context, in struct {
		Type string `json:"Type"`
	}) (string, error) {
		return in.Type, nil
	}), typed.Accepts("text/plain"))
	typed.Handle(api, "POST /plain", typed.Func(func(context.Context, struct {
		Type string `json:"Type"`
	}) (string, error) {
		return "", nil
	}))
	const body = `{"Type":"Notification"}`
	for _, media := range []string{"text/plain; charset=UTF-8", "application/json"} {
		w := do(api, "POST", "/sns", body, "Content-Type", media)
		require.Equal(t, http.StatusOK, w.Code, media)
		require.Equal(t, `"Notification"`, w.Body.String())
	}
	w := do(api, "POST", "/sns", body, "Content-Type", "text/html")
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
	require.Equal(t, "application/json, text/plain", w.Header().Get("Accept"))
	require.Equal(t, http.StatusUnsupportedMediaType, do(api, "POST", "/plain", body, "Content-Type", "text/plain").Code)

	// A form can send text/plain, so that foreign pages are refused now.
	w = do(api, "POST", "/sns", body, "Content-Type", "text/plain", "Sec-Fetch-Site", "cross-site")
	require.Equal(t, http.StatusForbidden, w.Code)

	message := refused(t, func(api *typed.API) {
		typed.Handle(api, "GET /x", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }), typed.Accepts("text/plain"))
	})
	require.Contains(t, message, "typed: GET /x: the option Accepts is for bodies of JSON, lines or bytes, and the request has none: drop the option")
}

func outsideRawMedia(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "PUT /image", typed.Func(func(_ context.Context, in struct {
		Body io.Reader `body:""`
	}) (int, error) {
		all, err := io.ReadAll(in.Body)
		return len(all), err
	}), typed.Accepts("image/png", "image/jpeg"))
	require.Equal(t, "3", do(api, "PUT", "/image", "abc", "Content-Type", "image/png").Body.String())
	for _, media := range []string{"image/gif", "application/json", ""} {
		w := do(api, "PUT", "/image", "abc", "Content-Type", media)
		require.Equal(t, http.StatusUnsupportedMediaType, w.Code, media)
		require.Equal(t, "image/png, image/jpeg", w.Header().Get("Accept"))
	}
}

type getFile struct {
	Path string `path:"path"`
}

func outsideEmptySegments(t *testing.T) {
	api := typed.New("Test", "1", nil)
	file := typed.Get[getFile, string]("/files/{path...}")
	file.Handle(api, typed.Func(func(_ context.Context, in getFile) (string, error) { return in.Path, nil }))
	typed.Handle(api, "GET /users/{id}/{post}", typed.Func(func(context.Context, struct {
		ID   string `path:"id"`
		Post string `path:"post"`
	}) (string, error) {
		return "", nil
	}))
	for path, want := range map[string]string{
		"/files/a//b": "a//b", "/files//a": "/a", "/files//": "/", "/files/": "", "/files/a///": "a///", "/files/a%2F%2Fb//c%20d": "a//b//c d",
	} {
		w := do(api, "GET", path, "")
		require.Equal(t, http.StatusOK, w.Code, path)
		require.Equal(t, `"`+want+`"`, w.Body.String())
		again := do(api, "GET", file.Path(getFile{want}), "")
		require.Equal(t, w.Body.String(), again.Body.String(), file.Path(getFile{want}))
	}
	for _, path := range []string{"/files/a/../b", "/files/a//./b", "/files/a//..", "/files/%2e%2e/b", "/files/a/%2e%2e%2fb", "//files/a", "/users//7", "/users/7//", "/users/7/8/"} {
		require.Equal(t, http.StatusNotFound, do(api, "GET", path, "").Code, path)
	}
}

func outsideInexpressible(t *testing.T) {
	api := typed.New("Test", "1", nil)
	file := typed.Get[getFile, string]("/files/{path...}")
	file.Handle(api, typed.Func(func(_ context.Context, in getFile) (string, error) { return in.Path, nil }))
	one := typed.Get[getFile, string]("/one/{path}")
	one.Handle(api, typed.Func(func(_ context.Context, in getFile) (string, error) { return in.Path, nil }))
	for _, path := range []string{one.Path(getFile{"."}), one.Path(getFile{".."}), one.Path(getFile{""}), file.Path(getFile{"a/../b"}), file.Path(getFile{"./a"})} {
		require.Equal(t, http.StatusNotFound, do(api, "GET", path, "").Code, path)
	}
}

func outsideQuery(t *testing.T) {
	type filter struct {
		Name string `json:"name" validate:"max=3"`
		Age  *int   `json:"age"`
	}
	type search struct {
		IDs    []int     `query:"ids,comma"`
		Tags   []string  `query:"tags[]"`
		Day    time.Time `query:"day,format:DateOnly"`
		Filter filter    `query:"filter"`
	}
	api := typed.New("Test", "1", nil)
	e := typed.Get[search, search]("/search", typed.StrictQuery())
	e.Handle(api, typed.Func(func(_ context.Context, in search) (search, error) { return in, nil }))
	three := 3
	in := search{[]int{1, 2}, []string{"a", "b"}, time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), filter{"Ada", &three}}
	path := e.Path(in)
	require.Equal(t, "/search?ids=1,2&tags%5B%5D=a&tags%5B%5D=b&day=2024-02-29&filter%5Bname%5D=Ada&filter%5Bage%5D=3", path)
	w := do(api, "GET", path, "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.JSONEq(t, `{"IDs":[1,2],"Tags":["a","b"],"Day":"2024-02-29T00:00:00Z","Filter":{"name":"Ada","age":3}}`, w.Body.String())

	w = do(api, "GET", "/search?limt=5&filter[name]=Adam&filter[nmae]=x", "")
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), `"errors":[{"in":"query","name":"limt","rule":"unknown","detail":"is not a parameter of this endpoint"},{"in":"query","name":"filter[nmae]","rule":"unknown"`)
	w = do(api, "GET", "/search?filter[name]=Adam", "")
	require.Contains(t, w.Body.String(), `{"in":"query","name":"filter[name]","rule":"max","param":"3"`)
}

func outsideEaten(t *testing.T) {
	var rec recorded
	api := typed.New("Test", "1", &typed.Options{OnError: rec.on})
	api.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			next.ServeHTTP(w, r)
		})
	})
	typed.Handle(api, "POST /", typed.Func(func(context.Context, struct{ A string }) (string, error) { return "", nil }))
	w := do(api, "POST", "/", `{"A":"x"}`, "Content-Type", "application/json")
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.JSONEq(t, `{"title":"Internal Server Error","status":500}`, w.Body.String())
	require.Len(t, rec.errs, 1)
	require.ErrorContains(t, rec.errs[0], "middleware has read it")
}

// The key of a scheme is no unknown parameter.
func TestStrictQueryWithKey(t *testing.T) {
	api := typed.New("Test", "1", &typed.Options{Schemes: schemes()})
	typed.Handle(api, "GET /strict/{id}", typed.Func(func(_ context.Context, in asksQuery) (string, error) { return in.Me.Name, nil }), typed.StrictQuery())
	require.Equal(t, 401, do(api, "GET", "/strict/1", "").Code)
	require.Equal(t, 422, do(api, "GET", "/strict/1?api_key=ada&other=1", "").Code)
	w := do(api, "GET", "/strict/1?api_key=ada", "")
	require.Equal(t, 200, w.Code, w.Body.String())
}
