package typed

import (
	"net/http"

	"github.com/apiroutes/apiroutes/respond"
)

// selectContent has the answer be the part of a [Content] that the request asks for. The
// error is the problem that it gets in its place.
func selectContent(r *reply) error {
	status, contentRange := r.rendering.Select(r.exchange)
	switch status {
	case http.StatusPreconditionFailed:
		return &respond.Problem{Status: status, Detail: "There is another version of the content than the request asks for."}
	case http.StatusRequestedRangeNotSatisfiable:
		p := &respond.Problem{Status: status, Detail: "The content has no such range."}
		return p.Header("Content-Range", contentRange).Header("Accept-Ranges", "bytes")
	}
	return nil
}
