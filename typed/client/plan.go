package client

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/typed"
)

// plan is how one endpoint is called, compiled of its declaration when it is called first.
type plan struct {
	name     string // "GET /users/{id}"
	err      error  // what is wrong with the declaration
	method   string
	sender   *bind.Sender
	schemes  []string // that the endpoint declares
	outcomes []outcome
	streams  bool          // an outcome is a stream
	encode   jsonx.Encoder // of the lines of the content; nil: it is not lines
	beat     hook.Heartbeat
}

// outcome is one way in which the endpoint may answer.
type outcome struct {
	answer.Outcome
	field     int // its place in the outcome set; -1: a Response
	role      answer.Role
	form      answer.Form
	mediaType string // that is expected: the declared one, or that of the form
	decoders  decoders
	items     *items // of a payload of events or lines
}

// wrap names the endpoint.
func (p *plan) wrap(err error) error { return fmt.Errorf("client: %s: %w", p.name, err) }

// compile makes the *plan of an endpoint with request type in and answer type out.
func compile(d hook.Declared, in, out reflect.Type) any {
	p := &plan{name: d.Pattern}
	if err := p.compile(d, in, out); err != nil {
		p.err = p.wrap(err)
	}
	return p
}

func (p *plan) compile(d hook.Declared, in, out reflect.Type) error {
	if d.Err != nil {
		return d.Err
	}
	pat, err := pattern.Parse(d.Pattern)
	if err != nil {
		return err
	}
	p.method = pat.Method
	binding, faults := bind.Compile(in, bind.Options{Method: pat.Method, PathNames: pat.Names(), Accepts: d.Accepts, Lines: lineType, ZeroFails: d.ZeroFails})
	if len(faults) > 0 {
		return faults[0]
	}
	if p.sender, err = bind.NewSender(binding, pat); err != nil {
		return err
	}
	if item := binding.LineType(); item != nil {
		if p.encode, err = jsonx.NewEncoder(item); err != nil {
			return fault.Fault{Problem: "JSON cannot hold the lines: " + err.Error(), Fix: "use a type that JSON can hold"}
		}
	}
	p.beat = d.Heartbeat
	for _, f := range binding.Fields() {
		if f.Source == bind.Auth {
			for name := range strings.SplitSeq(f.Name, ",") {
				p.schemes = append(p.schemes, strings.TrimSpace(name))
			}
		}
	}
	for _, name := range d.Schemes {
		if !slices.Contains(p.schemes, name) {
			p.schemes = append(p.schemes, name)
		}
	}
	return p.compileOutcomes(d, reflect.New(out))
}

// lineType is bind.Options.Lines.
func lineType(t reflect.Type) reflect.Type {
	if form, item := hook.Items(t); form == answer.FormLines {
		return item
	}
	return nil
}

func (p *plan) compileOutcomes(d hook.Declared, out reflect.Value) error {
	declared, faults := answer.NewPlan(answer.Declaration{
		Out: out.Interface(), Statuses: d.Statuses, Type: d.Produces,
		Outcome: hook.Outcome, Form: hook.Form, Items: hook.Items, Nothing: reflect.TypeFor[typed.None](),
		Encoder: func(reflect.Type) (answer.Encode, error) { return nil, nil },
	})
	if len(faults) > 0 {
		return faults[0]
	}
	p.outcomes = make([]outcome, len(declared.Outcomes()))
	for i, given := range declared.Outcomes() {
		o := &p.outcomes[i]
		o.Outcome, o.field, o.role = given, -1, answer.RoleResponse
		if _, role := hook.Outcome(out.Interface()); role != answer.RoleResponse {
			o.field = i
			_, o.role = hook.Outcome(out.Elem().Field(i).Addr().Interface())
		}
		if o.Payload == nil {
			continue
		}
		o.form = hook.Form(o.Payload)
		if o.mediaType = o.form.MediaType(); o.Type != "" {
			o.mediaType, _, _ = syntax.MediaType(o.Type)
		}
		if err := o.compile(p); err != nil {
			return err
		}
	}
	return nil
}

// compile prepares to receive the payload.
func (o *outcome) compile(p *plan) error {
	p.streams = p.streams || o.form >= answer.FormStream
	refuse := func(problem, fix string) error { return fault.Fault{Field: o.Name, Problem: problem, Fix: fix} }
	switch o.form {
	case answer.FormStream:
		if !readerType.AssignableTo(o.Payload) {
			return refuse(fmt.Sprintf("the payload type %s is a stream of its own, which no client can make", o.Payload), "declare io.Reader or io.ReadCloser")
		}
	case answer.FormContent:
	case answer.FormEvents, answer.FormLines:
		var err error
		if o.items, err = compileItems(o.Payload, p.beat.Name); err != nil {
			return err
		}
	default:
		o.decoders.typ = o.Payload
		if _, err := o.decoders.of(false, DefaultMaxAnswer); err != nil {
			return refuse("JSON cannot be decoded into the payload: "+err.Error(), "answer with a type that JSON can be decoded into")
		}
	}
	return nil
}

var readerType = reflect.TypeFor[io.ReadCloser]()

// decoders are those of one type, by what the options of clients make of them.
type decoders struct {
	typ  reflect.Type
	mu   sync.RWMutex
	made []decoder
}

type decoder struct {
	strict bool
	max    int64
	*jsonx.Decoder
}

// decodedPerByte is how many bytes decoding may allocate for each byte that an answer may have.
const decodedPerByte = 16

// of is the decoder of a client with these options.
func (d *decoders) of(strict bool, maxAnswer int64) (*jsonx.Decoder, error) {
	find := func() *jsonx.Decoder {
		for _, made := range d.made {
			if made.strict == strict && made.max == maxAnswer {
				return made.Decoder
			}
		}
		return nil
	}
	d.mu.RLock()
	found := find()
	d.mu.RUnlock()
	if found != nil {
		return found, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if found = find(); found != nil {
		return found, nil
	}
	made, err := jsonx.NewDecoder(d.typ, jsonx.Options{AllowUnknown: !strict, MaxDecoded: int(min(maxAnswer, 1<<57)) * decodedPerByte})
	if err != nil {
		return nil, err
	}
	d.made = append(d.made, decoder{strict, maxAnswer, made})
	return made, nil
}
