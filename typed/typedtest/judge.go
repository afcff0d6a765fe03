package typedtest

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// answer is what came of one request.
type answer struct {
	status   int
	head     http.Header
	content  []byte
	partial  bool // there was more content than is kept
	cut      bool // the connection was, before the answer was whole
	none     bool // the client left before an answer began
	panicked any  // what went through the API

	mu       sync.Mutex       // of what follows
	refused  *respond.Problem // by the API, before the handler
	reported []error
}

// String is the answer for a test's log.
func (a *answer) String() string {
	var b strings.Builder
	for _, err := range a.reported {
		fmt.Fprintf(&b, "  reported: %s\n", indent(reportOf(err)))
	}
	fmt.Fprintf(&b, "  answer:   %d %s", a.status, a.head.Get("Content-Type"))
	if text := a.content; len(text) > 0 {
		fmt.Fprintf(&b, " %.600s", text)
	}
	return b.String()
}

// reportOf is an error as a developer reads it: of a panic, with the place.
func reportOf(err error) string {
	p, ok := errors.AsType[*typed.PanicError](err)
	if !ok {
		return err.Error()
	}
	text := err.Error()
	_, stack, _ := strings.Cut(string(p.Stack), "\npanic(") // what is above is the recovery
	for i, line := range strings.Split(stack, "\n") {
		if at, _, ok := strings.Cut(strings.TrimSpace(line), " +0x"); ok && i > 1 && i < 8 {
			text += "\nat " + at
		}
	}
	return text
}

func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n    ") }

// finding is one fault of an API.
type finding struct {
	kind  string // with the endpoint, what tells it from other faults
	cause string // what a smaller request has to have in common with it besides; "": nothing
	text  string
	steps []*exchange // how it is repeated; the last one shows it
	once  bool        // the same requests do not show it again
}

// judge says what is wrong with an answer whatever the request was; nil: nothing.
func (o *operation) judge(method string, a *answer) *finding {
	a.mu.Lock()
	defer a.mu.Unlock()
	declared := o.declares(a.status)
	switch {
	case a.panicked != nil:
		return &finding{kind: "panic", text: fmt.Sprintf("panics: %v", a.panicked)}
	case a.status == http.StatusTooManyRequests:
		return nil
	case a.status >= http.StatusInternalServerError && !declared:
		return &finding{kind: "5xx", text: fmt.Sprintf("answers %d", a.status)}
	case a.cut:
		return &finding{kind: "cut", text: "breaks the connection off within the answer"}
	case len(a.reported) > 0 && a.status < http.StatusInternalServerError:
		return &finding{kind: "reported", text: "reports an error, and answers as if there were none"}
	case o.at == "":
		return nil // nothing is said of it
	case !declared:
		return &finding{kind: fmt.Sprint("undeclared ", a.status), text: fmt.Sprintf("answers %d, which it does not declare (typed.Status, typed.Fails, an outcome)", a.status)}
	}
	at := o.at + "/responses/" + strconv.Itoa(a.status)
	response, _ := o.responses[strconv.Itoa(a.status)].(map[string]any)
	if ref, ok := response["$ref"].(string); ok {
		at = strings.TrimPrefix(ref, "#")
		response, _ = o.suite.resolve(response).(map[string]any)
	}
	if f := o.judgeHead(a, response); f != nil {
		return f
	}
	if method == http.MethodHead || a.partial {
		return nil
	}
	return o.judgeContent(a, at, response)
}

// declares reports whether an endpoint may answer a status. The document has 500 for all of
// them, and a default, which say that it may happen and not that it should.
func (o *operation) declares(status int) bool {
	_, listed := o.responses[strconv.Itoa(status)]
	return listed && status != http.StatusInternalServerError ||
		slices.Contains(o.Fails, status) || slices.ContainsFunc(o.Outcomes, func(out respond.Outcome) bool { return out.Status == status })
}

