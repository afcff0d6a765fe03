package client

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/stream"
)

// linesBody is the content of a request that sends lines, which are made while they are
// read. It is a stream.Sink.
type linesBody struct {
	lines  any // a pointer to a typed.Lines
	encode jsonx.Encoder
	begin  sync.Once
	r      *io.PipeReader
	w      *io.PipeWriter

	mu     sync.Mutex
	buffer []byte
}

func newLinesBody(lines any, encode jsonx.Encoder) *linesBody {
	b := &linesBody{lines: lines, encode: encode}
	b.r, b.w = io.Pipe()
	return b
}

// Read begins the loop: a request that is never sent needs no goroutine.
func (b *linesBody) Read(p []byte) (int, error) {
	b.begin.Do(func() { go b.pour() })
	return b.r.Read(p)
}

// Close ends the loop with its next line.
func (b *linesBody) Close() error { return b.r.Close() }

// pour loops over the lines. A panic of the loop ends the request, and not the process.
func (b *linesBody) pour() {
	defer func() {
		if v := recover(); v != nil {
			_ = b.w.CloseWithError(fmt.Errorf("the loop over the lines panicked: %v", v))
		}
	}()
	hook.Pour(b.lines, b)
	_ = b.w.Close()
}

var errNoLine = errors.New("a line cannot be encoded")

// Lock and Unlock guard a line from when it is stored until it is taken.
func (b *linesBody) Lock()   { b.mu.Lock() }
func (b *linesBody) Unlock() { b.mu.Unlock() }

// Take writes one line. An error that is yielded ends the request with it.
func (b *linesBody) Take(_ *stream.Head, line any, err error) bool {
	if err == nil {
		if b.buffer, err = b.encode(b.buffer[:0], line); err != nil {
			err = fmt.Errorf("%w: %w", errNoLine, err)
		}
	}
	if err != nil {
		_ = b.w.CloseWithError(err)
		return false
	}
	b.buffer = stream.EndLine(b.buffer, 0)
	_, err = b.w.Write(b.buffer)
	return err == nil
}
