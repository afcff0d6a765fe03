package upload

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// The bounds of a multipart body, beside those in bytes of its endpoint.
const (
	MaxParts      = 1000
	MaxFiles      = 64
	maxPartHeader = 8 << 10
	maxBoundary   = 70 // RFC 2046, 5.1.1
)

// Error is what is wrong with a multipart body. Name is that of the part, or "".
type Error struct {
	Status int // 400, 413, 415, 422; 500 for a disk that fails
	Name   string
	Rule   string // for programs
	Param  string // of the rule
	Detail string // the end of a sentence about the part, or a whole one without Name
	Cause  error
}

func (e *Error) Error() string { return e.Detail }
func (e *Error) Unwrap() error { return e.Cause }

func malformed(detail string, cause error) *Error {
	return &Error{Status: http.StatusBadRequest, Rule: "syntax", Detail: detail, Cause: cause}
}

// SourceError is a body that could not be read to its end; Cause is what reading it said.
type SourceError struct{ Cause error }

func (e *SourceError) Error() string {
	return "the multipart body could not be read: " + e.Cause.Error()
}
func (e *SourceError) Unwrap() error { return e.Cause }

// ErrTooLarge is a body of more bytes than it may have.
var ErrTooLarge = errors.New("the multipart body is too large")

// Reader reads the parts of one body, one after the other.
type Reader struct {
	src    source
	framed *multipart.Reader
	part   *multipart.Part // the last one that Next returned; nil: none
	parts  int
	buffer []byte // for files
}

// Boundary takes the boundary out of the parameters of a Content-Type.
func Boundary(params map[string]string) (string, *Error) {
	boundary, ok := params["boundary"]
	switch {
	case !ok || boundary == "":
		return "", malformed("The Content-Type has no boundary.", nil)
	case len(boundary) > maxBoundary:
		return "", malformed("The boundary in the Content-Type has more than 70 characters.", nil)
	case !isBoundary(boundary):
		return "", malformed("The boundary in the Content-Type has characters that none may have.", nil)
	}
	return boundary, nil
}

// isBoundary reports whether s is a boundary by RFC 2046, 5.1.1, in which a blank may not be last.
func isBoundary(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || strings.IndexByte("'()+_,-./:=?", c) >= 0 || c == ' ' && i < len(s)-1) {
			return false
		}
	}
	return true
}

// NewReader reads a body of at most limit bytes.
func NewReader(body io.Reader, boundary string, limit int64) *Reader {
	r := &Reader{src: source{src: body, left: limit, header: -1}}
	r.framed = multipart.NewReader(&r.src, boundary)
	return r
}

// Part is the head of a part.
type Part struct {
	Name     string
	Filename string // cleaned; "" without one
	IsFile   bool   // it has a filename, be it empty
	Type     string // its Content-Type as it was sent; "": none
}

// Next skips what is left of a part and reads the head of the next one. At the end of the body
// the error is io.EOF; else it is an *Error, a *SourceError or ErrTooLarge.
func (r *Reader) Next() (Part, error) {
	if r.part != nil {
		if _, err := io.Copy(io.Discard, r.part); err != nil {
			return Part{}, r.fault(err)
		}
		r.part = nil
	}
	r.src.header = headerBudget
	part, err := r.framed.NextRawPart() // which does not decode quoted-printable behind our back
	r.src.header = -1
	switch {
	case err == io.EOF:
		return Part{}, io.EOF
	case err != nil && r.src.err == io.EOF && !r.src.begun:
		return Part{}, malformed("The request body is empty.", nil)
	case err != nil:
		return Part{}, r.fault(err)
	}
	if r.parts++; r.parts > MaxParts {
		return Part{}, &Error{Status: http.StatusUnprocessableEntity, Rule: "parts", Param: fmt.Sprint(MaxParts), Detail: fmt.Sprintf("The request body has more than %d parts.", MaxParts)}
	}
	p, err := partOf(part.Header)
	if err != nil {
		return Part{}, err
	}
	r.part = part
	return p, nil
}

// fault tells whose fault an error of reading is: of the connection, of a bound, or of
// the framing.
func (r *Reader) fault(err error) error {
	switch {
	case r.src.longHeader:
		return longHeader()
	case r.src.tooLarge:
		return ErrTooLarge
	case r.src.err != nil && r.src.err != io.EOF:
		return &SourceError{r.src.err}
	}
	return malformed("The request body is not well-formed multipart/form-data.", err)
}

func longHeader() *Error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Rule: "size", Detail: fmt.Sprintf("The header of a part has more than %d bytes.", maxPartHeader)}
}

