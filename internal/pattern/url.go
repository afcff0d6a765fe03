package pattern

import (
	"strings"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// Append appends the path that the pattern matches with these values, percent-encoded:
// values are decoded and in the order of [Pattern.Names]. A {name...} value keeps its
// slashes, except those that would make an empty segment.
//
// [Router.Match] gives the same values back, with three exceptions that no URL can
// express: an empty value of {name}, a value "." or "..", and a {name...} value that
// has such a segment. Missing values count as empty.
func (p *Pattern) Append(dst []byte, values []string) []byte {
	for _, seg := range p.segments {
		dst = append(dst, '/')
		if seg.kind == literal {
			dst = syntax.AppendSegment(dst, seg.text)
			continue
		}
		var value string
		if len(values) > 0 {
			value, values = values[0], values[1:]
		}
		if seg.kind == wild {
			dst = appendSegment(dst, value)
		} else {
			dst = appendRest(dst, value)
		}
	}
	return dst
}

func appendRest(dst []byte, value string) []byte {
	for {
		part, tail, more := strings.Cut(value, "/")
		dst = appendSegment(dst, part)
		if !more {
			return dst
		}
		if part == "" {
			dst = append(dst, "%2F"...)
		} else {
			dst = append(dst, '/')
		}
		value = tail
	}
}

// appendSegment hides dots that a client would resolve before it sends the request.
func appendSegment(dst []byte, value string) []byte {
	if isDot(value) {
		return append(dst, strings.Repeat("%2E", len(value))...)
	}
	return syntax.AppendSegment(dst, value)
}

// TakesRest reports whether the wildcard at a place of [Pattern.Names] is a {name...}.
func (p *Pattern) TakesRest(at int) bool {
	return at == len(p.names)-1 && p.segments[len(p.segments)-1].kind == rest
}
