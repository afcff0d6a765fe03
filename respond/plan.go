package respond

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
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
}

// Plan is what an endpoint may answer, read from its Response or outcome set once,
// at registration. It is made for the pipeline; handlers never see it. A Plan is
// read-only and safe for concurrent use.
type Plan struct {
	outcomes []Outcome
	states   []state       // of a Response, the first of which it begins with; or of the outcomes
	set      reflect.Value // a bound outcome set; the zero Value: a Response
	usual    *state        // that of a Response which answers with JSON, and nothing else said; nil: it has no JSON
}

// Fault is a mistake in what an endpoint declares to answer.
type Fault struct {
	Field   string // of the outcome set; "" when the mistake is not in a field
	Problem string
	Mend    string // what to write instead
}

// binding is what the pipeline knows of an outlet.
type binding struct {
	plan    *Plan // nil: made by hand, not for a request
	payload *payload
	status  int32 // its own, or a Response's default
	field   int32 // its place in the outcome set; -1: a Response
}

// payload is how values of one type become content.
type payload struct {
	form   form
	empty  bool   // the type has no members: there is nothing to send
	encode Encode // nil: not possible as JSON
}

type form uint8

const (
	formJSON form = iota
	formText
	formHTML
	formBytes
	formStream
)

// source is what Response and the outcomes have in common.
type source interface{ source() (*outlet, role) }

var (
	readerType = reflect.TypeFor[io.Reader]()
	htmlType   = reflect.TypeFor[HTML]()
)

type role uint8

const (
	roleResponse role = iota + 1
	roleReply
	roleEmpty
	roleRedirect
)

// NewPlan reads what out, a pointer to a new Response or outcome set that the plan may
// keep, can answer. codes are the statuses that the endpoint declares by option, the
// default first.
// encoder gives the encoder of a payload type, or an error that says why JSON
// cannot hold it.
func NewPlan(out any, codes []int, encoder func(reflect.Type) (Encode, error)) (*Plan, []Fault) {
	v := reflect.ValueOf(out).Elem()
	p := &Plan{}
	if isResponse(v.Type()) {
		return p, p.bindResponse(v.Type().Field(0).Type, codes, encoder)
	}
	if _, ok := out.(source); ok && isOwn(v.Type()) {
		return nil, []Fault{{Problem: "a single outcome is no outcome set", Mend: "put it into a struct, in a field with a status tag"}}
	}
	if v.Kind() != reflect.Struct {
		return nil, []Fault{{Problem: "a handler's third parameter is neither a Response nor an outcome set", Mend: "take *typed.Response[T], or a pointer to a struct of outcomes"}}
	}
	p.set = v
	faults := p.bindSet(v, encoder)
	if len(codes) > 0 {
		faults = append(faults, Fault{Problem: "the option Status has no meaning beside an outcome set", Mend: `drop it and give each outcome its tag, as in status:"404"`})
	}
	return p, faults
}

// Origin is where the Answer to one request has to come from: its own Response or
// outcome set.
type Origin struct {
	response *outlet
	set      any
}

// Bind readies the zero *out of one request, a Response or outcome set of the plan's type.
func (p *Plan) Bind(out any) Origin {
	if p.set.IsValid() {
		reflect.ValueOf(out).Elem().Set(p.set)
		return Origin{set: out}
	}
	o, _ := out.(source).source()
	o.state = &p.states[0]
	return Origin{response: o}
}

func (p *Plan) bindResponse(t reflect.Type, codes []int, encoder func(reflect.Type) (Encode, error)) []Fault {
	var faults []Fault
	pay, err := newPayload(t, encoder)
	if err != nil {
		faults = append(faults, Fault{Problem: err.Error(), Mend: "answer with a type that JSON can hold"})
	}
	if len(codes) == 0 {
		codes = []int{http.StatusOK}
		if pay.empty {
			codes = []int{http.StatusNoContent}
		}
	}
	p.outcomes = make([]Outcome, 0, len(codes))
	for _, code := range codes {
		if p.declares(code) {
			faults = append(faults, Fault{Problem: fmt.Sprintf("status %d is declared twice", code), Mend: "declare it once"})
			continue
		}
		if isFinal(code) != nil {
			faults = append(faults, Fault{Problem: fmt.Sprintf("status %d is not a final status", code), Mend: "declare statuses from 200 to 599"})
		}
		declared := Outcome{Status: code, Payload: t}
		if pay.empty || !hasContent(code) || isRedirect(code) {
			declared.Payload = nil
		}
		p.outcomes = append(p.outcomes, declared)
	}
	p.foresee(binding{plan: p, status: int32(codes[0]), field: -1, payload: pay})
	return faults
}

// foresee makes the states that a Response is usually in: with each declared status or
// none, before and after it holds a payload.
func (p *Plan) foresee(b binding) {
	p.states = make([]state, 2+2*len(p.outcomes))
	for i := 0; i < len(p.states); i += 2 {
		var d draft
		if i > 0 {
			d.status = int32(p.outcomes[i/2-1].Status)
		}
		p.states[i] = state{b, d, &p.states[i+1]}
		p.states[i+1] = state{b, d.holding(), nil}
	}
	if pay := b.payload; hasContent(int(b.status)) && pay.form == formJSON && !pay.empty {
		p.usual = p.states[0].held
	}
}

