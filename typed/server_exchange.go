package typed

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"time"
)

// ServeHTTP has the handler answer a request, and keeps the time of its two halves:
// what net/http begins to count when the header has been read would count the handler, too.
func (v *serving) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.inFlight.Add(1)
	defer v.inFlight.Add(-1)
	out := &answerWriter{ResponseWriter: w, serving: v, http2: r.ProtoMajor > 1}
	out.pause()
	if v.probe(out, r) {
		return
	}
	deadlines, _ := w.(deadlines)
	if deadlines != nil && v.http.ReadTimeout > 0 {
		if r.Body == nil || r.Body == http.NoBody {
			_ = deadlines.SetReadDeadline(time.Time{})
		} else {
			// A copy: net/http looks at what the request holds when the answer begins.
			outer := *r
			outer.Body = &requestBody{r.Body, deadlines}
			r = &outer
			defer func() {
				if r.MultipartForm != nil {
					_ = r.MultipartForm.RemoveAll() // net/http does so for its own request
				}
			}()
		}
	}
	v.handler.ServeHTTP(out, r)
	out.begin()
}

// deadlines is what the writers of net/http can, beside writing.
type deadlines interface {
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// requestBody ends the read deadline when the request has been read. Otherwise it would
// come while the handler works; net/http then takes the client for one that has left.
type requestBody struct {
	io.ReadCloser
	deadlines deadlines
}

func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.deadlines.SetReadDeadline(time.Time{})
	}
	return n, err
}

// answerWriter begins the write deadline when an answer begins, and again with what is
// written after a flush.
type answerWriter struct {
	http.ResponseWriter
	serving *serving
	http2   bool
	begun   bool
}

// Unwrap is for http.ResponseController.
func (w *answerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *answerWriter) begin() {
	if w.begun {
		return
	}
	w.begun = true
	if w.serving.ending.Load() {
		w.Header().Set("Connection", "close") // over HTTP/2 this is GOAWAY
	}
	if limit := w.serving.http.WriteTimeout; limit > 0 {
		if d, ok := w.ResponseWriter.(deadlines); ok {
			_ = d.SetWriteDeadline(time.Now().Add(limit))
		}
	}
}

// pause ends the deadline until more is written. A connection of HTTP/1 can outlive one
// that passes meanwhile, a stream of HTTP/2 cannot.
func (w *answerWriter) pause() {
	w.begun = false
	if w.http2 && w.serving.http.WriteTimeout > 0 {
		if d, ok := w.ResponseWriter.(deadlines); ok {
			_ = d.SetWriteDeadline(time.Time{})
		}
	}
}

func (w *answerWriter) WriteHeader(status int) {
	w.begin()
	w.ResponseWriter.WriteHeader(status)
	if status < 200 && status != http.StatusSwitchingProtocols {
		w.pause() // it announces an answer
	}
}

func (w *answerWriter) Write(p []byte) (int, error) {
	w.begin()
	return w.ResponseWriter.Write(p)
}

// WriteString spares io.WriteString a copy.
func (w *answerWriter) WriteString(s string) (int, error) {
	w.begin()
	return io.WriteString(w.ResponseWriter, s)
}

// FlushError is for http.ResponseController.
func (w *answerWriter) FlushError() error {
	w.begin()
	err := http.NewResponseController(w.ResponseWriter).Flush()
	w.pause()
	return err
}

func (w *answerWriter) Flush() { _ = w.FlushError() }

// Hijack hands over a connection without deadlines.
func (w *answerWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.begun = true // it is no answer of ours any more
	}
	return conn, buffered, err
}

// sendPiece is what a client has to take within one write deadline when a file is sent.
const sendPiece = 1 << 20

// ReadFrom sends a file piece by piece. A file that net/http can have the system send is
// not hidden from it: it looks for one below a single io.LimitedReader.
func (w *answerWriter) ReadFrom(src io.Reader) (int64, error) {
	limited, ok := src.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: src, N: 1<<63 - 1}
	}
	var sent int64
	for limited.N > 0 {
		w.begin()
		piece := io.LimitedReader{R: limited.R, N: min(limited.N, sendPiece)}
		want := piece.N
		n, err := io.Copy(w.ResponseWriter, &piece)
		sent += n
		limited.N -= n
		if err != nil || n < want {
			return sent, err
		}
		w.pause()
	}
	return sent, nil
}
