package respond

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// Problem is a problem details object (RFC 9457) and an error: a handler returns
// one to answer with it. It is found by errors.As through wraps and joins.
//
// The zero Status counts as 500. A 5xx loses its Detail and Extensions before it
// is sent unless [Problem.Expose] was called: what went wrong inside is nobody's business outside.
// A Problem must not be changed once it was returned.
type Problem struct {
	Type       string         // a URI reference; "": about:blank, and left out
	Title      string         // "": the phrase of the status
	Status     int            // 400..599
	Detail     string         // for the one who sent the request
	Instance   string         // a URI reference of this occurrence
	Errors     []FieldError   // member "errors"
	Extensions map[string]any // further members; a name of the members above is not sent, and reported

	head    answer.Head
	exposed bool
	cause   error
}

// FieldError is one thing wrong with one value of a request. It never holds the value.
type FieldError struct {
	In      string // body, path, query, header, cookie or form
	Pointer string // RFC 6901, into a JSON body or, if there is a Name, into its value
	Name    string // of a parameter or form field
	Rule    string // what was broken, for programs: "required", "max", "type"
	Param   string // the rule's parameter: "50"
	Detail  string // the same for people
}

// Error is for logs: title and detail, where and which rule the first three Errors are about,
// and the cause if there is one.
func (p *Problem) Error() string {
	if p == nil {
		return "respond: a nil *Problem"
	}
	complete := p.complete()
	s := fmt.Sprintf("%d %s", complete.Status, complete.Title)
	if p.Detail != "" {
		s += ": " + p.Detail
	}
	for i := range p.Errors {
		if i == 3 {
			s += fmt.Sprintf("; and %d more", len(p.Errors)-i)
			break
		}
		s += "; " + p.Errors[i].place()
	}
	if p.cause != nil {
		s += ": " + p.cause.Error()
	}
	return s
}

// Unwrap returns the cause given to [Problem.Because], or nil.
func (p *Problem) Unwrap() error {
	if p == nil {
		return nil
	}
	return p.cause
}

// Expose keeps the detail and extensions of a 5xx. It returns p.
func (p *Problem) Expose() *Problem { p.exposed = true; return p }

// Header sets a header field of the answer, by the rules of [Response.Header];
// for Retry-After and WWW-Authenticate. It returns p.
func (p *Problem) Header(name, value string) *Problem { p.head.SetHeader(name, value); return p }

// Because keeps the error behind p for errors.Is, errors.As and logs; it is never sent. It returns p.
func (p *Problem) Because(err error) *Problem { p.cause = err; return p }

// complete is a copy of p with its Status and Title.
func (p *Problem) complete() Problem {
	c := *p
	if c.Status < 400 || c.Status > 599 {
		c.Status = http.StatusInternalServerError
	}
	if c.Title == "" {
		c.Title = cmp.Or(syntax.StatusText(c.Status), "Unknown Error")
	}
	return c
}

// visible is complete without what no client sees: a 5xx that was not Exposed goes out
// without its detail, errors and extensions.
func (p *Problem) visible() Problem {
	v := p.complete()
	if v.Status >= 500 && !v.exposed {
		v.Detail, v.Errors, v.Extensions = "", nil, nil
	}
	return v
}

// BadRequest is 400. The detail reaches the client: it is written for the one who sent the request.
func BadRequest(format string, args ...any) *Problem { return problem(400, format, args) }

// Unauthorized is 401; RFC 9110 asks for a WWW-Authenticate field with it.
func Unauthorized(format string, args ...any) *Problem { return problem(401, format, args) }

// Forbidden is 403.
func Forbidden(format string, args ...any) *Problem { return problem(403, format, args) }

// NotFound is 404.
func NotFound(format string, args ...any) *Problem { return problem(404, format, args) }

// Conflict is 409.
func Conflict(format string, args ...any) *Problem { return problem(409, format, args) }

// Gone is 410.
func Gone(format string, args ...any) *Problem { return problem(410, format, args) }

// PreconditionFailed is 412.
func PreconditionFailed(format string, args ...any) *Problem { return problem(412, format, args) }

// PreconditionRequired is 428.
func PreconditionRequired(format string, args ...any) *Problem { return problem(428, format, args) }

// TooManyRequests is 429.
func TooManyRequests(format string, args ...any) *Problem { return problem(429, format, args) }

// Unavailable is 503. Its detail is dropped unless Exposed, as of every 5xx.
func Unavailable(format string, args ...any) *Problem { return problem(503, format, args) }

func problem(status int, format string, args []any) *Problem {
	detail := format
	if len(args) > 0 {
		detail = fmt.Sprintf(format, args...)
	}
	return &Problem{Status: status, Detail: detail}
}

// MarshalJSON writes the object in the order of RFC 9457: type, title, status,
// detail, instance, errors, then the extensions by name. It does not hide anything: what a client gets,
// the pipeline decides.
func (p *Problem) MarshalJSON() ([]byte, error) {
	c := p.complete()
	return c.append(nil)
}

