package answer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"
	"unsafe"

	"github.com/apiroutes/apiroutes/internal/conditional"
	"github.com/apiroutes/apiroutes/internal/stream"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// Rendering is an Answer as bytes that are not yet written. It stays on the stack of those
// who use it, so it must not be given to anything that an interface hides.
type Rendering struct {
	Status int
	Buffer []byte // is used for content, and may be replaced by a larger one
	Items  *items // not nil: a [Sender] writes them, in place of body, and not Write

	body        []byte    // the content; nil for a stream and where the status has none
	stream      io.Reader // in place of body
	content     *opened   // the Content that is the stream; nil: another
	contentType []string  // nil: none; shared, not to be modified
	sniffable   bool      // of a type that browsers guess about
	length      int64     // of the content; -1: unknown, or there is none
	header      []field
}

// Shared header values: net/http does not modify the slices it is given.
var (
	typeJSON  = []string{"application/json; charset=utf-8"}
	typeText  = []string{"text/plain; charset=utf-8"}
	typeHTML  = []string{"text/html; charset=utf-8"}
	typeBytes = []string{"application/octet-stream"}

	typeEvents = []string{stream.MediaType}
	typeLines  = []string{stream.LinesType}

	nosniff = []string{"nosniff"}
)

// Release closes the stream. It may be called more than once.
func (r *Rendering) Release() {
	if c, ok := r.stream.(io.Closer); ok {
		r.stream = nil
		_ = c.Close() // what was read was read; a failing close changes no answer
	}
}

var (
	errNone    = errors.New("the handler returned the zero Answer: return what JSON, Send, End or Redirect gives")
	errForeign = errors.New("the Answer was not made by the Response or outcome set of this request: use the one that the handler was given")
)

// Render fills the empty r with an Answer of the endpoint with the plan p. It refuses an
// Answer that was not made by the Response or outcome set of this very request, which is at
// out, as the address of its Builder tells; one that was not declared; and a payload
// that cannot be encoded. The error is a programming error in a sentence. Nothing has been
// written then; see [Discard].
func (r *Rendering) Render(a *Answer, p *Plan, out unsafe.Pointer) error {
	if a.kind == None {
		return errNone
	}
	s := a.from.source
	if s == nil || s.plan != p || uintptr(unsafe.Pointer(a.from)) != uintptr(out)+s.offset {
		return errForeign
	}
	if !p.isSet && (a.status != 0 || a.kind != JSON) { // an outcome's and the default status are declared
		if err := p.check(a); err != nil {
			return err
		}
	}
	status := s.status
	if a.status != 0 {
		status = int(a.status)
	}
	return r.fill(a, s.payload, status)
}

// RenderFree fills the empty r with an Answer that belongs to no endpoint, or to another
// one, with any final status. encode is for any payload; form is that of a payload type.
func (r *Rendering) RenderFree(a *Answer, encode Encode, form func(reflect.Type) Form) error {
	if a.kind == None {
		return errNone
	}
	pay := &payload{encode: encode}
	if v := a.Payload(); v != nil {
		t := reflect.TypeOf(v).Elem()
		pay.form, pay.empty = form(t), isEmpty(t)
	}
	status := a.Status()
	if err := isFinal(status); err != nil {
		return err
	}
	return r.fill(a, pay, status)
}

// Problem fills r with a problem, of which body is the form. The error is the first thing
// that h has refused.
func (r *Rendering) Problem(status int, h *Head, contentType []string, body []byte) error {
	r.Status, r.contentType, r.body, r.length = status, contentType, body, int64(len(body))
	if h.more == nil {
		r.header = nil
		return nil
	}
	r.header = h.more.header
	return h.more.err
}

// Discard closes the stream of an answer that is not going to be written.
func Discard(a *Answer) {
	payload := a.Payload()
	if payload == nil {
		return
	}
	v := reflect.ValueOf(payload).Elem()
	if c := contentOf(payload); c != nil {
		c.close()
		return
	}
	if !v.Type().Implements(readerType) {
		return
	}
	src, _ := v.Interface().(io.Reader)
	if c, ok := src.(io.Closer); ok && !isNil(src) {
		_ = c.Close() // nothing was read, and a failing close changes no answer
	}
}

