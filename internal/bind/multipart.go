package bind

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/upload"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// parts is the work on one multipart body.
type parts struct {
	*binding
	reader *upload.Reader
	store  *upload.Store
	left   int64 // of what texts and JSON parts may have together
	given  map[*upfield]int
}

// bindMultipart reads a multipart body. The files are in the store that it returns; nil:
// none, and nothing has to be closed.
func (b *binding) bindMultipart(req wire.Request, contentType []string) (*upload.Store, *respond.Problem) {
	boundary, problem := boundaryOf(contentType)
	if problem != nil {
		return nil, problem
	}
	if req.ContentLength() > b.plan.maxBody {
		return nil, tooLarge()
	}
	body := patient(req)
	if content, ok := wire.Content(req); ok {
		body = strings.NewReader(string(content)) // what texts are made of must not change with the carrier's buffer
	}
	own := *b // what refers to it is on the heap, where plans of other bodies have nothing
	p := &parts{
		binding: &own, reader: upload.NewReader(body, boundary, b.plan.maxBody), store: new(upload.Store),
		left: b.plan.maxText, given: make(map[*upfield]int),
	}
	problem = p.read(req)
	if problem == nil {
		p.checkPresence()
		problem = own.malformed()
	}
	*b = own
	if problem == nil {
		if len(b.list) > 0 {
			problem = Invalid(b.list, b.truncated)
		}
	}
	if problem != nil {
		p.store.Close()
		return nil, problem
	}
	return p.store, nil
}

func boundaryOf(contentType []string) (string, *respond.Problem) {
	given := ""
	for _, line := range contentType {
		for line != "" && given == "" {
			given, line = syntax.CutElement(line)
		}
	}
	_, params, _ := syntax.MediaType(given)
	boundary, err := upload.Boundary(params)
	if err != nil {
		return "", &respond.Problem{Status: err.Status, Detail: err.Detail}
	}
	return boundary, nil
}

// read reads every part.
func (p *parts) read(req wire.Request) *respond.Problem {
	for {
		part, err := p.reader.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			if u := p.plan.uploads[part.Name]; u != nil {
				err = p.take(u, part)
			} else if text := p.plan.form.find(part.Name); text != nil {
				err = p.text(text, part)
			}
		}
		if err != nil {
			return p.problem(req, err)
		}
	}
}

// problem is what a client is told of an error.
func (p *parts) problem(req wire.Request, err error) *respond.Problem {
	if refused, ok := errors.AsType[*respond.Problem](err); ok {
		return refused
	}
	if source, ok := errors.AsType[*upload.SourceError](err); ok {
		return unreadable(req.Context(), source.Cause)
	}
	fault, ok := errors.AsType[*upload.Error](err)
	if !ok {
		return tooLarge()
	}
	out := &respond.Problem{Status: fault.Status}
	if fault.Status >= http.StatusInternalServerError {
		return out.Header("Connection", "close").Because(fault.Cause)
	}
	if fault.Cause != nil {
		out.Because(fault.Cause)
	}
	out.Detail = fault.Detail
	if fault.Name != "" {
		out.Detail = "The request body has a part that is refused; see errors for details."
		out.Errors = []respond.FieldError{{In: Form.String(), Name: fault.Name, Rule: fault.Rule, Param: fault.Param, Detail: fault.Detail}}
	}
	return out.Header("Connection", "close") // what follows is not read
}

// take reads a file or a JSON part.
func (p *parts) take(u *upfield, part upload.Part) error {
	if u.decoder != nil {
		return p.json(u, part)
	}
	n := p.given[u]
	switch {
	case !u.list && n > 0:
		p.failPart(u, "repeated", "", "must be given only once")
		return nil
	case u.list && u.most >= 0 && n >= u.most:
		p.given[u]++
		if n == u.most {
			p.failPart(u, "max", fmt.Sprint(u.most), fmt.Sprintf("must have at most %d files", u.most))
		}
		return nil
	}
	f, err := p.store.Read(p.reader, part, u.rules)
	if err != nil || f.IsAbsent() {
		return err
	}
	p.given[u]++
	v := u.at(p.root)
	switch {
	case u.list:
		v.Grow(1)
		v.SetLen(n + 1)
		v = v.Index(n)
	case u.pointer:
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	v.Set(reflect.ValueOf(f).Convert(v.Type()))
	return nil
}

func (p *parts) failPart(u *upfield, rule, param, detail string) {
	p.add(respond.FieldError{In: Form.String(), Name: u.Name, Rule: rule, Param: param, Detail: detail})
}

// small reads a part that is kept in memory. media are the media types that it may have.
func (p *parts) small(part upload.Part, what string, takes func(string) bool) ([]byte, error) {
	if part.Type != "" {
		media, params, ok := syntax.MediaType(part.Type)
		if !ok || !takes(media) || !isUTF8(params) {
			return nil, &upload.Error{Status: http.StatusUnsupportedMediaType, Name: part.Name, Rule: "type", Detail: "must be " + what + " in UTF-8"}
		}
	}
	text, err := p.reader.Text(p.left)
	p.left -= int64(len(text))
	return text, err
}

// isUTF8 reports whether text may have the charset of params: all that is ASCII is UTF-8.
func isUTF8(params map[string]string) bool {
	switch strings.ToLower(params["charset"]) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return true
	}
	return false
}

// text reads a text as a form has it.
func (p *parts) text(param *param, part upload.Part) error {
	text, err := p.small(part, "text/plain", func(media string) bool { return media == "text/plain" })
	if err == nil {
		p.bind(param, string(text))
	}
	return err
}

// json reads a JSON part. One without a Content-Type counts as JSON: FormData.append makes
// such parts of strings.
func (p *parts) json(u *upfield, part upload.Part) error {
	content, err := p.small(part, jsonMedia, syntax.IsJSON)
	if err != nil {
		return err
	}
	if p.given[u]++; p.given[u] > 1 {
		if p.given[u] == 2 {
			p.failPart(u, "repeated", "", "must be given only once")
		}
		return nil
	}
	fault := u.decoder.Decode(content, u.at(p.root).Addr().Interface())
	if fault == nil {
		return nil
	}
	failure := respond.FieldError{In: Form.String(), Name: u.Name, Pointer: fault.Pointer, Rule: fault.Rule, Param: fault.Param, Detail: fault.Detail}
	if len(content) == 0 {
		failure.Rule, failure.Detail = "empty", "must be a JSON value"
	}
	switch {
	case fault.Syntax:
		return badRequest("A part of the request body is not well-formed JSON.", failure).Header("Connection", "close").Because(fault)
	case fault.Rule == "size":
		problem := tooLarge().Because(fault)
		problem.Detail, problem.Errors = "A part of the request body takes too much memory when it is decoded.", []respond.FieldError{failure}
		return problem
	}
	p.add(failure)
	return nil
}

// checkPresence refuses a body without a JSON part that is not optional.
func (p *parts) checkPresence() {
	for i := range p.plan.fields {
		u := p.plan.uploads[p.plan.fields[i].Name]
		if u != nil && p.plan.fields[i].Source == Part && !u.pointer && p.given[u] == 0 {
			p.failPart(u, "required", "", "is required")
		}
	}
}
