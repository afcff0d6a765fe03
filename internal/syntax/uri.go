package syntax

import "strings"

// AppendSegment appends s as a path segment: what RFC 3986, 3.3, allows there stays as
// it is, except for ';' and ',', to which some servers give a meaning of their own.
func AppendSegment(dst []byte, s string) []byte { return appendEscaped(dst, s, "-._~!$&'()*+=:@") }

// AppendQuery appends s as a name or value of a query in the form encoding
// (application/x-www-form-urlencoded): a space becomes '+'.
func AppendQuery(dst []byte, s string) []byte {
	for {
		word, rest, more := strings.Cut(s, " ")
		dst = appendEscaped(dst, word, "-_.~")
		if !more {
			return dst
		}
		dst, s = append(dst, '+'), rest
	}
}

// AppendExtValue appends the value-chars of RFC 8187, 3.2.1, that are those of s.
func AppendExtValue(dst []byte, s string) []byte { return appendEscaped(dst, s, "!#$&+-.^_`|~") }

// AppendReference appends a URI reference, with what RFC 3986 has in no component
// encoded: spaces, control bytes, bytes outside ASCII and a few marks. Escapes stay.
func AppendReference(dst []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			dst = appendEscape(dst, c)
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// appendEscaped keeps letters, digits and the marks in keep.
func appendEscaped(dst []byte, s, keep string) []byte {
	for i := range len(s) {
		if c := s[i]; isAlphanumeric(c) || strings.IndexByte(keep, c) >= 0 {
			dst = append(dst, c)
		} else {
			dst = appendEscape(dst, c)
		}
	}
	return dst
}

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	return append(dst, '%', hex[c>>4], hex[c&15])
}