func (p *Plan) bindSet(v reflect.Value, encoder func(reflect.Type) (Encode, error)) []Fault {
	var faults []Fault
	t := v.Type()
	seen := map[int]string{}
	p.states = make([]state, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		fault := func(problem, mend string) {
			faults = append(faults, Fault{Field: f.Name, Problem: problem, Mend: mend})
		}
		var o *outlet
		var r role
		if f.IsExported() && isOwn(f.Type) {
			if s, ok := v.Field(i).Addr().Interface().(source); ok {
				o, r = s.source()
			}
		}
		if o == nil || r == roleResponse {
			fault("is not an outcome", "an outcome set holds exported fields of typed.Reply[T], typed.Empty and typed.Redirect only")
			continue
		}
		code, err := strconv.Atoi(f.Tag.Get("status"))
		if err != nil || isFinal(code) != nil {
			fault("has no final status", `give it a tag with a status from 200 to 599, as in status:"404"`)
			continue
		}
		if other, dup := seen[code]; dup {
			fault(fmt.Sprintf("has status %d, which %s has as well", code, other), "give each outcome a status of its own")
			continue
		}
		seen[code] = f.Name
		b := binding{plan: p, status: int32(code), field: int32(i)}
		declared := Outcome{Status: code, Name: f.Name, Doc: f.Tag.Get("doc"), Example: f.Tag.Get("example")}
		if declared.Example != "" && r != roleReply {
			fault("has an example and no payload", "drop the example tag, and say what there is to say in doc")
		}
		switch {
		case r == roleRedirect && !isRedirect(code):
			fault(fmt.Sprintf("is a redirect with status %d", code), "use 301, 302, 303, 307 or 308")
		case r == roleReply:
			declared.Payload = f.Type.Field(0).Type.Elem()
			if !hasContent(code) {
				fault(fmt.Sprintf("has a payload at status %d, which has no content", code), "make it a typed.Empty, or choose another status")
			}
			if b.payload, err = newPayload(declared.Payload, encoder); err != nil {
				fault(err.Error(), "answer with a type that JSON can hold")
			}
			if b.payload.empty {
				fault("has a payload without members", "make it a typed.Empty")
			}
		}
		p.states[i].binding = b
		p.outcomes = append(p.outcomes, declared)
		o.state = &p.states[i]
	}
	if t.NumField() == 0 {
		faults = append(faults, Fault{Problem: "the outcome set is empty", Mend: "give it one exported field for each way the endpoint may answer"})
	}
	return faults
}

// isOwn reports whether t is a type of this package. One that embeds a Response or an
// outcome has its methods, too.
func isOwn(t reflect.Type) bool { return t.PkgPath() == reflect.TypeFor[Empty]().PkgPath() }

// isResponse reports whether t is a Response. Its interface would tell as well, but the
// runtime works out a table of methods for each type that it is asked about.
func isResponse(t reflect.Type) bool {
	return isOwn(t) && t.Kind() == reflect.Struct && t.NumField() == 2 && t.Field(1).Type == reflect.TypeFor[core]()
}

// newPayload never returns nil: a type that JSON cannot hold may still be sent as text or bytes.
func newPayload(t reflect.Type, encoder func(reflect.Type) (Encode, error)) (*payload, error) {
	p := &payload{form: formOf(t)}
	p.empty = isEmpty(t)
	if p.empty || p.form == formStream {
		return p, nil
	}
	var err error
	p.encode, err = encoder(t)
	return p, err
}

// isEmpty reports whether a payload type says nothing: typed.None, struct{}.
func isEmpty(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() == 0 && t.NumMethod() == 0
}

func formOf(t reflect.Type) form {
	switch {
	case t == htmlType:
		return formHTML
	case t.Implements(readerType):
		return formStream
	case t.Kind() == reflect.String && t.NumMethod() == 0:
		return formText
	case t == reflect.TypeFor[[]byte]():
		return formBytes
	}
	return formJSON
}

// Outcomes lists the declared answers in the order of their declaration, a
// Response's default first. Problems are not among them. Callers must not change them.
func (p *Plan) Outcomes() []Outcome { return p.outcomes }

// Sends reports the media type in which [Response.Send] writes an outcome's payload
// type: "text/plain", "text/html", "application/octet-stream" (bytes and streams)
// or "application/json".
func Sends(payload reflect.Type) string {
	switch formOf(payload) {
	case formText:
		return "text/plain"
	case formHTML:
		return "text/html"
	case formBytes, formStream:
		return "application/octet-stream"
	}
	return "application/json"
}

// Streams reports whether values of a payload type are streamed.
func Streams(payload reflect.Type) bool { return formOf(payload) == formStream }

func (p *Plan) declares(status int) bool {
	return slices.ContainsFunc(p.outcomes, func(o Outcome) bool { return o.Status == status })
}

// hasContent is RFC 9110, 6.4.1 and 15.3.6: these statuses end with their header section.
func hasContent(status int) bool {
	return status != http.StatusNoContent && status != http.StatusResetContent && status != http.StatusNotModified
}

// isRedirect lists the statuses by which a client follows Location.
func isRedirect(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}
