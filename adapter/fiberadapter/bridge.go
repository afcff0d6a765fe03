package fiberadapter

import (
	"bytes"
	"maps"
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v3"
)

// Bridge runs a handler of net/http. Its answer is collected, and sent bit by bit
// from the first Flush on, or when it grows large.
func (x *exchange) Bridge(h http.Handler) {
	r := x.HTTPRequest()
	x.Detach(func() {
		w := &writer{x: x, header: http.Header{}, cookies: x.Written(fiber.HeaderSetCookie)}
		w.seed()
		h.ServeHTTP(w, r)
		w.end()
	})
}

// sniffed is how much of an answer to HEAD is looked at.
const sniffed = 512

// largest is how much of an answer is collected before it is sent in bits.
const largest = 1 << 20

// writer is an http.ResponseWriter and http.Flusher.
type writer struct {
	x       *exchange
	header  http.Header
	cookies []string // of the app's own middleware
	status  int      // 0: no head yet
	head    http.Header
	content bytes.Buffer
	written int
	started bool
}

// seed shows what the app has said of storing the answer, which a page that is kept heeds.
func (w *writer) seed() {
	for _, name := range [...]string{fiber.HeaderCacheControl, "Cdn-Cache-Control"} {
		if lines := w.x.Written(name); lines != nil {
			w.header[name] = lines
		}
	}
	if w.cookies != nil {
		w.header[fiber.HeaderSetCookie] = slices.Clone(w.cookies)
	}
}

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) {
	if w.status != 0 || status < 200 { // informational answers are not carried
		return
	}
	w.status = status
	w.head = maps.Clone(w.header)
}

func (w *writer) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	w.written += len(p)
	if w.x.method == http.MethodHead {
		w.content.Write(p[:min(len(p), max(0, sniffed-w.content.Len()))]) // for its media type
		return len(p), nil
	}
	if w.started {
		return w.x.detached.write(p)
	}
	w.content.Write(p) // never fails
	if w.content.Len() > largest {
		w.Flush()
	}
	return len(p), nil
}

// Flush sends what there is.
func (w *writer) Flush() {
	w.WriteHeader(http.StatusOK)
	if w.started || w.x.method == http.MethodHead {
		return
	}
	w.started = true
	w.setHeader()
	w.x.stream(w.status, w.content.Len() == 0)
	_, _ = w.x.detached.write(w.content.Bytes()) // the client is gone: the next Write says so
	w.content = bytes.Buffer{}
}

// end sends an answer that was not flushed.
func (w *writer) end() {
	w.WriteHeader(http.StatusOK)
	if w.started {
		return
	}
	w.setHeader()
	content := w.content.Bytes()
	if w.x.method == http.MethodHead {
		content = nil
	}
	_ = w.x.Send(w.status, content) // always nil
}

// setHeader does what net/http does with the head: the media type of content that
// has none is found from its first bytes.
func (w *writer) setHeader() {
	content := w.content.Bytes()
	if _, ok := w.head["Content-Type"]; !ok && len(content) > 0 && w.head.Get("Content-Encoding") == "" {
		w.head.Set("Content-Type", http.DetectContentType(content))
	}
	for _, name := range slices.Sorted(maps.Keys(w.head)) {
		values := w.head[name]
		switch name {
		case fiber.HeaderSetCookie, fiber.HeaderVary, fiber.HeaderLink, fiber.HeaderWWWAuthenticate:
			for _, value := range values { // beside those of fiber's middleware
				if name != fiber.HeaderSetCookie || !slices.Contains(w.cookies, value) {
					w.x.AddHeader(name, value)
				}
			}
		default:
			if len(values) > 0 {
				w.x.SetHeader(name, values)
			}
		}
	}
	if w.x.method == http.MethodHead && w.x.length < 0 && 0 < w.written && w.written < sniffed {
		w.x.length = w.written // what GET would have
	}
}
