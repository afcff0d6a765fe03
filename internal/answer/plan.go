package answer

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/stream"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// Encode appends the JSON form of the value that v points to.
type Encode func(dst []byte, v any) ([]byte, error)

// Outcome is one declared way in which an endpoint answers.
type Outcome struct {
	Status  int
	Name    string       // the field of the outcome set; "" for a Response
	Doc     string       // its doc tag
	Example string       // its example tag, of the payload
	Payload reflect.Type // nil: no content
	Type    string       // the media type that Send declares, as it is written; "": that of the payload
	JSON    bool         // it is always JSON, also of a payload that Send sends as text or bytes
	Headers []string     // header fields that it may have
}

// Plan is what an endpoint may answer, read from its Response or outcome set once, when
// it is handled. It is read-only and safe for concurrent use.
type Plan struct {
	outcomes []Outcome
	sources  []source // the one of a Response, or one for each field of the set
	isSet    bool
}

// source is the Response or outcome that a Builder is of, for all requests of its endpoint.
type source struct {
	plan    *Plan
	field   int      // its place in the outcome set; -1: a Response
	offset  uintptr  // of the Builder, from the start of the Response or outcome set
	payload *payload // nil: it has none
	status  int      // the outcome's, or a Response's default
}

// payload is how values of one type become content.
type payload struct {
	form   Form
	empty  bool   // the type has no members: there is nothing to send
	encode Encode // nil: not possible as JSON
	items  *items // of a payload that is sent item by item

	sendOnly    bool     // the document has what Send makes of it, and not JSON, unless that is declared
	declared    string   // the media type that was declared, in lower case; "": none
	contentType []string // the Content-Type for it
}

// Form is what Send makes of a payload.
type Form uint8

const (
	FormJSON Form = iota
	FormText
	FormHTML
	FormBytes
	FormStream
	FormContent
	FormEvents // sent item by item, as are
	FormLines
)

// MediaType is what Send declares.
func (f Form) MediaType() string {
	switch f {
	case FormText:
		return "text/plain"
	case FormHTML:
		return "text/html"
	case FormBytes, FormStream:
		return "application/octet-stream"
	case FormContent:
		return "*/*" // each Content says its own
	case FormEvents:
		return stream.MediaType
	case FormLines:
		return stream.LinesType
	}
	return "application/json"
}

// FormOf is the form of a payload type; html is respond.HTML.
func FormOf(t, html reflect.Type) Form {
	switch {
	case t == html:
		return FormHTML
	case t.Implements(readerType):
		return FormStream
	case isContent(t):
		return FormContent
	case t.Kind() == reflect.String && t.NumMethod() == 0:
		return FormText
	case t == reflect.TypeFor[[]byte]():
		return FormBytes
	}
	return FormJSON
}

var readerType = reflect.TypeFor[io.Reader]()

// Role is what a Builder is of.
type Role uint8

const (
	RoleResponse Role = iota + 1
	RoleReply
	RoleEmpty
	RoleRedirect
)

// Declaration is what an endpoint declares to answer.
type Declaration struct {
	Out      any    // a pointer to a new Response or outcome set
	Statuses []int  // given by option, the default first
	Type     string // the media type that Send declares, by option; "": that of the payload
	Plain    bool   // the handler is a plain function, whose payload is answered as JSON

	// Outcome tells what a pointer points to, and finds its Builder; nil for anything but
	// a Response or an outcome.
	Outcome func(any) (*Builder, Role)
	// Form is the form of a payload type.
	Form func(reflect.Type) Form
	// Items is the form of a payload type that is sent item by item, and the type of an
	// item: of an event its data.
	Items func(reflect.Type) (Form, reflect.Type)
	// Nothing is the payload type that stands for no content, typed.None. Any other type
	// without members is refused: what it would be sent as, nobody could tell.
	Nothing reflect.Type
	// Encoder gives the encoder of a payload type, or an error that says why JSON
	// cannot hold it.
	Encoder func(reflect.Type) (Encode, error)
}

