package bind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"net"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/apiroutes/apiroutes/internal/stream"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// bindBody reads and decodes the body of a plan that has one. What fails before its
// content is looked at is returned; what does not fit the type joins the failures of the
// parameters.
func (b *binding) bindBody(req wire.Request, dst any) *respond.Problem {
	p := b.plan
	if p.body.optional && req.ContentLength() == 0 { // for lines: there are none
		return nil
	}
	if lines := req.Header("Content-Encoding"); len(lines) > 0 {
		if problem := checkEncoding(lines); problem != nil {
			return problem
		}
	}
	types := req.Header("Content-Type")
	untyped := len(types) == 0
	if untyped && p.body.kind == JSONBody && req.ContentLength() == 0 {
		return emptyBody() // what is not there has no wrong media type
	}
	// An optional body may come without a media type when it comes without bytes,
	// and only reading tells.
	judgeLater := p.body.optional && untyped && p.body.kind != StreamBody && p.body.kind != LinesBody
	if !judgeLater {
		if problem := p.checkMedia(types); problem != nil {
			return problem
		}
	}
	switch p.body.kind {
	case StreamBody:
		return b.bindStream(req)
	case LinesBody:
		if req.ContentLength() > p.maxBody {
			return tooLarge()
		}
		return nil // the caller fills them in, see Plan.Lines
	case MultipartBody:
		var problem *respond.Problem
		b.files, problem = b.bindMultipart(req, types)
		return problem
	}
	var buf buffer
	content, whole := wire.Content(req)
	if whole {
		if int64(len(content)) > p.maxBody {
			return tooLarge()
		}
	} else {
		defer buf.release()
		if problem := buf.read(req, p.maxBody); problem != nil {
			return problem
		}
		content = buf.bytes
	}
	if judgeLater && len(content) > 0 {
		if problem := p.checkMedia(types); problem != nil {
			return problem
		}
	}
	if problem := b.bindContent(content, dst); problem != nil || len(content) == 0 {
		return problem
	}
	if p.body.raw != nil || p.body.kind == RawBody {
		if whole {
			content = bytes.Clone(content)
		} else {
			content = buf.take()
		}
		b.raw().SetBytes(content)
	}
	return nil
}

// raw is the field that takes the bytes of the body.
func (b *binding) raw() reflect.Value {
	if raw := b.plan.body.raw; raw != nil {
		return raw.at(b.root)
	}
	return b.root
}

// bindContent neither keeps nor changes content, which belongs to a buffer or the carrier.
func (b *binding) bindContent(content []byte, dst any) *respond.Problem {
	body := &b.plan.body
	switch {
	case body.kind == FormBody:
		if problem := b.bindPairs(string(content), &b.plan.form, Form); problem != nil {
			return problem
		}
		return b.malformed()
	case body.kind != JSONBody || len(content) == 0 && body.optional:
		return nil
	case len(content) == 0:
		return emptyBody()
	}
	if body.field != nil {
		dst = body.field.at(b.root).Addr().Interface()
	}
	err := body.decoder.Decode(content, dst)
	if err == nil {
		return nil
	}
	failure := respond.FieldError{In: Body.String(), Pointer: err.Pointer, Rule: err.Rule, Param: err.Param, Detail: err.Detail}
	switch {
	case err.Syntax:
		return badRequest(malformedDetail(err.Rule), failure).Because(err)
	case err.Rule == "size":
		p := tooLarge().Because(err)
		p.Detail, p.Errors = "The request body takes too much memory when it is decoded.", []respond.FieldError{failure}
		return p
	}
	b.add(failure)
	return nil
}

// malformedDetail is the sentence about a body that is not one JSON value.
func malformedDetail(rule string) string {
	switch rule {
	case "duplicate":
		return "The request body has two members with the same name in one object."
	case "utf8":
		return "The request body is not valid UTF-8."
	case "depth":
		return "The request body is nested too deeply."
	}
	return "The request body is not well-formed JSON."
}

func emptyBody() *respond.Problem {
	return badRequest("The request body is empty.", respond.FieldError{In: Body.String(), Rule: "empty", Detail: "must be a JSON value"})
}

// bindStream leaves the reading to the handler.
func (b *binding) bindStream(req wire.Request) *respond.Problem {
	p := b.plan
	if req.ContentLength() > p.maxBody {
		return tooLarge()
	}
	target := b.root
	if p.body.field != nil {
		target = p.body.field.at(b.root)
	}
	target.Set(reflect.ValueOf(newBodyReader(req, p.maxBody)))
	return nil
}

// The media types that bodies have by themselves.
const (
	jsonMedia = "application/json"
	formMedia = "application/x-www-form-urlencoded"
	lineMedia = stream.LinesType

	multipartMedia = "multipart/form-data"
)

