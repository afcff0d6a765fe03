package fiberadapter

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
)

// detached is an answer made on a goroutine of its own. fasthttp sends an answer
// when its handler has returned, so one that is made bit by bit goes through a
// pipe, and the handler returns when the first bit is there.
type detached struct {
	started   chan struct{} // closed when the head is decided
	streaming bool          // the same, for who has waited
	pipe      *io.PipeWriter
	left      func() bool // whether the client has left
}

// Detach calls f on another goroutine and returns when f has, or has begun to stream.
func (x *exchange) Detach(f func()) {
	d := &detached{started: make(chan struct{})}
	x.detached, x.drain.done = d, x.ctx.Done()
	ended := make(chan any, 1)
	go func() {
		defer func() {
			v := recover()
			if d.streaming {
				x.streamed(v)
				return
			}
			ended <- v
		}()
		f()
	}()
	select {
	case v := <-ended:
		if v != nil {
			panic(v)
		}
	case <-d.started:
	}
}

// stream sends the head, an eager one at once, others with what is written to the pipe
// first. That is sent at once, as is what follows.
func (x *exchange) stream(status int, eager bool) {
	x.head(status)
	x.ctx.Response.ImmediateHeaderFlush = eager
	r, w := io.Pipe()
	x.ctx.Response.SetBodyStream(&stream{r, x}, x.length)
	x.detached.pipe, x.detached.left = w, leftBy(x.ctx.Conn())
	x.detached.streaming = true
	close(x.detached.started)
}

// write sends a piece. That the client has left is known at once; any other failure shows
// with the piece after the one that failed.
func (d *detached) write(piece []byte) (int, error) {
	if d.left() {
		return 0, net.ErrClosed
	}
	return d.pipe.Write(piece)
}

// streamed ends a stream after f, which may have panicked with v.
func (x *exchange) streamed(v any) {
	x.end()
	if v == nil {
		_ = x.detached.pipe.Close() // always nil
		return
	}
	if v != http.ErrAbortHandler {
		slog.Error("fiberadapter: panic while streaming", "panic", v, "stack", string(debug.Stack()))
	}
	_ = x.detached.pipe.CloseWithError(http.ErrAbortHandler) // always nil; fasthttp closes the connection
}

// stream is the answer as fasthttp reads it.
type stream struct {
	*io.PipeReader
	x *exchange
}

// Read cuts the connection if the stream fails. fasthttp does so while it sends an
// answer; middleware that collects the answer first (fiber's compress, etag and cache)
// gets the text of the error for its content, and would send or keep that.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.PipeReader.Read(p)
	if err != nil && err != io.EOF {
		s.x.cut()
	}
	return n, err
}

func (x *exchange) cut() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ctx == nil {
		return
	}
	_ = x.ctx.Conn().Close() // the client sees that the answer is not whole
	x.ctx.Response.SetStatusCode(http.StatusInternalServerError)
	x.ctx.Response.Header.Set("Cache-Control", "no-store")
	x.ctx.Response.Header.Set("Expires", "Thu, 01 Jan 1970 00:00:00 GMT") // fiber's cache reads it after the content
}

// Close is called when all was sent, or the client is gone.
func (s *stream) Close() error {
	s.x.release()
	return s.PipeReader.Close()
}

// Begin is for the endpoints of streams, which are detached.
func (x *exchange) Begin(status int) io.Writer {
	if x.detached == nil {
		x.head(status)
		return x.ctx.Response.BodyWriter()
	}
	return &pieces{x, status}
}

// pieces writes an answer piece by piece. fasthttp flushes each that it reads.
type pieces struct {
	x      *exchange
	status int
}

func (p *pieces) Write(piece []byte) (int, error) {
	if !p.x.detached.streaming {
		p.x.stream(p.status, len(piece) == 0)
	}
	if len(piece) == 0 {
		return 0, nil
	}
	return p.x.detached.write(piece)
}

// Stream sends src bit by bit if the endpoint was detached. If not, which is so for
// a stream that Options.OnInvalid answers with, it is read first.
func (x *exchange) Stream(status int, src io.Reader, eager bool) error {
	if x.detached == nil {
		var content bytes.Buffer
		if _, err := content.ReadFrom(src); err != nil {
			return err
		}
		return x.Send(status, content.Bytes())
	}
	// As in net/http, a head that is not eager goes with the first piece, and an answer
	// of which there is none has the length 0.
	buf := make([]byte, 32<<10)
	n, err := 0, error(nil)
	for n == 0 && err == nil && !eager {
		n, err = src.Read(buf)
	}
	if n == 0 && err == io.EOF && x.length < 0 {
		return x.Send(status, nil)
	}
	x.stream(status, eager)
	for {
		if n > 0 {
			if _, werr := x.detached.write(buf[:n]); werr != nil {
				return werr
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		n, err = src.Read(buf)
	}
}
