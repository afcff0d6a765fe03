package pattern

import (
	"fmt"
	"strings"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// relation says how the requests of one pattern lie to those of another.
type relation uint8

const (
	equal relation = iota
	general
	specific
	overlap
	disjoint
)

// and combines how two patterns relate in two independent parts.
func (r relation) and(s relation) relation {
	switch {
	case r == disjoint || s == disjoint:
		return disjoint
	case r == equal:
		return s
	case s == equal || r == s:
		return r
	}
	return overlap
}

func comparePaths(p, q []segment) relation {
	r := equal
	for len(p) > 0 && len(q) > 0 {
		if p[0].kind == rest || q[0].kind == rest {
			return r.and(compareRest(p, q))
		}
		r = r.and(compareSegments(p[0], q[0]))
		p, q = p[1:], q[1:]
	}
	if len(p) != len(q) {
		return disjoint
	}
	return r
}

func compareRest(p, q []segment) relation {
	switch {
	case p[0].kind == q[0].kind:
		return equal
	case p[0].kind == rest:
		return general
	default:
		return specific
	}
}

func compareSegments(p, q segment) relation {
	switch {
	case p.kind == wild && q.kind == wild:
		return equal
	case p.kind == wild && q.text != "":
		return general
	case q.kind == wild && p.kind == literal && p.text != "":
		return specific
	case p.kind == literal && q.kind == literal && p.text == q.text:
		return equal
	}
	return disjoint
}

// compareMethods knows that GET serves HEAD as well.
func compareMethods(p, q string) relation {
	switch {
	case p == q:
		return equal
	case p == "GET" && q == "HEAD":
		return general
	case p == "HEAD" && q == "GET":
		return specific
	}
	return disjoint
}

// conflict is nil unless a request exists that p and q both match while neither is
// more specific.
func conflict(p, q *Pattern) error {
	methods, paths := compareMethods(p.Method, q.Method), comparePaths(p.segments, q.segments)
	switch methods.and(paths) {
	case equal:
		return fmt.Errorf("%s matches the same requests as %s: remove one of them or change its path", p, q)
	case overlap:
		if paths == overlap {
			return fmt.Errorf("%s and %s both match some paths, like %s, and neither is more specific: change one of them so that it is", p, q, commonPath(p, q))
		}
		return fmt.Errorf("%s and %s both match some requests: one has the more specific path, the other the more specific method, so declare HEAD beside GET on one path or leave HEAD to GET", p, q)
	}
	return nil
}

// commonPath is a path that both match; there must be one.
func commonPath(p, q *Pattern) string {
	var b strings.Builder
	for ps, qs := p.segments, q.segments; len(ps) > 0 && len(qs) > 0; {
		seg := qs[0]
		if seg.kind == rest || seg.kind == wild && ps[0].kind == literal {
			seg = ps[0]
		}
		b.WriteByte('/')
		if seg.kind == rest {
			break // both take what follows, so nothing may follow
		}
		b.Write(syntax.AppendSegment(nil, seg.text))
		ps, qs = advance(ps), advance(qs)
	}
	return b.String()
}

// advance leaves a {name...} in place: it matches the next segment as well.
func advance(segs []segment) []segment {
	if segs[0].kind == rest {
		return segs
	}
	return segs[1:]
}
