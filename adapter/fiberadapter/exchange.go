package fiberadapter

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// exchange carries one request over fasthttp. fasthttp uses its memory again when
// the handler has returned, so what is handed out is copied, and after that
// nothing is read any more.
type exchange struct {
	requestContext
	method, path, query string

	mu      sync.Mutex
	ctx     *fasthttp.RequestCtx // nil once it is not ours any more
	content content
	request request
	length  int // of the answer's content; -1: unknown

	*detached // nil unless the answer is made on a goroutine of its own
}

var (
	_ wire.Exchange = (*exchange)(nil)
	_ wire.Detacher = (*exchange)(nil)
	_ wire.Bridge   = (*exchange)(nil)
)

func newExchange(c fiber.Ctx, ctx *fasthttp.RequestCtx) *exchange {
	x := &exchange{ctx: ctx, method: c.Method(), length: -1}
	x.seed(c, ctx)
	x.content.x = x
	if uri := ctx.RequestURI(); len(uri) > 0 && uri[0] == '/' {
		x.path, x.query, _ = strings.Cut(string(uri), "?")
	} else { // a proxy's absolute form
		x.path, x.query = string(ctx.URI().PathOriginal()), string(ctx.URI().QueryString())
	}
	return x
}

func (x *exchange) Method() string           { return x.method }
func (x *exchange) EscapedPath() string      { return x.path }
func (x *exchange) RawQuery() string         { return x.query }
func (x *exchange) Context() context.Context { return &x.requestContext }
func (x *exchange) Body() io.Reader          { return &x.content }

// Header returns copies. Of the fields that fasthttp keeps apart it has the last line
// only, so those are looked for in the header as it came.
func (x *exchange) Header(name string) []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ctx == nil {
		return nil
	}
	h := &x.ctx.Request.Header
	switch name {
	case fiber.HeaderHost, fiber.HeaderTransferEncoding, fiber.HeaderTrailer:
		return nil // as in net/http
	case fiber.HeaderContentType, fiber.HeaderUserAgent:
		if lines := rawLines(h.RawHeaders(), name); len(lines) > 1 {
			return lines
		}
	}
	lines := h.PeekAll(name)
	if len(lines) == 0 || len(lines) == 1 && len(lines[0]) == 0 && name == fiber.HeaderContentLength {
		return nil
	}
	if len(lines) == 1 {
		return []string{string(lines[0])}
	}
	values := make([]string, len(lines))
	for i, line := range lines {
		values[i] = string(line)
	}
	return values
}

// rawLines finds the lines of one field in a header section.
func rawLines(header []byte, name string) (values []string) {
	for len(header) > 0 {
		var line []byte
		line, header, _ = bytes.Cut(header, []byte{'\n'})
		if len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(string(line[:len(name)]), name) {
			values = append(values, string(bytes.TrimSpace(line[len(name)+1:])))
		}
	}
	return values
}

func (x *exchange) ContentLength() int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ctx == nil {
		return 0
	}
	h := &x.ctx.Request.Header
	if len(h.Peek(fiber.HeaderTransferEncoding)) > 0 {
		return -1
	}
	return int64(max(h.ContentLength(), 0))
}

// content is the body of the request. It may be read as long as there is one.
type content struct {
	x    *exchange
	open bool
	left []byte
	src  io.Reader // in place of left, if the app streams bodies
}

var errOver = errors.New("fiberadapter: the body was read after its request had ended")

func (c *content) Read(p []byte) (int, error) {
	c.x.mu.Lock()
	defer c.x.mu.Unlock()
	ctx := c.x.ctx
	if ctx == nil {
		return 0, errOver
	}
	if !c.open {
		c.open = true
		if c.src = ctx.RequestBodyStream(); c.src == nil {
			c.left = ctx.Request.Body()
		}
	}
	if c.src != nil {
		return c.src.Read(p)
	}
	if len(c.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.left)
	c.left = c.left[n:]
	return n, nil
}

// Close does nothing: the body belongs to the server.
func (*content) Close() error { return nil }

func (x *exchange) SetHeader(name string, values []string) {
	h := &x.ctx.Response.Header
	if name == fiber.HeaderContentLength {
		if n, err := strconv.Atoi(values[0]); err == nil {
			x.length = n // fasthttp writes the field itself
		}
		return
	}
	if len(values) == 1 {
		h.Set(name, values[0])
		return
	}
	h.Del(name)
	for _, value := range values {
		h.Add(name, value)
	}
}

func (x *exchange) AddHeader(name, value string) { x.ctx.Response.Header.Add(name, value) }

func (x *exchange) Send(status int, body []byte) error {
	x.head(status)
	if x.method == fiber.MethodHead && x.length >= 0 {
		x.ctx.Response.Header.SetContentLength(x.length)
	}
	x.ctx.Response.SetBody(body)
	return nil
}

func (x *exchange) head(status int) {
	res := &x.ctx.Response
	res.Header.SetNoDefaultContentType(true) // net/http has none either
	res.SetStatusCode(status)
	res.ResetBody()
}

// leave ends what may not go on after fiber's handler has returned.
func (x *exchange) leave() {
	if x.detached != nil && x.detached.streaming {
		return // the stream ends it
	}
	x.end(context.Canceled)
	x.release()
}

// release lets go of what belongs to fasthttp.
func (x *exchange) release() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ctx = nil
}