// judgeHead asks for the header fields that an answer must have.
func (o *operation) judgeHead(a *answer, response map[string]any) *finding {
	headers, _ := response["headers"].(map[string]any)
	for name, h := range headers {
		object, _ := o.suite.resolve(h).(map[string]any)
		if object["required"] == true && a.head.Get(name) == "" {
			return &finding{kind: "header", text: fmt.Sprintf("answers %d without the header field %s", a.status, name)}
		}
	}
	return nil
}

// judgeContent has the schema of an answer judge it.
func (o *operation) judgeContent(a *answer, at string, response map[string]any) *finding {
	content, _ := response["content"].(map[string]any)
	if len(a.content) == 0 && len(content) == 0 {
		return nil
	}
	mediaType, _, err := mime.ParseMediaType(a.head.Get("Content-Type"))
	if len(a.content) == 0 && err != nil {
		mediaType = "no content"
	}
	media, ok := content[mediaType].(map[string]any)
	if !ok {
		if content["*/*"] != nil || content["application/octet-stream"] != nil || len(a.content) == 0 {
			return nil // the handler says what it is
		}
		return &finding{kind: "media type", text: fmt.Sprintf("answers %d with %s, which it does not declare", a.status, mediaType)}
	}
	at += "/content/" + escape(mediaType)
	switch {
	case isJSON(mediaType):
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.content))
		if err != nil {
			return &finding{kind: "payload", text: fmt.Sprintf("answers %d with what is no JSON: %v", a.status, err)}
		}
		if err := o.suite.check(schema{at + "/schema", media["schema"]}, value); err != nil {
			return &finding{kind: "payload", text: fmt.Sprintf("answers %d with a payload that its schema refuses: %s", a.status, why(err))}
		}
	case media["x-itemSchema"] != nil && mediaType != "text/event-stream":
		for line := range bytes.Lines(a.content) {
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
			if err == nil {
				err = o.suite.check(schema{at + "/x-itemSchema", media["x-itemSchema"]}, value)
			}
			if err != nil {
				return &finding{kind: "payload", text: fmt.Sprintf("answers %d with a line that its schema refuses: %s", a.status, why(err))}
			}
		}
	}
	return nil
}

func isJSON(contentType string) bool {
	mediaType, _, _ := strings.Cut(contentType, ";")
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json")
}

// judgeRequest says what is wrong with an answer to this request; nil: nothing.
func (x *exchange) judgeRequest() *finding {
	o, a := x.op, x.answer
	if f := o.judge(x.method, a); f != nil || a.status == http.StatusTooManyRequests {
		return f
	}
	verdict, reason := x.verdict()
	switch {
	case x.stranger && a.status != http.StatusUnauthorized:
		return &finding{kind: "auth", text: fmt.Sprintf("answers %d without a credential: 401 is due", a.status)}
	case x.stranger:
	case verdict == invalid && a.status < 400 && a.refused == nil:
		return &finding{kind: "accepted", text: fmt.Sprintf("accepts an invalid request, with %d: %s", a.status, reason)}
	case verdict == valid && x.isRefusal():
		cause, text := x.refusal()
		return &finding{kind: "refused", cause: cause, text: fmt.Sprintf("refuses a valid request, with %d: %s", a.status, text)}
	}
	if leak := x.leak(); leak != "" {
		return &finding{kind: "leak", text: fmt.Sprintf("answers %d with a problem that holds %s", a.status, leak)}
	}
	return nil
}

// ofDecoding are the rules by which a request is refused before those of its tags are asked.
var ofDecoding = []string{"syntax", "empty", "trailing", "duplicate", "depth", "null", "unknown", "type", "format", "range", "files", "parts", "accept", "maxsize", "encoding"}

