package fiberadapter

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// exchange carries one request over fasthttp. fasthttp uses its memory again when
// the handler has returned, so what is handed out is copied, and after that
// nothing is read any more. An exchange itself is never used again.
type exchange struct {
	life
	method, path, query string

	// ctx belongs to the exchange until it is released. The pipeline is over by then;
	// what a handler may still reach (the body, HTTPRequest) holds owner to look.
	ctx   *fasthttp.RequestCtx
	owner sync.Mutex

	body     body
	request  *http.Request // made on demand
	length   int           // of the answer's content; -1: unknown
	detached *detached     // nil unless the answer is made on a goroutine of its own

	// Room for copies, for most requests: one allocation, this one, instead of two
	// for each field of a header.
	text  [160]byte
	used  int
	lines [4]string
	taken int
}

var (
	_ wire.Exchange = (*exchange)(nil)
	_ wire.Detacher = (*exchange)(nil)
	_ wire.Bridge   = (*exchange)(nil)
)

func newExchange(c fiber.Ctx) *exchange {
	ctx := c.RequestCtx()
	x := &exchange{ctx: ctx, method: c.Method(), length: -1}
	x.begin(c, ctx)
	x.body.x = x
	uri := ctx.RequestURI()
	if len(uri) > 0 && uri[0] == '/' {
		x.path, x.query, _ = strings.Cut(x.copy(uri), "?")
	} else { // the absolute form, as sent to a proxy
		x.path, x.query = string(ctx.URI().PathOriginal()), string(ctx.URI().QueryString())
	}
	if path := c.Path(); path != x.path && !c.App().Config().UnescapePath {
		x.path = strings.Clone(path) // middleware has rewritten it
	}
	return x
}

// copy makes a string of b that nobody changes.
func (x *exchange) copy(b []byte) string {
	if len(b) == 0 || len(b) > len(x.text)-x.used {
		return string(b)
	}
	room := x.text[x.used : x.used+len(b)]
	x.used += copy(room, b)
	return unsafe.String(&room[0], len(room)) // nothing else is ever written there
}

// values makes room for n strings.
func (x *exchange) values(n int) []string {
	if n > len(x.lines)-x.taken {
		return make([]string, n)
	}
	x.taken += n
	return x.lines[x.taken-n : x.taken : x.taken]
}

func (x *exchange) Method() string           { return x.method }
func (x *exchange) EscapedPath() string      { return x.path }
func (x *exchange) RawQuery() string         { return x.query }
func (x *exchange) Context() context.Context { return &x.life }
func (x *exchange) Body() io.Reader          { return &x.body }

// Header returns copies. Of some fields fasthttp keeps the last line only; those
// are looked for in the header as it came.
func (x *exchange) Header(name string) []string {
	h := &x.ctx.Request.Header
	switch name {
	case fiber.HeaderHost, fiber.HeaderTransferEncoding, fiber.HeaderTrailer:
		return nil // as in net/http
	case fiber.HeaderContentType, fiber.HeaderUserAgent:
		if lines := repeated(h.RawHeaders(), name); lines != nil {
			return lines
		}
	}
	lines := h.PeekAll(name)
	if len(lines) == 0 || name == fiber.HeaderContentLength && len(lines[0]) == 0 {
		return nil
	}
	values := x.values(len(lines))
	for i, line := range lines {
		values[i] = x.copy(line)
	}
	return values
}

func (x *exchange) ContentLength() int64 {
	h := &x.ctx.Request.Header
	if len(h.Peek(fiber.HeaderTransferEncoding)) > 0 {
		return -1
	}
	return int64(max(h.ContentLength(), 0))
}

func (x *exchange) SetHeader(name string, values []string) {
	h := &x.ctx.Response.Header
	switch {
	case name == fiber.HeaderContentLength:
		if n, err := strconv.Atoi(values[0]); err == nil {
			x.length = n // fasthttp writes the field itself
		}
	case name == fiber.HeaderContentType:
		h.SetContentType(values[0])
	case len(values) == 1:
		h.Set(name, values[0])
	default:
		h.Del(name)
		for _, value := range values {
			h.Add(name, value)
		}
	}
}

func (x *exchange) AddHeader(name, value string) { x.ctx.Response.Header.Add(name, value) }

func (x *exchange) Send(status int, content []byte) error {
	x.head(status)
	if x.method == fiber.MethodHead && x.length >= 0 {
		x.ctx.Response.Header.SetContentLength(x.length)
	}
	x.ctx.Response.SetBody(content)
	return nil
}

func (x *exchange) head(status int) {
	res := &x.ctx.Response
	res.Header.SetNoDefaultContentType(true) // net/http has none either
	res.SetStatusCode(status)
	res.ResetBody()
}

// Abort cuts the connection.
func (x *exchange) Abort() { panic(http.ErrAbortHandler) }

// release lets go of what belongs to fasthttp.
func (x *exchange) release() {
	x.owner.Lock()
	defer x.owner.Unlock()
	x.ctx = nil
}
