package typed

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// observeHTTP answers a request of net/http that is observed.
func (a *API) observeHTTP(w http.ResponseWriter, r *http.Request) {
	o := &Observation{net: wire.NetHTTP{W: w, R: r}}
	a.observe(o, &o.net)
	if e := o.match.endpoint; e != nil { // what stands outside of the API sees it as well
		if a.chain != nil {
			a.complete(r, e, o.match.values)
		} else {
			r.Pattern = *e.route.Load()
		}
	}
	o.begin(r.Context())
	r = r.WithContext(&o.match)
	if r.ContentLength >= 0 {
		o.Received = r.ContentLength
	} else if r.Body != nil {
		r.Body = &observedBody{r.Body, &o.content}
	}
	o.writer = watchedWriter{ResponseWriter: w, o: o}
	whole := false
	defer func() { o.finish(whole) }()
	if a.chain != nil {
		a.chain.ServeHTTP(&o.writer, identified(r, o.match.endpoint))
	} else {
		a.process(wire.NetHTTP{W: &o.writer, R: r}, nil, &o.match)
	}
	whole = true
}

// observeExchange answers a request of another carrier that is observed.
func (a *API) observeExchange(ex wire.Exchange) {
	o := &Observation{}
	a.observe(o, ex)
	x := &o.carried
	x.Exchange, x.o = ex, o
	o.begin(ex.Context())
	o.Received = max(0, ex.ContentLength())
	x.run(func() { a.process(wire.NetHTTP{}, x, &o.match) })
}

// observedBody is a request's content.
type observedBody struct {
	io.ReadCloser
	content *observedContent
}

func (b *observedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.content.read.Add(int64(n))
	return n, err
}

// watchedWriter knows whether the answer has begun, and has its observation see what is
// written. It has what the writers of net/http have, for middleware that asks without
// http.ResponseController.
type watchedWriter struct {
	http.ResponseWriter
	o     *Observation // nil: none
	begun bool
}

// Unwrap is for http.ResponseController.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watchedWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.head(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(p []byte) (int, error) {
	w.head(http.StatusOK)
	n, err := w.ResponseWriter.Write(p)
	w.sent(int64(n), err)
	return n, err
}

func (w *watchedWriter) ReadFrom(src io.Reader) (int64, error) {
	w.head(http.StatusOK)
	n, err := io.Copy(w.ResponseWriter, src)
	w.sent(n, err)
	return n, err
}

func (w *watchedWriter) head(status int) {
	w.begun = true
	if w.o != nil {
		w.o.head(status)
	}
}

// sent counts content. net/http takes that of an answer to HEAD, and sends none of it.
func (w *watchedWriter) sent(n int64, err error) {
	if w.o == nil {
		return
	}
	if w.o.Method != http.MethodHead {
		w.o.Sent += n
	}
	if err != nil && !errors.Is(err, http.ErrBodyNotAllowed) && !errors.Is(err, http.ErrNotSupported) {
		w.o.Aborted = true
	}
}

func (w *watchedWriter) FlushError() error {
	w.head(http.StatusOK)
	err := http.NewResponseController(w.ResponseWriter).Flush()
	w.sent(0, err)
	return err
}

func (w *watchedWriter) Flush() { _ = w.FlushError() } // http.Flusher has no way to say it

func (w *watchedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.begun = true
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if w.o != nil {
		w.o.taken = w.o.taken || err == nil
	}
	return conn, rw, err
}

// observedExchange sees what is sent by a carrier other than net/http. What the carrier
// can do beside wire.Exchange, it can.
type observedExchange struct {
	wire.Exchange
	o       *Observation
	passed  bool // another goroutine ends the observation
	once    sync.Once
	request *http.Request
}

var (
	_ wire.Detacher = (*observedExchange)(nil)
	_ wire.Bridge   = (*observedExchange)(nil)
	_ wire.Whole    = (*observedExchange)(nil)
	_ wire.Refuser  = (*observedExchange)(nil)
)

// run calls f and ends the observation, unless f has passed that on.
func (x *observedExchange) run(f func()) {
	whole := false
	defer func() {
		if !x.passed {
			x.o.finish(whole)
		}
	}()
	f()
	whole = true
}

// end calls f, which the observation ends with.
func (x *observedExchange) end(f func()) {
	whole := false
	defer func() { x.o.finish(whole) }()
	f()
	whole = true
}

// Context is the one that the observers gave.
func (x *observedExchange) Context() context.Context { return &x.o.match }

// HTTPRequest has that context.
func (x *observedExchange) HTTPRequest() *http.Request {
	x.once.Do(func() { x.request = x.Exchange.HTTPRequest().WithContext(&x.o.match) })
	return x.request
}

func (x *observedExchange) Body() io.Reader {
	if x.Exchange.ContentLength() >= 0 {
		return x.Exchange.Body()
	}
	return &observedBody{io.NopCloser(x.Exchange.Body()), &x.o.content}
}

func (x *observedExchange) Content() ([]byte, bool) {
	content, ok := wire.Content(x.Exchange)
	if ok && len(content) > 0 {
		x.o.Received = int64(len(content))
	}
	return content, ok
}

func (x *observedExchange) RefuseContent() { wire.RefuseContent(x.Exchange) }

func (x *observedExchange) SetHeader(name string, values []string) {
	if name == "X-Cache" && x.o.match.endpoint != nil && x.o.match.endpoint.cached != nil && x.o.Page == "" {
		x.o.page(values[0])
	}
	x.Exchange.SetHeader(name, values)
}

func (x *observedExchange) Send(status int, body []byte) error {
	x.o.head(status)
	x.o.Sent += int64(len(body))
	err := x.Exchange.Send(status, body)
	x.o.Aborted = x.o.Aborted || err != nil
	return err
}

func (x *observedExchange) Stream(status int, src io.Reader, eager bool) error {
	x.o.head(status)
	err := x.Exchange.Stream(status, &observedStream{src, x.o}, eager)
	x.o.Aborted = x.o.Aborted || err != nil
	return err
}

func (x *observedExchange) Begin(status int) io.Writer {
	x.o.head(status)
	return &observedPieces{x.Exchange.Begin(status), x.o}
}

// observedPieces counts the content of an answer that is made piece by piece.
type observedPieces struct {
	io.Writer
	o *Observation
}

func (p *observedPieces) Write(piece []byte) (int, error) {
	n, err := p.Writer.Write(piece)
	p.o.Sent += int64(n)
	p.o.Aborted = p.o.Aborted || err != nil
	return n, err
}

// observedStream counts the content of an answer.
type observedStream struct {
	io.Reader
	o *Observation
}

func (s *observedStream) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.o.Sent += int64(n)
	return n, err
}

// Detach has f end the observation.
func (x *observedExchange) Detach(f func()) {
	d, ok := x.Exchange.(wire.Detacher)
	if !ok {
		f()
		return
	}
	x.passed = true
	d.Detach(func() { x.end(f) })
}

// Bridge has h end the observation.
func (x *observedExchange) Bridge(h http.Handler) {
	x.passed = true
	o := x.o
	bridge(x.Exchange, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		o.net.W = w // header fields go there from now on
		o.writer = watchedWriter{ResponseWriter: w, o: o}
		x.end(func() { h.ServeHTTP(&o.writer, x.HTTPRequest()) })
	}))
}
