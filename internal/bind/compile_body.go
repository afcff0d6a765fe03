package bind

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// arrange makes the body's plan of the fields that were collected.
func (c *compiler) arrange(t reflect.Type) {
	b := &c.plan.body
	forms := len(c.plan.form.params) > 0 || len(c.uploads) > 0
	var raw []Field
	for _, f := range c.bodies {
		if isRaw(f.Type) {
			raw = append(raw, f)
		}
	}
	parsed := len(c.bodies) - len(raw)
	switch {
	case len(raw) > 1 || parsed > 1:
		f := c.bodies[len(c.bodies)-1]
		c.fault(f.Path, "the body is bound twice", `keep one field with body:"", and at most one []byte beside it for its bytes`)
		return
	case forms && c.members > 0:
		c.fault(c.firstMember(), "the body is a form in some fields and JSON in others", "give all of them form tags, or none")
		return
	case parsed > 0 && forms:
		c.fault(c.firstForm(), "the body is a form here and bound whole in another field", `keep the form tags or body:""`)
		return
	case parsed > 0 && c.members > 0:
		c.fault(c.firstMember(), "the body is bound whole in another field", `move this field into that type, or drop body:"" there`)
		return
	}
	for i := range c.bodies {
		f := &c.bodies[i]
		alone := len(c.bodies) == 1 && c.members == 0 && !forms
		if alone || !isRaw(f.Type) {
			c.whole(f.Type, f)
		}
	}
	if (b.kind == StreamBody || b.kind == LinesBody) && len(raw) > 0 {
		c.fault(raw[0].Path, "the body is a stream in another field", "keep one of them")
	}
	switch {
	case len(c.uploads) > 0 && len(raw) > 0:
		c.fault(raw[0].Path, "the bytes of a multipart body are not kept", "drop the field")
	case len(c.uploads) > 0:
		b.kind = MultipartBody
		c.multipart()
	case forms:
		b.kind = FormBody
	case c.members > 0:
		b.kind = JSONBody
		c.decodeMembers()
	}
	if len(raw) == 1 {
		b.raw = &raw[0]
	}
	c.checkOwnForm(t)
	c.checkMethod()
}

// whole lets a value of type t be the whole body: of field f, or the request itself.
func (c *compiler) whole(t reflect.Type, f *Field) {
	b := &c.plan.body
	b.field, b.typ = f, t
	path := ""
	if f != nil {
		path = f.Path
	}
	var item reflect.Type
	if c.options.Lines != nil {
		item = c.options.Lines(t)
	}
	switch {
	case item != nil:
		c.wholeLines(item, path)
	case t.Kind() == reflect.Pointer && (isRaw(t.Elem()) || isStream(t.Elem())):
		c.fault(path, "the bytes of a body are never absent, at most empty", fmt.Sprintf("use %s", t.Elem()))
	case isStream(t):
		b.kind = StreamBody
	case isRaw(t):
		b.kind, b.raw, b.field, b.optional = RawBody, f, nil, true
	default:
		b.kind, b.optional = JSONBody, f != nil && t.Kind() == reflect.Pointer
		b.decoder = c.decoder(t, path, c.decoding(f))
	}
}

// decodedPerByte is how many bytes decoding may allocate for each byte that a body may
// have: 16 MiB where a body may have 1 MiB.
const decodedPerByte = 16

// decoding says how the body is decoded; f is the field that takes all of it, or nil.
func (c *compiler) decoding(f *Field) jsonx.Options {
	o := jsonx.Options{
		AllowUnknown: c.options.AllowUnknown,
		NullAsAbsent: c.options.NullAsAbsent,
		MaxElements:  c.options.MaxElements,
		Hidden:       c.options.Hidden,
		MaxDecoded:   math.MaxInt,
	}
	most := min(c.plan.maxBody, c.plan.maxText)
	if most <= math.MaxInt/decodedPerByte {
		o.MaxDecoded = decodedPerByte * int(most)
	}
	if f != nil && o.MaxElements != nil {
		o.Limits = o.MaxElements(reflect.StructField{Name: f.goName(), Type: f.Type, Tag: f.Tag})
	}
	return o
}

func (c *compiler) decoder(t reflect.Type, path string, o jsonx.Options) *jsonx.Decoder {
	d, err := jsonx.NewDecoder(t, o)
	if err != nil {
		c.undecodable(path, err)
	}
	return d
}

func (c *compiler) undecodable(path string, err error) {
	for _, err := range fault.Each(err) {
		if f, ok := errors.AsType[fault.Fault](err); ok {
			c.fault(join(path, f.Field), f.Problem, f.Fix)
			continue
		}
		c.fault(path, "JSON cannot be decoded into it: "+err.Error(), "use a type that JSON can be decoded into")
	}
}

// firstMember is the path of the first member.
func (c *compiler) firstMember() string {
	i := slices.IndexFunc(c.plan.fields, func(f Field) bool { return f.Source == Member })
	return c.plan.fields[i].Path
}

// firstForm is the path of the first field of a form.
func (c *compiler) firstForm() string {
	if len(c.plan.form.params) > 0 {
		return c.plan.form.params[0].Path
	}
	return c.uploads[0].Path
}

