package client

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

const problemType = "application/problem+json"

// reading is the work on one answer.
type reading struct {
	client    *Client
	plan      *plan
	got       *incoming
	receiver  receiver
	mediaType string // "": none
	charset   string
	content   []byte
}

// buffers are for the content of answers while they are decoded.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keptBuffer bounds what a pooled buffer keeps after one large answer.
const keptBuffer = 256 << 10

// receive reads an answer, gives it to r, and closes it, unless it is a stream.
func (c *Client) receive(p *plan, req outgoing, got *incoming, r receiver) error {
	in := reading{client: c, plan: p, got: got, receiver: r}
	keep := false
	defer func() {
		if !keep {
			got.release()
		}
	}()
	if err := in.readType(); err != nil {
		return err
	}
	if p.streams {
		if o := in.match(false); o != nil && o.form >= answer.FormStream && o.Payload != nil {
			keep = true
			in.stream(o)
			return nil
		}
	}
	if err := in.readContent(req); err != nil {
		return err
	}
	return in.decide(req)
}

// readType reads the Content-Type.
func (in *reading) readType() error {
	for _, coding := range in.got.header["Content-Encoding"] {
		if !strings.EqualFold(coding, "identity") {
			return in.unexpected(nil, "has a content coding that was not asked for")
		}
	}
	switch text := in.got.field("Content-Type"); text {
	case "", "application/json", problemType:
		in.mediaType = text
	case "application/json; charset=utf-8": // the way of this toolkit, without a map for the parameter
		in.mediaType = "application/json"
	default:
		mediaType, params, ok := syntax.MediaType(text)
		if !ok {
			return in.unexpected(nil, "which is no media type")
		}
		in.mediaType, in.charset = mediaType, params["charset"]
	}
	return nil
}

// readContent reads all of the content, up to the limit.
func (in *reading) readContent(req outgoing) error {
	limit, got := in.client.maxAnswer, in.got
	if got.body != nil {
		got.buffer = buffers.Get().(*bytes.Buffer)
		_, err := got.buffer.ReadFrom(io.LimitReader(got.body, limit+1))
		if err != nil {
			if ctxErr := req.Context().Err(); ctxErr != nil {
				return in.plan.wrap(ctxErr)
			}
			got.cause = err
		}
	}
	in.content = got.buffer.Bytes()
	switch {
	case int64(len(in.content)) > limit:
		return in.unexpected(nil, fmt.Sprintf("and its content is larger than %d bytes: see Options.MaxAnswer", limit))
	case in.got.cause != nil:
		return in.unexpected(in.got.cause, "and its content broke off: "+in.got.cause.Error())
	}
	return nil
}

// decide finds out what the answer is.
func (in *reading) decide(req outgoing) error {
	status := in.got.status
	if status == http.StatusNotModified && in.match(true) == nil && in.receiver.out != nil &&
		(req.Header["If-None-Match"] != nil || req.Header["If-Modified-Since"] != nil) {
		return nil
	}
	form := in.client.errors
	failed := status >= 400 && form != nil && in.mediaType == form.mediaType
	o := in.match(len(in.content) == 0)
	switch {
	case o == nil && failed:
		return in.failure(form, in.client.strict)
	case o == nil && status >= 400 && in.mediaType == problemType:
		return in.problem()
	case o == nil:
		return in.unexpected(nil, in.undeclared())
	case failed && in.isFailure(o, form):
		return in.failure(form, true)
	}
	return in.outcome(o)
}

// isFailure decides for an outcome that has the status and the media type that errors have
// as well: the content is an error if it has members that the outcome does not have, and
// none that errors do not have.
func (in *reading) isFailure(o *outcome, form *errorForm) bool {
	fits := func(d *decoders, mediaType string) bool {
		if !syntax.IsJSON(mediaType) || d.typ == nil {
			return false
		}
		decoder, err := d.of(true, in.client.maxAnswer)
		return err == nil && decoder.Decode(in.content, reflect.New(d.typ).Interface()) == nil
	}
	return o.Payload != nil && o.form == answer.FormJSON && !fits(&o.decoders, in.mediaType) && fits(&form.decoders, in.mediaType)
}

// undeclared says what the endpoint declares instead.
func (in *reading) undeclared() string {
	for i := range in.plan.outcomes {
		o := &in.plan.outcomes[i]
		switch {
		case o.Status != in.got.status:
		case o.Payload == nil:
			return "and the endpoint declares no content for this status"
		default:
			return "and the endpoint declares " + o.mediaType + " for this status"
		}
	}
	return "which the endpoint does not declare"
}

// match finds the outcome of the status and the media type.
func (in *reading) match(empty bool) *outcome {
	var loose *outcome
	for i := range in.plan.outcomes {
		o := &in.plan.outcomes[i]
		switch {
		case o.Status != in.got.status && !in.isPart(o):
		case o.Payload == nil:
			if empty || !syntax.HasContent(o.Status) || isRedirect(o.Status) {
				return o
			}
		case in.mediaType == o.mediaType:
			return o
		case loose == nil && in.mayBe(o):
			loose = o
		}
	}
	return loose
}

// isPart reports whether the answer is a part of a Content (RFC 9110, 15.3.7).
func (in *reading) isPart(o *outcome) bool {
	return in.got.status == http.StatusPartialContent && o.Status == http.StatusOK && o.form == answer.FormContent
}

