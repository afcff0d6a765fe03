package wire

import "strings"

// IsToken reports whether s is a token (RFC 9110, 5.6.2): a method, or the name of a
// header field or a cookie.
func IsToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		alphanumeric := '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
		if !alphanumeric && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}
