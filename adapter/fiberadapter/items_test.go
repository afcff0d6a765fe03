package fiberadapter_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// listen serves api by an app, which the test shuts down. What served gives is its end.
func listen(t *testing.T, api *typed.API) (app *fiber.App, addr string, served <-chan error) {
	t.Helper()
	app = fiber.New()
	fiberadapter.Mount(app, api)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	end := make(chan error, 1)
	go func() { end <- app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) }()
	return app, l.Addr().String(), end
}

// An app that shuts down ends its events, cleanly.
func TestEventsEndWithTheApp(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /events", typed.Func(func(ctx context.Context, _ typed.None) (typed.Events[int], error) {
		return func(yield func(typed.Event[int], error) bool) {
			yield(typed.Event[int]{Data: 1}, nil)
			<-ctx.Done()
		}, nil
	}))
	app, addr, served := listen(t, api)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get("http://" + addr + "/events")
	require.NoError(t, err)
	defer res.Body.Close()
	first := make([]byte, len("data: 1\n\n"))
	_, err = io.ReadFull(res.Body, first)
	require.NoError(t, err)
	began := time.Now()
	shut := make(chan error, 1)
	go func() { shut <- app.ShutdownWithTimeout(20 * time.Second) }()
	rest, err := io.ReadAll(res.Body)
	require.NoError(t, err, "the end, not a cut")
	require.Empty(t, rest)
	require.NoError(t, <-shut)
	require.NoError(t, <-served)
	require.Less(t, time.Since(began), 10*time.Second)
}

// A client that has left is noticed with the first event after that, or heartbeat: the
// write alone would succeed.
func TestClientThatLeft(t *testing.T) {
	left, more := make(chan struct{}), make(chan bool, 1)
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /events", typed.Func(func(ctx context.Context, _ typed.None) (typed.Events[int], error) {
		return func(yield func(typed.Event[int], error) bool) {
			yield(typed.Event[int]{Data: 1}, nil)
			<-left
			more <- yield(typed.Event[int]{Data: 2}, nil)
		}, nil
	}))
	app, addr, served := listen(t, api)
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	_, err = io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	first := make([]byte, len("data: 1\n\n"))
	_, err = io.ReadFull(res.Body, first)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	close(left)
	require.False(t, <-more)
	require.NoError(t, app.ShutdownWithTimeout(10*time.Second))
	require.NoError(t, <-served)
}
