package ginadapter_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/apiroutes/apiroutes/adapter/adaptertest"
	"github.com/apiroutes/apiroutes/adapter/ginadapter"
	"github.com/apiroutes/apiroutes/typed"
)

func newEngine() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(gin.RecoveryWithWriter(io.Discard), func(c *gin.Context) {
		c.Header(adaptertest.Header, "seen")
		c.Request = c.Request.WithContext(adaptertest.WithValue(c.Request.Context()))
	})
	engine.GET(adaptertest.OwnPath, func(c *gin.Context) { c.String(200, "own") })
	return engine
}

func TestAdapter(t *testing.T) {
	adaptertest.Run(t, func(api *typed.API) adaptertest.Server {
		engine := newEngine()
		ginadapter.Mount(engine, api)
		return adaptertest.Serve(engine)
	}, adaptertest.Group(func(prefix string, api *typed.API) adaptertest.Server {
		engine := newEngine()
		engine.UseRawPath = true
		ginadapter.Mount(engine.Group(prefix), api)
		return adaptertest.Serve(engine)
	}),
		adaptertest.Answers("framing-018", 404, "gin has no routes for a method that nobody registered, and none in lower case"),
		adaptertest.Answers("path/empty value", 301, "gin redirects what is no path of the API: /u/ to /u, which is not found"),
		adaptertest.Answers("path/needless escape", 404, "with UseRawPath gin matches an escaped path as it was sent"),
		adaptertest.Answers("path-019", 404, "gin is given the API's paths, and none has so many segments"),
	)
}

func TestCost(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	empty := gin.New()
	empty.GET("/users/:id", func(*gin.Context) {})
	empty.POST("/users", func(*gin.Context) {})
	adaptertest.Cost(t, empty, func(api *typed.API) http.Handler {
		engine := gin.New()
		ginadapter.Mount(engine, api)
		return engine
	})
}

// What gin.Context.Set has put there is in the handler's context, also when gin has
// taken its own context back.
func TestValues(t *testing.T) {
	var kept context.Context
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /x", typed.Func(func(ctx context.Context, _ typed.None) (string, error) {
		kept = ctx
		return fmt.Sprint(ctx.Value("user"), ctx.Value("none")), nil
	}))
	engine := gin.New()
	engine.Use(func(c *gin.Context) { c.Set("user", "Ada") })
	ginadapter.Mount(engine, api)
	for range 2 {
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, httptest.NewRequest("GET", "/x", nil))
		if got := w.Body.String(); got != `"Ada<nil>"` {
			t.Error(got)
		}
		if got := kept.Value("user"); got != "Ada" {
			t.Error(got)
		}
	}
}

// Paths that gin cannot hold beside each other become one that covers them.
func TestPathsThatGinCannotHold(t *testing.T) {
	type rest struct {
		Path string `path:"path"`
	}
	type two struct {
		A string `path:"a"`
		B string `path:"b"`
	}
	api := typed.New("Test", "1", nil)
	say := func(name string) typed.Handler[typed.None, string] {
		return typed.Func(func(context.Context, typed.None) (string, error) { return name, nil })
	}
	typed.Handle(api, "GET /all/{path...}", typed.Func(func(_ context.Context, in rest) (string, error) { return in.Path, nil }))
	typed.Handle(api, "GET /all/one", say("one"))
	typed.Handle(api, "GET /all/{a}/and/{b}", typed.Func(func(_ context.Context, in two) (string, error) { return in.A + in.B, nil }))
	typed.Handle(api, "GET /users/{a}/{b}", typed.Func(func(_ context.Context, in two) (string, error) { return in.A + in.B, nil }))
	typed.Handle(api, "GET /users/{b}/x/{a}", typed.Func(func(_ context.Context, in two) (string, error) { return in.B + in.A, nil }))
	typed.Handle(api, "GET /odd/%2A", say("odd"))
	engine := gin.New()
	ginadapter.Mount(engine, api)
	for target, want := range map[string]string{
		"/all/": `""`, "/all/x/y": `"x/y"`, "/all/one": `"one"`, "/all/1/and/2": `"12"`,
		"/users/1/2": `"12"`, "/users/1/x/2": `"12"`, "/odd/*": `"odd"`,
	} {
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		if got := w.Body.String(); w.Code != 200 || got != want {
			t.Errorf("%s: %d %s, want %s", target, w.Code, got, want)
		}
	}
	for _, target := range []string{"/all", "/odd/x", "/users/1", "/users/1/2/"} {
		w := httptest.NewRecorder()
		engine.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		if w.Code != 404 {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}
