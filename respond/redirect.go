package respond

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

var errNoTarget = errors.New("respond: the external redirect target is empty: pass an absolute http or https URL")

// redirect makes an Answer that sends the client to a target that passes the check.
func redirect(from *answer.Builder, head answer.Head, target string, check func(string) (string, error)) (Answer, error) {
	location, err := check(target)
	if err != nil {
		return Answer{}, err
	}
	return Answer(from.Redirect(head, location)), nil
}

// sameOrigin returns the Location of a target that stays on this origin in every
// browser: a relative reference without scheme and host (RFC 3986, 4.2). Browsers
// read '\' as '/', and drop tabs and line breaks, before they look for a host
// (WHATWG URL, 4.4), so neither may stand in the path.
func sameOrigin(target string) (string, error) {
	path, _, _ := strings.Cut(target, "#")
	path, _, _ = strings.Cut(path, "?")
	first, _, _ := strings.Cut(path, "/")
	switch {
	case target == "", hasControl(target), strings.HasPrefix(target, " "),
		strings.HasPrefix(path, "//"), strings.Contains(path, `\`), strings.Contains(first, ":"):
		return "", refusedTarget()
	}
	return reference(target), nil
}

// external returns the Location of an absolute http or https URL.
func external(target string) (string, error) {
	if target == "" {
		return "", errNoTarget
	}
	u, err := url.Parse(target)
	if err != nil || hasControl(target) || strings.ContainsAny(target, `\ `) ||
		u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Opaque != "" {
		return "", errors.New("respond: the external redirect target is not an absolute http or https URL")
	}
	if u.User != nil { // RFC 9110, 4.2.4: must not be sent, it serves to deceive
		return "", errors.New("respond: the external redirect target holds user information before its host: remove it")
	}
	for i := range len(u.Host) {
		switch c := u.Host[i]; {
		case c >= 0x80:
			return "", errors.New("respond: the host of the external redirect target is not ASCII: write it in punycode")
		case strings.IndexByte("<>\"^`{|}%", c) >= 0: // RFC 3986, 3.2.2; a zone is of no use to another machine (RFC 6874)
			return "", errors.New("respond: the host of the external redirect target holds a character that no host has")
		}
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", errors.New("respond: the port of the external redirect target is not from 1 to 65535")
		}
	}
	scheme, rest, _ := strings.Cut(target, "://")
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	return scheme + "://" + authority + reference(rest[len(authority):]), nil
}

// reference makes a valid URI reference (RFC 3986, 4.1) of a path, query and fragment:
// what may not stand there is percent-encoded, and so are a percent sign that begins no
// escape, brackets, and a second '#'. Escapes stay as they are.
func reference(s string) string {
	before, fragment, hasFragment := strings.Cut(s, "#")
	var b strings.Builder
	write := func(s string, escaped string) {
		for i := range len(s) {
			switch c := s[i]; {
			case c == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])):
				b.WriteString("%25")
			case strings.IndexByte(escaped, c) >= 0:
				fmt.Fprintf(&b, "%%%02X", c)
			default:
				b.WriteByte(c)
			}
		}
	}
	write(before, "[]")
	if hasFragment {
		b.WriteByte('#')
		write(fragment, "[]#")
	}
	return string(syntax.AppendReference(nil, b.String()))
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// refusedTarget is a client's fault: the targets of a program are paths.
func refusedTarget() error {
	return BadRequest("The redirect target must be a path on this site.")
}

func hasControl(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}