// NewPlan reads what an endpoint can answer. It binds d.Out to the plan: a copy of it is
// what the handler of a request gets.
func NewPlan(d Declaration) (*Plan, []fault.Fault) {
	v := reflect.ValueOf(d.Out).Elem()
	b, role := d.Outcome(d.Out)
	switch {
	case role == RoleResponse:
		p := &Plan{sources: make([]source, 1)}
		return p, p.readResponse(d, b, v.Type().Field(0).Type)
	case role != 0:
		return nil, []fault.Fault{{Problem: "a single outcome is no outcome set", Fix: "put it into a struct, in a field with a status tag"}}
	case v.Kind() != reflect.Struct:
		return nil, []fault.Fault{{Problem: "a handler's third parameter is neither a Response nor an outcome set", Fix: "take *typed.Response[T], or a pointer to a struct of outcomes"}}
	}
	p := &Plan{isSet: true, sources: make([]source, v.NumField())}
	faults := p.readSet(d, v)
	if d.Type != "" {
		faults = append(faults, fault.Fault{Problem: "the option Produces has no meaning beside an outcome set", Fix: `drop it and give the outcome a tag, as in type:"text/csv"`})
	}
	if len(d.Statuses) > 0 {
		faults = append(faults, fault.Fault{Problem: "the option Status has no meaning beside an outcome set", Fix: `drop it and give each outcome its tag, as in status:"404"`})
	}
	return p, faults
}

func (p *Plan) readResponse(d Declaration, b *Builder, t reflect.Type) []fault.Fault {
	pay, faults := d.payload(t, "")
	if pay.empty && t != d.Nothing {
		faults = append(faults, fault.Fault{Problem: fmt.Sprintf("the payload type %s has no members", t), Fix: "answer with typed.None where there is no content, or with a map for the object {}"})
	}
	pay.sendOnly = !d.Plain && pay.isSendOnly()
	plain := d.Plain && (pay.form == FormText || pay.form == FormBytes)
	if media, _, ok := syntax.MediaType(d.Type); plain && ok && !syntax.IsJSON(media) {
		faults = append(faults, fault.Fault{Problem: fmt.Sprintf("%s is declared, and typed.Func answers a %s as JSON", d.Type, t), Fix: "answer with res.Send in a handler that takes a *typed.Response, or drop the media type"})
	} else if d.Type != "" {
		faults = append(faults, pay.declare(d.Type, "", t)...)
	}
	codes := d.Statuses
	if len(codes) == 0 {
		codes = []int{http.StatusOK}
		if pay.empty {
			codes = []int{http.StatusNoContent}
		}
	}
	p.outcomes = make([]Outcome, 0, len(codes))
	for _, code := range codes {
		if p.declares(code) {
			faults = append(faults, fault.Fault{Problem: fmt.Sprintf("status %d is declared twice", code), Fix: "declare it once"})
			continue
		}
		if isFinal(code) != nil {
			faults = append(faults, fault.Fault{Problem: fmt.Sprintf("status %d is not a final status", code), Fix: "declare statuses from 200 to 599"})
		}
		o := Outcome{Status: code, Payload: t, Type: d.Type, JSON: plain}
		if pay.empty || !syntax.HasContent(code) || isRedirect(code) {
			o.Payload, o.Type, o.JSON = nil, "", false
		}
		p.outcomes = append(p.outcomes, o)
	}
	if d.Plain {
		faults = append(faults, unanswerable(codes[0], pay.empty)...)
	}
	p.sources[0] = source{plan: p, payload: pay, status: codes[0], field: -1, offset: offset(d.Out, b)}
	b.source = &p.sources[0]
	return faults
}

// unanswerable finds what typed.Func cannot answer: it has a payload, or none, and no Location.
func unanswerable(status int, empty bool) []fault.Fault {
	switch {
	case isRedirect(status):
		return []fault.Fault{{Problem: fmt.Sprintf("status %d is a redirect, and typed.Func has no Location", status), Fix: "take a *typed.Response and answer with its Redirect"}}
	case !empty && !syntax.HasContent(status):
		return []fault.Fault{{Problem: fmt.Sprintf("status %d has no content, and there is a payload", status), Fix: "answer with typed.None, or declare another status"}}
	}
	return nil
}

