package pattern

import (
	"slices"
	"strings"
)

// Router finds the endpoint of a request. The zero value has no patterns. Patterns
// are added first, by one goroutine; from then on any number may match.
type Router struct {
	root    node
	depth   int              // segments of the longest pattern
	whole   map[string]*node // where a walk ends by a path without wildcards and escapes: row W1
	methods []string         // that any pattern serves
}

// node stands for a prefix of patterns.
type node struct {
	literals map[string]*node
	wild     *node
	leaf     *route // patterns that end here
	rest     *route // patterns that end in {name...} below here
}

// route is all methods of one path pattern, whatever the wildcards are called.
type route struct {
	methods   []method
	wildcards []int // the places of their segments
	multi     int   // that of {name...}; -1: none
}

type method struct {
	name    string // the pattern's
	pattern *Pattern
	id      int
}

// Add adds p under id, the caller's number for the endpoint. The error names both
// patterns when p conflicts with an earlier one; the router is then unchanged.
func (r *Router) Add(p *Pattern, id int) error {
	if err := r.Conflict(p); err != nil {
		return err
	}
	rt := r.root.insert(p.segments)
	if rt.methods == nil {
		rt.wildcards, rt.multi = wildcards(p.segments)
	}
	rt.methods = append(rt.methods, method{p.Method, p, id})
	r.depth = max(r.depth, len(p.segments))
	served := []string{p.Method, "HEAD"}
	if p.Method != "GET" {
		served = served[:1]
	}
	for _, name := range served {
		if !slices.Contains(r.methods, name) {
			r.methods = append(r.methods, name)
		}
	}
	if path, ok := wholePath(p); ok {
		if r.whole == nil {
			r.whole = make(map[string]*node)
		}
		r.whole[path] = &node{leaf: rt}
	}
	return nil
}

// wildcards finds the wildcards' places, and that of {name...}, which is -1 if there is none.
func wildcards(segs []segment) (places []int, multi int) {
	multi = -1
	for i, seg := range segs {
		if seg.kind == literal {
			continue
		}
		places = append(places, i)
		if seg.kind == rest {
			multi = i
		}
	}
	return places, multi
}

// Conflict is the error that Add would give.
func (r *Router) Conflict(p *Pattern) error { return r.root.conflicts(p, p.segments) }

// wholePath is what an unescaped request path must equal to match p.
func wholePath(p *Pattern) (string, bool) {
	if len(p.names) > 0 {
		return "", false
	}
	var b strings.Builder
	for _, seg := range p.segments {
		if strings.ContainsAny(seg.text, "/%") {
			return "", false
		}
		b.WriteString("/" + seg.text)
	}
	return b.String(), true
}

func (n *node) insert(segs []segment) *route {
	if len(segs) == 0 {
		return created(&n.leaf)
	}
	switch seg := segs[0]; seg.kind {
	case rest:
		return created(&n.rest)
	case wild:
		return created(&n.wild).insert(segs[1:])
	default:
		if n.literals == nil {
			n.literals = make(map[string]*node)
		}
		child := n.literals[seg.text]
		if child == nil {
			child = new(node)
			n.literals[seg.text] = child
		}
		return child.insert(segs[1:])
	}
}

func created[T any](p **T) *T {
	if *p == nil {
		*p = new(T)
	}
	return *p
}

// conflicts compares p with the patterns below n that can match a path with it:
// segs are those of p that begin at n.
func (n *node) conflicts(p *Pattern, segs []segment) error {
	if n == nil {
		return nil
	}
	if len(segs) == 0 {
		return n.leaf.conflicts(p)
	}
	if err := n.rest.conflicts(p); err != nil {
		return err
	}
	seg := segs[0]
	if seg.kind == literal {
		if err := n.literals[seg.text].conflicts(p, segs[1:]); err != nil {
			return err
		}
		return n.wild.conflicts(p, segs[1:])
	}
	below := segs[1:]
	if seg.kind == rest {
		below = segs // matches children and grandchildren alike
	}
	for _, child := range n.literals {
		if err := child.conflictsBelow(p, below, seg.kind); err != nil {
			return err
		}
	}
	return n.wild.conflictsBelow(p, below, seg.kind)
}

func (n *node) conflictsBelow(p *Pattern, segs []segment, kind segmentKind) error {
	if n != nil && kind == rest {
		if err := n.leaf.conflicts(p); err != nil {
			return err
		}
	}
	return n.conflicts(p, segs)
}

func (rt *route) conflicts(p *Pattern) error {
	if rt == nil {
		return nil
	}
	for _, m := range rt.methods {
		if err := conflict(p, m.pattern); err != nil {
			return err
		}
	}
	return nil
}
