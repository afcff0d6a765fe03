package client

import (
	"context"
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
	stop   func() bool // watching the context

	mu     sync.Mutex
	buffer []byte
}

// newLinesBody is one that ends with ctx, also where the loop waits for something else.
func newLinesBody(ctx context.Context, lines any, encode jsonx.Encoder) *linesBody {
	b := &linesBody{lines: lines, encode: encode}
	b.r, b.w = io.Pipe()
	b.stop = context.AfterFunc(ctx, func() { _ = b.w.CloseWithError(ctx.Err()) })
	return b
}

// Read begins the loop: a request that is never sent needs no goroutine.
func (b *linesBody) Read(p []byte) (int, error) {
	b.begin.Do(func() { go b.pour() })
	return b.r.Read(p)
}

// Close ends the loop with its next line.
func (b *linesBody) Close() error {
	b.stop()
	return b.r.Close()
}

// pour loops over the lines. A panic of the loop ends the request, and not the process; so
// does runtime.Goexit, which t.FailNow calls.
func (b *linesBody) pour() {
	err := errGoexit
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the loop over the lines panicked: %v", v)
		}
		_ = b.w.CloseWithError(err)
	}()
	hook.Pour(b.lines, b)
	err = nil // io.EOF
}

var errGoexit = errors.New("the loop over the lines ended its goroutine")

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
