package typed

import (
	"reflect"
	"strings"
	"unicode"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/respond"
)

// Operation is a read-only view of one handled endpoint, for documents, adapters
// and tests. Its slices must not be modified.
type Operation struct {
	Method       string                // "GET"
	Path         string                // relative to the API: "/users/{id}", "/files/{path...}"
	ID           string                // unique in the API
	Summary      string                //
	Description  string                //
	Tags         []string              // as declared; may be empty
	Security     []SecurityRequirement // as declared; any of them will do
	Public       bool                  // nothing is asked of the client, whatever is asked elsewhere
	Optional     bool                  // Security may be left out
	Authenticate bool                  // the API itself checks Security: 401, and 403 for scopes
	Deprecated   bool                  //
	Hidden       bool                  // not for the document
	Request      reflect.Type          // Req
	Outcomes     []respond.Outcome     // what it answers, problems aside
	Fails        []int                 // statuses of the handler's own problems
	Headers      []HeaderField         // of answers, by option; an outcome has those of its tag
	MaxBody      int64                 // limit of the request's content, in bytes
	AllowUnknown bool                  // unknown members of a JSON body are ignored
	NullAsAbsent bool                  // a null member of a JSON body counts as absent where its type has no null
	NoETag       bool                  // no entity tag is made for its answers
	Guarded      bool                  // requests from other origins are refused with 403

	binding   *bind.Plan
	heartbeat *answer.Heartbeat // nil: no option says
}

// SecurityRequirement is what the options [Security] and [SecurityAll] say: a scheme by
// name, and the scopes that are needed of it.
type SecurityRequirement struct {
	Scheme string
	Scopes []string
	And    []SecurityRequirement // needed at the same time; their own And is not read
}

// operationID makes an id of method and path, in lower camel case: POST /users is
// postUsers, GET /users/{id} is getUsersById.
func operationID(method, path string) string {
	var b strings.Builder
	b.Grow(len(method) + len(path))
	for i := range len(method) {
		c := method[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	for segment := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			b.WriteString("By")
			segment = strings.TrimSuffix(strings.TrimSuffix(name, "}"), "...")
		}
		upper := true
		for _, r := range segment {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				upper = true
				continue
			}
			if upper {
				r = unicode.ToUpper(r)
			}
			upper = false
			b.WriteRune(r)
		}
	}
	return b.String()
}
