package fiberadapter

import (
	"bytes"
	"strings"
	"unsafe"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
)

// Header returns copies. Of some fields fasthttp keeps the last line only; those
// are looked for in the header as it came.
func (x *exchange) Header(name string) []string {
	h := &x.ctx.Request.Header
	switch name {
	case fiber.HeaderIfNoneMatch, fiber.HeaderIfModifiedSince:
		x.mu.Lock() // the handler is over; what it has left behind may ask for HTTPRequest
		defer x.mu.Unlock()
	case fiber.HeaderHost, fiber.HeaderTransferEncoding, fiber.HeaderTrailer:
		return nil // as in net/http
	case fiber.HeaderContentType:
		return x.last(name, h.ContentType())
	case fiber.HeaderUserAgent:
		return x.last(name, h.UserAgent())
	}
	lines := peekAll(h, name, x.asSent)
	if isTrailer(h, name) {
		lines = section(h, name)
	}
	if len(lines) == 0 || name == fiber.HeaderContentLength && len(lines[0]) == 0 {
		return nil
	}
	values := x.values(len(lines))
	for i, line := range lines {
		values[i] = x.copy(line)
	}
	return values
}

// peekAll returns the lines of a field, whose name is in canonical form.
func peekAll(h *fasthttp.RequestHeader, name string, asSent bool) (lines [][]byte) {
	if !asSent {
		h.DisableNormalizing() // spares fasthttp making it canonical once more
		lines = h.PeekAll(name)
		h.EnableNormalizing()
		return lines
	}
	for key, value := range h.All() {
		if strings.EqualFold(string(key), name) {
			lines = append(lines, value)
		}
	}
	return lines
}

// isTrailer reports whether a field came, or may come, behind the content as well.
// fasthttp hands both out as one; a trailer field is not a header field (RFC 9110, 6.5.1).
func isTrailer(h *fasthttp.RequestHeader, name string) bool {
	for trailer := range h.Trailers() {
		if strings.EqualFold(string(trailer), name) {
			return true
		}
	}
	return false
}

// section returns the lines of a field in the header section, as it was sent.
func section(h *fasthttp.RequestHeader, name string) (lines [][]byte) {
	value, rest, ok := cutField(h.RawHeaders(), name)
	for ok {
		lines = append(lines, value)
		value, rest, ok = cutField(rest, name)
	}
	return lines
}

// last returns the lines of a field of which fasthttp keeps the last line only.
func (x *exchange) last(name string, line []byte) []string {
	if lines := repeated(x.ctx.Request.Header.RawHeaders(), name); lines != nil {
		return lines
	}
	switch string(line) {
	case "":
		return nil
	case fiber.MIMEApplicationJSON: // most bodies
		return typeJSON
	}
	values := x.values(1)
	values[0] = x.copy(line)
	return values
}

var typeJSON = []string{fiber.MIMEApplicationJSON}

// copy makes a string of b that nobody changes.
func (x *exchange) copy(b []byte) string {
	if len(b) == 0 || len(b) > len(x.text)-int(x.used) {
		return string(b)
	}
	room := x.text[x.used:][:len(b)]
	x.used += uint8(copy(room, b))
	return unsafe.String(&room[0], len(room)) // nothing else is ever written there
}

// values makes room for n strings.
func (x *exchange) values(n int) []string {
	if n > len(x.lines)-int(x.taken) {
		return make([]string, n)
	}
	from := int(x.taken)
	x.taken += uint8(n)
	return x.lines[from : from+n : from+n]
}

// repeated returns the lines of a field that a header section has more than once;
// nil for any other.
func repeated(section []byte, name string) []string {
	first, section, _ := cutField(section, name)
	value, section, ok := cutField(section, name)
	if !ok {
		return nil
	}
	values := []string{string(first)}
	for ok {
		values = append(values, string(value))
		value, section, ok = cutField(section, name)
	}
	return values
}

// cutField finds the first line of a field in a header section, and what follows it.
func cutField(section []byte, name string) (value, rest []byte, ok bool) {
	for len(section) > 0 {
		var line []byte
		line, section, _ = bytes.Cut(section, []byte{'\n'})
		if len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(string(line[:len(name)]), name) {
			return bytes.TrimSpace(line[len(name)+1:]), section, true
		}
	}
	return nil, nil, false
}
