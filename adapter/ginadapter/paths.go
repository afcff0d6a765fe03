package ginadapter

import (
	"strings"

	"github.com/apiroutes/apiroutes/adapter"
)

// node is a segment of gin's tree and what may follow it. gin wants one name for all
// wildcards at a place, and nothing beside a wildcard that takes all that follows.
type node struct {
	segment  string
	leaf     bool
	wild     bool
	children []*node
}

// paths merges the paths of an API into what gin can hold: of several wildcards at one
// place the first gives the name, and a {name...} covers all its neighbours. The API tells them apart
// again. Each path is there with a slash at its end as well, because gin would
// redirect it.
func paths(declared []adapter.Path) []string {
	root := &node{}
	for _, p := range declared {
		root.insert(p)
	}
	return root.collect(nil, "")
}

func (n *node) insert(p adapter.Path) {
	if len(p) == 0 {
		n.leaf = true
		return
	}
	segment, wild := write(p[0])
	for _, child := range n.children {
		if child.segment == segment || child.wild && wild {
			child.insert(p[1:])
			return
		}
	}
	child := &node{segment: segment, wild: wild}
	n.children = append(n.children, child)
	child.insert(p[1:])
}

func write(s adapter.Segment) (segment string, wild bool) {
	switch {
	case s.Kind == adapter.Rest:
		return "*" + s.Text, false
	case s.Kind == adapter.Wildcard:
		return ":" + s.Text, true
	case strings.Contains(s.Text, "*"): // gin cannot escape it
		return ":_", true
	default:
		return strings.ReplaceAll(s.Text, ":", `\:`), false
	}
}

func (n *node) collect(dst []string, path string) []string {
	if rest := n.rest(); rest != "" {
		if path != "" {
			dst = append(dst, path)
		}
		return append(dst, path+"/"+rest)
	}
	if n.leaf {
		dst = append(dst, path)
		if !strings.HasSuffix(path, "/") {
			dst = append(dst, path+"/")
		}
	}
	for _, child := range n.children {
		if child.segment != "" || !n.leaf {
			dst = child.collect(dst, path+"/"+child.segment)
		}
	}
	return dst
}

// rest is the wildcard that takes all below n; "" if there is none.
func (n *node) rest() string {
	for _, child := range n.children {
		if strings.HasPrefix(child.segment, "*") {
			return child.segment
		}
	}
	return ""
}
