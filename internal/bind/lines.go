package bind

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"strconv"

	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/stream"
	"github.com/apiroutes/apiroutes/internal/wire"
	"github.com/apiroutes/apiroutes/respond"
)

// DefaultMaxLine is the limit of a line where Options name none, unless the body has a
// lower one: 1 MiB.
const DefaultMaxLine = 1 << 20

// lines is a body of which each line is a JSON value.
type lines struct {
	item  reflect.Type
	judge func(ctx context.Context, value any) error // nil: nothing is asked
	max   int
}

// wholeLines lets lines of JSON be the whole body.
func (c *compiler) wholeLines(item reflect.Type, path string) {
	b := &c.plan.body
	limit := int64(DefaultMaxLine)
	switch {
	case c.options.MaxLine > c.plan.maxBody:
		c.fault("", "the option MaxLine allows a line of "+strconv.FormatInt(c.options.MaxLine, 10)+" bytes, and the body has at most "+strconv.FormatInt(c.plan.maxBody, 10), "raise MaxBody, or lower MaxLine")
	case c.options.MaxLine > 0:
		limit = c.options.MaxLine
	}
	limit = min(limit, c.plan.maxBody)
	o := c.decoding(nil)
	o.MaxDecoded = decodedPerByte * int(limit)
	b.kind, b.optional = LinesBody, true
	b.lines = &lines{item: item, max: int(limit)}
	b.decoder = c.decoder(item, path, o)
	c.refuseDefaults(item, path)
}

// LineType is the type of a line's value; nil for any other body.
func (p *Plan) LineType() reflect.Type {
	if p.body.lines == nil {
		return nil
	}
	return p.body.lines.item
}

// JudgeLines has [Lines.Judge] call judge. It is for who makes the plan.
func (p *Plan) JudgeLines(judge func(ctx context.Context, value any) error) {
	p.body.lines.judge = judge
}

// Lines reads the lines of a body that [Plan.Bind] has admitted. It is for one goroutine.
type Lines struct {
	body    *body
	src     *stream.LineReader
	decoder *jsonx.Sequence
	index   int
	err     *respond.Problem
}

// Lines returns the lines of the body of req, and the field that is to give them to the
// handler: a pointer, in being a *Req.
func (p *Plan) Lines(req wire.Request, in any) (l *Lines, field any) {
	field = in
	if f := p.body.field; f != nil {
		field = f.at(reflect.ValueOf(in).Elem()).Addr().Interface()
	}
	src := stream.NewLineReader(newBodyReader(req, p.maxBody), p.body.lines.max)
	return &Lines{body: &p.body, src: src, decoder: p.body.decoder.Sequence()}, field
}

// Index is that of the line that Next has read last, from 0.
func (l *Lines) Index() int { return l.index - 1 }

// Pointer is the JSON pointer of that line.
func (l *Lines) Pointer() string { return "/" + strconv.Itoa(l.Index()) }

// Judge judges a value that Next has read.
func (l *Lines) Judge(ctx context.Context, value any) error {
	if l.body.lines.judge == nil {
		return nil
	}
	return l.body.lines.judge(ctx, value)
}

// Next decodes the next line into dst, a pointer to a zero value. It returns io.EOF at the
// end, and otherwise a *respond.Problem, or the error of a body that is too large; both
// stay.
func (l *Lines) Next(dst any) error {
	if l.err != nil {
		return l.err
	}
	line, err := l.src.Next()
	if err == io.EOF {
		return err
	}
	l.index++
	if err == nil {
		if wrong := l.decoder.Decode(line, dst); wrong != nil {
			l.err = l.refusal(wrong)
			return l.err
		}
		return nil
	}
	if err == stream.ErrTooLong {
		l.err = &respond.Problem{
			Status: http.StatusRequestEntityTooLarge,
			Detail: "A line of the request body is too long.",
			Errors: []respond.FieldError{{In: Body.String(), Pointer: l.Pointer(), Rule: "size", Param: strconv.Itoa(l.body.lines.max), Detail: "must have at most " + strconv.Itoa(l.body.lines.max) + " bytes"}},
		}
		l.err = l.err.Header("Connection", "close").Because(&TooLargeError{int64(l.body.lines.max)})
		return l.err
	}
	return err
}

// refusal is the problem of a line that cannot be decoded.
func (l *Lines) refusal(wrong *jsonx.Error) *respond.Problem {
	failure := respond.FieldError{In: Body.String(), Pointer: l.Pointer() + wrong.Pointer, Rule: wrong.Rule, Param: wrong.Param, Detail: wrong.Detail}
	switch {
	case wrong.Syntax:
		return badRequest("A line of the request body is malformed: "+malformedLine(wrong.Rule)+".", failure).Because(wrong)
	case wrong.Rule == "size":
		p := tooLarge().Because(wrong)
		p.Detail, p.Errors = "A line of the request body takes too much memory when it is decoded.", []respond.FieldError{failure}
		return p
	}
	return Invalid([]respond.FieldError{failure}, false)
}

// malformedLine says why a line is not one JSON value.
func malformedLine(rule string) string {
	switch rule {
	case "duplicate":
		return "it has two members with the same name in one object"
	case "utf8":
		return "it is not valid UTF-8"
	case "depth":
		return "it is nested too deeply"
	}
	return "it is not one JSON value"
}
