package respond

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"
)

// Rendering is an [Answer] turned into bytes that are not yet written. Release it in
// any case; Body must not be used after that, and the Rendering can be filled again.
// It keeps its buffer for that.
type Rendering struct {
	Status int
	Body   []byte    // the content; nil for a stream and where the status has none
	Stream io.Reader // in place of Body

	content     bool     // there is content, be it empty
	contentType []string // nil: none; shared, not to be modified
	sniffable   bool     // of a type that browsers guess about
	length      int64    // of Stream; -1: unknown
	header      []field
	buf         []byte
}

// Shared header values: net/http does not modify the slices it is given.
var (
	typeJSON    = []string{"application/json; charset=utf-8"}
	typeText    = []string{"text/plain; charset=utf-8"}
	typeHTML    = []string{"text/html; charset=utf-8"}
	typeBytes   = []string{"application/octet-stream"}
	typeProblem = []string{"application/problem+json"}
	nosniff     = []string{"nosniff"}
)

// A buffer begins with room for most answers, and keepBuffer bounds what a Rendering
// keeps alive after one large answer.
const (
	firstBuffer = 1 << 10
	keepBuffer  = 256 << 10
)

// Release closes the stream and empties the Rendering. It may be called more than once.
func (r *Rendering) Release() {
	src, buf := r.Stream, r.buf
	if cap(buf) > keepBuffer {
		buf = nil
	}
	*r = Rendering{buf: buf}
	if c, ok := src.(io.Closer); ok {
		_ = c.Close() // what was read was read; a failing close changes no answer
	}
}

// buffer is the empty buffer.
func (r *Rendering) buffer() []byte {
	if r.buf == nil {
		r.buf = make([]byte, 0, firstBuffer)
	}
	return r.buf[:0]
}

// Render fills an empty Rendering r. It checks that a comes from where the answer to
// this very request has to come from, and that the endpoint declared it, then encodes
// the payload. The error is a programming error in a sentence; nothing has been written
// then, and a stream is closed. It takes and fills what the caller has, because copies
// of such structs are a good part of what a small answer costs.
func (p *Plan) Render(r *Rendering, from Origin, a *Answer) error {
	err := p.accept(from, a)
	if err == nil {
		err = r.render(a, a.state.binding.payload)
	}
	if err != nil {
		r.Release()
		Discard(*a)
	}
	return err
}

// RenderFree fills r with an answer that belongs to no endpoint, for answers made
// outside a handler. Any final status will do.
func RenderFree(r *Rendering, a *Answer, encode Encode) error {
	if a.kind == kindNone {
		return errNoAnswer
	}
	pay := &payload{encode: encode}
	if a.body != nil {
		t := reflect.TypeOf(a.body).Elem()
		pay.form = formOf(t)
		pay.empty = isEmpty(t)
	}
	err := isFinal(a.Status())
	if err == nil {
		err = r.render(a, pay)
	}
	if err != nil {
		r.Release()
		Discard(*a)
	}
	return err
}

// Discard closes the stream of an answer that is not going to be written.
func Discard(a Answer) {
	if a.body == nil {
		return
	}
	v := reflect.ValueOf(a.body).Elem()
	if !v.Type().Implements(readerType) {
		return
	}
	src, _ := v.Interface().(io.Reader)
	if c, ok := src.(io.Closer); ok && !isNil(src) {
		_ = c.Close() // nothing was read, and a failing close changes no answer
	}
}

var errNoAnswer = fmt.Errorf("the handler returned the zero Answer: return what JSON, Send, End or Redirect gives")

func (p *Plan) accept(from Origin, a *Answer) error {
	if a.kind == kindNone {
		return errNoAnswer
	}
	if a.state.plan() != p || a.from != from.outlet(int(a.state.binding.field)) {
		return fmt.Errorf("the Answer was not made by the Response or outcome set of this request: use the one that the handler was given")
	}
	if p.set.IsValid() || a.state.said.status == 0 && a.kind == kindJSON { // the default status is declared
		return nil
	}
	status := a.Status()
	if err := isFinal(status); err != nil {
		return err
	}
	switch {
	case !p.declares(status):
		return fmt.Errorf("status %d is not declared: add it with typed.Status", status)
	case a.kind == kindRedirect && !isRedirect(status):
		return fmt.Errorf("a redirect has status %d: use 301, 302, 303, 307 or 308", status)
	case a.kind == kindEnd && hasContent(status) && !isRedirect(status) && !a.state.binding.payload.empty:
		return fmt.Errorf("End answers %d on an endpoint that declares a payload: use JSON or Send, or a status without content", status)
	}
	return nil
}

