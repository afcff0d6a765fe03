package fiberadapter_test

import (
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

// An app that shuts down ends its events, cleanly.
func TestEventsEndWithTheApp(t *testing.T) {
	api := typed.New("Test", "1", nil)
	typed.Handle(api, "GET /events", typed.Func(func(ctx context.Context, _ typed.None) (typed.Events[int], error) {
		return func(yield func(typed.Event[int], error) bool) {
			yield(typed.Event[int]{Data: 1}, nil)
			<-ctx.Done()
		}, nil
	}))
	app := fiber.New()
	fiberadapter.Mount(app, api)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get("http://" + l.Addr().String() + "/events")
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
