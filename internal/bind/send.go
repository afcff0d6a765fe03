package bind

import (
	"bytes"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// Sender is the inverse of a Plan: it makes the parts of a request of a value of the
// request type, so that binding them gives the value back. What no request can say is a
// [fault.Fault] with the field. It is immutable and safe for concurrent use; make one with
// [NewSender].
type Sender struct {
	plan    *Plan
	pattern *pattern.Pattern
	encode  jsonx.Encoder            // of a JSON body
	parts   map[string]jsonx.Encoder // of the JSON parts of a multipart body
}

// NewSender compiles the Sender of a plan that was compiled with the names of pat.
func NewSender(p *Plan, pat *pattern.Pattern) (*Sender, error) {
	s := &Sender{plan: p, pattern: pat}
	var err error
	switch p.body.kind {
	case JSONBody:
	case MultipartBody:
		return s, s.compileParts()
	default:
		return s, nil
	}
	if t := p.body.typ; t != nil {
		if s.encode, err = jsonx.NewEncoder(t); err != nil {
			return nil, fault.Fault{Field: s.bodyPath(), Problem: err.Error(), Fix: "use a type that JSON can hold"}
		}
		return s, nil
	}
	parts := p.parts()
	encode, errs := jsonx.NewPartsEncoder(parts)
	for i, err := range errs {
		if err != nil {
			return nil, fault.Fault{Field: parts[i].Name, Problem: err.Error(), Fix: "use a type that JSON can hold"}
		}
	}
	s.encode = encode
	return s, nil
}

// bodyPath is the Go path of the field that is the body; "" for the request itself.
func (s *Sender) bodyPath() string {
	if f := s.plan.body.field; f != nil {
		return f.Path
	}
	return ""
}

// unsaid is the fault of a field whose value no request can say.
func (f *Field) unsaid(problem string) error {
	what := "the " + f.Source.noun()
	if f.Name != "" {
		what += " " + f.Name
	}
	return fault.Fault{Field: f.Path, Problem: what + " " + problem}
}

// Target appends the path and the query for in, a *Req.
func (s *Sender) Target(dst []byte, in any) ([]byte, error) {
	root := reflect.ValueOf(in).Elem()
	p := s.plan
	for i, param := range p.path {
		texts := param.texts(root)
		if len(texts) == 0 {
			return nil, param.unsaid("is nil")
		}
		if err := param.check(root, texts); err != nil {
			return nil, err
		}
		if err := s.checkSegments(i, param, texts[0]); err != nil {
			return nil, err
		}
	}
	for _, param := range p.query.params {
		if err := param.check(root, param.texts(root)); err != nil {
			return nil, err
		}
	}
	for i := range p.fields {
		if f := &p.fields[i]; f.Style == DeepObject {
			if err := s.checkObject(f, root); err != nil {
				return nil, err
			}
		}
	}
	return p.AppendURL(dst, s.pattern, in), nil
}

// checkSegments refuses what a path cannot hold: see [pattern.Pattern.Append].
func (s *Sender) checkSegments(at int, p *param, value string) error {
	if !s.pattern.TakesRest(at) {
		switch value {
		case "":
			return p.unsaid("is empty, and a path has no empty segment")
		case ".", "..":
			return p.unsaid("is a dot segment, which is resolved before it is sent")
		}
		return nil
	}
	for segment := range strings.SplitSeq(value, "/") {
		if segment == "." || segment == ".." {
			return p.unsaid("has a dot segment, which is resolved before it is sent")
		}
	}
	return nil
}

// within is the field of root, unless an embedded struct around it is absent.
func (f *Field) within(root reflect.Value) (v reflect.Value, ok bool) {
	v, err := root.FieldByIndexErr(f.Index)
	return v, err == nil
}

// checkObject refuses a DeepObject behind a pointer that is not nil when nothing of it
// would be sent.
func (s *Sender) checkObject(f *Field, root reflect.Value) error {
	v, ok := f.within(root)
	if !ok || v.Kind() != reflect.Pointer || v.IsNil() {
		return nil
	}
	for _, param := range s.plan.query.params {
		if len(param.Index) == len(f.Index)+1 && slices.Equal(param.Index[:len(f.Index)], f.Index) && !param.impliedBy(root, param.texts(root)) {
			return nil
		}
	}
	return f.unsaid("is not nil and has only zero values, which are left out: give nil")
}

// check refuses what the texts of a parameter cannot say.
func (p *param) check(root reflect.Value, texts []string) error {
	if p.HasDefault && p.impliedBy(root, texts) {
		return nil
	}
	for _, s := range texts {
		if problem := p.wrong(s); problem != "" {
			return p.unsaid(problem)
		}
	}
	switch {
	case p.Style == Comma && len(texts) == 1 && texts[0] == "":
		return p.unsaid("is a list of one empty text, which reads as an empty list")
	case len(texts) > 0 || !p.HasDefault || len(p.absent.texts) == 0:
		return nil
	}
	v, ok := p.within(root)
	switch {
	case !ok: // all of the struct around it has its defaults
		return nil
	case p.pointer && v.IsNil():
		return p.unsaid("is nil, and what is absent reads as its default: give a value")
	case p.list && p.Style != Comma && p.Source != Header:
		return p.unsaid("is an empty list, and what is absent reads as its default: give a value")
	}
	return nil
}

// wrong says what is wrong with a text that the server would not read as the value it was
// made of; "" if nothing is.
func (p *param) wrong(s string) string {
	if !utf8.ValidString(s) {
		return "is not valid UTF-8"
	}
	switch p.scalar.kind {
	case boolean, checkbox, integer, unsigned, duration:
		return ""
	case text:
	case float:
		if !isNumber(s) {
			return "is not a finite number"
		}
	case number:
		if s == "" && !p.list && !p.pointer && !p.optional && !p.HasDefault {
			break // it is left out
		}
		if !isNumber(s) || syntax.TrimZeros(s) != s || jsonx.IsLongNumber([]byte(s), numberType) {
			return "is not a number as JSON writes it, or has too many digits"
		}
	default:
		if s == "" && p.skips {
			break // judged below
		}
		v := reflect.New(p.scalarType())
		if p.scalar.parse(v.Elem(), s) != fits {
			return p.scalar.unreadable()
		}
	}
	if s == "" && p.skips && (p.pointer || p.list || p.optional || p.HasDefault) {
		return "is an empty text, which a form reads as absent"
	}
	return ""
}

// scalarType is the type of one value of the parameter.
func (p *param) scalarType() reflect.Type {
	if p.pointer || p.list {
		return p.Type.Elem()
	}
	return presence.Unwrap(p.Type)
}

// unreadable ends the sentence about a value whose text cannot be read back.
func (sc *scalar) unreadable() string {
	switch sc.kind {
	case instant, httpDate, formatted:
		return "is a date that its format cannot write"
	}
	return "has a text that its own UnmarshalText does not read"
}

// Header sets the header fields for in, a *Req, and adds its cookies to those of h.
func (s *Sender) Header(h http.Header, in any) error {
	p := s.plan
	if len(p.headers) == 0 && len(p.cookies) == 0 {
		return nil
	}
	root := reflect.ValueOf(in).Elem()
	for _, param := range p.headers {
		if err := param.setHeader(h, root); err != nil {
			return err
		}
	}
	var cookies []byte
	for _, param := range p.cookies {
		texts := param.texts(root)
		if err := param.check(root, texts); err != nil {
			return err
		}
		if texts == nil || param.impliedBy(root, texts) {
			continue
		}
		if !isCookieValue(texts[0]) {
			return param.unsaid("has a byte that a cookie cannot hold (RFC 6265, 4.1.1): encode it, as base64url for instance")
		}
		if len(cookies) > 0 {
			cookies = append(cookies, "; "...)
		}
		cookies = append(append(append(cookies, param.Name...), '='), texts[0]...)
	}
	if len(cookies) > 0 {
		h["Cookie"] = []string{strings.Join(append(h["Cookie"], string(cookies)), "; ")} // one line (RFC 6265, 5.4)
	}
	return nil
}

// setHeader sets one field.
func (p *param) setHeader(h http.Header, root reflect.Value) error {
	texts := p.texts(root)
	if err := p.check(root, texts); err != nil {
		return err
	}
	if texts == nil || p.impliedBy(root, texts) {
		if p.key == "User-Agent" {
			h[p.key] = []string{""} // net/http would send its own
		}
		return nil
	}
	if p.key == "Content-Length" {
		return p.unsaid("is made of the content: leave the field empty")
	}
	for _, s := range texts {
		for i := range len(s) {
			if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
				return p.unsaid("has a control character, which no header field can hold")
			}
		}
		switch {
		case syntax.Trim(s) != s:
			return p.unsaid("begins or ends in white space, which is not part of a header field's value")
		case p.list && s == "":
			return p.unsaid("has an empty element, which a list in a header field cannot hold")
		}
	}
	if !p.list {
		h[p.key] = texts
		return nil
	}
	line := strings.Join(texts, ", ")
	for rest, i := line, 0; rest != "" || i < len(texts); i++ {
		var element string
		if element, rest = syntax.CutElement(rest); i >= len(texts) || element != texts[i] {
			return p.unsaid("has an element with a comma or a quote that is not closed, where a list in a header field is split")
		}
	}
	h[p.key] = []string{line}
	return nil
}