func isFinal(status int) error {
	if status < 200 || status > 599 {
		return fmt.Errorf("status %d is not a final status: use 200 to 599", status)
	}
	return nil
}

// outlet is that of the Response, or of a field of the outcome set.
func (from Origin) outlet(field int) *outlet {
	if from.set == nil {
		return from.response
	}
	s, _ := reflect.ValueOf(from.set).Elem().Field(field).Addr().Interface().(source)
	o, _ := s.source()
	return o
}

// render fills an empty Rendering.
func (r *Rendering) render(a *Answer, pay *payload) error {
	r.Status, r.length = a.Status(), -1
	if e := a.state.draft().extras; e != nil {
		if e.err != nil {
			return e.err
		}
		r.header = e.header
	}
	if !hasContent(r.Status) || a.body == nil || pay == nil || pay.empty {
		Discard(*a)
		if !hasContent(r.Status) {
			r.header = withoutEntity(r.header)
		}
		return nil
	}
	r.content = true
	own, hasOwn := last(r.header, "Content-Type")
	form := pay.form
	if a.kind == kindJSON {
		if form == formStream {
			return fmt.Errorf("JSON cannot hold a stream: answer with Send")
		}
		form = formJSON
	}
	switch form {
	case formStream:
		r.stream(a)
	case formJSON:
		if err := r.encode(pay, a.body); err != nil {
			return err
		}
		if !hasOwn || !isJSON(own) {
			r.contentType, hasOwn = typeJSON, false
		}
	default:
		r.text(a.body)
	}
	if hasOwn {
		r.contentType = []string{own}
		return nil
	}
	switch form {
	case formText:
		r.contentType, r.sniffable = typeText, true
	case formHTML:
		r.contentType = typeHTML
	case formBytes, formStream:
		r.contentType, r.sniffable = typeBytes, true
	}
	return nil
}

func (r *Rendering) encode(pay *payload, body any) error {
	out, err := pay.encode(r.buffer(), body)
	if err != nil {
		return unencodable(err)
	}
	r.buf, r.Body = out, out
	return nil
}

func unencodable(err error) error { return fmt.Errorf("the payload cannot be encoded: %w", err) }

func (r *Rendering) text(body any) {
	switch b := body.(type) {
	case *[]byte:
		r.Body = *b
		return
	case *string:
		r.buf = append(r.buffer(), *b...)
	default: // HTML, and named string types
		r.buf = append(r.buffer(), reflect.ValueOf(body).Elem().String()...)
	}
	r.Body = r.buf
}

// stream takes the length from a reader that knows it, or else from the handler.
func (r *Rendering) stream(a *Answer) {
	src, _ := reflect.ValueOf(a.body).Elem().Interface().(io.Reader)
	if isNil(src) {
		src = http.NoBody
	}
	r.Stream, r.buf = src, nil // which may last: the buffer is not kept all the while
	switch s := src.(type) {
	case *bytes.Buffer:
		r.length = int64(s.Len())
	case *bytes.Reader:
		r.length = int64(s.Len())
	case *strings.Reader:
		r.length = int64(s.Len())
	case *os.File:
		if info, err := s.Stat(); err == nil && info.Mode().IsRegular() {
			if at, err := s.Seek(0, io.SeekCurrent); err == nil {
				r.length = info.Size() - at
			}
		}
	default:
		if text, ok := last(a.header(), "Content-Length"); ok {
			if n, err := strconv.ParseUint(text, 10, 63); err == nil {
				r.length = int64(n)
			}
		}
	}
}

func isNil(src io.Reader) bool {
	if src == nil {
		return true
	}
	v := reflect.ValueOf(src)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// isJSON reports whether a Content-Type is JSON or a +json type (RFC 6839, 3.1).
func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && (mediaType == "application/json" || strings.HasSuffix(mediaType, "+json"))
}

// withoutEntity drops what describes content that is not there.
func withoutEntity(fields []field) []field {
	kept := make([]field, 0, len(fields))
	for _, f := range fields {
		if f.name != "Content-Type" && f.name != "Content-Length" {
			kept = append(kept, f)
		}
	}
	return kept
}
