package bind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// leastBuffer is what a request takes for its body before anything of it has come.
// Buffers of that size and each double of it, up to keptBuffer, are kept for later
// requests: reading 100 KB into new ones takes many times as long (BenchmarkRead). Larger
// ones are dropped, so that a few large bodies do not hold memory for ever.
const (
	leastBuffer = 4 << 10
	keptSizes   = 7
	keptBuffer  = leastBuffer << (keptSizes - 1)
)

// kept holds *[]byte, by the logarithm of their capacity over leastBuffer.
var kept [keptSizes]sync.Pool

// buffer is the content of a body. It grows with what has come, whatever length the
// client declares: one that stalls holds at most twice what it has sent.
type buffer struct {
	bytes  []byte
	pooled *[]byte // where bytes come from; nil: from no pool
}

// grow doubles the buffer, but beyond the kept sizes makes it no larger than declared.
func (b *buffer) grow(declared int64) {
	old := *b
	if size := max(leastBuffer, 2*cap(old.bytes)); size <= keptBuffer {
		b.pooled, _ = kept[bits.Len(uint(size/leastBuffer))-1].Get().(*[]byte)
		if b.pooled == nil {
			b.pooled = new(make([]byte, 0, size))
		}
		b.bytes = append((*b.pooled)[:0], old.bytes...)
	} else {
		if rest := declared + 1; rest > int64(len(old.bytes)) && rest < int64(size) {
			size = int(rest)
		}
		b.pooled, b.bytes = nil, append(make([]byte, 0, size), old.bytes...)
	}
	old.release()
}

// release gives the buffer up.
func (b *buffer) release() {
	if b.pooled != nil {
		kept[bits.Len(uint(cap(*b.pooled)/leastBuffer))-1].Put(b.pooled)
	}
	*b = buffer{}
}

// take gives the content away: a copy, or the buffer itself where it would be dropped
// anyway. The content stays readable here, but may be changed by who took it.
func (b *buffer) take() []byte {
	if b.pooled != nil {
		return bytes.Clone(b.bytes)
	}
	return b.bytes
}

// read fills the buffer with the whole body.
func (b *buffer) read(req wire.Request, limit int64) *respond.Problem {
	declared := req.ContentLength()
	if declared > limit {
		return tooLarge()
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
		case err == io.EOF && len(b.bytes) == 0 && declared > 0:
			return (&respond.Problem{Status: http.StatusInternalServerError}).Because(errEaten)
		case err == io.EOF:
			return nil
		case err != nil:
			return unreadable(req.Context(), err)
		}
	}
}

// patient is the body of a request that may be large: its read deadline moves on as bytes
// come, so that one that makes progress is not too slow. MaxBody bounds it all the same.
func patient(req wire.Request) io.Reader {
	if p, ok := req.(wire.Patient); ok {
		if extend := p.ReadExtender(); extend != nil {
			return &patientReader{req.Body(), extend}
		}
	}
	return req.Body()
}

type patientReader struct {
	src    io.Reader
	extend func()
}

func (r *patientReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	if n > 0 && err == nil {
		r.extend()
	}
	return n, err
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

// bodyReader is the body as a handler reads it. Once over the limit it stays there. What
// the client or its connection does wrong is a *[respond.Problem], so that a handler that
// returns it does not fail.
type bodyReader struct {
	ctx   context.Context
	src   io.Reader
	left  int64 // bytes that may still come; below zero: too many came
	limit int64
	eaten bool // nothing has come of a content that was declared
}

func newBodyReader(req wire.Request, limit int64) *bodyReader {
	return &bodyReader{ctx: req.Context(), src: patient(req), left: limit, limit: limit, eaten: req.ContentLength() > 0}
}

func (s *bodyReader) Read(p []byte) (int, error) {
	if s.left < 0 {
		return 0, &TooLargeError{s.limit}
	}
	if int64(len(p)) > s.left { // one byte more, as for a buffer
		p = p[:s.left+1]
	}
	n, err := s.src.Read(p)
	if s.eaten && n == 0 && err == io.EOF {
		return 0, errEaten
	}
	s.eaten = s.eaten && n == 0
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
func (*bodyReader) Close() error { return nil }
