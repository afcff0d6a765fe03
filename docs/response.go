package docs

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/schema"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

const problemJSON = "application/problem+json"

// responses are the outcomes that an operation declares, the problems that its handler
// names with Fails, those that the toolkit answers itself, and a default for the rest.
func (w *writer) responses(op *typed.Operation) openapi.Map[*openapi.Response] {
	type answer struct {
		code     int
		response *openapi.Response
	}
	var answers []answer
	for _, o := range op.Outcomes {
		answers = append(answers, answer{o.Status, w.outcome(op, o)})
	}
	for _, a := range answers {
		// A handler may answer a problem where an outcome has the status, and default says
		// nothing of a status that is named. The two differ in their media types.
		if _, taken := a.response.Content.Get(problemJSON); !taken && a.code >= http.StatusBadRequest {
			a.response.Content.Set(problemJSON, &openapi.MediaType{Schema: w.problem})
		}
	}
	has := func(code int) bool {
		return slices.ContainsFunc(answers, func(a answer) bool { return a.code == code })
	}
	for _, code := range w.problems(op) {
		if !has(code) {
			answers = append(answers, answer{code, w.shared(code)})
		}
	}
	if !has(http.StatusNotModified) && slices.ContainsFunc(answers, func(a answer) bool { return conditional(op, a.code, a.response) }) {
		answers = append(answers, answer{http.StatusNotModified, w.notModified()})
	}
	slices.SortFunc(answers, func(a, b answer) int { return cmp.Compare(a.code, b.code) })
	var out openapi.Map[*openapi.Response]
	out.Grow(len(answers) + 1)
	for _, a := range answers {
		out.Set(strconv.Itoa(a.code), a.response)
	}
	out.Set("default", w.shared(0))
	return out
}

// conditional reports whether a request may get a 304 in place of an answer.
func conditional(op *typed.Operation, code int, r *openapi.Response) bool {
	_, tagged := r.Headers.Get("ETag")
	return tagged && op.Method == http.MethodGet && code == http.StatusOK
}

// notModified is the answer to If-None-Match, among the components.
func (w *writer) notModified() *openapi.Response {
	if _, ok := w.doc.Components.Responses.Get("NotModified"); !ok {
		r := &openapi.Response{Description: "The content is still that of the entity tag in If-None-Match."}
		r.Headers.Set("ETag", w.entityTag())
		w.doc.Components.Responses.Set("NotModified", r)
	}
	return &openapi.Response{Ref: "#/components/responses/NotModified"}
}

// outcome is one declared answer.
func (w *writer) outcome(op *typed.Operation, o respond.Outcome) *openapi.Response {
	r := &openapi.Response{Description: cmp.Or(o.Doc, http.StatusText(o.Status), "Status "+strconv.Itoa(o.Status))}
	switch o.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		r.Headers.Set("Location", &openapi.Header{
			Description: "Where to go on.", Required: true,
			Schema: &openapi.Schema{Type: []string{openapi.TypeString}, Format: "uri-reference"},
		})
	}
	if op.Method == http.MethodGet && o.Status == http.StatusOK && (o.Payload == nil || hook.Form(o.Payload) != answer.FormStream) {
		r.Headers.Set("ETag", w.entityTag())
	}
	if o.Payload == nil {
		return r
	}
	media := hook.Form(o.Payload).MediaType()
	content := &openapi.MediaType{}
	switch media {
	case "application/json":
		content.Schema = w.schemas.Output(o.Payload)
	case octets:
		content.Schema = binary()
	case "text/plain":
		// JSON answers the same string in quotes; the handler chooses.
		r.Content.Set("application/json", &openapi.MediaType{Schema: w.schemas.Output(o.Payload)})
		fallthrough
	default:
		content.Schema = &openapi.Schema{Type: []string{openapi.TypeString}}
	}
	r.Content.Set(media, content)
	if o.Example != "" {
		w.example(op, o, r)
	}
	return r
}

// entityTag is the field of that name, among the components.
func (w *writer) entityTag() *openapi.Header {
	w.doc.Components.Headers.Set("ETag", &openapi.Header{
		Description: "Names this version of the content; send it back in If-None-Match.",
		Schema:      &openapi.Schema{Type: []string{openapi.TypeString}},
	})
	return &openapi.Header{Ref: "#/components/headers/ETag"}
}

// example puts the example of an outcome beside the schemas of its content. Where that is
// not JSON, the example is the content itself.
func (w *writer) example(op *typed.Operation, o respond.Outcome, r *openapi.Response) {
	for media, content := range r.Content.All() {
		content.Example = o.Example
		if media != "application/json" {
			continue
		}
		value, err := schema.Example(content.Schema, o.Payload, o.Example)
		if err != nil {
			w.errs = append(w.errs, fmt.Errorf("%s %s: outcome %s: the example %q %w", op.Method, op.Path, o.Name, o.Example, err))
			continue
		}
		content.Example = value
		w.schemas.Check(content.Schema, value, func(reason string) {
			w.errs = append(w.errs, fmt.Errorf("%s %s: outcome %s: the example %q %s: write one that its schema accepts", op.Method, op.Path, o.Name, o.Example, reason))
		})
	}
}

