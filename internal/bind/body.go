package bind

import (
	"bytes"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"

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
	if problem := checkEncoding(req); problem != nil {
		return problem
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
		return body.raw.at(b.root), true
	case body.kind == RawBody:
		return b.root, true
	}
	return reflect.Value{}, false
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
func checkEncoding(req wire.Request) *respond.Problem {
	for _, line := range req.Header("Content-Encoding") {
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
	if len(p.accepts) == 0 || len(lines) == 1 && isUsual(lines[0], p.accepts[0]) {
		return nil
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

// isUsual reports whether a Content-Type is written as clients usually write it, so that
// it need not be parsed: rows W3, W4 and W6.
func isUsual(line, media string) bool {
	rest, ok := strings.CutPrefix(line, media)
	return ok && (rest == "" || strings.EqualFold(rest, "; charset=utf-8") || strings.EqualFold(rest, ";charset=utf-8"))
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
	return slices.ContainsFunc(p.accepts, func(accepted string) bool {
		kind, every := strings.CutSuffix(accepted, "*")
		return media == accepted || every && strings.HasPrefix(media, kind)
	})
}

// errEaten is the cause of a 500 where somebody has read the body and left nothing.
var errEaten = errors.New("the request declares content, and none is left: middleware has read it; let it put the content back into Request.Body")