// isCookieValue is the cookie-value of RFC 6265, 4.1.1, without quotes. net/http drops
// other bytes, or puts quotes around the value.
func isCookieValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\' {
			return false
		}
	}
	return true
}

// Content is what a request sends.
type Content struct {
	Bytes     []byte
	Stream    io.Reader // in place of Bytes
	Lines     any       // the same: a pointer to what the type of [Options.Lines] is
	MediaType string    // "": none
}

// Content makes the content for in, a *Req. header is that of the request: a Content-Type in
// it stays.
func (s *Sender) Content(header http.Header, in any) (Content, error) {
	b := &s.plan.body
	if b.kind == NoBody {
		return Content{}, nil
	}
	root := reflect.ValueOf(in).Elem()
	raw, given := s.raw(root)
	var content Content
	var ok bool
	var err error
	switch b.kind {
	case StreamBody:
		v := root
		if b.field != nil {
			if v, ok = b.field.within(root); !ok {
				return Content{}, nil
			}
		}
		content.Stream, _ = v.Interface().(io.Reader)
		if content.Stream == nil {
			return Content{}, nil
		}
	case LinesBody:
		v := root
		if b.field != nil {
			if v, ok = b.field.within(root); !ok {
				return Content{}, nil
			}
		}
		if v.IsNil() {
			return Content{}, nil
		}
		content.Lines, content.MediaType = v.Addr().Interface(), lineMedia
	case RawBody:
		if len(raw) == 0 {
			return Content{}, nil
		}
		content.Bytes = raw
	case MultipartBody:
		body, err := s.multipart(root)
		if err != nil {
			return Content{}, err
		}
		content.Stream, content.MediaType = body, multipartMedia+"; boundary="+body.boundary
	case FormBody:
		if content.Bytes, err = s.form(root); err != nil {
			return Content{}, err
		}
		content.MediaType = formMedia
	case JSONBody:
		content.MediaType = jsonMedia
		if content.Bytes, err = s.json(root, in); err != nil || content.Bytes == nil && !given {
			return Content{}, err
		}
	}
	if given && b.kind != RawBody && !slices.Equal(raw, content.Bytes) {
		return Content{}, b.raw.unsaid("has other bytes than the fields beside it make: leave it empty")
	}
	if len(header["Content-Type"]) > 0 {
		content.MediaType = ""
		return content, nil
	}
	return content, s.chooseMedia(&content)
}

