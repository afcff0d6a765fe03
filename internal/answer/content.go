package answer

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/conditional"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// Content is respond.Content under another name.
type Content struct {
	Name       string
	Type       string
	Modified   time.Time
	ETag       string
	Attachment bool
	Body       io.ReadSeeker
}

var contentType = reflect.TypeFor[Content]()

func isContent(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.ConvertibleTo(contentType)
}

// contentOf is the Content that payload points to; nil for any other payload.
func contentOf(payload any) *Content {
	v := reflect.ValueOf(payload)
	if !isContent(v.Type().Elem()) {
		return nil
	}
	return v.Convert(reflect.TypeFor[*Content]()).Interface().(*Content)
}

func (c *Content) close() {
	if closer, ok := c.Body.(io.Closer); ok && !isNil(c.Body) {
		_ = closer.Close() // what was read was read; a failing close changes no answer
	}
}

// opened is a Content that is going to be sent: all of it, or the parts that Select finds.
type opened struct {
	body  io.ReadSeeker
	size  int64
	parts io.Reader // what to send
}

func (o *opened) Read(p []byte) (int, error) { return o.parts.Read(p) }

func (o *opened) Close() error {
	if c, ok := o.body.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// sniffed is how many bytes tell the media type of content.
const sniffed = 512

// openContent takes c, measures it, and puts what c says of itself before the header fields
// of the handler, which win.
func (r *Rendering) openContent(c *Content, pay *payload) error {
	if c.Body == nil || isNil(c.Body) {
		c.Body = bytes.NewReader(nil)
	}
	o := &opened{body: c.Body}
	r.content, r.stream, r.sniffable = o, o, true
	var err error
	if o.size, err = c.Body.Seek(0, io.SeekEnd); err != nil {
		return fmt.Errorf("the size of the content cannot be found: %w", err)
	}
	if r.contentType, err = c.mediaType(r.header, pay); err != nil {
		return err
	}
	own := make([]field, 0, 5+len(r.header))
	own = append(own, field{"Accept-Ranges", "bytes"})
	if c.ETag != "" {
		tag := field{"Etag", c.ETag}
		if err := tag.check(); err != nil {
			return err
		}
		own = append(own, tag)
	}
	if !c.Modified.IsZero() && c.Modified.Unix() != 0 { // as http.ServeContent: archives say 1970 where they know nothing
		own = append(own, field{"Last-Modified", c.Modified.UTC().Format(http.TimeFormat)})
	}
	if disposition := Disposition(c.Name, c.Attachment); disposition != "" {
		own = append(own, field{"Content-Disposition", disposition})
	}
	if !c.Attachment && runsScript(r.contentType[0]) {
		own = append(own, field{"Content-Security-Policy", "sandbox"})
	}
	r.header = append(own, r.header...)
	r.length, o.parts = o.size, &section{src: c.Body, left: o.size}
	return nil
}

// mediaType is what the handler says, in the header or in Type, or what was declared, or what
// the content looks like. What differs from what was declared is refused.
func (c *Content) mediaType(header []field, pay *payload) ([]string, error) {
	given, _ := last(header, "Content-Type")
	given = cmp.Or(given, c.Type)
	if given == "" && pay.declared != "" && !strings.Contains(pay.declared, "*") {
		return pay.contentType, nil
	}
	if given == "" {
		head := make([]byte, sniffed)
		if _, err := c.Body.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("the content cannot be read: %w", err)
		}
		n, err := io.ReadFull(c.Body, head)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return nil, fmt.Errorf("the content cannot be read: %w", err)
		}
		given = http.DetectContentType(head[:n])
	}
	mediaType, _, ok := syntax.MediaType(given)
	if !ok || strings.Contains(mediaType, "*") || strings.ContainsFunc(given, isControl) {
		return nil, fmt.Errorf("the media type %q of the content is none: set one like text/csv, or none", given)
	}
	if pay.declared != "" && !inRange(mediaType, pay.declared) {
		return nil, fmt.Errorf("the media type of the content is %s, and %s is declared: set that, or declare the other", mediaType, pay.declared)
	}
	return []string{given}, nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// isMediaRange reports whether a media type, in lower case, is image/* or */*, not *.