// check refuses what the endpoint did not declare.
func (p *Plan) check(a *Answer) error {
	status := a.Status()
	if err := isFinal(status); err != nil {
		return err
	}
	switch {
	case !p.declares(status):
		return fmt.Errorf("status %d is not declared: add it with typed.Status", status)
	case a.kind == Redirect && !isRedirect(status):
		return fmt.Errorf("a redirect has status %d: use 301, 302, 303, 307 or 308", status)
	case !p.isSet && a.kind != Redirect && a.kind != End && isRedirect(status):
		return fmt.Errorf("status %d is a redirect and has no content: answer with Redirect", status)
	case a.kind == End && syntax.HasContent(status) && !isRedirect(status) && !a.from.source.payload.empty:
		return fmt.Errorf("the method End answers %d on an endpoint that declares a payload: use JSON or Send, or a status without content", status)
	}
	return nil
}

// fill fills the empty r.
func (r *Rendering) fill(a *Answer, pay *payload, status int) error {
	r.Status, r.length = status, -1
	payload := a.content
	if d, ok := a.content.(*dressed); ok {
		if d.more.err != nil {
			return d.more.err
		}
		payload, r.header = d.payload, d.more.header
	}
	if !syntax.HasContent(status) {
		Discard(a)
		return nil
	}
	if payload == nil || pay == nil || pay.empty {
		Discard(a)
		r.length = 0 // net/http would not say so to HEAD
		return nil
	}
	form := pay.form
	if a.kind == JSON {
		switch {
		case form >= FormStream:
			return errors.New("JSON cannot hold a stream: answer with Send")
		case pay.declared == "" && pay.sendOnly:
			return fmt.Errorf("JSON answers a payload that the document has as %s: use Send, or declare application/json with typed.Produces or a type tag", form.MediaType())
		}
		form = FormJSON
	}
	switch form {
	case FormJSON:
		body, err := pay.encode(r.Buffer[:0], payload)
		if err != nil {
			return fmt.Errorf("the payload cannot be encoded: %w", err)
		}
		r.Buffer, r.body, r.length, r.contentType = body, body, int64(len(body)), typeJSON
	case FormStream:
		r.contentType, r.sniffable = typeBytes, true
		r.open(payload)
	case FormContent:
		return r.openContent(contentOf(payload), pay)
	case FormEvents, FormLines:
		if pay.items == nil {
			return errors.New("a stream of events or lines can only be sent by an endpoint that declares it")
		}
		r.Items, r.contentType = pay.items, typeEvents
		if form == FormLines {
			r.contentType = typeLines
		}
	case FormBytes:
		r.contentType, r.sniffable = typeBytes, true
		r.body = *payload.(*[]byte)
		r.length = int64(len(r.body))
	default:
		r.contentType, r.sniffable = typeText, true
		if form == FormHTML {
			r.contentType, r.sniffable = typeHTML, false
		}
		r.Buffer = append(r.Buffer[:0], reflect.ValueOf(payload).Elem().String()...)
		r.body, r.length = r.Buffer, int64(len(r.Buffer))
	}
	if r.header != nil {
		r.keepContentType(form)
	}
	if pay.declared != "" {
		return r.declared(a, pay)
	}
	return nil
}

// declared sends the media type that was declared, and refuses another.
func (r *Rendering) declared(a *Answer, pay *payload) error {
	if a.kind == JSON && !syntax.IsJSON(pay.declared) {
		return fmt.Errorf("JSON answers what is declared as %s: use Send, or declare application/json", pay.declared)
	}
	value, set := last(r.header, "Content-Type")
	if !set {
		r.contentType = pay.contentType
		return nil
	}
	if mediaType, _, _ := syntax.MediaType(value); mediaType != pay.declared {
		return fmt.Errorf("the handler set the Content-Type %q, and %s is declared: set that, or declare the other", value, pay.declared)
	}
	return nil
}