// isUnsaid reports whether an error is about what no schema says.
func (x *exchange) isUnsaid(e respond.FieldError) bool {
	o := x.op
	switch {
	case e.Rule == "size" || strings.Contains(o.unsaid, e.Rule):
		return true
	case slices.Contains(ofDecoding, e.Rule):
		return (e.Rule == "type" || e.Rule == "format" || e.Rule == "range") && x.isAny(e)
	case o.beyond: // it may name its rules as tags are named
		return true
	}
	return !slices.ContainsFunc(strings.Split(e.Rule, "|"), o.suite.isSaid)
}

// isSaid reports whether a rule has a place in schemas.
func (s *suite) isSaid(rule string) bool {
	v := rules.Of(s.api.Validator())
	if given, registered := v.Schema(rule); registered {
		return given != ""
	}
	_, builtin := rules.Builtin(rule)
	_, alias := v.Aliases()[rule]
	return builtin || alias
}

// isRefusal reports whether an answer says that a valid request is none.
func (x *exchange) isRefusal() bool {
	o, a := x.op, x.answer
	if a.refused != nil {
		if slices.ContainsFunc(a.refused.Errors, x.isUnsaid) {
			return false
		}
		return a.refused.Status != http.StatusForbidden // a scope is missing, or who may it is
	}
	switch a.status {
	case 400, 401, 413, 415, 422:
		return !slices.Contains(o.Fails, a.status) &&
			!slices.ContainsFunc(o.Outcomes, func(out respond.Outcome) bool { return out.Status == a.status })
	}
	return false
}

// isAny reports whether an error is about a value of which the document says nothing, or
// only that it is a text: a Go type that reads texts may refuse some.
func (x *exchange) isAny(e respond.FieldError) bool {
	node := any(nil)
	if e.In == "body" && x.op.body != nil {
		node = x.op.body.schema.node
		if x.op.body.kind == bind.LinesBody {
			node = map[string]any{"items": x.op.body.item.node}
		}
	}
	for _, p := range x.op.params {
		if p.in == e.In && p.name == e.Name {
			node = p.schema.node
		}
	}
	return x.op.suite.isAny(node, e.Pointer)
}

// isAny is isAny of a schema at a JSON Pointer below another one.
func (s *suite) isAny(node any, pointer string) bool {
	if node == false {
		return false
	}
	object, _ := s.resolve(node).(map[string]any)
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		if slices.ContainsFunc(asList(object[keyword]), func(part any) bool { return s.isAny(part, pointer) }) {
			return true
		}
	}
	if pointer == "" {
		_, pattern := object["pattern"]
		_, enum := object["enum"]
		return len(object) == 0 || object["type"] == "string" && !pattern && !enum || object["type"] == "array" && s.isAny(object["items"], "")
	}
	name, rest, _ := strings.Cut(pointer[1:], "/")
	if rest != "" {
		rest = "/" + rest
	}
	properties, _ := object["properties"].(map[string]any)
	for _, below := range []any{properties[unescape(name)], object["items"], object["additionalProperties"]} {
		if below != nil && s.isAny(below, rest) {
			return true
		}
	}
	return false
}

// refusal says why a request was refused, and by which rule.
func (x *exchange) refusal() (rule, text string) {
	a := x.answer
	if a.refused == nil {
		return "", "by its handler (typed.Fails declares that it may)"
	}
	text = a.refused.Detail
	for _, e := range a.refused.Errors {
		rule, text = e.Rule, fmt.Sprintf("%s %s%s %s (%s)", e.In, e.Name, e.Pointer, e.Detail, e.Rule)
	}
	return rule, text + ", and its schema accepts it"
}

// leak finds in a problem what should not be there.
func (x *exchange) leak() string {
	a := x.answer
	if a.status < 400 || !strings.HasPrefix(a.head.Get("Content-Type"), x.op.suite.errors) {
		return ""
	}
	if found := x.op.suite.types.Find(a.content); found != nil {
		return fmt.Sprintf("%q, a name of the program", found)
	}
	for _, word := range x.words() {
		if bytes.Contains(a.content, []byte(word)) {
			return fmt.Sprintf("%q, which was sent", word)
		}
	}
	return ""
}