func isMediaRange(mediaType string) bool {
	kind, subtype, _ := strings.Cut(mediaType, "/")
	return subtype == "*" && (kind == "*" || !strings.Contains(kind, "*"))
}

// inRange reports whether a media type is the declared one, or in its range.
func inRange(mediaType, declared string) bool {
	return declared == "*/*" || syntax.InRange(mediaType, declared)
}

// runsScript reports whether a browser runs the scripts in content that it shows: in HTML and,
// by their namespaces, in any XML.
func runsScript(contentType string) bool {
	mediaType, _, _ := syntax.MediaType(contentType)
	return mediaType == "text/html" || mediaType == "text/xml" || mediaType == "application/xml" || strings.HasSuffix(mediaType, "+xml")
}

// Select chooses what of a Content a request gets. refusal is 412 or 416 where it gets a
// problem: contentRange is the field of that name for it then.
func (r *Rendering) Select(ex wire.Exchange) (refusal int, contentRange string) {
	method := ex.Method()
	if r.content == nil || r.Status != http.StatusOK || method != http.MethodGet && method != http.MethodHead {
		return 0, ""
	}
	tag, _ := last(r.header, "Etag")
	modified, _ := last(r.header, "Last-Modified")
	if conditional.Failed(ex, tag, modified) {
		return http.StatusPreconditionFailed, ""
	}
	if conditional.NotModified(ex, tag, modified) {
		return 0, "" // Write answers so
	}
	ranges, ok := conditional.Ranges(ex, r.content.size, tag, modified)
	switch {
	case !ok:
		return http.StatusRequestedRangeNotSatisfiable, fmt.Sprintf("bytes */%d", r.content.size)
	case len(ranges) == 1:
		r.Status = http.StatusPartialContent
		r.header = append(r.header[:len(r.header):len(r.header)], field{"Content-Range", r.content.rangeText(ranges[0])})
		r.length, r.content.parts = ranges[0].Length, r.content.section(ranges[0])
	case len(ranges) > 1:
		r.Status = http.StatusPartialContent
		r.several(ranges)
	}
	return 0, ""
}

func (o *opened) rangeText(one conditional.Range) string {
	return fmt.Sprintf("bytes %d-%d/%d", one.Start, one.Start+one.Length-1, o.size)
}

func (o *opened) section(one conditional.Range) *section {
	return &section{src: o.body, start: one.Start, left: one.Length}
}

// several makes the content multipart/byteranges (RFC 9110, 14.6).
func (r *Rendering) several(ranges []conditional.Range) {
	boundary := rand.Text()
	var parts []io.Reader
	r.length = 0
	text := func(s string) {
		parts = append(parts, strings.NewReader(s))
		r.length += int64(len(s))
	}
	separator := ""
	for _, one := range ranges {
		text(fmt.Sprintf("%s--%s\r\nContent-Range: %s\r\nContent-Type: %s\r\n\r\n", separator, boundary, r.content.rangeText(one), r.contentType[0]))
		parts = append(parts, r.content.section(one))
		r.length += one.Length
		separator = "\r\n"
	}
	text("\r\n--" + boundary + "--\r\n")
	r.content.parts = io.MultiReader(parts...)
	r.contentType = []string{"multipart/byteranges; boundary=" + boundary}
}

// section reads a part of content. It seeks when it is first read, as the parts of one
// answer share their source. Content that ends early is an error: the head has said more.
type section struct {
	src         io.ReadSeeker
	start, left int64
	begun       bool
}

func (s *section) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	if !s.begun {
		s.begun = true
		if _, err := s.src.Seek(s.start, io.SeekStart); err != nil {
			return 0, err
		}
	}
	n, err := s.src.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	if err == io.EOF && s.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
