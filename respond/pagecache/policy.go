package pagecache

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

const (
	maxTags      = 128
	maxTagLength = 256
)

// Policy says for how long and under what name the pages of one endpoint are kept.
// It is declared with the endpoint and checked when the endpoint is handled.
type Policy struct {
	// TTL is how long a page is fresh: it is served without asking anybody.
	// Required.
	TTL time.Duration
	// StaleWhileRevalidate follows: the old page is served at once while one render
	// replaces it (RFC 5861, section 3). Zero: requests wait for the render.
	StaleWhileRevalidate time.Duration
	// StaleIfError follows: requests wait for a render, and get the old page if it
	// fails (RFC 5861, section 4). Zero: they get the failure.
	StaleIfError time.Duration

	// Tags are given to every page, for RevalidateTag and ExpireTag. "post:{id}"
	// takes the path value of that name. At most 128, of at most 256 bytes.
	Tags []string
	// Query lists the query parameters that tell pages apart. The handler sees no
	// other.
	Query []string
	// Vary lists the request headers that tell pages apart. The handler sees no
	// other.
	Vary []string

	// CDN adds a CDN-Cache-Control field (RFC 9213) that lets a shared cache in
	// front keep the page as this cache does, and calls Options.Purge when pages
	// are made old. An answer that middleware calls private or gives a cookie has no
	// such field.
	CDN bool
	// BypassAuthorization renders requests that carry Authorization for
	// themselves, with everything they sent, and stores nothing. False: they are
	// served the stored page, which no handler could make depend on the field.
	BypassAuthorization bool

	// MaxBody is the largest body that is stored. Zero: 1 MiB.
	MaxBody int
	// MaxVariants is how many pages one path may have beside the one without query
	// and Vary headers; the one stored longest ago gives way. Zero: 128.
	MaxVariants int
	// MaxBypass is how many requests of the endpoint may be rendered at one time
	// without the cache; more are answered 503. Zero: 256.
	MaxBypass int
	// RenderTimeout is when a render counts as failed. Zero: that of the Options.
	RenderTimeout time.Duration
}

// check returns every fault of the policy, for an endpoint whose path has wildcards of
// these names.
func (p *Policy) check(names []string) []fault.Fault {
	var faults []fault.Fault
	add := func(fix, problem string, args ...any) {
		faults = append(faults, fault.Fault{Problem: fmt.Sprintf(problem, args...), Fix: fix})
	}
	if p.TTL <= 0 {
		add("write how long a page is fresh, or leave the policy out", "Policy.TTL is %v", p.TTL)
	}
	for _, d := range [...]struct {
		name string
		d    time.Duration
	}{{"StaleWhileRevalidate", p.StaleWhileRevalidate}, {"StaleIfError", p.StaleIfError}, {"RenderTimeout", p.RenderTimeout}} {
		if d.d < 0 {
			add("write zero or more", "Policy.%s is %v", d.name, d.d)
		}
	}
	for _, n := range [...]struct {
		name string
		n    int
	}{{"MaxBody", p.MaxBody}, {"MaxVariants", p.MaxVariants}, {"MaxBypass", p.MaxBypass}} {
		if n.n < 0 {
			add("write zero or more", "Policy.%s is %d", n.name, n.n)
		}
	}
	if len(p.Tags) > maxTags {
		add(fmt.Sprintf("write at most %d", maxTags), "Policy.Tags has %d tags", len(p.Tags))
	}
	for _, t := range p.Tags {
		if _, f := parseTag(t, names); f != (fault.Fault{}) {
			faults = append(faults, f)
		}
	}
	seen := map[string]bool{}
	for _, q := range p.Query {
		if q == "" || seen[q] {
			add("write each parameter once", "Policy.Query lists %q twice or without a name", q)
		}
		seen[q] = true
	}
	if len(p.Vary) > maxVary {
		add(fmt.Sprintf("write at most %d", maxVary), "Policy.Vary lists %d headers", len(p.Vary))
	}
	seen = map[string]bool{}
	for _, h := range p.Vary {
		name := http.CanonicalHeaderKey(h)
		switch {
		case !syntax.IsToken(h) || h == "*":
			add("write the name of one request header", "Policy.Vary lists %q", h)
		case name == "Cookie" || name == "Authorization" || name == "Proxy-Authorization":
			add("leave the endpoint without Cache, because what only one client may see must not be stored", "Policy.Vary lists %s", name)
		case name == "Host" || name == "Transfer-Encoding" || name == "Trailer":
			add("drop it", "Policy.Vary lists %s, which the server takes out of the header", name)
		case seen[name]:
			add("write each header once", "Policy.Vary lists %q twice", h)
		}
		seen[name] = true
	}
	return faults
}

// tag is a tag template: literal, value, literal, value ... literal.
type tag struct {
	literals []string
	values   []int // indexes of path values
}

// parseTag reads a template. The fault is zero if there is none.
func parseTag(s string, names []string) (tag, fault.Fault) {
	var t tag
	rest := s
	for {
		before, after, ok := strings.Cut(rest, "{")
		t.literals = append(t.literals, before)
		if !ok {
			break
		}
		name, after, ok := strings.Cut(after, "}")
		i := slices.Index(names, name)
		if !ok || i < 0 {
			fix := "write a tag without braces, because the pattern has no path values"
			if len(names) > 0 {
				fix = "write {" + strings.Join(names, "} or {") + "}"
			}
			return tag{}, fault.Fault{
				Problem: fmt.Sprintf("Policy.Tags: %q names a path value that the pattern does not have", s), Fix: fix}
		}
		t.values = append(t.values, i)
		rest = after
	}
	if s == "" || len(s) > maxTagLength {
		return tag{}, fault.Fault{
			Problem: fmt.Sprintf("Policy.Tags: %q is empty or longer than %d bytes", s, maxTagLength), Fix: "write a shorter name"}
	}
	return t, fault.Fault{}
}

func (t tag) expand(values []string) string {
	if len(t.values) == 0 {
		return t.literals[0]
	}
	var b strings.Builder
	for i, v := range t.values {
		b.WriteString(t.literals[i])
		b.WriteString(values[v])
	}
	b.WriteString(t.literals[len(t.values)])
	return b.String()
}
