package fiberadapter

import (
	"errors"
	"io"
)

// body is the content of an exchange's request. It can be read as long as the request lasts.
type body exchange

var errOver = errors.New("fiberadapter: the body was read after its request had ended")

func (b *body) Read(p []byte) (int, error) {
	b.owner.Lock()
	defer b.owner.Unlock()
	if b.ctx == nil {
		return 0, errOver
	}
	if src := b.ctx.RequestBodyStream(); src != nil { // the app streams bodies
		return src.Read(p)
	}
	if !b.opened {
		b.opened = true
		b.unread = b.ctx.Request.Body()
	}
	n := copy(p, b.unread)
	b.unread = b.unread[n:]
	if len(b.unread) == 0 {
		return n, io.EOF
	}
	return n, nil
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
