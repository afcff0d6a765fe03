package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// NetHTTP carries an exchange over net/http. It is meant to be a field of something
// that is used again, so that a request costs no allocation for it.
type NetHTTP struct {
	W http.ResponseWriter
	R *http.Request
}

var _ Exchange = (*NetHTTP)(nil)

func (x *NetHTTP) Method() string              { return x.R.Method }
func (x *NetHTTP) RawQuery() string            { return x.R.URL.RawQuery }
func (x *NetHTTP) Header(name string) []string { return x.R.Header[name] }
func (x *NetHTTP) ContentLength() int64        { return x.R.ContentLength }
func (x *NetHTTP) Context() context.Context    { return x.R.Context() }
func (x *NetHTTP) HTTPRequest() *http.Request  { return x.R }

// EscapedPath is the path of the request target. It spares plain paths what
// URL.EscapedPath does to any: the row W1 of the performance guide.
func (x *NetHTTP) EscapedPath() string {
	u := x.R.URL
	if u.RawPath != "" {
		return u.EscapedPath()
	}
	for i := range len(u.Path) {
		if !plain[u.Path[i]] {
			return u.EscapedPath()
		}
	}
	return u.Path
}

// plain are the slash, and what RFC 3986, 2.3, calls unreserved: no path has to escape it.
var plain = func() (p [256]bool) {
	for _, c := range []byte("/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		p[c] = true
	}
	return p
}()

// Body is http.NoBody for a request made by hand without one.
func (x *NetHTTP) Body() io.Reader {
	if x.R.Body == nil {
		return http.NoBody
	}
	return x.R.Body
}

func (x *NetHTTP) SetHeader(name string, values []string) { x.W.Header()[name] = values }

func (x *NetHTTP) Written(name string) []string { return x.W.Header()[name] }

func (x *NetHTTP) SetContent(mediaType []string, length int64) {
	h := x.W.Header()
	if mediaType != nil {
		h["Content-Type"] = mediaType
	}
	if uint64(length) < uint64(len(smallLengths)) {
		h["Content-Length"] = smallLengths[length : length+1 : length+1]
	} else if length >= 0 {
		h["Content-Length"] = []string{strconv.FormatInt(length, 10)}
	}
}

func (x *NetHTTP) AddHeader(name, value string) {
	h := x.W.Header()
	h[name] = append(h[name], value)
}

func (x *NetHTTP) Send(status int, body []byte) error {
	x.W.WriteHeader(status)
	if len(body) == 0 {
		return nil
	}
	_, err := x.W.Write(body)
	return err
}

// Stream extends the server's write timeout before each chunk: an answer that
// makes progress is not slow, and one that does not still ends.
func (x *NetHTTP) Stream(status int, src io.Reader, eager bool) error {
	p, _ := x.pieces()
	x.W.WriteHeader(status)
	if eager {
		if err := p.control.Flush(); err != nil && !isUnsupported(err) {
			return err
		}
	}
	_, err := io.CopyBuffer(p, struct{ io.Reader }{src}, make([]byte, 32<<10)) // never by a WriteTo
	return err
}

// Begin is for an answer that may last: what limits the time of a request must not end it.
func (x *NetHTTP) Begin(status int) io.Writer {
	p, srv := x.pieces()
	if srv != nil && srv.ReadTimeout > 0 { // net/http would take the client for one that has left
		_ = p.control.SetReadDeadline(time.Time{})
	}
	if x.R.Body != nil && x.R.Body != http.NoBody {
		// The answer may be made of a body that is still being read.
		_ = p.control.EnableFullDuplex()
	}
	x.W.WriteHeader(status)
	return p
}

// pieces also returns the server; nil: there is none.
func (x *NetHTTP) pieces() (*pieces, *http.Server) {
	p := &pieces{w: x.W, control: http.NewResponseController(x.W), http2: x.R.ProtoMajor > 1}
	srv, ok := x.R.Context().Value(http.ServerContextKey).(*http.Server)
	if ok {
		p.timeout = srv.WriteTimeout
	}
	return p, srv
}

// pieces writes an answer piece by piece.
type pieces struct {
	w       http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration // of the server, for writing
	http2   bool
}

func (p *pieces) Write(piece []byte) (n int, err error) {
	if p.timeout > 0 {
		_ = p.control.SetWriteDeadline(time.Now().Add(p.timeout)) // not every writer has one
	}
	if len(piece) > 0 {
		if n, err = p.w.Write(piece); err != nil {
			return n, err
		}
	}
	if err := p.control.Flush(); err != nil && !isUnsupported(err) {
		return n, err
	}
	if p.timeout > 0 && p.http2 {
		// A connection of HTTP/1 can outlive a deadline that passes before the next
		// write, a stream of HTTP/2 cannot.
		_ = p.control.SetWriteDeadline(time.Time{})
	}
	return n, nil
}

// ReadExtender moves the deadline on by the server's read timeout, and not with every
// chunk: a quarter of the timeout, or a second, has to be over.
func (x *NetHTTP) ReadExtender() func() {
	srv, ok := x.R.Context().Value(http.ServerContextKey).(*http.Server)
	if !ok || srv.ReadTimeout <= 0 {
		return nil
	}
	rc, timeout := http.NewResponseController(x.W), srv.ReadTimeout
	last, pause := time.Now(), min(time.Second, timeout/4)
	return func() {
		if now := time.Now(); now.Sub(last) >= pause {
			last = now
			_ = rc.SetReadDeadline(now.Add(timeout)) // not every writer has deadlines
		}
	}
}

// RefuseContent exceeds the limit of a http.MaxBytesReader, which alone can tell the
// server, and only through the server's own writer.
func (x *NetHTTP) RefuseContent() {
	w := x.W
	for {
		outer, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		w = outer.Unwrap()
	}
	limited := http.MaxBytesReader(w, io.NopCloser(strings.NewReader("x")), 0)
	_, _ = limited.Read(make([]byte, 1)) // the error is that it is too large
}

// Abort panics with http.ErrAbortHandler, which net/http answers by closing the connection.
func (x *NetHTTP) Abort() { panic(http.ErrAbortHandler) }

func isUnsupported(err error) bool { return errors.Is(err, http.ErrNotSupported) }

// smallLengths are the lines of a Content-Length for what most answers have, which are
// shared: 16 KiB of header once, for two allocations of every small answer. The numbers stand in one text, so that every collection finds one object, not a thousand.
var smallLengths = func() (s [1024]string) {
	var text []byte
	var ends [len(s)]int
	for i := range s {
		text = strconv.AppendInt(text, int64(i), 10)
		ends[i] = len(text)
	}
	all, start := string(text), 0
	for i, end := range ends {
		s[i], start = all[start:end], end
	}
	return s
}()

// NewRequest makes a request without content as net/http has it, of the parts of one that
// another carrier brings. header is kept.
func NewRequest(ctx context.Context, method, escapedPath, rawQuery string, header http.Header) *http.Request {
	target := escapedPath
	if rawQuery != "" {
		target += "?" + rawQuery
	}
	u, err := url.ParseRequestURI(target)
	if err != nil { // net/http would not have taken it
		u = &url.URL{Path: escapedPath, RawQuery: rawQuery}
	}
	r := &http.Request{Method: method, URL: u, RequestURI: target, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Body: http.NoBody}
	return r.WithContext(ctx)
}
