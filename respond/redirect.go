package respond

import (
	"errors"
	"net/url"
	"strings"
)

var errNoTarget = errors.New(`respond: the redirect target is empty: pass a path such as "/login"`)

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
	return escapeLocation(target), nil
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
	return escapeLocation(target), nil
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

// escapeLocation percent-encodes what must not stand in a Location: bytes outside
// ASCII, spaces, and the few that RFC 3986 has in no component. It never decodes.
func escapeLocation(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
