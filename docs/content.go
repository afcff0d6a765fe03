package docs

import (
	"net/http"
	"slices"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// sendsContent reports whether an outcome is answered in the parts that a client asks for.
func sendsContent(op *typed.Operation, o respond.Outcome) bool {
	return op.Method == http.MethodGet && o.Status == http.StatusOK && o.Payload != nil && hook.Form(o.Payload) == answer.FormContent
}

// contentHeaders adds what a typed.Content may say of itself.
func (w *writer) contentHeaders(r *openapi.Response) {
	text := func(description string) *openapi.Header {
		return &openapi.Header{Description: description, Schema: &openapi.Schema{Type: []string{openapi.TypeString}}}
	}
	ranges := text("Parts of the content can be asked for with Range, in bytes.")
	ranges.Required = true
	r.Headers.Set("Accept-Ranges", ranges)
	r.Headers.Set("ETag", w.entityTag())
	r.Headers.Set("Last-Modified", text("When the content was last changed; send it back in If-Modified-Since or If-Range."))
	r.Headers.Set("Content-Disposition", text("Whether to show or to save the content, and its file name."))
}

// partial adds the other answers of an operation that sends a typed.Content.
func (w *writer) partial(op *typed.Operation, answers map[int]*openapi.Response) {
	at := slices.IndexFunc(op.Outcomes, func(o respond.Outcome) bool { return sendsContent(op, o) })
	if at < 0 {
		return
	}
	contentRange := func(description string, required bool) *openapi.Header {
		return &openapi.Header{Description: description, Required: required, Schema: &openapi.Schema{Type: []string{openapi.TypeString}}}
	}
	if answers[http.StatusPartialContent] == nil {
		part := w.outcome(op, op.Outcomes[at])
		part.Description = "The part of the content that Range asks for; several parts are multipart/byteranges."
		part.Headers.Set("Content-Range", contentRange("Which part this is, and of how many bytes; absent where there are several parts, which have it.", false))
		part.Content.Set("multipart/byteranges", &openapi.MediaType{Schema: binary()})
		answers[http.StatusPartialContent] = part
	}
	for _, code := range []int{http.StatusPreconditionFailed, http.StatusRequestedRangeNotSatisfiable} {
		if answers[code] == nil {
			answers[code] = w.problemResponse(code)
		}
	}
	answers[http.StatusRequestedRangeNotSatisfiable].Headers.Set("Content-Range", contentRange("How many bytes the content has, as in bytes */4711.", false))
}