// offset is where in out, a pointer to a Response or outcome set, its Builder b is.
func offset(out any, b *Builder) uintptr {
	return reflect.ValueOf(b).Pointer() - reflect.ValueOf(out).Pointer()
}

func (p *Plan) readSet(d Declaration, v reflect.Value) []fault.Fault {
	var faults []fault.Fault
	if v.NumField() == 0 {
		faults = append(faults, fault.Fault{Problem: "the outcome set is empty", Fix: "give it one exported field for each way the endpoint may answer"})
	}
	seen := map[string]string{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		var b *Builder
		var role Role
		if f.IsExported() {
			b, role = d.Outcome(v.Field(i).Addr().Interface())
		}
		if b == nil || role == RoleResponse {
			faults = append(faults, fault.Fault{Field: f.Name, Problem: "is not an outcome", Fix: "an outcome set holds exported fields of typed.Reply[T], typed.Empty and typed.Redirect only"})
			continue
		}
		code, err := strconv.Atoi(f.Tag.Get("status"))
		if err != nil || isFinal(code) != nil {
			faults = append(faults, fault.Fault{Field: f.Name, Problem: "has no final status", Fix: `give it a tag with a status from 200 to 599, as in status:"404"`})
			continue
		}
		p.sources[i] = source{plan: p, status: code, field: i, offset: offset(d.Out, b)}
		b.source = &p.sources[i]
		faults = append(faults, p.readOutcome(d, f, &p.sources[i], role)...)
		key := fmt.Sprint(code, " ", p.sources[i].payload.mediaType())
		if other, dup := seen[key]; dup {
			faults = append(faults, fault.Fault{Field: f.Name, Problem: fmt.Sprintf("has status %d, which %s has as well", code, other), Fix: `give each outcome a status of its own, or each a type tag, as in type:"text/csv"`})
		}
		seen[key] = f.Name
	}
	return faults
}

// mediaType tells the outcomes of one status apart.
func (p *payload) mediaType() string {
	if p == nil {
		return ""
	}
	return cmp.Or(p.declared, p.form.MediaType())
}

// declare gives the payload type t the media type that Send declares.
func (p *payload) declare(contentType, field string, t reflect.Type) []fault.Fault {
	refuse := func(problem, fix string) []fault.Fault {
		return []fault.Fault{{Field: field, Problem: problem, Fix: fix}}
	}
	declared, _, ok := syntax.MediaType(contentType)
	switch {
	case !ok || strings.Contains(declared, "*") && !(p.form == FormContent && isMediaRange(declared)):
		return refuse(fmt.Sprintf("%q is no media type", contentType), `write one like "text/csv"`)
	case p.empty:
		return refuse(fmt.Sprintf("%s is declared of an answer without content", contentType), "drop the media type, or declare a payload")
	case p.form == FormJSON && !syntax.IsJSON(declared):
		return refuse(fmt.Sprintf("%s is declared of a payload that is written as JSON, %s", contentType, t), "answer with a string, []byte or io.Reader, or declare a type such as application/vnd.example+json")
	}
	if problem, fix := p.checkItems(declared); problem != "" {
		return refuse(problem, fix)
	}
	p.declared, p.contentType = declared, []string{contentType}
	return nil
}

