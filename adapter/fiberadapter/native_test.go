package fiberadapter_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

type key struct{}

func ask(t *testing.T, app *fiber.App, method, target, body string, header ...string) (int, string, http.Header) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	res, err := app.Test(r)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text), res.Header
}

func one[Req, Resp any](pattern string, f func(context.Context, Req) (Resp, error), opts ...typed.Option) *typed.API {
	api := typed.New("Test", "1", &typed.Options{OnError: func(context.Context, error) {}})
	typed.Handle(api, pattern, typed.Func(f), opts...)
	return api
}

// The values of fiber's context and its locals are in the handler's context, also
// when both have long ended.
func TestValues(t *testing.T) {
	var kept context.Context
	api := one("GET /", func(ctx context.Context, _ typed.None) (string, error) {
		kept = ctx
		return fmt.Sprint(ctx.Value(key{}), ctx.Value("user"), ctx.Value("none")), nil
	})
	app := fiber.New()
	app.Use(func(c fiber.Ctx) error {
		if c.Get("X-Bare") != "" {
			return c.Next()
		}
		c.SetContext(context.WithValue(c.Context(), key{}, "context"))
		c.Locals("user", "Ada")
		c.Locals("other", context.Background())
		return c.Next()
	})
	fiberadapter.Mount(app, api)
	_, body, _ := ask(t, app, "GET", "/", "")
	require.Equal(t, `"contextAda<nil>"`, body)
	first := kept
	_, body, _ = ask(t, app, "GET", "/", "", "X-Bare", "1")
	require.Equal(t, `"<nil> <nil> <nil>"`, body)
	require.Equal(t, "Ada", first.Value("user"))
	require.Equal(t, "context", first.Value(key{}))
	require.ErrorIs(t, first.Err(), context.Canceled)
}

// byValue is a context that cannot always be compared.
type byValue struct {
	context.Context
	data any
}

func TestContextByValue(t *testing.T) {
	api := one("GET /", func(ctx context.Context, _ typed.None) (string, error) { return fmt.Sprint(ctx.Value(key{})), nil })
	app := fiber.New()
	app.Use(func(c fiber.Ctx) error {
		c.SetContext(byValue{context.WithValue(c.Context(), key{}, "inside"), []int{1}})
		return c.Next()
	})
	fiberadapter.Mount(app, api)
	_, body, _ := ask(t, app, "GET", "/", "")
	require.Equal(t, `"inside"`, body)
}

// A deadline of fiber's middleware is the handler's.
func TestDeadline(t *testing.T) {
	api := one("GET /", func(ctx context.Context, _ typed.None) (string, error) {
		_, ok := ctx.Deadline()
		<-ctx.Done()
		return fmt.Sprint(ok, ctx.Err(), context.Cause(ctx)), nil
	})
	app := fiber.New()
	app.Use(func(c fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.Context(), time.Millisecond)
		defer cancel()
		c.SetContext(ctx)
		return c.Next()
	})
	fiberadapter.Mount(app, api)
	status, body, _ := ask(t, app, "GET", "/", "")
	require.Equal(t, 200, status)
	require.Equal(t, `"true context deadline exceeded context deadline exceeded"`, body)
}

