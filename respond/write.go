package respond

import (
	"io"
	"mime"
	"net/http"
	"sync"
	"time"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// Write writes a rendering, once; Release it afterwards. With etags, an answer of 200 to GET or
// HEAD gets a weak entity tag unless the handler set one, and a matching
// If-None-Match makes it a 304 (RFC 9110, 13.2.2). streamErr is what reading a
// payload that is an io.Reader came to, after the head was written; the
// client's own connection failing is no error.
func (r *Rendering) Write(ex wire.Exchange, etags *ETags) (streamErr error) {
	method := ex.Method()
	head := method == http.MethodHead
	if (etags != nil || len(r.header) > 0) && isConditional(r.Status, method) && r.conditional(ex, etags) {
		return nil
	}
	for _, f := range r.header {
		if f.name == "Content-Type" && r.contentType != nil || f.name == "Content-Length" {
			continue // set below
		}
		writeField(ex, f)
	}
	if r.sniffable {
		ex.SetHeader("X-Content-Type-Options", nosniff)
	}
	if r.Stream != nil {
		return r.writeStream(ex, head)
	}
	body, length := r.Body, int64(-1)
	if hasContent(r.Status) { // also where it is empty: net/http would not say so to HEAD
		length = int64(len(body))
	}
	ex.SetContent(r.contentType, length)
	if head {
		body = nil
	}
	_ = ex.Send(r.Status, body) // the client is gone: there is nobody left to tell
	return nil
}

func (r *Rendering) writeStream(ex wire.Exchange, head bool) error {
	ex.SetContent(r.contentType, r.length)
	if head {
		_ = ex.Send(r.Status, nil)
		return nil
	}
	src := &faultReader{src: r.Stream}
	if err := ex.Stream(r.Status, src, r.isEvents()); err != nil {
		return src.err
	}
	return nil
}

// isEvents reports whether the stream is of server-sent events (WHATWG HTML, 9.2). A
// browser counts it as open when it has the head, and the first event may be long in coming.
func (r *Rendering) isEvents() bool {
	if len(r.contentType) != 1 {
		return false
	}
	mediaType, _, err := mime.ParseMediaType(r.contentType[0])
	return err == nil && mediaType == "text/event-stream"
}

// faultReader remembers why the source ended, to tell its failing from the client's.
type faultReader struct {
	src io.Reader
	err error
}

func (f *faultReader) Read(p []byte) (int, error) {
	n, err := f.src.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// conditional sets the entity tag and answers 304 if the client has this version already.
func (r *Rendering) conditional(ex wire.Exchange, etags *ETags) bool {
	tag, own := last(r.header, "Etag")
	if !own && etags != nil && r.content && r.Stream == nil {
		t := etags.of(r.Body)
		tag = t.line[0]
		ex.SetHeader("Etag", t.line[:])
	}
	modified, dated := last(r.header, "Last-Modified")
	if tag == "" && !dated {
		return false // there is nothing to compare with
	}
	if lines := ex.Header("If-None-Match"); len(lines) > 0 {
		if tag == "" || !matchesETag(lines, tag) {
			return false
		}
	} else if !dated || !unmodified(ex, modified) {
		return false
	}
	for _, f := range r.header {
		switch f.name { // RFC 9110, 15.4.5
		case "Cache-Control", "Content-Location", "Date", "Etag", "Expires", "Vary":
			writeField(ex, f)
		}
	}
	_ = ex.Send(http.StatusNotModified, nil)
	return true
}

// unmodified evaluates If-Modified-Since against the Last-Modified that the handler
// set; an invalid date is ignored (RFC 9110, 13.1.3).
func unmodified(ex wire.Exchange, lastModified string) bool {
	lines := ex.Header("If-Modified-Since")
	if len(lines) != 1 {
		return false
	}
	modified, err := http.ParseTime(lastModified)
	if err != nil {
		return false
	}
	since, err := http.ParseTime(lines[0])
	return err == nil && !modified.Truncate(time.Second).After(since)
}

func writeField(ex wire.Exchange, f field) {
	if adds(f.name) {
		ex.AddHeader(f.name, f.value)
		return
	}
	ex.SetHeader(f.name, []string{f.value})
}

// ServeHTTP answers a request with p as an endpoint would: for handlers of net/http
// that decode with typed.Decode.
func (p *Problem) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	WriteProblem(&wire.NetHTTP{W: w, R: r}, p)
}

// WriteProblem writes p as application/problem+json, as a client may see it: a 5xx
// that was not Exposed goes out without its detail and extensions, and a
// problem that cannot be written becomes a plain 500.
func WriteProblem(ex wire.Exchange, p *Problem) {
	out := problems.Get().(*Rendering)
	out.Status, out.content, out.contentType, out.header, out.length = p.status(), true, typeProblem, p.header, -1
	if out.Status >= 500 && !p.exposed {
		p = &Problem{Type: p.Type, Title: p.Title, Status: p.Status, Instance: p.Instance}
	}
	body, err := p.append(out.buffer())
	if err != nil || p.headErr != nil {
		out.Status, out.header = http.StatusInternalServerError, nil
		body, _ = (&Problem{}).append(out.buffer())
	}
	out.buf, out.Body = body, body
	_ = out.Write(ex, nil) // no stream, no error
	out.Release()
	problems.Put(out)
}

// problems holds *Rendering, which are empty.
var problems = sync.Pool{New: func() any { return new(Rendering) }}
