package pagecache

import (
	"net/http"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// maxDelta is the largest delta-seconds that counts (RFC 9111, section 1.2.2).
const maxDelta = 1 << 31

// control is what a handler's Cache-Control says about its page.
type control struct {
	forbidden bool // no-store, private, no-cache
	strict    bool // must-revalidate, proxy-revalidate: nothing stale
	// -1: absent. A value that is no number counts as 0 (RFC 9111, section 4.2.1:
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
				directive, line = syntax.CutElement(line)
				c.add(directive)
			}
		}
	}
	return c
}

func (c *control) add(directive string) {
	name, arg, _ := strings.Cut(directive, "=")
	if trimmed := syntax.Trim(name); trimmed != name {
		name, arg = trimmed, "" // there is no blank around "=" (RFC 9111, section 5.2)
	}
	name = strings.ToLower(name)
	seconds := func(d *time.Duration) {
		n := deltaSeconds(arg)
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

// deltaSeconds reads digits, bare or in double quotes. It is 0 for anything else.
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

// date reads an HTTP-date (RFC 9110, section 5.6.7) as it is written, which http.ParseTime
// does not insist on.
func date(s string) (t time.Time, ok bool) {
	for _, layout := range [...]string{http.TimeFormat, "Monday, 02-Jan-06 15:04:05 GMT", time.ANSIC} {
		if t, err := time.Parse(layout, s); err == nil && t.Format(layout) == s {
			return t, true
		}
	}
	return time.Time{}, false
}

// born is when an answer was made that is received now: earlier, if its handler has passed
// on the Age or the Date of another server's answer (RFC 9111, section 4.2.3).
func born(h http.Header, now time.Time) time.Time {
	age := time.Duration(0)
	if lines := h["Age"]; len(lines) > 0 {
		first, _ := syntax.CutElement(lines[0])
		if first != "" && first[0] != '"' {
			age = deltaSeconds(first)
		}
	}
	if lines := h["Date"]; len(lines) == 1 {
		if t, ok := date(lines[0]); ok {
			age = max(age, now.Sub(t).Truncate(time.Second))
		}
	}
	return now.Add(-age)
}

// windows shortens the policy's windows to what the handler allows. ok is false for a
// page that must not be stored. It never lengthens them.
func (p *Policy) windows(h http.Header, now time.Time) (ttl, stale, onError time.Duration, ok bool) {
	c := parseControl(h)
	if c.forbidden {
		return 0, 0, 0, false
	}
	ttl, stale, onError = p.TTL, p.StaleWhileRevalidate, p.StaleIfError
	lifetime := c.sharedMaxAge
	if lifetime < 0 {
		lifetime = c.maxAge
	}
	if expires := h["Expires"]; lifetime < 0 && len(expires) > 0 {
		lifetime = 0
		if t, ok := date(expires[0]); ok && len(expires) == 1 {
			from := now
			if made, ok := date(h.Get("Date")); ok && len(h["Date"]) == 1 {
				from = made
			}
			lifetime = max(0, t.Sub(from))
		}
	}
	if lifetime >= 0 {
		ttl = min(ttl, lifetime)
	}
	// s-maxage implies proxy-revalidate (RFC 9111, section 5.2.2.10), and a handler
	// that limits how long its page is fresh does not limit how long it may be stale:
	// the directives of RFC 5861 do that.
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
