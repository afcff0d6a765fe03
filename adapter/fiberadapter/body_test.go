package fiberadapter_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/require"

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
	api := one("POST /", func(ctx context.Context, in upload) (string, error) {
		_, first := io.ReadFull(in.Body, make([]byte, 5))
		waiting := make(chan error, 1)
		go func() {
			rest, err := io.ReadAll(in.Body)
			if string(rest) != "world" {
				err = fmt.Errorf("the rest is %q: %w", rest, err)
			}
			waiting <- err
		}()
		time.Sleep(20 * time.Millisecond)
		asked := make(chan error, 1)
		go func() { asked <- ctx.Err() }()
		select {
		case err := <-asked:
			ctx.Value(goOn{}).(func())()
			return "read", errors.Join(first, err, <-waiting)
		case <-time.After(10 * time.Second):
			return "", errors.New("the context waits for the body")
		}
	})
	app := fiber.New(fiber.Config{StreamRequestBody: true})
	send := make(chan struct{})
	app.Use(func(c fiber.Ctx) error {
		c.SetContext(context.WithValue(c.Context(), goOn{}, func() { close(send) }))
		return c.Next()
	})
	fiberadapter.Mount(app, api)
	server := serve(app)
	defer server.Close()
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n")
	require.NoError(t, err)
	select {
	case <-send:
	case <-time.After(10 * time.Second):
		t.Fatal("the handler did not get so far")
	}
	_, err = io.WriteString(conn, "5\r\nworld\r\n0\r\n\r\n")
	require.NoError(t, err)
	text, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(string(text), `"read"`), "%s", text)
}

type goOn struct{} // asks the client for the rest

type upload struct {
	Body io.Reader `body:""`
}
