package docs

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/schema"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// responses are the outcomes that an operation declares, the problems that its handler
// names with Fails, those that the toolkit answers itself, and a default for the rest.
func (w *writer) responses(op *typed.Operation) openapi.Map[*openapi.Response] {
	answers := map[int]*openapi.Response{}
	for _, o := range op.Outcomes {
		r := w.outcome(op, o)
		if before, twice := answers[o.Status]; twice {
			merge(before, r) // one status in several media types
			continue
		}
		answers[o.Status] = r
	}
	for code, r := range answers {
		// A handler may answer a problem where an outcome has the status, and default says
		// nothing of a status that is named. The two differ in their media types.
		if code >= http.StatusBadRequest {
			w.failure(r, code)
		}
	}
	for _, code := range w.problems(op) {
		switch {
		case answers[code] != nil:
		case slices.ContainsFunc(op.Headers, func(h typed.HeaderField) bool { return slices.Contains(h.Statuses, code) }):
			answers[code] = w.problemResponse(code) // other operations have it without the field
		default:
			answers[code] = w.shared(code)
		}
	}
	w.partial(op, answers)
	w.declaredHeaders(op, answers)
	if ok := answers[http.StatusOK]; answers[http.StatusNotModified] == nil && ok != nil && op.Method == http.MethodGet {
		if _, tag := header(ok, "ETag"); tag != nil {
			answers[http.StatusNotModified] = w.notModified()
		}
	}
	var out openapi.Map[*openapi.Response]
	out.Grow(len(answers) + 1)
	for _, code := range slices.Sorted(maps.Keys(answers)) {
		out.Set(strconv.Itoa(code), answers[code])
	}
	out.Set("default", w.shared(0))
	return out
}

// merge adds what another outcome of a status may send.
func merge(into, r *openapi.Response) {
	if !strings.Contains(into.Description, r.Description) {
		into.Description += " Or: " + r.Description
	}
	for name, h := range r.Headers.All() {
		into.Headers.Set(name, h)
	}
	for media, content := range r.Content.All() {
		into.Content.Set(media, content)
	}
}

// declaredHeaders adds the header fields that options declare. Those without a status are
// of the outcomes.
func (w *writer) declaredHeaders(op *typed.Operation, answers map[int]*openapi.Response) {
	for _, h := range op.Headers {
		statuses := h.Statuses
		if len(statuses) == 0 {
			for _, o := range op.Outcomes {
				statuses = append(statuses, o.Status)
			}
		}
		for _, code := range statuses {
			if answers[code] == nil {
				answers[code] = w.problemResponse(code)
			}
			r := answers[code]
			field := &openapi.Header{Description: h.Doc, Schema: &openapi.Schema{Type: []string{openapi.TypeString}}}
			name, have := header(r, h.Name)
			if have != nil && have.Ref == "" {
				field.Schema, field.Required, field.Description = have.Schema, have.Required, cmp.Or(h.Doc, have.Description)
			}
			r.Headers.Set(name, field)
		}
	}
}

// header finds a field of a response, whose name may be written in any case.
func header(r *openapi.Response, name string) (string, *openapi.Header) {
	for have, h := range r.Headers.All() {
		if strings.EqualFold(have, name) {
			return have, h
		}
	}
	return name, nil
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
	r := &openapi.Response{Description: cmp.Or(o.Doc, syntax.StatusText(o.Status), "Status "+strconv.Itoa(o.Status))}
	switch o.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		r.Headers.Set("Location", &openapi.Header{
			Description: "Where to go on.", Required: true,
			Schema: &openapi.Schema{Type: []string{openapi.TypeString}, Format: "uri-reference"},
		})
	}
	switch {
	case sendsContent(op, o):
		w.contentHeaders(r)
	case op.Method == http.MethodGet && o.Status == http.StatusOK && !op.NoETag && (o.Payload == nil || !isStreamed(o.Payload)):
		r.Headers.Set("ETag", w.entityTag())
	}
	for _, name := range o.Headers {
		if name, have := header(r, name); have == nil {
			r.Headers.Set(name, &openapi.Header{Schema: &openapi.Schema{Type: []string{openapi.TypeString}}})
		}
	}
	if o.Payload == nil {
		return r
	}
	w.content(r, op, o)
	if o.Example != "" {
		w.example(op, o, r)
	}
	return r
}

