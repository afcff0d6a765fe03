package typed

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// HeaderField is a header field of answers, as the option [ResponseHeader] declares it.
type HeaderField struct {
	Name     string // as it was written
	Doc      string
	Statuses []int // of the answers that may have it; nil: all declared outcomes
}

// Produces declares the media type that Send answers on a [Response] endpoint, such as
// "text/csv" or "image/png": it is sent, and documented. A handler that sets another
// Content-Type, or answers JSON where it is no JSON type, has made a mistake of the
// program: 500, reported. Without it Send goes by the payload's type, and a handler may set
// any Content-Type, of which the document then says nothing. Outcome sets say it by tag,
// type:"text/csv".
func Produces(mediaType string) Option {
	return option(func(s *settings) {
		if mediaType == "" || s.produces != "" && s.produces != mediaType {
			s.faults = append(s.faults, fault.Fault{Problem: "the option Produces was given no media type, or two", Fix: "give one; for several answer with an outcome set"})
		}
		s.produces = mediaType
	})
}

// ResponseHeader documents a header field of the answers with the given statuses, or,
// without any, of all declared outcomes. Answers may lack it, and may have fields that
// are not documented. Outcome sets may say it by tag, headers:"X-Width,X-Height".
func ResponseHeader(name, doc string, statuses ...int) Option {
	return option(func(s *settings) {
		switch {
		case !syntax.IsToken(name):
			s.faults = append(s.faults, fault.Fault{Problem: fmt.Sprintf("the option ResponseHeader was given %q, which is no header field name", name), Fix: "use letters, digits and hyphens"})
		case strings.EqualFold(name, "Content-Type"):
			s.faults = append(s.faults, fault.Fault{Problem: "the option ResponseHeader was given Content-Type, of which OpenAPI says nothing as a header", Fix: "use typed.Produces, or a type tag"})
		}
		s.headers = append(s.headers, HeaderField{Name: name, Doc: doc, Statuses: statuses})
	})
}

// checkHeaders refuses header fields of statuses that the endpoint does not have.
func (c *compilation) checkHeaders() {
	for _, h := range c.settings.headers {
		for _, code := range h.Statuses {
			if code < 200 || code > 599 {
				c.refuse(fmt.Sprintf("the option ResponseHeader of %s was given the status %d", h.Name, code), "give statuses from 200 to 599")
				continue
			}
			declared := slices.Contains(c.settings.fails, code)
			if p := c.endpoint.plan; p != nil {
				for _, o := range p.Outcomes() {
					declared = declared || o.Status == code
				}
			}
			if !declared && code < 400 {
				c.refuse(fmt.Sprintf("the option ResponseHeader of %s was given the status %d, which the endpoint does not declare", h.Name, code), "declare it with typed.Status, or drop it here")
			}
		}
	}
}

// Public documents that the endpoint asks nothing of its client where docs.Options.Security
// asks something of all endpoints. It opens nothing: that is for middleware.
func Public() Option { return option(func(s *settings) { s.public = true }) }

// SecurityOptional documents that the endpoint takes what [Security] says, or
// docs.Options.Security for all endpoints, and answers clients without it as well.
func SecurityOptional() Option { return option(func(s *settings) { s.optional = true }) }

// SecurityAll documents that the endpoint asks for all of these schemes at once. Beside
// [Security], or given more than once, any of them will do.
func SecurityAll(schemes ...string) Option {
	return option(func(s *settings) {
		if len(schemes) < 2 || slices.Contains(schemes, "") {
			s.faults = append(s.faults, fault.Fault{Problem: "the option SecurityAll names no two schemes", Fix: "give the names that they have in docs.Options.SecuritySchemes; for one use Security"})
			return
		}
		all := SecurityRequirement{Scheme: schemes[0]}
		for _, name := range schemes[1:] {
			all.And = append(all.And, SecurityRequirement{Scheme: name})
		}
		s.security = append(s.security, all)
	})
}
