package fiberadapter_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/cache"
	"github.com/gofiber/fiber/v3/middleware/compress"
	"github.com/gofiber/fiber/v3/middleware/etag"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// A stream that fails is cut off, and kept by nobody, also where middleware of fiber
// collects the answer before it is sent (faults A25).
func TestStreamFailsInMiddleware(t *testing.T) {
	for name, mw := range map[string]fiber.Handler{"none": nil, "compress": compress.New(), "etag": etag.New(), "cache": cache.New()} {
		t.Run("A25 "+name, func(t *testing.T) {
			var whole atomic.Bool // from now on
			api := typed.New("Test", "1", &typed.Options{OnError: func(context.Context, error) {}})
			typed.Handle(api, "GET /stream", func(_ context.Context, _ typed.None, res *typed.Response[io.Reader]) (typed.Answer, error) {
				if !whole.Load() {
					return res.Send(io.MultiReader(strings.NewReader("the first half "), iotest.ErrReader(errors.New("the disk of the secret host is gone"))))
				}
				return res.Send(strings.NewReader("all of it"))
			})
			app := fiber.New()
			if mw != nil {
				app.Use(mw)
			}
			fiberadapter.Mount(app, api)
			server := serve(app)
			defer server.Close()
			for range 2 {
				res, err := http.Get(server.URL + "/stream")
				if err == nil {
					text, rerr := io.ReadAll(res.Body)
					_ = res.Body.Close()
					require.Error(t, rerr, "%d %q looks complete", res.StatusCode, text)
					require.NotContains(t, string(text), "secret")
				}
			}
			whole.Store(true)
			res, err := http.Get(server.URL + "/stream")
			require.NoError(t, err)
			text, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			_ = res.Body.Close()
			require.Equal(t, "all of it", string(text))
		})
	}
}

// What the adapter answers itself has the form of the API's errors, too.
func TestRefusedMountHasTheFormOfErrors(t *testing.T) {
	type envelope struct {
		Code int    `json:"code"`
		Text string `json:"text"`
	}
	api := typed.New("Test", "1", &typed.Options{Errors: typed.Errors("application/json", func(_ context.Context, p *respond.Problem) envelope {
		return envelope{p.Status, p.Title}
	})})
	typed.Handle(api, "GET /x", typed.Func(func(context.Context, typed.None) (string, error) { return "", nil }))
	require.NoError(t, api.Mount("/elsewhere"))
	inner, app := fiber.New(), fiber.New()
	fiberadapter.Mount(inner, api)
	app.Use("/v2", inner)
	status, body, header := ask(t, app, "GET", "/v2/elsewhere/x", "")
	require.Equal(t, http.StatusInternalServerError, status)
	require.Equal(t, `{"code":500,"text":"Internal Server Error"}`, body)
	require.Equal(t, "application/json", header.Get("Content-Type"))
}
