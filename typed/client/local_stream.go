package client

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
)

// streamRecorder is the http.ResponseWriter of a local API whose answer is read while it is
// written.
type streamRecorder struct {
	header  http.Header
	content *io.PipeWriter
	once    sync.Once
	head    chan *incoming // gets the head when it is written
	body    io.ReadCloser
}

// serveStream has the API of c answer a request on a goroutine of its own, and returns when
// it has the head.
func (c *Client) serveStream(req *http.Request) (*incoming, error) {
	if err := req.Context().Err(); err != nil {
		_ = req.Body.Close() // a transport does that
		return nil, err
	}
	ctx, cancel := context.WithCancel(req.Context())
	r, w := io.Pipe()
	stop := context.AfterFunc(ctx, func() { _ = w.CloseWithError(ctx.Err()) })
	rec := &streamRecorder{header: make(http.Header), content: w, head: make(chan *incoming, 1), body: &streamBody{r, cancel}}
	panicked := make(chan any, 1)
	go func() {
		defer stop()
		defer func() { _ = req.Body.Close() }() // a server does that
		defer func() {
			v := recover()
			switch {
			case v == nil:
				rec.WriteHeader(http.StatusOK)
				_ = w.Close()
			case v == http.ErrAbortHandler:
				_ = w.CloseWithError(cmp.Or(ctx.Err(), io.ErrUnexpectedEOF))
			default:
				_ = w.CloseWithError(fmt.Errorf("the API panicked: %v", v))
			}
			if v != nil {
				panicked <- v
			}
		}()
		c.handler.ServeHTTP(rec, req.WithContext(ctx))
	}()
	select {
	case got := <-rec.head:
		return got, nil
	case v := <-panicked:
		ended := ctx.Err()
		cancel()
		select {
		case got := <-rec.head: // was first
			return got, nil
		default:
		}
		if v != http.ErrAbortHandler {
			panic(v)
		}
		return nil, cmp.Or(ended, io.ErrUnexpectedEOF)
	case <-ctx.Done():
		cancel()
		return nil, ctx.Err()
	}
}

// streamBody is the content of an answer. Closing it ends the request.
type streamBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b *streamBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}

func (w *streamRecorder) Header() http.Header { return w.header }

func (w *streamRecorder) WriteHeader(status int) {
	if status < 200 {
		return
	}
	w.once.Do(func() { w.head <- &incoming{status: status, header: maps.Clone(w.header), body: w.body} })
}

func (w *streamRecorder) Write(p []byte) (int, error) {
	sniff(w.header, p)
	w.WriteHeader(http.StatusOK)
	return w.content.Write(p)
}

// FlushError sends the head.
func (w *streamRecorder) FlushError() error {
	w.WriteHeader(http.StatusOK)
	return nil
}
