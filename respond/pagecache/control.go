package pagecache

import (
	"net/http"
	"strings"
	"time"
)

// maxDelta is the largest delta-seconds that counts (RFC 9111, section 1.2.2).
const maxDelta = 1 << 31

// control is what a handler's own Cache-Control says about its page.
type control struct {
	forbidden bool // no-store, private, no-cache
	strict    bool // must-revalidate, proxy-revalidate: nothing stale
	// -1: not said. A value that is no number counts as 0 (RFC 9111, section 4.2.1:
	// what is invalid is stale).
	maxAge, sharedMaxAge         time.Duration
	whileRevalidate, ifErrorTime time.Duration
}

// parseControl reads the lines of Cache-Control and CDN-Cache-Control; what they say
// together is the strictest of each.
func parseControl(h http.Header) control {
	c := control{maxAge: -1, sharedMaxAge: -1, whileRevalidate: -1, ifErrorTime: -1}
	for _, name := range [...]string{"Cache-Control", "Cdn-Cache-Control"} {
		for _, line := range h[name] {
			for line != "" {
				var directive string
				directive, line = cutDirective(line)
				c.add(directive)
			}
		}
	}
	return c
}

// cutDirective cuts at the first comma outside of quotes.
func cutDirective(line string) (directive, rest string) {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case quoted && line[i] == '\\':
			i++
		case !quoted && line[i] == ',':
			return line[:i], line[i+1:]
		}
	}
	return line, ""
}

func (c *control) add(directive string) {
	name, arg, hasArg := strings.Cut(directive, "=")
	name = strings.ToLower(strings.Trim(name, " \t"))
	seconds := func(d *time.Duration) {
		n := time.Duration(0)
		if hasArg {
			n = deltaSeconds(strings.Trim(arg, " \t"))
		}
		if *d < 0 || n < *d {
			*d = n
		}
	}
	switch name {
	case "no-store", "private", "no-cache":
		// With a list of fields the last two mean less; a page in parts is not
		// worth keeping.
		c.forbidden = true
	case "must-revalidate", "proxy-revalidate":
		c.strict = true
	case "max-age":
		seconds(&c.maxAge)
	case "s-maxage":
		seconds(&c.sharedMaxAge)
	case "stale-while-revalidate":
		seconds(&c.whileRevalidate)
	case "stale-if-error":
		seconds(&c.ifErrorTime)
	}
}

// deltaSeconds reads digits, bare or in double quotes; anything else is 0.
func deltaSeconds(s string) time.Duration {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	n := 0
	for _, r := range []byte(s) {
		if r < '0' || r > '9' {
			return 0
		}
		n = min(n*10+int(r-'0'), maxDelta)
	}
	return time.Duration(n) * time.Second
}

// windows shortens the policy's windows to what the handler allows. ok is false for a
// page that must not be stored. It never lengthens them.
func (p *Policy) windows(h http.Header, now time.Time) (ttl, stale, onError time.Duration, ok bool) {
	c := parseControl(h)
	if c.forbidden {
		return 0, 0, 0, false
	}
	ttl, stale, onError = p.TTL, p.StaleWhileRevalidate, p.StaleIfError
	said := c.sharedMaxAge
	if said < 0 {
		said = c.maxAge
	}
	if expires := h["Expires"]; said < 0 && len(expires) > 0 {
		said = 0
		if t, err := http.ParseTime(expires[0]); err == nil {
			said = max(0, t.Sub(now))
		}
	}
	if said >= 0 {
		ttl = min(ttl, said)
	}
	// s-maxage implies proxy-revalidate (RFC 9111, section 5.2.2.10), and a handler
	// that says how long its page is fresh has said nothing of staleness: what it
	// wants there it says with the directives of RFC 5861.
	if c.strict || c.sharedMaxAge >= 0 || ttl == 0 {
		stale, onError = 0, 0
	}
	if !c.strict && (c.sharedMaxAge >= 0 || ttl == 0) {
		stale = min(p.StaleWhileRevalidate, max(0, c.whileRevalidate))
		onError = min(p.StaleIfError, max(0, c.ifErrorTime))
	}
	if c.whileRevalidate >= 0 {
		stale = min(stale, c.whileRevalidate)
	}
	if c.ifErrorTime >= 0 {
		onError = min(onError, c.ifErrorTime)
	}
	return ttl, stale, onError, ttl > 0 || stale > 0 || onError > 0
}
