package bind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"

	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// A body may claim trustedLength before anything of it has come, so that many idle
// connections do not hold much memory. Buffers up to keptBuffer are kept for later
// requests: reading 100 KB into a new one takes forty times as long as into a kept one
// (BenchmarkRead). Larger ones are dropped, so that a few large bodies do not hold
// memory for ever.
const (
	leastBuffer   = 4 << 10
	trustedLength = 16 << 10
	keptBuffer    = 256 << 10
)

type buffer struct{ bytes []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

func (b *buffer) release() {
	if cap(b.bytes) <= keptBuffer {
		b.bytes = b.bytes[:0]
		buffers.Put(b)
	}
}

// take gives the content away: a copy, or the buffer itself where it would be dropped
// anyway. The content stays readable here, but may be changed by who took it.
func (b *buffer) take() []byte {
	if cap(b.bytes) <= keptBuffer {
		return bytes.Clone(b.bytes)
	}
	taken := b.bytes
	b.bytes = nil
	return taken
}

// read fills the buffer with the whole body. The declared length is checked first,
// and is a hint for the rest: what was not sent is not allocated.
func (b *buffer) read(req wire.Request, limit int64) *respond.Problem {
	declared := req.ContentLength()
	if declared > limit {
		return tooLarge()
	}
	if want := max(leastBuffer, min(declared+1, trustedLength)); int64(cap(b.bytes)) < want {
		b.bytes = make([]byte, 0, want)
	}
	src := req.Body()
	for {
		if len(b.bytes) == cap(b.bytes) {
			b.grow(declared)
		}
		free := b.bytes[len(b.bytes):cap(b.bytes)]
		// One byte more than allowed tells the end from an excess.
		if left := limit - int64(len(b.bytes)); int64(len(free)) > left {
			free = free[:left+1]
		}
		n, err := src.Read(free)
		b.bytes = b.bytes[:len(b.bytes)+n]
		switch {
		case int64(len(b.bytes)) > limit:
			return tooLarge()
		case err == io.EOF:
			return nil
		case err != nil:
			return unreadable(req.Context(), err)
		}
	}
}

// grow makes room for the rest of the declared length, but never for more than seven
// times what has come already.
func (b *buffer) grow(declared int64) {
	more := len(b.bytes)
	if rest := declared + 1 - int64(len(b.bytes)); rest > 0 {
		more = int(min(rest, int64(7*len(b.bytes))))
	}
	b.bytes = slices.Grow(b.bytes, more)
}

// unreadable tells a client that is gone from one that sent nonsense or was slow.
func unreadable(ctx context.Context, err error) *respond.Problem {
	if tooMuch, ok := errors.AsType[*http.MaxBytesError](err); ok { // middleware may have set a lower limit
		return tooLarge().Because(tooMuch)
	}
	p := &respond.Problem{Status: http.StatusBadRequest, Detail: "The request body could not be read to its end."}
	_, broken := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		p.Status = http.StatusRequestTimeout
		p.Detail = "The request body took too long."
	case errors.Is(err, io.ErrUnexpectedEOF) || broken || ctx.Err() != nil:
		err = disconnectedError{err}
	}
	return p.Header("Connection", "close").Because(err)
}

// TooLargeError is what reading a streamed body beyond its limit gives.
type TooLargeError struct {
	Limit int64 // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the request body is larger than %d bytes", e.Limit)
}

// IsTooLarge reports whether err comes from reading a body beyond a limit.
func IsTooLarge(err error) bool {
	var streamed *TooLargeError
	var limited *http.MaxBytesError
	return errors.As(err, &streamed) || errors.As(err, &limited)
}

// stream is the body as a handler reads it. Once over the limit it stays there. What
// the client or its connection does wrong is a *[respond.Problem], so that a handler that
// returns it does not fail.
type stream struct {
	ctx   context.Context
	src   io.Reader
	left  int64 // bytes that may still come; below zero: too many came
	limit int64
}

func (s *stream) Read(p []byte) (int, error) {
	if s.left < 0 {
		return 0, &TooLargeError{s.limit}
	}
	if int64(len(p)) > s.left { // one byte more, as for a buffer
		p = p[:s.left+1]
	}
	n, err := s.src.Read(p)
	if int64(n) <= s.left {
		s.left -= int64(n)
		if err != nil && err != io.EOF {
			err = unreadable(s.ctx, err)
		}
		return n, err
	}
	n, s.left = int(s.left), -1
	return n, &TooLargeError{s.limit}
}

// Close does nothing: the server closes the body.
func (*stream) Close() error { return nil }