// checkEncoding refuses a body that a Content-Encoding other than identity was
// applied to: decompressing would let a small request become a large one.
func checkEncoding(lines []string) *respond.Problem {
	for _, line := range lines {
		for coding := range strings.SplitSeq(line, ",") {
			if coding = syntax.Trim(coding); coding != "" && !strings.EqualFold(coding, "identity") {
				p := &respond.Problem{Status: http.StatusUnsupportedMediaType, Detail: "The request body must not be compressed."}
				return p.Header("Accept-Encoding", "identity")
			}
		}
	}
	return nil
}

// checkMedia refuses a body of another media type than the plan takes, lines being
// those of the Content-Type.
func (p *Plan) checkMedia(lines []string) *respond.Problem {
	if len(p.accepts) == 0 {
		return nil
	}
	if len(lines) == 1 { // as clients usually write it, it need not be parsed: rows W3, W4 and W6
		rest, ok := strings.CutPrefix(lines[0], p.accepts[0])
		if ok && (rest == "" || strings.EqualFold(rest, "; charset=utf-8") || strings.EqualFold(rest, ";charset=utf-8")) {
			return nil
		}
	}
	wrong, charset := p.judgeMedia(lines)
	if wrong == "" {
		return nil
	}
	want := strings.Join(p.accepts, ", ")
	detail := "The Content-Type is " + wrong + "; it must be "
	switch {
	case charset:
		detail = "The Content-Type names a charset other than UTF-8; the body must be in UTF-8."
	case len(p.accepts) == 1:
		detail += want + "."
	default:
		detail += "one of " + want + "."
	}
	problem := (&respond.Problem{Status: http.StatusUnsupportedMediaType, Detail: detail}).Header("Accept", want)
	if p.method == http.MethodPatch {
		problem.Header("Accept-Patch", want)
	}
	return problem
}

// judgeMedia says what is wrong with the lines of a Content-Type, if anything is.
// Several equal ones count as one: some clients and proxies repeat it.
func (p *Plan) judgeMedia(lines []string) (wrong string, charset bool) {
	given := ""
	for _, line := range lines {
		for line != "" {
			var one string
			one, line = syntax.CutElement(line)
			switch {
			case one == "":
			case given == "":
				given = one
			case !strings.EqualFold(given, one):
				return "given twice", false
			}
		}
	}
	if given == "" {
		return "missing", false
	}
	media, params, ok := syntax.MediaType(given)
	switch {
	case !ok:
		return "malformed", false
	case !p.takes(media):
		return "another media type", false
	}
	// RFC 8259, 11, defines no charset for JSON, and all that is ASCII is UTF-8.
	if name, named := params["charset"]; named && (p.body.kind == JSONBody || p.body.kind == FormBody || p.body.kind == LinesBody) {
		switch strings.ToLower(name) {
		case "utf-8", "utf8", "us-ascii", "ascii":
		default:
			return "of another charset", true
		}
	}
	return "", false
}

// takes reports whether the body may have a media type, which is in lower case.
func (p *Plan) takes(media string) bool {
	if p.body.kind == JSONBody && syntax.IsJSON(media) && strings.HasPrefix(media, "application/") {
		return true
	}
	return slices.ContainsFunc(p.accepts, func(accepted string) bool { return syntax.InRange(media, accepted) })
}

// errEaten is the cause of a 500 where somebody has read the body and left nothing.
var errEaten = errors.New("the request declares content, and none is left: middleware has read it; let it put the content back into Request.Body")

// leastBuffer is what a request takes for its body before anything of it has come.
// Buffers of that size and each double of it, up to keptBuffer, are kept for later
// requests: reading 100 KB into new ones takes many times as long (BenchmarkRead). Larger
// ones are dropped, so that a few large bodies do not hold memory for ever.
const (
	leastBuffer = 4 << 10
	keptSizes   = 7
	keptBuffer  = leastBuffer << (keptSizes - 1)
)

// kept holds *[]byte, by the logarithm of their capacity over leastBuffer.
var kept [keptSizes]sync.Pool

// buffer is the content of a body. It grows with what has come, whatever length the
// client declares: one that stalls holds at most twice what it has sent.
type buffer struct {
	bytes  []byte
	pooled *[]byte // where bytes come from; nil: from no pool
}

// grow doubles the buffer, but beyond the kept sizes makes it no larger than declared.
func (b *buffer) grow(declared int64) {
	old := *b
	if size := max(leastBuffer, 2*cap(old.bytes)); size <= keptBuffer {
		b.pooled, _ = kept[bits.Len(uint(size/leastBuffer))-1].Get().(*[]byte)
		if b.pooled == nil {
			b.pooled = new(make([]byte, 0, size))
		}
		b.bytes = append((*b.pooled)[:0], old.bytes...)
	} else {
		if rest := declared + 1; rest > int64(len(old.bytes)) && rest < int64(size) {
			size = int(rest)
		}
		b.pooled, b.bytes = nil, append(make([]byte, 0, size), old.bytes...)
	}
	old.release()
}