// isStreamed reports whether a payload is content that is not known before it is sent.
func isStreamed(payload reflect.Type) bool {
	form := hook.Form(payload)
	return form >= answer.FormStream
}

// content says what the payload of an outcome is sent as.
func (w *writer) content(r *openapi.Response, op *typed.Operation, o respond.Outcome) {
	form := hook.Form(o.Payload)
	if o.JSON {
		form = answer.FormJSON
	}
	media, _, declared := syntax.MediaType(o.Type)
	if !declared {
		media = form.MediaType()
	}
	text := &openapi.Schema{Type: []string{openapi.TypeString}}
	switch {
	case form >= answer.FormEvents:
		r.Content.Set(media, w.streamed(op, o.Payload))
	case form == answer.FormJSON:
		r.Content.Set(media, &openapi.MediaType{Schema: w.schemas.Output(o.Payload)})
	case declared && syntax.IsJSON(media):
		r.Content.Set(media, &openapi.MediaType{Schema: &openapi.Schema{}}) // written by the handler itself
	case form == answer.FormText && !declared:
		// JSON answers the same string in quotes; the handler chooses.
		r.Content.Set("application/json", &openapi.MediaType{Schema: w.schemas.Output(o.Payload)})
		r.Content.Set(media, &openapi.MediaType{Schema: text})
	case form == answer.FormText, form == answer.FormHTML, strings.HasPrefix(media, "text/"):
		r.Content.Set(media, &openapi.MediaType{Schema: text})
	default:
		r.Content.Set(media, &openapi.MediaType{Schema: binary()})
	}
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
		if !syntax.IsJSON(media) {
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
	binds := slices.ContainsFunc(plan.Fields(), func(f bind.Field) bool { return f.Source != bind.Auth })
	if binds || plan.BodyKind() != bind.NoBody || plan.StrictQuery() {
		codes = append(codes, http.StatusBadRequest, http.StatusUnprocessableEntity)
	}
	if plan.BodyKind() != bind.NoBody {
		codes = append(codes, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if op.Authenticate {
		codes = append(codes, http.StatusUnauthorized)
	}
	if op.Guarded || op.Authenticate && asksForScopes(op.Security) {
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
	name := "Problem"
	if code != 0 {
		name = strings.NewReplacer(" ", "", "-", "", "'", "").Replace(title(code))
	}
	w.doc.Components.Responses.Set(name, w.problemResponse(code))
	ref := &openapi.Response{Ref: "#/components/responses/" + name}
	w.refs[code] = ref
	return ref
}

// problemResponse is a problem with a status; 0 is any other.
func (w *writer) problemResponse(code int) *openapi.Response {
	text := "Any other problem."
	if code != 0 {
		text = cmp.Or(w.reason(code), title(code)+".")
	}
	r := &openapi.Response{Description: text}
	w.failure(r, code)
	return r
}

func title(code int) string { return cmp.Or(syntax.StatusText(code), "Status "+strconv.Itoa(code)) }

// reason says when a status is answered. A 403 may be the guard's, or a handler's own.
func (w *writer) reason(code int) string {
	if code != http.StatusForbidden {
		return reasons[code]
	}
	var guard, handler bool
	for op := range w.operations {
		guard = guard || op.Guarded
		handler = handler || slices.Contains(op.Fails, code) || op.Authenticate && asksForScopes(op.Security)
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
	http.StatusBadRequest:                   "The request is malformed: its JSON, its text encoding, or an escape in the path or query.",
	http.StatusUnauthorized:                 "The client has not said who it is, or its credentials are not valid.",
	http.StatusNotFound:                     "Nothing is there.",
	http.StatusPreconditionFailed:           "There is another version of the content than If-Match or If-Unmodified-Since asks for.",
	http.StatusRequestEntityTooLarge:        "The body is too large.",
	http.StatusUnsupportedMediaType:         "The body has another media type or encoding than the operation takes.",
	http.StatusRequestedRangeNotSatisfiable: "Range is malformed, or the content has none of it.",
	http.StatusUnprocessableEntity:          "A value of the request has the wrong type, breaks a rule, or has no place in it.",
	http.StatusInternalServerError:          "The server failed.",
}
