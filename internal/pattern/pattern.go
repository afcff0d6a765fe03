package pattern

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// Pattern is one parsed pattern. It is immutable and safe for concurrent use; make
// one with [Parse].
type Pattern struct {
	// Method is the request method, as in "GET".
	Method string

	path     string
	segments []segment
	names    []string
}

type segmentKind uint8

const (
	literal segmentKind = iota
	wild                // {name}
	rest                // {name...}
)

// segment is what stands between two slashes. The root is one empty literal, which
// is what remains of "/" after its slash.
type segment struct {
	kind segmentKind
	text string // a literal, decoded, or a wildcard's name
}

// Parse reads a pattern like "GET /users/{id}". The error is a sentence that says
// what is wrong and what to write instead.
func Parse(s string) (*Pattern, error) {
	method, path, err := cutMethod(s)
	if err != nil {
		return nil, err
	}
	p := &Pattern{Method: method, path: path}
	if path == "/{$}" {
		p.path = "/"
	}
	if p.path == "/" {
		p.segments = []segment{{}}
		return p, nil
	}
	if err := checkPath(path); err != nil {
		return nil, err
	}
	p.segments = make([]segment, 0, strings.Count(path, "/"))
	for below, more := path[1:], true; more; {
		var part string
		part, below, more = strings.Cut(below, "/")
		seg, err := parseSegment(part)
		if err != nil {
			return nil, err
		}
		if seg.kind == rest && more {
			return nil, fmt.Errorf("the wildcard %s is not the last segment: only the last one can take all that follows, write {%s}", part, seg.text)
		}
		if seg.kind != literal {
			if slices.Contains(p.names, seg.text) {
				return nil, fmt.Errorf("the wildcard name %q is used twice: give each wildcard a name of its own", seg.text)
			}
			p.names = append(p.names, seg.text)
		}
		p.segments = append(p.segments, seg)
	}
	return p, nil
}

func cutMethod(s string) (method, path string, err error) {
	if s == "" {
		return "", "", fmt.Errorf("the pattern is empty: write a method and a path, like GET /users/{id}")
	}
	if !utf8.ValidString(s) {
		return "", "", fmt.Errorf("the pattern is not valid UTF-8: percent-encode the bytes of its path")
	}
	i := strings.IndexAny(s, " \t")
	if i <= 0 {
		if strings.HasPrefix(s, "/") {
			return "", "", fmt.Errorf("the method is missing: write GET %s", s)
		}
		return "", "", fmt.Errorf("the pattern %q is not a method and a path: write it like GET /users/{id}", s)
	}
	method, path = s[:i], strings.TrimLeft(s[i:], " \t")
	switch {
	case !syntax.IsToken(method):
		return "", "", fmt.Errorf("%q is not a request method: write it like GET %s", method, path)
	case method != strings.ToUpper(method):
		return "", "", fmt.Errorf("methods are case-sensitive and %q is not upper case: write %s", method, strings.ToUpper(method))
	case method == "CONNECT":
		return "", "", fmt.Errorf("a CONNECT request has no path and can never match: use another method")
	case path == "":
		return "", "", fmt.Errorf("the path is missing: write %s /", method)
	case path[0] != '/':
		if j := strings.IndexByte(path, '/'); j > 0 {
			return "", "", fmt.Errorf("the path does not begin with a slash, and patterns have no host: write %s %s", method, path[j:])
		}
		return "", "", fmt.Errorf("the path does not begin with a slash: write %s /%s", method, path)
	}
	return method, path, nil
}

// checkPath finds what is wrong with a path as a whole; parseSegment does the rest.
func checkPath(path string) error {
	for _, c := range path {
		switch {
		case unicode.IsSpace(c) || unicode.IsControl(c):
			return fmt.Errorf("the path has a space or a control character: percent-encode it, like %%20")
		case c == '?' || c == '#':
			return fmt.Errorf("the path has a %q: a pattern has neither query nor fragment, declare query parameters in the request type", c)
		}
	}
	if exact, ok := strings.CutSuffix(path, "/{$}"); ok {
		return fmt.Errorf("a path must not end in a slash: write %s", exact)
	}
	if strings.Contains(path, "//") {
		return fmt.Errorf("the path has an empty segment and can never match: write one slash, not two")
	}
	if exact, ok := strings.CutSuffix(path, "/"); ok {
		return fmt.Errorf("the path ends in a slash: write %s for that path alone, or %s{rest...} for all below it", exact, path)
	}
	return nil
}

func parseSegment(part string) (segment, error) {
	if !strings.ContainsAny(part, "{}") {
		text, err := url.PathUnescape(part)
		switch {
		case err != nil || !utf8.ValidString(text):
			return segment{}, fmt.Errorf("the segment %q has a bad percent-encoding: write %% and two hexadecimal digits for each byte of UTF-8", part)
		case isDot(text):
			return segment{}, fmt.Errorf("the path has a segment %q and can never match: write the path it stands for", part)
		}
		if instead := foreign(part); instead != "" {
			return segment{}, fmt.Errorf("the segment %q is a wildcard of other routers: write %s, or %%%02X%s for the text", part, instead, part[0], part[1:])
		}
		return segment{text: text}, nil
	}
	name, closed := strings.CutSuffix(part, "}")
	name, opened := strings.CutPrefix(name, "{")
	if !opened || !closed {
		return segment{}, fmt.Errorf("the segment %q is only partly a wildcard: a wildcard is a whole segment, write {name}, or percent-encode a brace that is meant literally", part)
	}
	kind := wild
	if short, ok := strings.CutSuffix(name, "..."); ok {
		name, kind = short, rest
	}
	switch {
	case name == "":
		return segment{}, fmt.Errorf("the wildcard %s has no name: write {name} or {name...}", part)
	case name == "$":
		return segment{}, fmt.Errorf("{$} is not the last segment: leave it out")
	case strings.Contains(name, ":") && isIdentifier(name[:strings.IndexByte(name, ':')]):
		name, _, _ = strings.Cut(name, ":")
		return segment{}, fmt.Errorf("the wildcard %s has a pattern of its own, which there is not: write {%s}, and say with a rule of the field what its values are", part, name)
	case !isIdentifier(name):
		return segment{}, fmt.Errorf("the wildcard name %q is not a Go identifier: use letters, digits and underscores", name)
	}
	return segment{kind: kind, text: name}, nil
}

// foreign is what to write for :id and *path, which match only themselves here.
func foreign(part string) (instead string) {
	if name, ok := strings.CutPrefix(part, ":"); ok && isIdentifier(name) {
		return "{" + name + "}"
	}
	if name, ok := strings.CutPrefix(part, "*"); ok && (name == "" || isIdentifier(name)) {
		return "{" + cmp.Or(name, "rest") + "...}"
	}
	return ""
}

// Path is the path as written, "/users/{id}".
func (p *Pattern) Path() string { return p.path }

// String is the pattern as written, "GET /users/{id}".
func (p *Pattern) String() string { return p.Method + " " + p.path }

// Names are the names of the wildcards from left to right; callers must not change
// them.
func (p *Pattern) Names() []string { return p.names }

func isIdentifier(s string) bool {
	for i, c := range s {
		if !unicode.IsLetter(c) && c != '_' && (i == 0 || !unicode.IsDigit(c)) {
			return false
		}
	}
	return s != ""
}