// keepContentType takes the handler's own Content-Type; on JSON only where it is JSON, and
// on items only where it is one of theirs.
func (r *Rendering) keepContentType(form Form) {
	value, ok := last(r.header, "Content-Type")
	if !ok {
		return
	}
	if form == FormJSON {
		if mediaType, _, ok := syntax.MediaType(value); !ok || !syntax.IsJSON(mediaType) {
			return
		}
	}
	if r.Items != nil && !r.Items.keeps(value) {
		return
	}
	r.contentType, r.sniffable = []string{value}, false
}

// open takes the stream, and its length from a reader that knows it, or else from the handler.
func (r *Rendering) open(payload any) {
	src, _ := reflect.ValueOf(payload).Elem().Interface().(io.Reader)
	if isNil(src) {
		src = http.NoBody
	}
	r.stream = src
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
		if text, ok := last(r.header, "Content-Length"); ok {
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

// Write writes the rendering, once, and releases it unless it panics. A 200 to GET or HEAD
// becomes a 304 where the request says so; with tagged it gets a weak entity tag, unless
// the handler set one or the content is a stream. The error is what reading a stream came
// to after the head was written; the client's own connection failing is none.
func (r *Rendering) Write(ex wire.Exchange, tagged bool) error {
	method := ex.Method()
	if r.sniffable {
		ex.SetHeader("X-Content-Type-Options", nosniff)
	}
	if (tagged || r.header != nil) && r.Status == http.StatusOK && (method == http.MethodGet || method == http.MethodHead) {
		var tag, modified string
		if r.header != nil {
			tag, _ = last(r.header, "Etag")
			modified, _ = last(r.header, "Last-Modified")
		}
		if tag == "" && tagged && r.stream == nil {
			line := conditional.Tag(r.body)
			ex.SetHeader("Etag", line)
			tag = line[0]
		}
		if conditional.NotModified(ex, tag, modified) {
			r.writeNotModified(ex, tag != "")
			return nil
		}
	}
	for _, f := range r.header {
		if f.name == "Content-Length" || f.name == "Content-Type" && (r.contentType != nil || !syntax.HasContent(r.Status)) {
			continue // SetContent says it
		}
		writeField(ex, f)
	}
	ex.SetContent(r.contentType, r.length)
	if r.stream != nil {
		return r.writeStream(ex, method)
	}
	body := r.body
	if method == http.MethodHead {
		body = nil
	}
	_ = ex.Send(r.Status, body) // the client has disconnected
	return nil
}

// writeNotModified writes the 304 for a client that has this version already.
func (r *Rendering) writeNotModified(ex wire.Exchange, tagged bool) {
	for _, f := range r.header {
		if conditional.Keeps(f.name, tagged) {
			writeField(ex, f)
		}
	}
	_ = ex.Send(http.StatusNotModified, nil) // the client has disconnected
	r.Release()
}

func writeField(ex wire.Exchange, f field) {
	if repeats(f.name) {
		ex.AddHeader(f.name, f.value)
		return
	}
	ex.SetHeader(f.name, []string{f.value})
}

func (r *Rendering) writeStream(ex wire.Exchange, method string) error {
	if method == http.MethodHead {
		_ = ex.Send(r.Status, nil) // the client has disconnected
		r.Release()
		return nil
	}
	// Of server-sent events (WHATWG HTML, 9.2) the head goes out at once: a browser counts
	// the stream as open when it has it, and the first event may be long in coming.
	mediaType, _, _ := syntax.MediaType(r.contentType[0])
	src := &reader{src: r.stream, ctx: ex.Context()}
	err := ex.Stream(r.Status, src, mediaType == "text/event-stream")
	r.Release()
	if err != nil {
		return src.err
	}
	return nil
}

// reader remembers why its source ended, to tell that from the client's leaving. A source
// that gives nothing, again and again, ends it as well: a carrier would ask forever.
type reader struct {
	src   io.Reader
	ctx   context.Context
	empty int // reads in a row that gave nothing
	err   error
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	switch {
	case n > 0 || err != nil:
		r.empty = 0
	case r.ctx.Err() != nil:
		err = r.ctx.Err()
	default:
		if r.empty++; r.empty == maxEmptyReads {
			err = io.ErrNoProgress
		}
	}
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// maxEmptyReads is what bufio allows.
const maxEmptyReads = 100
