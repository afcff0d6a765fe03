package pagecache

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// RenderRequest is all that a render may know: the parts of a request that make its
// key. There is no host, no cookie, and no header but those of Policy.Vary.
type RenderRequest struct {
	Path     string      // escaped, in one canonical form
	Values   []string    // the decoded path values, in the order of the pattern
	RawQuery string      // the parameters of Policy.Query, sorted by name, the order of values kept
	Header   http.Header // the fields of Policy.Vary that the client sent, one line each
}

// RenderFunc answers a keyed request with a page. It must not reach for anything
// that the request does not hold. The context descends from no client's, ends at the
// render's deadline, and carries no value of a middleware. An error says that there
// is no answer at all; an answer that is an error is a Page with its status.
type RenderFunc func(ctx context.Context, req RenderRequest) (*Page, error)

// Endpoint describes a cached endpoint to [Cache.Register].
type Endpoint struct {
	Pattern        string   // the path pattern, "/posts/{id}"
	Names          []string // its wildcards in order
	Policy         Policy
	Representation string // what the answer is ("application/json"): pages of another kind are never served for it
	NoBody         bool   // the endpoint answers without a body: a 204 may be stored
	NoETag         bool   // pages get no entity tag but what their handler sets
	Render         RenderFunc
}

// Route is a registered cached endpoint. It is immutable and used concurrently.
type Route struct {
	endpoint Endpoint
	policy   Policy // with defaults filled in
	prefix   []byte // the parts of the key that all its pages share
	seed     Key    // their hash
	tags     []tag
	vary     []string // canonical names
	varyLine []string // for responses that are not stored
	segments []segment
	xcache   [len(stateNames)][]string
	bypassed atomic.Int64
}

// segment is a piece of the pattern: text, or the path value with this index.
type segment struct {
	text  string
	value int // -1 for text
	multi bool
}

// Register makes a route of a cached endpoint. The error holds every fault of its
// policy; each is a sentence that says what to write instead.
func (c *Cache) Register(e Endpoint) (*Route, error) {
	err := e.Policy.check(e.Names)
	if e.Render == nil {
		err = errors.Join(err, errors.New("Endpoint.Render is nil: write the function that renders"))
	}
	rt := &Route{endpoint: e, policy: e.Policy}
	var serr error
	if rt.segments, serr = split(e.Pattern, e.Names); serr != nil {
		err = errors.Join(err, serr)
	}
	if err != nil {
		return nil, err
	}
	p := &rt.policy
	p.MaxBody = orDefault(p.MaxBody, 1<<20)
	p.MaxVariants = orDefault(p.MaxVariants, 128)
	p.MaxBypass = orDefault(p.MaxBypass, 256)
	p.RenderTimeout = orDefault(p.RenderTimeout, c.opts.RenderTimeout)
	for _, h := range p.Vary {
		rt.vary = append(rt.vary, http.CanonicalHeaderKey(h))
	}
	if len(rt.vary) > 0 {
		rt.varyLine = []string{strings.Join(rt.vary, ", ")}
	}
	for _, s := range p.Tags {
		t, err := parseTag(s, e.Names)
		if err != nil {
			return nil, err
		}
		rt.tags = append(rt.tags, t)
	}
	for s, name := range stateNames {
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

// split cuts the pattern into text and wildcards, which must come in order of names.
func split(pattern string, names []string) ([]segment, error) {
	var out []segment
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
			return nil, fmt.Errorf("pattern %q has no wildcard {%s} at its place: name them in order", pattern, name)
		}
	}
	return append(out, segment{text: escapeText(rest), value: -1}), nil
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

// Bypass counts a request that typed renders past the cache, up to the policy's
// limit. When ok, release is called when it was answered.
func (rt *Route) Bypass() (release func(), ok bool) {
	if !rt.enterAlone() {
		return nil, false
	}
	return rt.leaveAlone, true
}

func (rt *Route) enterAlone() bool {
	if rt.bypassed.Add(1) > int64(rt.policy.MaxBypass) {
		rt.bypassed.Add(-1)
		return false
	}
	return true
}

func (rt *Route) leaveAlone() { rt.bypassed.Add(-1) }