// mayBe reports whether an outcome may have come with another media type than it is
// expected to have: JSON and Send answer the same payload by different ones, and a handler
// that declares none may set any.
func (in *reading) mayBe(o *outcome) bool {
	switch {
	case in.mediaType == "" || in.mediaType == problemType:
		return false
	case in.client.errors != nil && in.got.status >= 400 && in.mediaType == in.client.errors.mediaType && o.mediaType != in.mediaType:
		return false
	case o.form == answer.FormContent:
		return true
	case o.form == answer.FormEvents:
		return false
	case o.form == answer.FormLines:
		return strings.Contains(in.mediaType, "jsonl") || strings.Contains(in.mediaType, "ndjson")
	case o.form == answer.FormJSON:
		return syntax.IsJSON(in.mediaType) && (o.Type == "" || syntax.IsJSON(o.mediaType))
	default:
		return o.Type == ""
	}
}

func isRedirect(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}

// outcome gives the answer to the receiver as an outcome that is declared.
func (in *reading) outcome(o *outcome) error {
	if o.Payload == nil {
		return in.empty(o)
	}
	payload := reflect.ValueOf(in.receiver.payload)
	if in.receiver.out != nil {
		payload = reflect.New(o.Payload)
	}
	if err := in.decode(o, payload); err != nil {
		return err
	}
	if in.receiver.out != nil {
		in.builder(o).Receive(payload.Interface())
	}
	return nil
}

// empty is outcome for one without content.
func (in *reading) empty(o *outcome) error {
	location := in.got.field("Location")
	switch {
	case o.role == answer.RoleRedirect && location == "":
		return in.unexpected(nil, "which is a redirect without a Location")
	case o.role == answer.RoleRedirect && !isURL(location):
		return in.unexpected(nil, "which is a redirect whose Location is no URL")
	case in.receiver.out != nil && o.role == answer.RoleRedirect:
		in.builder(o).Receive(&location)
	case in.receiver.out != nil && o.role != answer.RoleResponse:
		in.builder(o).Receive(answer.NoPayload{})
	case in.receiver.out == nil && reflect.TypeOf(in.receiver.payload).Elem().Size() > 0:
		return in.unexpected(nil, "which has no payload: call the endpoint with client.Do")
	}
	return nil
}

func isURL(text string) bool {
	_, err := url.Parse(text)
	return err == nil
}

// builder is that of the outcome in the receiver.
func (in *reading) builder(o *outcome) *answer.Builder {
	out := in.receiver.out
	if o.field >= 0 {
		out = reflect.ValueOf(out).Elem().Field(o.field).Addr().Interface()
	}
	b, _ := hook.Outcome(out)
	return b
}

// stream gives the content to the receiver as it comes.
func (in *reading) stream(o *outcome) {
	payload := reflect.ValueOf(in.receiver.payload)
	if in.receiver.out != nil {
		payload = reflect.New(o.Payload)
	}
	switch o.form {
	case answer.FormContent:
		payload.Elem().Set(reflect.ValueOf(in.download()).Convert(o.Payload))
	case answer.FormEvents, answer.FormLines:
		in.fillItems(o, payload)
	default:
		payload.Elem().Set(reflect.ValueOf(in.got.body))
	}
	if in.receiver.out != nil {
		in.builder(o).Receive(payload.Interface())
	}
}

// decode decodes the content into *payload by the media type that was received. A text or
// bytes that JSON answered is a JSON string; what looks otherwise was sent as it is.
func (in *reading) decode(o *outcome, payload reflect.Value) error {
	quoted := syntax.IsJSON(in.mediaType) && len(in.content) > 0 && in.content[0] == '"'
	switch {
	case o.form == answer.FormJSON, quoted && o.form != answer.FormBytes:
		return in.decodeJSON(&o.decoders, in.client.strict, payload.Interface())
	case quoted && in.decodeJSON(&o.decoders, true, payload.Interface()) == nil:
		return nil
	case o.form == answer.FormBytes:
		payload.Elem().SetBytes(bytes.Clone(in.content))
		return nil
	}
	switch strings.ToLower(in.charset) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		if !utf8.Valid(in.content) {
			return in.unexpected(nil, "and its text is not valid UTF-8")
		}
	default:
		if o.Type == "" { // else the handler and its client know
			return in.unexpected(nil, "and its text is in another charset than UTF-8")
		}
	}
	payload.Elem().SetString(string(in.content))
	return nil
}

func (in *reading) decodeJSON(d *decoders, strict bool, dst any) error {
	decoder, err := d.of(strict, in.client.maxAnswer)
	if err != nil {
		return in.plan.wrap(err) // compile has tried
	}
	if wrong := decoder.Decode(in.content, dst); wrong != nil {
		return in.unexpected(nil, "and its content does not fit: "+sentence(wrong))
	}
	return nil
}

// sentence says what is wrong with a JSON text.
func sentence(e *jsonx.Error) string {
	where := e.Pointer
	if where == "" {
		where = "it"
	}
	return where + " " + e.Detail
}

// unexpected is the error of an answer that is not what it should be.
func (in *reading) unexpected(cause error, fault string) error {
	shown := in.content
	if in.content == nil && in.got.body != nil { // what can be shown is read with nothing but this in mind
		shown, _ = io.ReadAll(io.LimitReader(in.got.body, shownBody))
	}
	return &UnexpectedAnswer{
		Endpoint: in.plan.name, Status: in.got.status, Type: in.got.field("Content-Type"), Header: in.got.header,
		Body: bytes.Clone(shown[:min(len(shown), shownBody)]), fault: fault, cause: cause,
	}
}