// decodeMembers compiles a decoder for the members alone.
func (c *compiler) decodeMembers() {
	decoder, errs := jsonx.NewPartsDecoder(c.plan.parts(), c.decoding(nil))
	at := 0 // among parts
	for i := range c.plan.fields {
		f := &c.plan.fields[i]
		if f.Source != Member {
			continue
		}
		if at < len(errs) && errs[at] != nil {
			c.undecodable(f.Path, errs[at])
		}
		at++
		c.refuseDefaults(f.Type, f.Path)
	}
	c.plan.body.decoder = decoder
}

// checkMethod refuses a body where HTTP gives it no meaning (RFC 9110, section 9.3).
// DELETE may have one where the declaration says so in so many words, body:"".
func (c *compiler) checkMethod() {
	if c.plan.body.kind == NoBody {
		return
	}
	fix := `read it from the query with query:"name", or use another method`
	switch c.options.Method {
	case http.MethodGet, http.MethodHead, http.MethodTrace:
	case http.MethodDelete:
		if len(c.bodies) > 0 && c.members == 0 && len(c.plan.form.params) == 0 && len(c.uploads) == 0 {
			return
		}
		fix = `read it from the query with query:"name", or put the members into a type of their own, in a field with body:""`
	default:
		return
	}
	problem := fmt.Sprintf("a %s request has no body to read this from", c.options.Method)
	wholeFix := "give every field a path, query, header or cookie tag, or use another method"
	if c.options.Method == http.MethodDelete {
		wholeFix = `give every field a path, query, header or cookie tag, or put the type into a field with body:""`
	}
	blamed := false
	for _, f := range c.plan.fields {
		if f.Source >= Form && f.Source != Auth {
			c.fault(f.Path, problem, fix)
			blamed = true
		}
	}
	if !blamed {
		c.fault("", fmt.Sprintf("the request type is the body, and a %s request has none", c.options.Method), wholeFix)
	}
}

// checkOwnForm refuses JSON methods that the request type declares itself: members
// beside parameters are decoded one by one, and the methods would never be called.
func (c *compiler) checkOwnForm(t reflect.Type) {
	if c.members == 0 || !hasOwnForm(t) {
		return
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && hasOwnForm(f.Type) {
			return // the methods are promoted, and the field was judged by itself
		}
	}
	c.fault("", "the request type decodes itself, but it has parameters too, so that its methods would not be called", `put the body into a field of its own type with body:""`)
}

// refuseDefaults looks for default tags in the types of the body, where they would
// be ignored.
func (c *compiler) refuseDefaults(t reflect.Type, path string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array || t.Kind() == reflect.Map {
		if t.Name() != "" && !c.visit(t) {
			return // type T []T
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || !c.visit(t) {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		at := join(path, f.Name)
		if _, ok := f.Tag.Lookup("default"); ok && f.IsExported() {
			c.refuseDefault(f.Type, at)
		}
		c.refuseDefaults(presence.Unwrap(f.Type), at)
	}
}

// refuseDefault is for a member of type t that has a default.
func (c *compiler) refuseDefault(t reflect.Type, path string) {
	if _, _, ok := presence.Of(indirect(t)); ok {
		c.fault(path, noDefault, noDefaultFix)
		return
	}
	c.fault(path, "default is for parameters, and this is a member of the body", "drop the default tag, and let a pointer tell absent from zero")
}

// visit reports whether refuseDefaults meets a type for the first time.
func (c *compiler) visit(t reflect.Type) bool {
	if c.visited[t] {
		return false
	}
	if c.visited == nil {
		c.visited = make(map[reflect.Type]bool)
	}
	c.visited[t] = true
	return true
}

// mediaTypes says which media types the body may have.
func (c *compiler) mediaTypes() {
	more := slices.Clone(c.options.Accepts)
	p := c.plan
	raw := p.body.kind == RawBody || p.body.kind == StreamBody
	for i, media := range more {
		more[i] = strings.ToLower(media)
		kind, subtype, _ := strings.Cut(media, "/")
		if !syntax.IsToken(kind) || !syntax.IsToken(subtype) || strings.Contains(kind, "*") || strings.Contains(subtype, "*") && (subtype != "*" || !raw) {
			c.fault("", fmt.Sprintf("the option Accepts was given %q", media), "give media types without parameters, like text/plain, or image/* for a raw body")
		}
	}
	if c.options.MaxLine > 0 && p.body.kind != LinesBody && len(c.faults) == 0 {
		c.fault("", "the option MaxLine is for a body of typed.Lines, and the request has none", "drop the option")
	}
	switch {
	case p.body.kind == JSONBody:
		p.accepts = append([]string{jsonMedia}, more...)
	case p.body.kind == LinesBody:
		p.accepts = append([]string{lineMedia}, more...)
	case raw:
		p.accepts = more
	case len(more) > 0 && len(c.faults) == 0:
		c.fault("", "the option Accepts is for bodies of JSON, lines or bytes, and the request has none", "drop the option")
	case p.body.kind == FormBody:
		p.accepts = []string{formMedia}
	case p.body.kind == MultipartBody:
		p.accepts = []string{multipartMedia}
	}
}
