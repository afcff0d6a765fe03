package fiberadapter_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/adapter/fiberadapter"
	"github.com/apiroutes/apiroutes/typed"
)

// Header fields that are large or many are copied, too.
func TestLargeHeader(t *testing.T) {
	api := one("GET /{id}", func(_ context.Context, in struct {
		ID   string   `path:"id"`
		Long string   `header:"X-Long"`
		Many []string `header:"X-Many"`
	}) (string, error) {
		return fmt.Sprint(len(in.ID), len(in.Long), in.Many), nil
	})
	app := fiber.New()
	fiberadapter.Mount(app, api)
	status, body, _ := ask(t, app, "GET", "/"+strings.Repeat("x", 200), "", "X-Long", strings.Repeat("y", 300),
		"X-Many", "1", "X-Many", "2", "X-Many", "3", "X-Many", "4", "X-Many", "5")
	require.Equal(t, 200, status, body)
	require.Equal(t, `"200 300 [1 2 3 4 5]"`, body)
}

// Names of fields are found in any case, also where fasthttp is told to leave them as they are.
func TestNamesAsSent(t *testing.T) {
	api := one("POST /", func(_ context.Context, in struct {
		List    []string `header:"X-List"`
		Session string   `cookie:"session"`
		N       int      `json:"n"`
	}) (string, error) {
		return fmt.Sprint(in.List, in.Session, in.N), nil
	})
	for name, config := range map[string]fiber.Config{"canonical": {}, "as sent": {DisableHeaderNormalizing: true}} {
		t.Run(name, func(t *testing.T) {
			app := fiber.New(config)
			fiberadapter.Mount(app, api)
			server := serve(app)
			defer server.Close()
			conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
			require.NoError(t, err)
			defer conn.Close()
			_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nhost: x\r\nx-list: a\r\nX-LIST: b\r\ncookie: x=y; session=s\r\n"+
				"content-TYPE: application/json\r\ncontent-length: 7\r\nConnection: close\r\n\r\n{\"n\":1}")
			require.NoError(t, err)
			text, err := io.ReadAll(conn)
			require.NoError(t, err)
			require.True(t, strings.HasSuffix(string(text), `"[a b]s1"`), "%s", text)
		})
	}
}

// A goroutine that a handler leaves behind may ask for the request while it is answered.
func TestRequestWhileAnswered(t *testing.T) {
	var left sync.WaitGroup
	api := one("GET /", func(ctx context.Context, _ typed.None) (string, error) {
		left.Go(func() { typed.HTTPRequest(ctx) })
		return "text", nil
	})
	app := fiber.New()
	fiberadapter.Mount(app, api)
	for range 50 {
		status, _, _ := ask(t, app, "GET", "/", "", "Cookie", "a=b; c=d", "If-None-Match", `"x"`)
		require.Equal(t, 200, status)
	}
	left.Wait()
}