// release gives the buffer up.
func (b *buffer) release() {
	if b.pooled != nil {
		kept[bits.Len(uint(cap(*b.pooled)/leastBuffer))-1].Put(b.pooled)
	}
	*b = buffer{}
}

// take gives the content away: a copy, or the buffer itself where it would be dropped
// anyway. The content stays readable here, but may be changed by who took it.
func (b *buffer) take() []byte {
	if b.pooled != nil {
		return bytes.Clone(b.bytes)
	}
	return b.bytes
}

// read fills the buffer with the whole body.
func (b *buffer) read(req wire.Request, limit int64) *respond.Problem {
	declared := req.ContentLength()
	if declared > limit {
		return tooLarge()
	}
	src := req.Body()
	for {
		if len(b.bytes) == cap(b.bytes) {
			b.grow(declared)
		}
		free := b.bytes[len(b.bytes):cap(b.bytes)]
		// One byte more than allowed tells the end from an excess.
		if left := limit - int64(len(b.bytes)); int64(len(free)) > left {
			free = free[:left+1]
		}
		n, err := src.Read(free)
		b.bytes = b.bytes[:len(b.bytes)+n]
		switch {
		case int64(len(b.bytes)) > limit:
			return tooLarge()
		case err == io.EOF && len(b.bytes) == 0 && declared > 0:
			return (&respond.Problem{Status: http.StatusInternalServerError}).Because(errEaten)
		case err == io.EOF:
			return nil
		case err != nil:
			return unreadable(req.Context(), err)
		}
	}
}

// patient is the body of a request that may be large: its read deadline moves on as bytes
// come, so that one that makes progress is not too slow. MaxBody bounds it all the same.
func patient(req wire.Request) io.Reader {
	if p, ok := req.(wire.Patient); ok {
		if extend := p.ReadExtender(); extend != nil {
			return &patientReader{req.Body(), extend}
		}
	}
	return req.Body()
}

type patientReader struct {
	src    io.Reader
	extend func()
}

func (r *patientReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	if n > 0 && err == nil {
		r.extend()
	}
	return n, err
}

// unreadable tells a client that is gone from one that sent nonsense or was slow.
func unreadable(ctx context.Context, err error) *respond.Problem {
	if tooMuch, ok := errors.AsType[*http.MaxBytesError](err); ok { // middleware may have set a lower limit
		return tooLarge().Because(tooMuch)
	}
	p := &respond.Problem{Status: http.StatusBadRequest, Detail: "The request body could not be read to its end."}
	_, broken := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		p.Status = http.StatusRequestTimeout
		p.Detail = "The request body took too long."
	case errors.Is(err, io.ErrUnexpectedEOF) || broken || ctx.Err() != nil:
		err = disconnectedError{err}
	}
	return p.Header("Connection", "close").Because(err)
}

// TooLargeError is what reading a streamed body beyond its limit gives.
type TooLargeError struct {
	Limit int64 // bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the request body is larger than %d bytes", e.Limit)
}

// IsTooLarge reports whether err comes from reading a body beyond a limit.
func IsTooLarge(err error) bool {
	var streamed *TooLargeError
	var limited *http.MaxBytesError
	return errors.As(err, &streamed) || errors.As(err, &limited)
}

// bodyReader is the body as a handler reads it. Once over the limit it stays there. What
// the client or its connection does wrong is a *[respond.Problem], so that a handler that
// returns it does not fail.
type bodyReader struct {
	ctx   context.Context
	src   io.Reader
	left  int64 // bytes that may still come; below zero: too many came
	limit int64
	eaten bool // nothing has come of a content that was declared
}

func newBodyReader(req wire.Request, limit int64) *bodyReader {
	return &bodyReader{ctx: req.Context(), src: patient(req), left: limit, limit: limit, eaten: req.ContentLength() > 0}
}

func (s *bodyReader) Read(p []byte) (int, error) {
	if s.left < 0 {
		return 0, &TooLargeError{s.limit}
	}
	if int64(len(p)) > s.left { // one byte more, as for a buffer
		p = p[:s.left+1]
	}
	n, err := s.src.Read(p)
	if s.eaten && n == 0 && err == io.EOF {
		return 0, errEaten
	}
	s.eaten = s.eaten && n == 0
	if int64(n) <= s.left {
		s.left -= int64(n)
		if err != nil && err != io.EOF {
			err = unreadable(s.ctx, err)
		}
		return n, err
	}
	n, s.left = int(s.left), -1
	return n, &TooLargeError{s.limit}
}

// Close does nothing: the server closes the body.
func (*bodyReader) Close() error { return nil }