func TestSettings(t *testing.T) {
	api := func() *typed.API {
		api := one("GET /f/{path...}", func(_ context.Context, in struct {
			Path string `path:"path"`
		}) (string, error) {
			return in.Path, nil
		})
		typed.Handle(api, "GET /Users/{id}", typed.Func(func(_ context.Context, in struct {
			ID string `path:"id"`
		}) (string, error) {
			return in.ID, nil
		}))
		typed.Handle(api, "POST /upload", typed.Func(func(_ context.Context, in upload) (string, error) {
			content, err := io.ReadAll(in.Body)
			return fmt.Sprint(len(content)), err
		}), typed.MaxBody(100<<10))
		typed.Handle(api, "POST /bytes", typed.Func(func(_ context.Context, in []byte) (string, error) { return string(in), nil }))
		return api
	}
	for name, config := range map[string]fiber.Config{
		"default": {},
		"strict":  {StrictRouting: true, CaseSensitive: true},
		"streams": {StreamRequestBody: true, BodyLimit: 1 << 10, ReduceMemoryUsage: true},
		"other":   {Immutable: true, ServerHeader: "x", DisableDefaultContentType: true},
	} {
		t.Run(name, func(t *testing.T) {
			app := fiber.New(config)
			fiberadapter.Mount(app, api())
			for _, c := range []struct {
				method, target, body string
				status               int
				want                 string
			}{
				{"GET", "/f/", "", 200, `""`},
				{"GET", "/f/a%2Fb/", "", 200, `"a/b/"`},
				{"GET", "/f", "", 404, ""},
				{"GET", "/Users/A%20b", "", 200, `"A b"`},
				{"GET", "/users/1", "", 404, ""},
				{"GET", "/Users/1/", "", 404, ""},
				{"POST", "/bytes", "abc", 200, `"abc"`},
				{"POST", "/upload", strings.Repeat("x", 100<<10), 200, `"102400"`},
				{"POST", "/upload", strings.Repeat("x", 100<<10+1), 413, ""},
			} {
				status, body, _ := ask(t, app, c.method, c.target, c.body, "Content-Type", "application/octet-stream")
				require.Equalf(t, c.status, status, "%s %s: %s", c.method, c.target, body)
				if c.want != "" {
					require.Equal(t, c.want, body, c.target)
				}
			}
		})
	}
}

// An app that is used in another learns its prefix from the first request.
func TestUsedApp(t *testing.T) {
	where := typed.Get[typed.None, string]("/where")
	api := typed.New("Test", "1", nil)
	where.Handle(api, typed.Func(func(ctx context.Context, in typed.None) (string, error) { return typed.URL(ctx, where, in), nil }))
	inner := fiber.New()
	fiberadapter.Mount(inner, api)
	app := fiber.New()
	app.Use("/v1", inner)
	status, body, _ := ask(t, app, "GET", "/v1/where", "")
	require.Equal(t, 200, status, body)
	require.Equal(t, `"/v1/where"`, body)

	again := fiber.New()
	inner = fiber.New()
	typed.Get[typed.None, string]("/x") // declared, never handled
	fiberadapter.Mount(inner, func() *typed.API {
		api := one("GET /x", func(context.Context, typed.None) (string, error) { return "", nil })
		require.NoError(t, api.Mount("/elsewhere"))
		return api
	}())
	again.Use("/v2", inner)
	status, body, _ = ask(t, again, "GET", "/v2/elsewhere/x", "")
	require.Equal(t, 500, status, body)
}

func TestUnknownMethod(t *testing.T) {
	api := one("PURGE /x", func(context.Context, typed.None) (string, error) { return "", nil })
	require.Panics(t, func() { fiberadapter.Mount(fiber.New(), api) })
	fiberadapter.Mount(fiber.New(), typed.New("Empty", "1", nil))
}

func TestGroupRefused(t *testing.T) {
	api := one("GET /x", func(context.Context, typed.None) (string, error) { return "", nil })
	require.PanicsWithValue(t, `typed: the API cannot be mounted: the prefix "/:tenant" has a wildcard, which no field can take: mount the API in a group without`, func() {
		fiberadapter.Mount(fiber.New().Group("/:tenant"), api)
	})
}

