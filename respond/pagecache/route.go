package pagecache

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/pages"
)

func init() {
	hook.Pages = func(public any) pages.Cache { return backend{public.(*Cache)} }
}

// backend is a Cache as typed sees it.
type backend struct{ *Cache }

// Register makes a route of a cached endpoint.
func (b backend) Register(e pages.Endpoint, policy any) (pages.Route, []fault.Fault) {
	rt, faults := b.register(e, policy.(Policy))
	if len(faults) > 0 {
		return nil, faults
	}
	return rt, nil
}

// Bind installs the resolver of the API.
func (b backend) Bind(r pages.Resolver) error { return b.bind(r) }

// route is a registered cached endpoint. It is immutable and used concurrently.
type route struct {
	cache    *Cache
	endpoint pages.Endpoint
	policy   Policy // with defaults filled in
	prefix   []byte // the parts of the key that all its pages share
	seed     Key    // their hash
	tags     []tag
	vary     []string // canonical names
	varyLine []string // for responses that are not stored
	segments []segment
	xcache   [len(servedNames)][]string
	bypassed atomic.Int64
}

// segment is a piece of the pattern: text, or the path value with this index.
type segment struct {
	text  string
	value int // -1 for text
	multi bool
}

// register makes a route of a cached endpoint. The faults are all those of its policy.
func (c *Cache) register(e pages.Endpoint, p Policy) (*route, []fault.Fault) {
	faults := p.check(e.Names)
	segments, ok := split(e.Pattern, e.Names)
	if !ok {
		faults = append(faults, fault.Fault{
			Problem: fmt.Sprintf("the pattern %q does not have the wildcards %q in this order", e.Pattern, e.Names), Fix: "name them in order"})
	}
	if len(faults) > 0 {
		return nil, faults
	}
	p.MaxBody = orDefault(p.MaxBody, 1<<20)
	p.MaxVariants = orDefault(p.MaxVariants, 128)
	p.MaxBypass = orDefault(p.MaxBypass, 256)
	p.RenderTimeout = orDefault(p.RenderTimeout, c.opts.RenderTimeout)
	rt := &route{cache: c, endpoint: e, policy: p, segments: segments}
	for _, h := range p.Vary {
		rt.vary = append(rt.vary, http.CanonicalHeaderKey(h))
	}
	if len(rt.vary) > 0 {
		rt.varyLine = []string{strings.Join(rt.vary, ", ")}
	}
	for _, s := range p.Tags {
		t, _ := parseTag(s, e.Names)
		rt.tags = append(rt.tags, t)
	}
	for s, name := range servedNames {
		rt.xcache[s] = line(name)
	}
	if p.CDN {
		c.cdn.Store(true)
	}
	rt.prefix = rt.appendPrefix(nil, c.opts.Build)
	rt.seed = c.hasher.key(rt.prefix)
	return rt, nil
}

func orDefault[T int | time.Duration](v, d T) T {
	if v == 0 {
		return d
	}
	return v
}

// split cuts the pattern into text and wildcards. It is not ok if they do not come in the
// order of names.
func split(pattern string, names []string) (out []segment, ok bool) {
	rest := pattern
	for i, name := range names {
		for _, w := range [...]string{"{" + name + "}", "{" + name + "...}"} {
			before, after, ok := strings.Cut(rest, w)
			if !ok {
				continue
			}
			out = append(out, segment{text: escapeText(before), value: -1}, segment{value: i, multi: strings.HasSuffix(w, "...}")})
			rest = after
			break
		}
		if len(out) != 2*(i+1) {
			return nil, false
		}
	}
	return append(out, segment{text: escapeText(rest), value: -1}), true
}

// escapeText escapes what a pattern may hold and a request target may not.
func escapeText(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func (rt *route) enterAlone() bool {
	if rt.bypassed.Add(1) > int64(rt.policy.MaxBypass) {
		rt.bypassed.Add(-1)
		return false
	}
	return true
}

func (rt *route) leaveAlone() { rt.bypassed.Add(-1) }
