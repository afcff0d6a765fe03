package docs

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/respond"
)

// failureContent is what a client gets in place of an answer.
type failureContent struct {
	mediaType string // "": nothing
	schema    *openapi.Schema
}

// errorForm reads what the API answers problems with: typed.Options.Errors and OnInvalidType.
func (w *writer) errorForm() {
	problem := reflect.TypeFor[respond.Problem]()
	w.schemas.Name(problem, problemSchema())
	mediaType, payload, invalid := hook.Errors(w.api)
	if payload == nil {
		mediaType, payload = "application/problem+json", problem
	} else {
		w.schemas.Name(reflect.TypeFor[respond.FieldError](), entrySchema()) // which a form may hold
		mediaType, _, _ = syntax.MediaType(mediaType)
	}
	w.problem = failureContent{mediaType, w.schemas.Output(payload)}
	if invalid == "" {
		return
	}
	w.invalid.mediaType, _, _ = syntax.MediaType(invalid)
	switch {
	case syntax.IsJSON(w.invalid.mediaType):
		w.invalid.schema = &openapi.Schema{} // OnInvalid may answer any
	case strings.HasPrefix(w.invalid.mediaType, "text/"):
		w.invalid.schema = &openapi.Schema{Type: []string{openapi.TypeString}}
	default:
		w.invalid.schema = binary()
	}
}

// failure adds the content of a problem with a status to r; 0 is any other. A request
// that is refused gets what OnInvalid answers, and the problem where that returns it as
// an error or where the handler has the status as well.
func (w *writer) failure(r *openapi.Response, code int) {
	switch code {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, 0:
		w.invalid.addTo(r)
	}
	w.problem.addTo(r)
}

// addTo leaves alone what a declared outcome sends in the same media type, and adds the
// other form beside it.
func (f failureContent) addTo(r *openapi.Response) {
	if f.mediaType == "" {
		return
	}
	have, taken := r.Content.Get(f.mediaType)
	if !taken {
		r.Content.Set(f.mediaType, &openapi.MediaType{Schema: f.schema})
		return
	}
	if f.mediaType == "application/problem+json" || reflect.DeepEqual(have.Schema, f.schema) {
		return
	}
	either := *have
	either.Schema = &openapi.Schema{AnyOf: []*openapi.Schema{have.Schema, f.schema}}
	r.Content.Set(f.mediaType, &either)
}

func describedText(description string) *openapi.Schema {
	return &openapi.Schema{Type: []string{openapi.TypeString}, Description: description}
}

// entrySchema is respond.FieldError.
func entrySchema() *openapi.Schema {
	text := describedText
	entry := &openapi.Schema{Type: []string{openapi.TypeObject}}
	entry.Properties.Set("in", &openapi.Schema{
		Type: []string{openapi.TypeString}, Description: "The part of the request.",
		Enum: []any{"body", "path", "query", "header", "cookie", "form"},
	})
	entry.Properties.Set("pointer", text("A JSON Pointer (RFC 6901) into the body or, if there is a name, into the value of that name."))
	entry.Properties.Set("name", text("The name of the parameter or form field."))
	entry.Properties.Set("rule", text("What was broken, for programs."))
	entry.Properties.Set("param", text("The rule's parameter."))
	entry.Properties.Set("detail", text("What was broken, for people."))
	return entry
}

// problemSchema is RFC 9457 with the members that the toolkit adds.
func problemSchema() *openapi.Schema {
	text := describedText
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
		Type: []string{openapi.TypeArray}, Description: "The values at fault, at most 100.", Items: entrySchema(),
	})
	out.Properties.Set("truncated", &openapi.Schema{Type: []string{openapi.TypeBoolean}, Description: "More values are at fault than errors tells."})
	return out
}
