package pagecache

import (
	"cmp"
	"net/http"
	"strings"
	"sync/atomic"

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
	xcache   [len(servedNames)][]string
	bypassed atomic.Int64
}

// register makes a route of a cached endpoint. The faults are all those of its policy.
func (c *Cache) register(e pages.Endpoint, p Policy) (*route, []fault.Fault) {
	if faults := p.check(e.Pattern.Names()); len(faults) > 0 {
		return nil, faults
	}
	p.MaxBody = cmp.Or(p.MaxBody, 1<<20)
	p.MaxVariants = cmp.Or(p.MaxVariants, 128)
	p.MaxBypass = cmp.Or(p.MaxBypass, 256)
	p.RenderTimeout = cmp.Or(p.RenderTimeout, c.opts.RenderTimeout)
	rt := &route{cache: c, endpoint: e, policy: p}
	for _, h := range p.Vary {
		rt.vary = append(rt.vary, http.CanonicalHeaderKey(h))
	}
	if len(rt.vary) > 0 {
		rt.varyLine = []string{strings.Join(rt.vary, ", ")}
	}
	for _, s := range p.Tags {
		t, _ := parseTag(s, e.Pattern.Names())
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

func (rt *route) enterAlone() bool {
	if rt.bypassed.Add(1) > int64(rt.policy.MaxBypass) {
		rt.bypassed.Add(-1)
		return false
	}
	return true
}

func (rt *route) leaveAlone() { rt.bypassed.Add(-1) }