// problems are the statuses with a Problem that a client of op may meet.
func (w *writer) problems(op *typed.Operation) []int {
	plan := hook.Binding(op).(*bind.Plan)
	codes := slices.Clone(op.Fails)
	if len(plan.Fields()) > 0 || plan.BodyKind() != bind.NoBody {
		codes = append(codes, http.StatusBadRequest, http.StatusUnprocessableEntity)
	}
	if plan.BodyKind() != bind.NoBody {
		codes = append(codes, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if op.Guarded {
		codes = append(codes, http.StatusForbidden)
	}
	return append(codes, http.StatusInternalServerError)
}

// shared is a problem among the components, which is written once for all operations.
// Status 0 is any other.
func (w *writer) shared(code int) *openapi.Response {
	if ref, ok := w.refs[code]; ok {
		return ref
	}
	name, text := "Problem", "Any other problem."
	if code != 0 {
		title := cmp.Or(http.StatusText(code), "Status "+strconv.Itoa(code))
		name, text = strings.NewReplacer(" ", "", "-", "", "'", "").Replace(title), cmp.Or(w.reason(code), title+".")
	}
	r := &openapi.Response{Description: text}
	r.Content.Set(problemJSON, &openapi.MediaType{Schema: w.problem})
	w.doc.Components.Responses.Set(name, r)
	ref := &openapi.Response{Ref: "#/components/responses/" + name}
	w.refs[code] = ref
	return ref
}

// reason says when a status is answered. A 403 may be the guard's, or a handler's own.
func (w *writer) reason(code int) string {
	if code != http.StatusForbidden {
		return reasons[code]
	}
	var guard, handler bool
	for op := range w.operations {
		guard = guard || op.Guarded
		handler = handler || slices.Contains(op.Fails, code)
	}
	switch {
	case guard && handler:
		return "The client may not do this, or a form or cookie comes from a page of another origin."
	case handler:
		return "The client may not do this."
	}
	return "The request comes from a page of another origin."
}

// reasons say when the toolkit itself answers a status.
var reasons = map[int]string{
	http.StatusBadRequest:            "The request is malformed: its JSON, its text encoding, or an escape in the path or query.",
	http.StatusNotFound:              "Nothing is there.",
	http.StatusRequestEntityTooLarge: "The body is too large.",
	http.StatusUnsupportedMediaType:  "The body has another media type or encoding than the operation takes.",
	http.StatusUnprocessableEntity:   "A value of the request has the wrong type, breaks a rule, or has no place in it.",
	http.StatusInternalServerError:   "The server failed.",
}

// problemSchema is RFC 9457 with the members that the toolkit adds.
func problemSchema() *openapi.Schema {
	text := func(description string) *openapi.Schema {
		return &openapi.Schema{Type: []string{openapi.TypeString}, Description: description}
	}
	entry := &openapi.Schema{Type: []string{openapi.TypeObject}}
	entry.Properties.Set("in", &openapi.Schema{
		Type: []string{openapi.TypeString}, Description: "The part of the request.",
		Enum: []any{"body", "path", "query", "header", "cookie", "form"},
	})
	entry.Properties.Set("pointer", text("A JSON Pointer (RFC 6901) into the body."))
	entry.Properties.Set("name", text("The name of the parameter or form field."))
	entry.Properties.Set("rule", text("What was broken, for programs."))
	entry.Properties.Set("param", text("The rule's parameter."))
	entry.Properties.Set("detail", text("What was broken, for people."))

	out := &openapi.Schema{Type: []string{openapi.TypeObject}, Description: "A problem details object (RFC 9457).", Required: []string{"title", "status"}}
	kind := text("The kind of problem; absent for none but the status.")
	kind.Format = "uri-reference"
	out.Properties.Set("type", kind)
	out.Properties.Set("title", text("The kind of problem in words."))
	out.Properties.Set("status", &openapi.Schema{
		Type: []string{openapi.TypeInteger}, Description: "The HTTP status code.", Minimum: "400", Maximum: "599",
	})
	out.Properties.Set("detail", text("What is wrong with this request."))
	instance := text("This occurrence of the problem.")
	instance.Format = "uri-reference"
	out.Properties.Set("instance", instance)
	out.Properties.Set("errors", &openapi.Schema{
		Type: []string{openapi.TypeArray}, Description: "The values at fault, at most 100.", Items: entry,
	})
	out.Properties.Set("truncated", &openapi.Schema{Type: []string{openapi.TypeBoolean}, Description: "More values are at fault than errors tells."})
	return out
}