// raw is what the field beside a decoded body has, and whether there is any.
func (s *Sender) raw(root reflect.Value) (raw []byte, given bool) {
	v := root
	switch b := &s.plan.body; {
	case b.raw != nil:
		var ok bool
		if v, ok = b.raw.within(root); !ok {
			return nil, false
		}
	case b.kind != RawBody:
		return nil, false
	}
	return v.Bytes(), v.Len() > 0
}

// chooseMedia chooses among the media types that a raw body may have: the first that is
// named, or else what its bytes look like.
func (s *Sender) chooseMedia(c *Content) error {
	if c.MediaType != "" {
		return nil
	}
	for _, media := range s.plan.accepts {
		if !strings.HasSuffix(media, "*") {
			c.MediaType = media
			return nil
		}
	}
	c.MediaType = "application/octet-stream"
	if len(s.plan.accepts) == 0 {
		return nil
	}
	if c.Stream == nil {
		if sniffed, _, ok := syntax.MediaType(http.DetectContentType(c.Bytes)); ok && s.plan.takes(sniffed) {
			c.MediaType = sniffed
			return nil
		}
	}
	return fault.Fault{Field: s.bodyPath(), Problem: "the endpoint takes " + strings.Join(s.plan.accepts, ", ") + ", and the content does not say which it is", Fix: "set the header field Content-Type"}
}