// append writes a problem that is complete.
func (p *Problem) append(dst []byte) ([]byte, error) {
	o := object{dst: append(dst, '{')}
	o.text("type", p.Type)
	o.text("title", p.Title)
	o.name("status")
	o.dst = strconv.AppendInt(o.dst, int64(p.Status), 10)
	o.text("detail", p.Detail)
	o.text("instance", p.Instance)
	for i := range p.Errors {
		if i == 0 {
			o.name("errors")
			o.dst = append(o.dst, '[')
		} else {
			o.dst = append(o.dst, ',')
		}
		o.dst = p.Errors[i].append(o.dst)
	}
	if len(p.Errors) > 0 {
		o.dst = append(o.dst, ']')
	}
	if len(p.Extensions) > 0 {
		if err := o.extensions(p.Extensions); err != nil {
			return dst, err
		}
	}
	return append(o.dst, '}'), nil
}

// place is where the error is, and the rule: query "limit": min.
func (e *FieldError) place() string {
	where := e.In
	for _, name := range []string{e.Name, e.Pointer} { // which a client may have chosen
		if name != "" {
			where += " " + strconv.Quote(name)
		}
	}
	return where + ": " + e.Rule
}

func (e *FieldError) append(dst []byte) []byte {
	o := object{dst: append(dst, '{')}
	o.text("in", e.In)
	if e.In == "body" || e.Pointer != "" { // "" points to the whole body
		o.name("pointer")
		o.dst = syntax.AppendString(o.dst, e.Pointer)
	}
	o.text("name", e.Name)
	o.text("rule", e.Rule)
	o.text("param", e.Param)
	o.text("detail", e.Detail)
	return append(o.dst, '}')
}

// MarshalJSON writes the members that are not empty.
func (e FieldError) MarshalJSON() ([]byte, error) { return e.append(nil), nil }

var typeProblem = []string{"application/problem+json"}

// object is a JSON object that is written member by member: refusing a request costs
// little then, and needs nothing but the standard library.
type object struct {
	dst  []byte
	some bool
}

// name begins a member whose name needs no escapes.
func (o *object) name(name string) {
	if o.some {
		o.dst = append(o.dst, ',')
	}
	o.some = true
	o.dst = append(append(append(o.dst, '"'), name...), `":`...)
}

// text writes a string member, unless it is empty. Invalid UTF-8 becomes U+FFFD.
func (o *object) text(name, value string) {
	if value != "" {
		o.name(name)
		o.dst = syntax.AppendString(o.dst, value)
	}
}

// extensions writes the members that RFC 9457 does not name itself.
func (o *object) extensions(extensions map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(extensions)) {
		if isMember(name) {
			continue
		}
		b, err := json.Marshal(extensions[name])
		if err != nil {
			return err
		}
		if o.some {
			o.dst = append(o.dst, ',')
		}
		o.some = true
		o.dst = append(append(syntax.AppendString(o.dst, name), ':'), b...)
	}
	return nil
}

// isMember reports whether a member of a problem has this name: an extension cannot.
func isMember(name string) bool {
	switch name {
	case "type", "title", "status", "detail", "instance", "errors":
		return true
	}
	return false
}

// ServeHTTP answers a request with p as an endpoint would: for handlers of net/http
// that decode with typed.Decode. In middleware of an API it has the form that typed.Options.Errors
// gives the API's problems. What of p cannot be sent is logged by slog.Default.
func (p *Problem) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if hook.FormerOf != nil {
		if api := hook.FormerOf(r.Context()); api != nil {
			hook.ServeProblem(api, &wire.NetHTTP{W: w, R: r}, p)
			return
		}
	}
	if hook.NoteProblem != nil {
		hook.NoteProblem(r.Context(), p)
	}
	if err := writeProblem(&wire.NetHTTP{W: w, R: r}, nil, p); err != nil {
		slog.ErrorContext(r.Context(), "respond: "+err.Error())
	}
}

// visibleProblem is hook.VisibleProblem.
func visibleProblem(problem error) (head *answer.Head, visible error) {
	p := problem.(*Problem).visible()
	return &p.head, &p
}

// writeProblem is hook.WriteProblem: a problem that cannot be written becomes a plain 500.
// The error is a programming error in a sentence: what of the problem was not sent.
func writeProblem(ex wire.Exchange, buffer *[]byte, problem error) (mistake error) {
	p := problem.(*Problem)
	sent := p.visible()
	var r answer.Rendering
	if buffer != nil {
		r.Buffer = *buffer
	}
	for name := range p.Extensions {
		if isMember(name) {
			mistake = fmt.Errorf("the problem has an extension %q, which is a member of every problem and was not sent: set the field of Problem", name)
		}
	}
	body, err := sent.append(r.Buffer[:0])
	if err = errors.Join(r.Problem(sent.Status, &sent.head, typeProblem, body), err); err != nil {
		mistake = fmt.Errorf("the problem %d cannot be written: %w", sent.Status, err)
		sent = new(Problem).visible()
		body, _ = sent.append(body[:0]) // which has nothing that could fail
		_ = r.Problem(sent.Status, &sent.head, typeProblem, body)
	}
	_ = r.Write(ex, false) // the client has disconnected
	if buffer != nil {
		*buffer = body
	}
	return mistake
}
