package pattern

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Verdict says what [Router.Match] found.
type Verdict uint8

const (
	// NotFound: no pattern matches the path.
	NotFound Verdict = iota
	// Found: a pattern matches the path and serves the method.
	Found
	// OtherMethods: patterns match the path, but none serves the method.
	OtherMethods
	// Malformed: a pattern matches, but a value of it has a bad percent-encoding or
	// is not UTF-8.
	Malformed
)

// Match finds the most specific pattern that matches the path, still escaped, and
// serves the method; GET serves HEAD unless HEAD was added itself. id is what it was
// added under, -1 unless it is Found. The values of its wildcards, decoded, are appended to
// values. Nothing is allocated when values has room and the path has nothing to decode.
func (r *Router) Match(method, escapedPath string, values []string) (id int, all []string, v Verdict) {
	s := search{method: method, id: -1}
	if end := r.whole[escapedPath]; end != nil && s.below(end, 1, 0) != nil {
		return s.id, values, Found
	}
	if escapedPath == "" || escapedPath[0] != '/' {
		return -1, values, NotFound
	}
	s.path = escapedPath[1:]
	encoded, start := false, 0
	for i := 0; i <= len(s.path); i++ {
		if i < len(s.path) && s.path[i] != '/' {
			if c := s.path[i]; c == '%' || c >= utf8.RuneSelf {
				encoded = true
			}
			continue
		}
		if start < i && s.path[start] == '.' && isDot(s.path[start:i]) {
			return -1, values, NotFound
		}
		start = i + 1
	}
	if encoded && !s.decode(r.depth) {
		return -1, values, NotFound
	}
	rt := s.below(&r.root, 0, 0)
	switch {
	case rt == nil && !s.other:
		return -1, values, NotFound
	case s.malformed:
		return -1, values, Malformed
	case rt == nil:
		return -1, values, OtherMethods
	}
	// The values are cut out of the path again: a recursive search that carried them along
	// would have the caller's slice allocated.
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
			value, _, _ = strings.Cut(value, "/")
		}
		values = append(values, value)
	}
	return s.id, values, Found
}

// Allow is the value of the Allow field (RFC 9110, section 10.2.1) for a path: every
// method that any pattern of it answers, sorted, HEAD with GET, and OPTIONS always.
// It is empty for a path that no pattern matches.
func (r *Router) Allow(escapedPath string) string {
	names := []string{"OPTIONS"}
	for _, method := range r.methods {
		if _, _, v := r.Match(method, escapedPath, nil); v == Found {
			names = append(names, method)
		}
	}
	if len(names) == 1 {
		return ""
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// search is one walk over the tree: literals before {name} before {name...}, and
// back up where that leads nowhere.
type search struct {
	method    string
	path      string   // without its first slash
	decoded   []string // nil: nothing to decode
	malformed bool     // what matches the path has no values
	id        int      // of what serves the method
	other     bool     // something matches the path but does not serve the method
}

// decode decodes up to depth segments of the path, each once, and finds the dot segments
// that were hidden by encoding: then nothing matches the path. A segment that cannot be
// decoded becomes what no literal is.
func (s *search) decode(depth int) (clean bool) {
	whole, err := url.PathUnescape(s.path)
	s.malformed = err != nil || !utf8.ValidString(whole)
	for seg := range strings.SplitSeq(s.path, "/") {
		hidden := len(seg) <= len("%2e%2e") && strings.IndexByte(seg, '%') >= 0
		if len(s.decoded) >= depth && !hidden {
			continue
		}
		text, err := url.PathUnescape(seg)
		if err != nil {
			text = "\xff"
		}
		if isDot(text) {
			return false
		}
		if len(s.decoded) < depth {
			s.decoded = append(s.decoded, text)
		}
	}
	return true
}

// below looks for the rest of the path under n; at is where its next segment begins,
// behind the end where there is none. Only a {name...} takes empty segments. It notes which
// endpoint serves the method, or else that the path has other methods.
func (s *search) below(n *node, at, depth int) *route {
	rt := n.leaf
	if at <= len(s.path) {
		seg, next := s.path[at:], len(s.path)+1
		if i := strings.IndexByte(seg, '/'); i >= 0 {
			seg, next = seg[:i], at+i+1
		}
		if s.decoded != nil && depth < len(s.decoded) {
			seg = s.decoded[depth]
		}
		if child := n.literals[seg]; child != nil {
			if rt := s.below(child, next, depth+1); rt != nil {
				return rt
			}
		}
		if n.wild != nil && seg != "" {
			if rt := s.below(n.wild, next, depth+1); rt != nil {
				return rt
			}
		}
		rt = n.rest
		if rt != nil && s.decoded != nil {
			if _, clean := decodeRest(s.path[at:]); !clean {
				return nil
			}
		}
	}
	if rt == nil {
		return nil
	}
	s.id = -1
	for i := range rt.methods {
		switch m := &rt.methods[i]; {
		case m.name == s.method:
			s.id = m.id
			return rt
		case m.name == "GET" && s.method == "HEAD":
			s.id = m.id // unless HEAD itself is there
		}
	}
	if s.id < 0 {
		s.other = true
		return nil
	}
	return rt
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

// isDot tells a segment that a client or a proxy would resolve before it sends it.
func isDot(segment string) bool { return segment == "." || segment == ".." }
