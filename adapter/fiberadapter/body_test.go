package fiberadapter_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// A handler that goes on after its time may not read what fasthttp uses again.
func TestBodyOutlived(t *testing.T) {
	for name, config := range map[string]fiber.Config{"whole": {}, "streams": {StreamRequestBody: true}} {
		t.Run(name, func(t *testing.T) { outlive(t, fiber.New(config)) })
	}
}

func outlive(t *testing.T, app *fiber.App) {
	read := make(chan error, 1)
	release := make(chan struct{})
	api := typed.New("Test", "1", &typed.Options{Timeout: 20 * time.Millisecond, OnError: func(context.Context, error) {}})
	typed.Handle(api, "POST /{id}", typed.Func(func(ctx context.Context, in struct {
		ID   string    `path:"id"`
		Body io.Reader `body:""`
	}) (string, error) {
		<-release
		_, err := io.ReadAll(in.Body)
		r := typed.HTTPRequest(ctx)
		if r.Method != "POST" || r.URL.Path != "/late" || r.Host != "" {
			err = errors.New("the late request has " + r.Method + r.URL.Path + r.Host)
		}
		read <- err
		return "", nil
	}))
	fiberadapter.Mount(app, api)
	status, _, _ := ask(t, app, "POST", "/late", "content", "Content-Type", "application/octet-stream")
	require.Equal(t, 503, status)
	close(release)
	require.ErrorContains(t, <-read, "after its request had ended")
}

// Who waits for the rest of a body does not keep others from the context.
func TestContextWhileReading(t *testing.T) {
	src := &slow{asked: make(chan struct{}), rest: make(chan struct{})}
	api := one("POST /", func(ctx context.Context, in upload) (string, error) {
		read := make(chan error, 1)
		go func() {
			_, err := io.ReadAll(in.Body)
			read <- err
		}()
		<-src.asked
		if err := ctx.Err(); err != nil {
			return "", err
		}
		close(src.rest)
		return "read", <-read
	})
	app := fiber.New()
	fiberadapter.Mount(app, api)
	ctx := new(fasthttp.RequestCtx)
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.SetRequestURI("/")
	ctx.Request.SetBodyStream(src, -1)
	app.Handler()(ctx)
	require.Equal(t, `"read"`, string(ctx.Response.Body()))
}

// slow is a body whose end is not there yet.
type slow struct{ asked, rest chan struct{} }

func (s *slow) Read([]byte) (int, error) {
	close(s.asked)
	<-s.rest
	return 0, io.EOF
}

type upload struct {
	Body io.Reader `body:""`
}
