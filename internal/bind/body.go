package bind

import (
	"bytes"
	"reflect"

	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// bindBody reads and decodes the body of a plan that has one. What fails before its
// content is looked at is returned; what does not fit the type joins the failures of the
// parameters.
func (b *binding) bindBody(req wire.Request, dst any) *respond.Problem {
	p := b.plan
	if p.body.optional && req.ContentLength() == 0 {
		return nil
	}
	if r := checkEncoding(req); r != nil {
		return r
	}
	types := req.Header("Content-Type")
	untyped := len(types) == 0
	if untyped && p.body.kind == JSONBody && req.ContentLength() == 0 {
		return emptyBody() // what is not there has no wrong media type
	}
	if p.body.kind == StreamBody {
		return b.bindStream(req)
	}
	// An optional body may come without a media type when it comes without bytes,
	// and only reading tells.
	judgeLater := p.body.optional && untyped
	if !judgeLater {
		if r := p.checkMedia(types); r != nil {
			return r
		}
	}
	var buf *buffer
	content, whole := wire.Content(req)
	if whole {
		if int64(len(content)) > p.maxBody {
			return tooLarge()
		}
	} else {
		buf = buffers.Get().(*buffer)
		defer buf.release()
		if r := buf.read(req, p.maxBody); r != nil {
			return r
		}
		content = buf.bytes
	}
	if judgeLater && len(content) > 0 {
		if r := p.checkMedia(types); r != nil {
			return r
		}
	}
	if r := b.bindContent(content, dst); r != nil || len(content) == 0 {
		return r
	}
	if raw, ok := b.raw(); ok {
		if whole {
			raw.SetBytes(bytes.Clone(content))
		} else {
			raw.SetBytes(buf.take())
		}
	}
	return nil
}

// raw is the field that takes the bytes of the body, if there is one.
func (b *binding) raw() (reflect.Value, bool) {
	switch body := &b.plan.body; {
	case body.raw != nil:
		return body.raw.in(b.root), true
	case body.kind == RawBody:
		return b.root, true
	}
	return reflect.Value{}, false
}

// bindContent neither keeps nor changes content, which belongs to a buffer or the carrier.
func (b *binding) bindContent(content []byte, dst any) *respond.Problem {
	body := &b.plan.body
	switch body.kind {
	case FormBody:
		if r := b.bindPairs(string(content), &b.plan.form, Form); r != nil {
			return r
		}
		return b.malformed()
	case JSONBody:
		if len(content) > 0 {
			return b.bindJSON(content, dst)
		}
		if !body.optional {
			return emptyBody()
		}
	}
	return nil
}

func emptyBody() *respond.Problem {
	return badRequest("The request body is empty.", respond.FieldError{In: Body.String(), Rule: "empty", Detail: "must be a JSON value"})
}

func (b *binding) bindJSON(content []byte, dst any) *respond.Problem {
	body := &b.plan.body
	if body.field != nil {
		dst = body.field.in(b.root).Addr().Interface()
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

// bindStream leaves the reading to the handler.
func (b *binding) bindStream(req wire.Request) *respond.Problem {
	p := b.plan
	if req.ContentLength() > p.maxBody {
		return tooLarge()
	}
	target := b.root
	if p.body.field != nil {
		target = p.body.field.in(b.root)
	}
	target.Set(reflect.ValueOf(&stream{ctx: req.Context(), src: req.Body(), left: p.maxBody, limit: p.maxBody}))
	return nil
}
