package pattern

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// Verdict says what [Router.Match] found.
type Verdict uint8

const (
	// NotFound: no pattern matches the path.
	NotFound Verdict = iota
	// Found: a pattern matches; whether it has the method, its Route says.
	Found
	// Malformed: a pattern matches, but a value of it has a bad percent-encoding or
	// is not UTF-8.
	Malformed
)

// Match finds the most specific pattern that matches the path, still escaped, and
// serves the method. The values of its wildcards, decoded, are appended to values.
//
// When patterns match the path but none serves the method, the Route's Endpoint
// reports false for it and its Allow has the methods of all of them. Nothing is
// allocated when values has room and the path has nothing to decode.
func (r *Router) Match(method, escapedPath string, values []string) (*Route, []string, Verdict) {
	if rt := r.wholePath(escapedPath); rt != nil {
		if _, ok := rt.Endpoint(method); ok {
			return rt, values, Found
		}
	}
	if escapedPath == "" || escapedPath[0] != '/' {
		return nil, values, NotFound
	}
	s := search{method: method, path: escapedPath[1:]}
	encoded, clean := inspect(s.path)
	if !clean {
		return nil, values, NotFound
	}
	malformed := false
	if encoded {
		if s.decoded, clean = decode(s.path, r.depth); !clean {
			return nil, values, NotFound
		}
		whole, err := url.PathUnescape(s.path)
		malformed = err != nil || !utf8.ValidString(whole)
	}
	rt := s.below(&r.root, 0, 0)
	switch {
	case rt != nil && !malformed:
		return rt, s.appendValues(values, rt), Found
	case rt == nil:
		rt = s.union()
	}
	switch {
	case rt == nil:
		return nil, values, NotFound
	case malformed:
		return nil, values, Malformed
	}
	return rt, values, Found
}

// inspect finds what a look at the raw bytes can tell: whether anything needs
// decoding, and whether every segment but the last is there and none is a dot segment.
func inspect(path string) (encoded, clean bool) {
	start := 0
	for i := 0; i <= len(path); i++ {
		if i < len(path) && path[i] != '/' {
			if c := path[i]; c == '%' || c >= utf8.RuneSelf {
				encoded = true
			}
			continue
		}
		seg := path[start:i]
		if isDot(seg) || seg == "" && i < len(path) {
			return encoded, false
		}
		start = i + 1
	}
	return encoded, true
}

// decode decodes up to depth segments, each once, and finds the dot segments that
// were hidden by encoding. A segment that cannot be decoded becomes
// what no literal is.
func decode(path string, depth int) (segments []string, clean bool) {
	for more := true; more; {
		var seg string
		seg, path, more = strings.Cut(path, "/")
		hidden := len(seg) <= len("%2e%2e") && strings.IndexByte(seg, '%') >= 0
		if len(segments) >= depth && !hidden {
			continue
		}
		text, err := url.PathUnescape(seg)
		if err != nil {
			text = "\xff"
		}
		seg = text
		if isDot(seg) {
			return nil, false
		}
		if len(segments) < depth {
			segments = append(segments, seg)
		}
	}
	return segments, true
}

// search is one walk over the tree: literals before {name} before {name...}, and
// back up where that leads nowhere.
type search struct {
	method  string
	path    string   // without its first slash
	decoded []string // nil: nothing to decode
	others  []*Route // match the path but do not serve the method
}

// below looks for the rest of the path under n; at is where its next segment begins.
func (s *search) below(n *node, at, depth int) *Route {
	seg, next := s.path[at:], len(s.path)+1
	if i := strings.IndexByte(seg, '/'); i >= 0 {
		seg, next = seg[:i], at+i+1
	}
	if s.decoded != nil && depth < len(s.decoded) {
		seg = s.decoded[depth]
	}
	if child := n.literal(seg); child != nil {
		if rt := s.at(child, next, depth); rt != nil {
			return rt
		}
	}
	if n.wild != nil && seg != "" {
		if rt := s.at(n.wild, next, depth); rt != nil {
			return rt
		}
	}
	if n.rest != nil {
		if s.decoded != nil {
			if _, clean := decodeRest(s.path[at:]); !clean {
				return nil
			}
		}
		if s.serves(n.rest) {
			return n.rest
		}
	}
	return nil
}

// at goes on behind a segment that matched n.
func (s *search) at(n *node, next, depth int) *Route {
	if next <= len(s.path) {
		return s.below(n, next, depth+1)
	}
	if n.leaf != nil && s.serves(n.leaf) {
		return n.leaf
	}
	return nil
}

// appendValues cuts the values of the route's wildcards out of the path that it
// matches. The search does not carry them along, so that its recursion keeps nothing
// that the caller would have to allocate.
func (s *search) appendValues(values []string, rt *Route) []string {
	at, depth := 0, 0
	for _, place := range rt.wildcards {
		for ; depth < place; depth++ {
			at += strings.IndexByte(s.path[at:], '/') + 1
		}
		value := s.path[at:]
		switch {
		case depth == rt.multi && s.decoded != nil:
			value, _ = decodeRest(value) // the search has found it clean
		case depth == rt.multi:
		case s.decoded != nil:
			value = s.decoded[depth]
		default:
			if i := strings.IndexByte(value, '/'); i >= 0 {
				value = value[:i]
			}
		}
		values = append(values, value)
	}
	return values
}

// decodeRest refuses dot segments that an encoded slash made: a handler that opens a
// file under the value's name must be able to rely on there being none.
func decodeRest(value string) (string, bool) {
	text, err := url.PathUnescape(value)
	if err != nil {
		return value, true
	}
	if len(text) != len(value) {
		for seg := range strings.SplitSeq(text, "/") {
			if isDot(seg) {
				return "", false
			}
		}
	}
	return text, true
}

func (s *search) serves(rt *Route) bool {
	if _, ok := rt.Endpoint(s.method); ok {
		return true
	}
	s.others = append(s.others, rt)
	return false
}

// union is nil when nothing matched the path at all.
func (s *search) union() *Route {
	switch len(s.others) {
	case 0:
		return nil
	case 1:
		return s.others[0]
	}
	return &Route{allow: allow(s.others)}
}
