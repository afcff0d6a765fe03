package respond

import (
	"errors"
	"net/url"
	"strings"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

var errNoTarget = errors.New(`respond: the redirect target is empty: pass a path such as "/login"`)

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
	if target == "" {
		return "", errNoTarget
	}
	path, _, _ := strings.Cut(target, "#")
	path, _, _ = strings.Cut(path, "?")
	first, _, _ := strings.Cut(path, "/")
	switch {
	case hasControl(target), strings.HasPrefix(target, " "),
		strings.HasPrefix(path, "//"), strings.Contains(path, `\`), strings.Contains(first, ":"):
		return "", refusedTarget()
	}
	return string(syntax.AppendReference(nil, target)), nil
}

// external returns the Location of an absolute http or https URL.
func external(target string) (string, error) {
	if target == "" {
		return "", errNoTarget
	}
	u, err := url.Parse(target)
	if err != nil || hasControl(target) || strings.ContainsAny(target, `\ `) ||
		u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Opaque != "" {
		return "", errors.New("respond: the external redirect target is not an absolute http or https URL")
	}
	if u.User != nil { // RFC 9110, 4.2.4: must not be sent, it serves to deceive
		return "", errors.New("respond: the external redirect target holds user information before its host: remove it")
	}
	for i := range len(u.Host) {
		if u.Host[i] >= 0x80 {
			return "", errors.New("respond: the host of the external redirect target is not ASCII: write it in punycode")
		}
	}
	return string(syntax.AppendReference(nil, target)), nil
}

// refusedTarget is a client's fault: a program's own targets are paths.
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
