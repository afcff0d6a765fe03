package fiberadapter

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// exchange carries one request over fasthttp. fasthttp uses its memory again when
// the handler has returned, so what is handed out is copied, and after that
// nothing is read any more. An exchange itself is never used again, and so is kept small.
type exchange struct {
	life
	method, path, query string

	// ctx belongs to the exchange until it is released. The pipeline is over by then;
	// what a handler may still reach (the body, HTTPRequest) holds mu to look.
	ctx     *fasthttp.RequestCtx
	reading sync.Mutex // held to read the body; without mu if the app streams it, which takes the client's time

	unread   []byte        // of the content, once opened
	request  *http.Request // made on demand
	length   int           // of the answer's content; -1: unknown
	detached *detached     // nil unless the answer is made on a goroutine of its own

	// Room for copies, for most requests: one allocation, this one, instead of two
	// for each field of a header.
	lines  [2]string
	taken  uint8 // of lines
	used   uint8 // of text
	opened bool  // the content has been asked for
	asSent bool  // fasthttp leaves the names of fields as they came
	text   [116]byte
}

var (
	_ wire.Exchange = (*exchange)(nil)
	_ wire.Detacher = (*exchange)(nil)
	_ wire.Bridge   = (*exchange)(nil)
	_ wire.Whole    = (*exchange)(nil)
)

func newExchange(c fiber.Ctx, config *fiber.Config) *exchange {
	ctx := c.RequestCtx()
	x := &exchange{ctx: ctx, method: c.Method(), length: -1, asSent: config.DisableHeaderNormalizing}
	x.begin(c, ctx)
	uri := ctx.RequestURI()
	if len(uri) > 0 && uri[0] == '/' {
		x.path, x.query, _ = strings.Cut(x.copy(uri), "?")
	} else { // the absolute form, as sent to a proxy
		x.path, x.query = string(ctx.URI().PathOriginal()), string(ctx.URI().QueryString())
	}
	if path := c.Path(); path != x.path && !config.UnescapePath {
		x.path = strings.Clone(path) // middleware has rewritten it
	}
	return x
}

func (x *exchange) Method() string           { return x.method }
func (x *exchange) EscapedPath() string      { return x.path }
func (x *exchange) RawQuery() string         { return x.query }
func (x *exchange) Context() context.Context { return &x.life }
func (x *exchange) Body() io.Reader          { return (*body)(x) }

// ContentLength is what fasthttp says: -1 in a chunked request, -2 where there is no content.
func (x *exchange) ContentLength() int64 {
	n := x.ctx.Request.Header.ContentLength()
	if n < -1 {
		n = 0
	}
	return int64(n)
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

// SetContent leaves Content-Length to fasthttp, which writes it itself.
func (x *exchange) SetContent(mediaType []string, length int64) {
	if mediaType != nil {
		x.ctx.Response.Header.SetContentType(mediaType[0])
	}
	if length >= 0 {
		x.length = int(length)
	}
}

func (x *exchange) AddHeader(name, value string) { x.ctx.Response.Header.Add(name, value) }

// Written returns copies. Cookies are one line each.
func (x *exchange) Written(name string) (lines []string) {
	h := &x.ctx.Response.Header
	switch {
	case name == fiber.HeaderSetCookie:
		for _, cookie := range h.Cookies() {
			lines = append(lines, string(cookie))
		}
	case x.asSent:
		for key, value := range h.All() {
			if strings.EqualFold(string(key), name) {
				lines = append(lines, string(value))
			}
		}
	default:
		for _, value := range h.PeekAll(name) {
			lines = append(lines, string(value))
		}
	}
	return lines
}

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
}

// Abort cuts the connection.
func (x *exchange) Abort() { panic(http.ErrAbortHandler) }

// release ends the context and lets go of what belongs to fasthttp.
func (x *exchange) release() {
	x.unwatch()
	x.mu.Lock()
	x.cancel(context.Canceled)
	streams := x.ctx.RequestBodyStream() != nil
	x.ctx = nil
	x.mu.Unlock()
	if streams {
		x.reading.Lock() // waits for a Read that has begun
		defer x.reading.Unlock()
	}
}