func (s *Sender) form(root reflect.Value) ([]byte, error) {
	var dst []byte
	for _, param := range s.plan.form.params {
		texts := param.texts(root)
		if err := param.check(root, texts); err != nil {
			return nil, err
		}
		if param.impliedBy(root, texts) {
			continue
		}
		for _, text := range texts {
			if len(dst) > 0 {
				dst = append(dst, '&')
			}
			dst = syntax.AppendQuery(dst, param.Name)
			dst = syntax.AppendQuery(append(dst, '='), text)
		}
	}
	return dst, nil
}

// rooms are what JSON is encoded to. What is sent is a copy of its length: handlers and
// middleware may keep a request.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// keptRoom bounds a room that is used again.
const keptRoom = 64 << 10

// json is nil for an optional body that is absent.
func (s *Sender) json(root reflect.Value, in any) ([]byte, error) {
	b := &s.plan.body
	v := root
	if b.field != nil {
		var ok bool
		if v, ok = b.field.within(root); !ok || b.optional && v.IsNil() {
			return nil, nil
		}
		in = v.Addr().Interface()
	}
	room := rooms.Get().(*[]byte)
	out, err := s.encode((*room)[:0], in)
	if cap(out) <= keptRoom {
		*room = out
		out = bytes.Clone(out)
	}
	rooms.Put(room)
	if err != nil {
		return nil, fault.Fault{Field: s.bodyPath(), Problem: "JSON cannot hold it: " + err.Error()}
	}
	if bytes.Contains(out, replacement) && !validTexts(v, 0) {
		return nil, fault.Fault{Field: s.bodyPath(), Problem: "the body has a text that is not valid UTF-8"}
	}
	return out, nil
}

// replacement is what the encoder writes for bytes that are not valid UTF-8.
var replacement = []byte("\uFFFD")

// validTexts reports whether all texts within v are valid UTF-8. What is nested deeper than
// any JSON that is read was refused before.
func validTexts(v reflect.Value, depth int) bool {
	if depth > maxDepth {
		return true
	}
	switch v.Kind() {
	case reflect.String:
		return utf8.ValidString(v.String())
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || validTexts(v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			if !validTexts(v.Field(i), depth+1) {
				return false
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if !validTexts(v.Index(i), depth+1) {
				return false
			}
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			if !validTexts(entries.Key(), depth+1) || !validTexts(entries.Value(), depth+1) {
				return false
			}
		}
	}
	return true
}

// maxDepth bounds the search of validTexts: twice what JSON may be nested, for the
// pointers between.
const maxDepth = 20_000
