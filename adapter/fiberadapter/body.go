package fiberadapter

import (
	"errors"
	"io"
)

// body is the content of an exchange's request. It can be read as long as the request lasts.
type body exchange

var errOver = errors.New("fiberadapter: the body was read after its request had ended")

func (b *body) Read(p []byte) (int, error) {
	b.reading.Lock()
	defer b.reading.Unlock()
	src, n, err := b.read(p)
	if src != nil {
		return src.Read(p)
	}
	return n, err
}

// read reads from memory, unless the app streams bodies: then it returns the stream,
// and nobody who asks whether the context has ended waits for the client.
func (b *body) read(p []byte) (src io.Reader, n int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx == nil {
		return nil, 0, errOver
	}
	if src = b.ctx.RequestBodyStream(); src != nil {
		return src, 0, nil
	}
	if !b.opened {
		b.opened = true
		b.unread = b.ctx.Request.Body()
	}
	n = copy(p, b.unread)
	b.unread = b.unread[n:]
	if len(b.unread) == 0 {
		err = io.EOF
	}
	return nil, n, err
}

// Content spares the pipeline reading what fasthttp has read.
func (x *exchange) Content() ([]byte, bool) {
	if x.ctx.RequestBodyStream() != nil || x.opened {
		return nil, false
	}
	x.opened = true
	return x.ctx.Request.Body(), true
}

// Close does nothing: the body is the server's.
func (*body) Close() error { return nil }
