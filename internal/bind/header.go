package bind

import (
	"strings"

	"github.com/apiroutes/apiroutes/internal/wire"
)

func (b *binding) bindHeaders(req wire.Request) {
	for _, p := range b.plan.headers {
		lines := req.Header(p.key)
		if !p.list {
			for _, line := range lines {
				b.bind(p, trim(line))
			}
			continue
		}
		if len(lines) > 0 {
			b.seen.add(p.bit) // a list without elements is not an absent one
		}
		for _, line := range lines {
			for line != "" {
				var element string
				if element, line = cutElement(line); element != "" {
					b.bind(p, element)
				}
			}
		}
	}
}

// cutElement cuts the first element off a list (RFC 9110, section 5.6.1). A comma
// within a quoted string does not end it. Elements are given as they are, quotes and
// all: an entity tag is not what stands between its quotes. A quoted string that never
// ends takes the rest of the line.
func cutElement(line string) (element, rest string) {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == ',' && !quoted:
			return trim(line[:i]), line[i+1:]
		}
	}
	return trim(line), ""
}

// trim removes optional white space (RFC 9110, section 5.6.3), which net/http has
// removed from whole field values already.
func trim(s string) string {
	if s == "" || !isBlank(s[0]) && !isBlank(s[len(s)-1]) {
		return s
	}
	return strings.Trim(s, " \t")
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
