package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

func init() {
	hook.Around = func(c any, wrap func(http.Handler) http.Handler) any {
		copied := *c.(*Client)
		copied.handler = wrap(copied.handler)
		return &copied
	}
}

// localContext is that of a request to a local API: it ends with that of the call, and
// knows nothing else of it. What the caller's own request has, its principal for instance,
// is not the business of the API that it calls.
type localContext struct{ call context.Context }

func (l localContext) Deadline() (time.Time, bool) { return l.call.Deadline() }
func (l localContext) Done() <-chan struct{}       { return l.call.Done() }
func (l localContext) Err() error                  { return l.call.Err() }
func (l localContext) Value(any) any               { return nil }

// recorder is the http.ResponseWriter of a local API, and what it has written.
type recorder struct {
	incoming
	written http.Header // what the API writes to; as sent, once the head is
	copied  bool        // the API has a copy of the header that was sent
	left    int64       // bytes that may still be written
}

var errClientLeft = errors.New("client: the answer is larger than Options.MaxAnswer")

// recorders are those whose answers nobody has kept.
var recorders = sync.Pool{New: func() any { return &recorder{written: make(http.Header, 4)} }}

// recycle gives the recorder of an answer back whose head nobody keeps.
func (in *incoming) recycle() {
	w := in.recorder
	if w == nil || w.copied {
		return
	}
	clear(w.written)
	*w = recorder{written: w.written}
	recorders.Put(w)
}

// serve has the API of c answer a request on this goroutine.
func (c *Client) serve(req *http.Request) (got *incoming, err error) {
	defer func() { _ = req.Body.Close() }() // a server does that, and a transport
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	w := recorders.Get().(*recorder)
	w.left, w.recorder = c.maxAnswer+1, w
	w.buffer = buffers.Get().(*bytes.Buffer)
	defer func() {
		if v := recover(); v != nil {
			w.release()
			if v != http.ErrAbortHandler {
				panic(v)
			}
			got, err = nil, io.ErrUnexpectedEOF // the connection was cut
		}
	}()
	c.handler.ServeHTTP(w, req)
	if err := req.Context().Err(); err != nil { // what was answered may be about nothing else
		w.release()
		return nil, err
	}
	w.finish()
	return &w.incoming, nil
}

func (w *recorder) Header() http.Header {
	if w.status != 0 && !w.copied { // the head was sent, and does not change any more
		w.written, w.copied = maps.Clone(w.header), true
	}
	return w.written
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status, w.header = status, w.written
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	switch {
	case !syntax.HasContent(w.status):
		return 0, http.ErrBodyNotAllowed
	case int64(len(p)) > w.left:
		n, _ := w.buffer.Write(p[:w.left])
		w.left = 0
		return n, errClientLeft
	}
	w.left -= int64(len(p))
	return w.buffer.Write(p)
}

// FlushError does nothing: the caller gets all at once.
func (w *recorder) FlushError() error { return nil }

// finish does what net/http does when a handler has returned.
func (w *recorder) finish() {
	w.WriteHeader(http.StatusOK)
	sniff(w.header, w.buffer.Bytes())
	if text := w.field("Content-Length"); text != "" && syntax.HasContent(w.status) && w.left > 0 {
		if n, err := strconv.Atoi(text); err == nil && n != w.buffer.Len() {
			w.cause = io.ErrUnexpectedEOF
		}
	}
}

// sniff gives content without a media type the one that it looks like.
func sniff(header http.Header, content []byte) {
	if _, set := header["Content-Type"]; !set && len(content) > 0 {
		header["Content-Type"] = []string{http.DetectContentType(content)}
	}
}
