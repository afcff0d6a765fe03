package respond

import (
	"fmt"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// field is one header field on its way out.
type field struct {
	name  string // canonical
	value string
}

// adds reports whether a second field of this name stands beside the first instead of replacing it.
func adds(name string) bool {
	switch name {
	case "Set-Cookie", "Link", "Vary", "Www-Authenticate":
		return true
	}
	return false
}

func (f field) apply(h http.Header) {
	if adds(f.name) {
		h[f.name] = append(h[f.name], f.value)
		return
	}
	h[f.name] = []string{f.value}
}

// newField checks a field by RFC 9110, 5.1 and 5.5: an injected line break must never get out.
func newField(name, value string) (field, error) {
	if !wire.IsToken(name) {
		return field{}, fmt.Errorf("respond: %q is not a header field name: use letters, digits and hyphens", name)
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return field{}, fmt.Errorf("respond: the value of header field %s holds a control byte: remove it", name)
		}
	}
	return field{textproto.CanonicalMIMEHeaderKey(name), strings.Trim(value, " \t")}, nil
}

func newCookie(c *http.Cookie) (field, error) {
	if c == nil {
		return field{}, fmt.Errorf("respond: the cookie is nil: pass an *http.Cookie")
	}
	if err := c.Valid(); err != nil {
		return field{}, fmt.Errorf("respond: cookie %q: %w", c.Name, err)
	}
	return field{"Set-Cookie", c.String()}, nil
}

// last returns the value that stands for a field that can stand once.
func last(fields []field, name string) (string, bool) {
	for i := len(fields) - 1; i >= 0; i-- {
		if fields[i].name == name {
			return fields[i].value, true
		}
	}
	return "", false
}
