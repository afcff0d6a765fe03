package bind

import (
	"net/textproto"
	"strings"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// bindCookies reads the Cookie field as net/http does: pairs that RFC 6265 does not
// allow are skipped, a value's quotes are removed. Of several cookies of one name the
// first counts, which is the one with the longest path (RFC 6265, section 5.4).
func (b *binding) bindCookies(req wire.Request) {
	if len(b.plan.cookies) == 0 {
		return
	}
	for _, line := range req.Header("Cookie") {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			name, value, _ := strings.Cut(textproto.TrimString(pair), "=")
			p := find(b.plan.cookies, textproto.TrimString(name))
			if p == nil || b.seen.has(p.bit) {
				continue
			}
			if value, ok := cookieValue(value); ok {
				b.bind(p, value)
			}
		}
	}
}

func find(params []*param, key string) *param {
	for _, p := range params {
		if p.key == key {
			return p
		}
	}
	return nil
}

func cookieValue(raw string) (string, bool) {
	if len(raw) > 1 && raw[0] == '"' && raw[len(raw)-1] == '"' {
		raw = raw[1 : len(raw)-1]
	}
	for i := range len(raw) {
		if c := raw[i]; c < ' ' || c > '~' || c == '"' || c == ';' || c == '\\' {
			return "", false
		}
	}
	return raw, true
}