// Read reads the part that Next has found. Errors are as those of Next.
func (r *Reader) Read(p []byte) (int, error) {
	n, err := r.part.Read(p)
	if err != nil && err != io.EOF {
		err = r.fault(err)
	}
	return n, err
}

// Text reads all of the part. The error is ErrTooLarge where it has more than limit bytes.
func (r *Reader) Text(limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = ErrTooLarge
	}
	return text, err
}

// partOf reads the header of a part.
func partOf(h textproto.MIMEHeader) (Part, error) {
	size := 0
	for name, values := range h {
		for _, value := range values {
			size += len(name) + len(value) + len(": \r\n")
		}
	}
	if size > maxPartHeader {
		return Part{}, longHeader()
	}
	var p Part
	lines := h["Content-Disposition"]
	ok := len(lines) == 1
	if ok {
		p, ok = disposition(lines[0])
	}
	if !ok {
		return Part{}, malformed("A part of the request body has no name.", nil)
	}
	for _, field := range []string{"Content-Transfer-Encoding", "Content-Encoding"} {
		for _, value := range h[field] {
			switch strings.ToLower(syntax.Trim(value)) {
			case "", "binary", "8bit", "7bit", "identity":
			default: // RFC 7578, 4.7
				return Part{}, &Error{Status: http.StatusUnsupportedMediaType, Name: p.Name, Rule: "encoding", Detail: "must be sent as it is, without a " + field}
			}
		}
	}
	p.Type = syntax.Trim(h.Get("Content-Type"))
	return p, nil
}

// disposition reads a Content-Disposition of form-data (RFC 7578, 4.2). Parameters in the
// encoding of RFC 8187 are none here, and are skipped. In a quoted string a backslash stands
// for itself, as browsers write it (WHATWG HTML, 4.10.21.8), but before a quote or another.
func disposition(line string) (p Part, ok bool) {
	kind, rest, _ := strings.Cut(line, ";")
	if !strings.EqualFold(syntax.Trim(kind), "form-data") {
		return Part{}, false
	}
	named := false
	for rest = syntax.Trim(rest); rest != ""; {
		name, after, found := strings.Cut(rest, "=")
		if !found {
			return Part{}, false
		}
		value, after, ok := cutValue(strings.TrimLeft(after, " \t"))
		if !ok {
			return Part{}, false
		}
		switch strings.ToLower(syntax.Trim(name)) {
		case "name":
			if named {
				return Part{}, false
			}
			p.Name, named = value, true
		case "filename":
			if p.IsFile {
				return Part{}, false
			}
			p.Filename, p.IsFile = syntax.Filename(value), true
		}
		rest = after
	}
	return p, named
}

// cutValue cuts the value of a parameter off, and the semicolon after it.
func cutValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ";")
		return syntax.Trim(value), syntax.Trim(rest), true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			rest = syntax.Trim(s[i+1:])
			after, more := strings.CutPrefix(rest, ";")
			return b.String(), syntax.Trim(after), more || rest == ""
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

// headerBudget is what is read while a head is looked for: the head, a boundary, and what
// package multipart reads ahead.
const headerBudget = maxPartHeader + 1<<10 + 4<<10

// source is a body that is read no further than it may be. Package multipart would collect
// 10 MiB of the header of a part before it says that there are too many.
type source struct {
	src        io.Reader
	left       int64 // of the body
	header     int   // what may still be read of a head; -1: none is being read
	begun      bool
	tooLarge   bool
	longHeader bool
	tail       string // is read after the end of the body
	err        error  // what the body said
}

// newline comes after the end of a body, and then io.ErrUnexpectedEOF: package multipart
// says io.EOF of a body that ends in a head as well as of one that ends as it should, with
// a boundary, which needs no newline.
const newline = "\r\n"

var errBound = errors.New("upload: a bound is exceeded")

func (s *source) Read(p []byte) (int, error) {
	switch {
	case s.tail != "":
		n := copy(p, s.tail)
		s.tail = s.tail[n:]
		return n, nil
	case s.err == io.EOF:
		return 0, io.ErrUnexpectedEOF
	case s.err != nil:
		return 0, s.err
	case s.left < 0:
		return 0, errBound
	case s.header == 0:
		s.longHeader = true
		return 0, errBound
	case s.header > 0 && len(p) > s.header:
		p = p[:s.header]
	}
	if int64(len(p)) > s.left { // one byte more tells the end from an excess
		p = p[:s.left+1]
	}
	n, err := s.src.Read(p)
	s.begun = s.begun || n > 0
	if s.header > 0 {
		s.header -= n
	}
	if s.left -= int64(n); s.left < 0 {
		s.tooLarge = true
		return n - 1, errBound
	}
	if s.err = err; err == io.EOF {
		s.tail, err = newline, nil
	}
	return n, err
}