// An answer of OnInvalid may be a stream, on an endpoint that has none.
func TestInvalidStream(t *testing.T) {
	for name, src := range map[string]io.Reader{"whole": strings.NewReader("in pieces"), "broken": io.MultiReader(strings.NewReader("x"), &failing{})} {
		api := typed.New("Test", "1", &typed.Options{
			OnError: func(context.Context, error) {},
			OnInvalid: func(context.Context, *respond.Problem) (typed.Answer, error) {
				return new(typed.Response[io.Reader]).Status(422).Send(io.MultiReader(src))
			},
		})
		typed.Handle(api, "GET /{n}", typed.Func(func(_ context.Context, in struct {
			N int `path:"n"`
		}) (int, error) {
			return in.N, nil
		}))
		app := fiber.New()
		fiberadapter.Mount(app, api)
		if name == "broken" {
			_, err := app.Test(httptest.NewRequest("GET", "/x", nil))
			require.Error(t, err, "the connection is cut")
			continue
		}
		status, body, _ := ask(t, app, "GET", "/x", "")
		require.Equal(t, 422, status)
		require.Equal(t, "in pieces", body)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("broken") }

func large(w io.Writer) {
	for range 64 {
		_, _ = io.WriteString(w, strings.Repeat("0123456789abcdef", 2<<10))
	}
}

// fetch is what a client sees; chunked or not is up to the server.
func fetch(t *testing.T, url, method string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "%s /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", method)
	require.NoError(t, err)
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, &http.Request{Method: method})
	for err == nil && res.StatusCode < 200 {
		res, err = http.ReadResponse(r, &http.Request{Method: method})
	}
	if err != nil {
		return "no answer"
	}
	body, err := io.ReadAll(res.Body)
	if len(body) > 1<<20 && err != nil {
		body = body[:1<<20]
	}
	return fmt.Sprint(res.StatusCode, res.Header.Get("Content-Type"), res.Header["X-Many"], res.Header["X-Late"], len(body), string(body[:min(len(body), 40)]), err != nil)
}

func TestHTTP10AndAbsolute(t *testing.T) {
	api := one("GET /x", func(ctx context.Context, _ typed.None) (string, error) {
		r := typed.HTTPRequest(ctx)
		return fmt.Sprint(r.Proto, r.URL.Path, r.Host), nil
	})
	app := fiber.New()
	fiberadapter.Mount(app, api)
	server := serve(app)
	defer server.Close()
	for request, want := range map[string]string{
		"GET /x HTTP/1.0\r\nHost: a\r\n\r\n":                                  `"HTTP/1.0/xa"`,
		"GET http://b/x?y=1 HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n": `"HTTP/1.1/xb"`,
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(conn, request)
		require.NoError(t, err)
		text, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(string(text), want), "%s", text)
		conn.Close()
	}
}

// Middleware of fiber may rewrite the path. UnescapePath is no rewriting: the API decodes by itself.
func TestRewritten(t *testing.T) {
	for name, c := range map[string]struct {
		config         fiber.Config
		rewrite        bool
		target, answer string
	}{
		"rewritten":    {fiber.Config{}, true, "/old", `"new/path"`},
		"not":          {fiber.Config{}, false, "/a%2Fb", `"a/b"`},
		"UnescapePath": {fiber.Config{UnescapePath: true}, false, "/%2541", `"%41"`},
	} {
		t.Run(name, func(t *testing.T) {
			app := fiber.New(c.config)
			app.Use(func(ctx fiber.Ctx) error {
				if c.rewrite {
					ctx.Path("/new%2Fpath")
				}
				return ctx.Next()
			})
			fiberadapter.Mount(app, one("GET /{id}", func(_ context.Context, in struct {
				ID string `path:"id"`
			}) (string, error) {
				return in.ID, nil
			}))
			_, body, _ := ask(t, app, "GET", c.target, "")
			require.Equal(t, c.answer, body)
		})
	}
}

// A handler that ends its goroutine, as a test's FailNow does, leaves no client waiting.
func TestGoexit(t *testing.T) {
	api := one("GET /", func(context.Context, typed.None) (string, error) {
		runtime.Goexit()
		return "", nil
	})
	app := fiber.New()
	fiberadapter.Mount(app, api)
	server := serve(app)
	defer server.Close()
	client := http.Client{Timeout: 10 * time.Second}
	_, err := client.Get(server.URL)
	require.ErrorIs(t, err, io.EOF)
}
