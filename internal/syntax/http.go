package syntax

import (
	"mime"
	"net/http"
	"strings"
)

// IsToken reports whether s is a token (RFC 9110, 5.6.2): a method, or the name of a
// header field or a cookie.
func IsToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !isAlphanumeric(c) && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// Trim removes optional white space (RFC 9110, 5.6.3) from both ends.
func Trim(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// CutElement cuts the first element off a list (RFC 9110, 5.6.1), trimmed. A comma
// within a quoted string does not end it, and the quotes stay: an entity tag is not
// what stands between its quotes. A quoted string that never ends takes the rest of
// the line. Elements may be empty.
func CutElement(line string) (element, rest string) {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == ',' && !quoted:
			return Trim(line[:i]), line[i+1:]
		}
	}
	return Trim(line), ""
}

// MediaType splits a Content-Type into its media type, in lower case, and its
// parameters. It is not ok for what is not one (RFC 9110, 8.3.1).
func MediaType(contentType string) (mediaType string, params map[string]string, ok bool) {
	mediaType, params, err := mime.ParseMediaType(contentType)
	return mediaType, params, err == nil && strings.Contains(mediaType, "/")
}

// IsJSON reports whether a media type without parameters, in lower case, is JSON:
// application/json, or one with the suffix +json (RFC 6839, 3.1).
func IsJSON(mediaType string) bool {
	if mediaType == "application/json" {
		return true
	}
	name, structured := strings.CutSuffix(mediaType, "+json")
	kind, subtype, _ := strings.Cut(name, "/")
	return structured && kind != "" && subtype != ""
}

// HasContent reports whether an answer with this status may have content (RFC 9110,
// 6.4.1; 205: 15.3.6).
func HasContent(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusResetContent && status != http.StatusNotModified
}

func isAlphanumeric(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' }

// StatusText is the reason phrase of a status code in the words of RFC 9110, or "" for
// a code that has none. [http.StatusText] has the words of older RFCs for some.
func StatusText(code int) string {
	switch code {
	case http.StatusRequestEntityTooLarge:
		return "Content Too Large"
	case http.StatusRequestURITooLong:
		return "URI Too Long"
	case http.StatusRequestedRangeNotSatisfiable:
		return "Range Not Satisfiable"
	case http.StatusUnprocessableEntity:
		return "Unprocessable Content"
	}
	return http.StatusText(code)
}

// InRange reports whether a media type is the declared one, or in its range: image/*.
func InRange(mediaType, declared string) bool {
	kind, every := strings.CutSuffix(declared, "*")
	return mediaType == declared || every && strings.HasPrefix(mediaType, kind)
}
