// Package adapter is what adapters for routers share: the paths of an API in a
// router's own words. Mount of an adapter for a router r that writes "/users/:id" is
//
//	syntax := adapter.Syntax{
//		Wildcard: func(name string) string { return ":" + name },
//		Rest:     func(name string) string { return "*" + name },
//	}
//	for _, path := range adapter.Mount(api, "") {
//		for _, method := range adapter.Methods(api, http.MethodGet, http.MethodPost) {
//			r.Handle(method, syntax.Write(path), api)
//		}
//	}
//
// An adapter registers each path for every method and hands the whole request to
// the API, which routes again by its own rules. So a router only has to deliver:
// how parameters are decoded, what a trailing slash means, 404, 405, HEAD and OPTIONS are
// the same under every router, whatever its settings.
package adapter

import (
	"net/url"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/typed"
)

// Path is a path of an API, segment by segment. A path without segments is the
// group itself, without a slash.
type Path []Segment

// Segment is what stands between two slashes.
type Segment struct {
	// Text is a literal as a router of net/http sees it, decoded where net/http
	// decodes it, or the name of a wildcard. It is empty in the path "/".
	Text string
	Kind Kind
}

// Kind tells what a segment matches.
type Kind uint8

const (
	Literal  Kind = iota // its text
	Wildcard             // one segment that is not empty
	Rest                 // all that follows, which may be nothing; the last segment
)

// Mount tells api that it is served in a group of routes with this prefix, "" for a
// router without one, and returns the paths to register, relative to the group. No
// endpoint can be handled after it. It panics if the API is served elsewhere
// already, with what typed.API.Mount says.
func Mount(api *typed.API, prefix string) []Path {
	if err := api.Mount(prefix); err != nil {
		panic(err.Error())
	}
	base := ""
	if prefix == "" {
		base = api.BasePath()
	}
	return below(api, base, prefix != "" || base != "")
}

// Paths returns the paths to register, for a router that does not tell a group
// its prefix. The adapter calls typed.API.Mount when it learns of it. The paths of
// an API that has a base path begin with it.
func Paths(api *typed.API) []Path {
	base := api.BasePath()
	return below(api, base, base != "")
}

// Methods returns the methods to register each path for: those that the router knows,
// and those that api declares beside them.
func Methods(api *typed.API, known ...string) []string {
	methods := slices.Clone(known)
	for op := range api.Operations() {
		if !slices.Contains(methods, op.Method) {
			methods = append(methods, op.Method)
		}
	}
	return methods
}

// below puts base before the paths of api. With a prefix the path "/" is that prefix,
// with a slash or without.
func below(api *typed.API, base string, prefixed bool) []Path {
	prefix := parse(base)
	var paths []Path
	for _, path := range api.Paths() {
		p := append(prefix[:len(prefix):len(prefix)], parse(path)...)
		if path == "/" {
			if prefixed {
				paths = append(paths, p)
			}
			p = append(prefix[:len(prefix):len(prefix)], Segment{})
		}
		paths = append(paths, p)
	}
	return paths
}

func parse(path string) Path {
	var p Path
	for text := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		name, wild := strings.CutPrefix(text, "{")
		name = strings.TrimSuffix(name, "}")
		switch rest, ok := strings.CutSuffix(name, "..."); {
		case ok && wild:
			p = append(p, Segment{rest, Rest})
		case wild:
			p = append(p, Segment{name, Wildcard})
		case text != "":
			p = append(p, Segment{literal(text), Literal})
		}
	}
	return p
}

// literal undoes percent-encoding unless that would make a slash, which net/http
// leaves in URL.RawPath.
func literal(text string) string {
	plain, err := url.PathUnescape(text)
	if err != nil || strings.Contains(plain, "/") {
		return text
	}
	return plain
}

// Syntax says how a router writes a path.
type Syntax struct {
	Wildcard func(name string) string // "{id}" or ":id"
	Rest     func(name string) string // "*" or "*path"
	Literal  func(text string) string // escapes what the router would take for a wildcard; nil: nothing
}

// Write writes p: "" for a path without segments, else with a slash first.
func (s Syntax) Write(p Path) string {
	var b strings.Builder
	for _, segment := range p {
		b.WriteByte('/')
		switch {
		case segment.Kind == Wildcard:
			b.WriteString(s.Wildcard(segment.Text))
		case segment.Kind == Rest:
			b.WriteString(s.Rest(segment.Text))
		case s.Literal != nil:
			b.WriteString(s.Literal(segment.Text))
		default:
			b.WriteString(segment.Text)
		}
	}
	return b.String()
}

// Escape returns a Syntax.Literal that puts a backslash before each of chars.
func Escape(chars string) func(string) string {
	var pairs []string
	for _, c := range chars {
		pairs = append(pairs, string(c), `\`+string(c))
	}
	return strings.NewReplacer(pairs...).Replace
}
