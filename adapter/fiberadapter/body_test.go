package fiberadapter_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
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

// ownText is a type that reads its own text.
type ownText struct{ s string }

func (o *ownText) UnmarshalText(b []byte) error { o.s = string(b); return nil }
func (o ownText) MarshalText() ([]byte, error)  { return []byte(o.s), nil }

// members take their JSON each in another way.
type members struct {
	Raw     json.RawMessage            `json:"raw"`
	Bytes   []byte                     `json:"bytes"`
	Named   map[namedKey][]string      `json:"named"`
	Any     any                        `json:"any"`
	Text    ownText                    `json:"text"`
	Number  json.Number                `json:"number"`
	Escaped *string                    `json:"escaped"`
	Nested  map[string]json.RawMessage `json:"nested"`
}

type namedKey string

type fields struct {
	List []string `form:"list"`
	Text ownText  `form:"text"`
}

// What a handler keeps of a body does not change when the next request's is read to
// where the body was.
func TestBodyKept(t *testing.T) {
	const (
		object = `{"raw":{"@@":["@@"]},"bytes":"@@@@","named":{"@@":["@@"]},"any":{"@@":["@@"]},"text":"@@","number":111,"escaped":"\u0041@@","nested":{"@@":["@@"]}}`
		form   = "list=@@&list=%41@@&text=@@"
	)
	var kept []any
	api := one("POST /members", func(_ context.Context, in members) (string, error) { kept = append(kept, in); return "", nil })
	typed.Handle(api, "POST /value", typed.Func(func(_ context.Context, in json.RawMessage) (string, error) { kept = append(kept, in); return "", nil }))
	typed.Handle(api, "POST /field", typed.Func(func(_ context.Context, in struct {
		Body json.RawMessage `body:""`
	}) (string, error) {
		kept = append(kept, in)
		return "", nil
	}))
	typed.Handle(api, "POST /bytes", typed.Func(func(_ context.Context, in []byte) (string, error) { kept = append(kept, in); return "", nil }))
	typed.Handle(api, "POST /form", typed.Func(func(_ context.Context, in fields) (string, error) { kept = append(kept, in); return "", nil }))
	app := fiber.New()
	fiberadapter.Mount(app, api)
	server := serve(app)
	defer server.Close()
	var want []string
	for _, path := range []string{"/members", "/value", "/field", "/bytes", "/form"} {
		body, media := object, "application/json"
		if path == "/form" {
			body, media = form, "application/x-www-form-urlencoded"
		}
		for _, fill := range []string{"a", "b", "c"} {
			res, err := http.Post(server.URL+path, media, strings.NewReader(strings.ReplaceAll(body, "@", fill)))
			require.NoError(t, err)
			_, _ = io.Copy(io.Discard, res.Body) // so that the connection is used again
			_ = res.Body.Close()
			require.Equal(t, 200, res.StatusCode, path)
			want = append(want, said(t, kept[len(kept)-1]))
			require.NotContains(t, want[:len(want)-1], want[len(want)-1])
		}
	}
	for i, in := range kept {
		require.Equal(t, want[i], said(t, in))
	}
}

func said(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}