// readOutcome reads the field f of an outcome set.
func (p *Plan) readOutcome(d Declaration, f reflect.StructField, o *source, role Role) []fault.Fault {
	var faults []fault.Fault
	refuse := func(problem, fix string) {
		faults = append(faults, fault.Fault{Field: f.Name, Problem: problem, Fix: fix})
	}
	declared := Outcome{Status: o.status, Name: f.Name, Doc: f.Tag.Get("doc"), Example: f.Tag.Get("example"), Type: f.Tag.Get("type")}
	if list, ok := f.Tag.Lookup("headers"); ok {
		for name := range strings.SplitSeq(list, ",") {
			name = syntax.Trim(name)
			if !syntax.IsToken(name) {
				refuse(fmt.Sprintf("has %q among its headers, which is no header field name", name), `write headers:"X-Width,X-Height"`)
				continue
			}
			declared.Headers = append(declared.Headers, name)
		}
	}
	if declared.Type != "" && role != RoleReply {
		refuse("has a media type and no payload", "drop the type tag")
	}
	if declared.Example != "" && role != RoleReply {
		refuse("has an example and no payload", "drop the example tag, and say what there is to say in doc")
	}
	switch {
	case role == RoleRedirect && !isRedirect(o.status):
		refuse(fmt.Sprintf("is a redirect with status %d", o.status), "use 301, 302, 303, 307 or 308")
	case role == RoleReply:
		declared.Payload = f.Type.Field(0).Type.Elem()
		if !syntax.HasContent(o.status) {
			refuse(fmt.Sprintf("has a payload at status %d, which has no content", o.status), "make it a typed.Empty, or choose another status")
		}
		var wrong []fault.Fault
		o.payload, wrong = d.payload(declared.Payload, f.Name)
		faults = append(faults, wrong...)
		o.payload.sendOnly = o.payload.isSendOnly()
		if o.payload.empty {
			refuse("has a payload without members", "make it a typed.Empty")
		} else if declared.Type != "" {
			faults = append(faults, o.payload.declare(declared.Type, f.Name, declared.Payload)...)
		}
	}
	p.outcomes = append(p.outcomes, declared)
	return faults
}

// payload never returns nil: a type that JSON cannot hold may still be sent as text or bytes.
// field is that of an outcome set.
func (d *Declaration) payload(t reflect.Type, field string) (p *payload, faults []fault.Fault) {
	p = &payload{form: d.Form(t), empty: isEmpty(t)}
	switch {
	case p.empty || p.form == FormStream || p.form == FormContent:
	case p.form.isItems():
		p.items, faults = d.items(t)
	default:
		var err error
		if p.encode, err = d.Encoder(t); err != nil {
			faults = unwritable(faults, err, "", "answer with a type that JSON can hold")
		}
	}
	for i := range faults {
		if faults[i].Field == "" {
			faults[i].Field = field
		}
	}
	return p, faults
}

// unwritable adds what is wrong with a type that JSON is written of.
func unwritable(faults []fault.Fault, err error, field, fix string) []fault.Fault {
	for _, err := range fault.Each(err) {
		faults = append(faults, fault.Fault{Field: field, Problem: err.Error(), Fix: fix})
	}
	return faults
}

// isSendOnly is for what Send makes no text of that JSON would quote: a document with both
// would have clients choose between a page or a file and JSON that is never sent.
func (p *payload) isSendOnly() bool { return p.form == FormHTML || p.form == FormBytes }

// isEmpty reports whether a payload type says nothing: typed.None, struct{}.
func isEmpty(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() == 0 && t.NumMethod() == 0
}

// Outcomes lists the declared answers in the order of their declaration, a Response's
// default first. Problems are not among them. Callers must not change them.
func (p *Plan) Outcomes() []Outcome { return p.outcomes }

// Streams reports whether the payload of an outcome may be an io.Reader, a Content, or one
// that is sent item by item.
func (p *Plan) Streams() bool {
	return slices.ContainsFunc(p.sources, func(o source) bool { return o.payload != nil && o.payload.form >= FormStream })
}

// SendsItems reports whether the payload of an outcome is sent item by item.
func (p *Plan) SendsItems() bool {
	return slices.ContainsFunc(p.sources, func(o source) bool { return o.payload != nil && o.payload.form.isItems() })
}

// SendsEvents reports whether those are events.
func (p *Plan) SendsEvents() bool {
	return slices.ContainsFunc(p.sources, func(o source) bool { return o.payload != nil && o.payload.form == FormEvents })
}

func (p *Plan) declares(status int) bool {
	for i := range p.outcomes {
		if p.outcomes[i].Status == status {
			return true
		}
	}
	return false
}

func isFinal(status int) error {
	if status < 0 {
		return errors.New("the status that was set is not a final status: use 200 to 599")
	}
	if status < 200 || status > 599 {
		return fmt.Errorf("status %d is not a final status: use 200 to 599", status)
	}
	return nil
}
