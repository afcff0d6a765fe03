package typed

import (
	"net/http"
	"slices"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/respond/pagecache"
)

// Option says one thing about an endpoint where it is declared.
type Option interface{ apply(*settings) }

// settings is what the options of one endpoint add up to.
type settings struct {
	statuses     []int
	fails        []int
	summary      string
	description  string
	id           string
	tags         []string
	maxBody      int64
	accepts      []string
	strictQuery  bool
	security     []SecurityRequirement
	public       bool
	optional     bool
	produces     string
	headers      []HeaderField
	middleware   []func(http.Handler) http.Handler
	deprecated   bool
	hidden       bool
	allowUnknown bool
	nullAsAbsent bool
	noETag       bool
	cache        *pagecache.Policy
	maxLine      int64
	heartbeat    *answer.Heartbeat // nil: the default
	faults       []fault.Fault
}

type option func(*settings)

func (o option) apply(s *settings) { o(s) }

// Status declares the statuses of a [Response] endpoint: the first is the default,
// the others may be chosen with Response.Status. Without it the endpoint answers
// 200, or 204 if its payload is [None]. Outcome sets declare theirs by tag.
func Status(codes ...int) Option {
	return option(func(s *settings) { s.statuses = append(s.statuses, codes...) })
}

// Fails documents the problems that the handler itself answers, by status. It
// permits nothing: a handler may return any problem.
func Fails(codes ...int) Option {
	return option(func(s *settings) { s.fails = append(s.fails, codes...) })
}

// Summary is the document's one line about the endpoint.
func Summary(text string) Option { return option(func(s *settings) { s.summary = text }) }

// Description is the document's text about the endpoint, in CommonMark.
func Description(text string) Option { return option(func(s *settings) { s.description = text }) }

// Tags groups the endpoint in the document; without it the first path segment does.
func Tags(names ...string) Option {
	return option(func(s *settings) { s.tags = append(s.tags, names...) })
}

// Security documents that the endpoint asks who its client is, by a scheme that
// docs.Options.SecuritySchemes describes and, for OAuth, the scopes that it wants. Given
// more than once, any of them will do. It guards nothing: that is for middleware.
func Security(scheme string, scopes ...string) Option {
	return option(func(s *settings) {
		if scheme == "" {
			s.faults = append(s.faults, fault.Fault{Problem: "the option Security names no scheme", Fix: "give the name that it has in docs.Options.SecuritySchemes"})
		}
		s.security = append(s.security, SecurityRequirement{Scheme: scheme, Scopes: scopes})
	})
}

// OperationID names the endpoint for generated clients; it is unique in an API. Without it
// method and path do: POST /users is postUsers, GET /users/{id} is getUsersById.
func OperationID(id string) Option { return option(func(s *settings) { s.id = id }) }

// Deprecated marks the endpoint in the document.
func Deprecated() Option { return option(func(s *settings) { s.deprecated = true }) }

// Hidden leaves the endpoint out of the document. It is served as ever.
func Hidden() Option { return option(func(s *settings) { s.hidden = true }) }

// MaxBody limits the request's content to n bytes, inclusive, in place of [Options.MaxBody].
func MaxBody(n int64) Option {
	return option(func(s *settings) {
		s.maxBody = n
		if n <= 0 {
			s.faults = append(s.faults, fault.Fault{Problem: "the option MaxBody is not positive", Fix: "give the limit in bytes, or drop the option"})
		}
	})
}

// Accepts names media types that the request's content may have: for a JSON body in
// addition to application/json and the +json types, as JSON that is sent as text/plain;
// for a body of []byte or io.Reader in place of any, also as a range like image/*. Other
// content is a 415 that lists them. They have no parameters. Where a form of a foreign
// page can send one of them, [Options.CrossOrigin] guards the endpoint.
func Accepts(mediaTypes ...string) Option {
	return option(func(s *settings) { s.accepts = append(s.accepts, mediaTypes...) })
}

// StrictQuery refuses query parameters that the request type does not have, with a 422
// that names each. Without it they are ignored, as clients and proxies add their own.
func StrictQuery() Option { return option(func(s *settings) { s.strictQuery = true }) }

// Use wraps the endpoint in middleware, the first outermost, inside the API's own. It runs
// before the request is read.
func Use(mw ...func(http.Handler) http.Handler) Option {
	return option(func(s *settings) {
		if slices.ContainsFunc(mw, func(m func(http.Handler) http.Handler) bool { return m == nil }) {
			s.faults = append(s.faults, fault.Fault{Problem: "the option Use was given nil", Fix: "pass a func(http.Handler) http.Handler"})
			return
		}
		s.middleware = append(s.middleware, mw...)
	})
}

// AllowUnknownFields ignores members of a JSON body that the request type does not
// have, instead of refusing them with a 422.
func AllowUnknownFields() Option { return option(func(s *settings) { s.allowUnknown = true }) }

// NullAsAbsent reads a JSON body as if members that are null, and whose types have no
// null, were not in it, instead of refusing them with a 422: those of structs, and the
// entries of maps. Clients in Go send null for a nil slice or map. A null within a list
// is refused all the same, because an element cannot be absent. Pointers, interfaces and
// types that decode themselves take null as before.
func NullAsAbsent() Option { return option(func(s *settings) { s.nullAsAbsent = true }) }

// NoETag turns off the weak entity tag, and with it 304, for answers whose handler sets none.
func NoETag() Option { return option(func(s *settings) { s.noETag = true }) }
