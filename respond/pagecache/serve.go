package pagecache

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/conditional"
	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// maxWait is how long a request waits for nothing but a render that another one began.
const maxWait = 5 * time.Second

// Answer answers a request from the store, or by waiting for the render of its page.
func (rt *route) Answer(x wire.Exchange, values []string) (bypass wire.Exchange, release func(), err error) {
	if rt.policy.BypassAuthorization && len(x.Header("Authorization")) > 0 {
		if !rt.enterAlone() {
			return nil, nil, pages.ErrBusy
		}
		r := result{route: rt}
		r.mark(x)
		return unshared{x}, rt.leaveAlone, nil
	}
	r := rt.cache.serve(x, rt, values)
	if r.err == nil {
		_ = r.send(x) // an error is that of the client's connection: nothing more can be sent
	}
	return nil, nil, r.err
}

// unshared is the exchange of a request that bypasses the cache, with everything
// that its client sent: no field of the answer may let a cache store it.
type unshared struct{ wire.Exchange }

// SetHeader leaves out what would replace the Cache-Control of result.mark by a weaker one.
func (x unshared) SetHeader(name string, values []string) {
	if !letsStore(name, values) {
		x.Exchange.SetHeader(name, values)
	}
}

// AddHeader is like SetHeader.
func (x unshared) AddHeader(name, value string) {
	if !letsStore(name, []string{value}) {
		x.Exchange.AddHeader(name, value)
	}
}

// letsStore tells whether a field could make a shared cache store an answer: a
// Cache-Control that forbids it may replace ours, and one for caches of a certain kind
// (RFC 9213) would come before ours.
func letsStore(name string, values []string) bool {
	if name == "Cache-Control" {
		return !forbids(values)
	}
	return name == "Surrogate-Control" || strings.HasSuffix(name, "-Cache-Control")
}

// serve finds or makes the page of a request.
func (c *Cache) serve(x wire.Request, rt *route, values []string) result {
	var (
		a   ask
		buf [256]byte
	)
	n, ok := rt.read(&a, buf[:0], values, x.RawQuery(), x)
	if !ok || c.closed.Load() {
		return c.alone(x.Context(), job{route: rt, req: rt.unkeyed(x, values)}, true)
	}
	key := c.hasher.key(n)
	r := result{route: rt, now: time.Now(), public: true}
	rest := n[len(Key{}):]
	if c.peeker != nil { // what is ready in memory needs neither a context nor a timer
		e, ok := c.peek(key)
		if ok && !e.Marker && e.isOf(rt.prefix, rest) && e.freshness(r.now, Current) == fresh {
			r.entry, r.served = e, hit
			return r
		}
	}
	// A client's context would cost a store in the process more than the look-up.
	e, v, blind := c.get(c.base, key, rt.prefix, rest)
	f := gone
	if e != nil {
		f = e.freshness(r.now, v)
	}
	if e != nil && e.Marker {
		if f == fresh {
			return c.alone(x.Context(), rt.job(&a, values, n, key), false)
		}
		e, f = nil, gone
	}
	r.entry = e
	if f == fresh {
		r.served = hit
		return r
	}
	switch p := f.plan(); {
	case p.refresh:
		if c.mayRefresh(key, r.now) {
			c.refresh(rt.job(&a, values, n, key))
		}
		r.served = staleHit
		return r
	case p.rescue && c.backoff.waiting(key, r.now):
		r.served = staleHit
		return r
	default:
		if !p.rescue {
			r.entry = nil
		}
		return c.wait(x.Context(), rt.job(&a, values, n, key), r, e != nil, blind)
	}
}

// mayRefresh is false while a render of the key runs, and for a while after one failed.
func (c *Cache) mayRefresh(key Key, now time.Time) bool {
	return !c.flights.running(key) && !c.backoff.waiting(key, now)
}

// refresh starts a render behind an answer, unless too many run.
func (c *Cache) refresh(j job) {
	if c.behind.Add(1) > int64(c.opts.MaxBackground) {
		c.behind.Add(-1)
		return
	}
	if f, leads := c.join(j, true); !leads || !f.behind {
		c.behind.Add(-1)
	}
}

// wait answers with the page of a render. r.entry is the old page that takes its place
// if it fails, or nil; replaced says that an old page was stored. A request that is blind
// does not join a render that began before it.
func (c *Cache) wait(ctx context.Context, j job, r result, replaced, blind bool) result {
	r.served = miss
	if replaced {
		r.served = revalidated
	}
	patience := time.NewTimer(maxWait)
	defer patience.Stop()
	came := c.flights.clock.Add(1)
	for {
		var f *flight
		leads := false
		if blind {
			f = c.demand(j, false, false)
		} else {
			f, leads = c.join(j, false)
		}
		if err := c.await(ctx, f, patience, leads); err != nil {
			switch {
			case ctx.Err() != nil:
				return result{err: ctx.Err(), route: r.route}
			case r.entry != nil:
				c.giveUp(f)
				r.served = staleHit
				return r
			}
			if r, ok := c.waitAgain(ctx, f, came); !ok {
				return r
			}
		}
		r.now = time.Now()
		r.stored, r.collapsed = leads && f.stored, !leads
		switch {
		case errors.Is(f.err, errClosed):
			return c.alone(ctx, j, true)
		case errors.Is(f.err, errAbandoned):
			continue // it ended when this request came
		case f.err != nil && r.entry != nil:
			r.served, r.failed = staleHit, true
			return r
		case f.err != nil:
			return result{served: bypass, entry: f.entry, err: noPage(f), route: r.route, now: r.now}
		case f.refused != nil && leads:
			return result{served: bypass, entry: f.entry, route: r.route, now: r.now}
		case f.refused != nil:
			return c.alone(ctx, j, false)
		case f.superseded && !leads:
			// What made the page old may have happened before this request came.
			e, v, lost := c.get(c.base, j.key, j.tuple, nil)
			if e != nil && !e.Marker && e.freshness(r.now, v).plan().serve {
				r.entry = e
				return r
			}
			blind = lost
			continue
		}
		if f.found {
			r.served = hit
		}
		r.entry = f.entry
		return r
	}
}

// noPage is the error of a flight that has not even a failure's answer.
func noPage(f *flight) error {
	if f.entry != nil {
		return nil
	}
	return f.err
}

// errPatience says that a request has waited long enough.
var errPatience = errors.New("pagecache: waited long enough")

// waitAgain waits for f, for which a request that came then has waited long enough, and for
// one more render, which all that are in its place share: if f is slow or hangs, the other
// one may not. It is ok if f has landed with a page, and the result is that of the other one
// if it is not.
func (c *Cache) waitAgain(ctx context.Context, f *flight, came uint64) (r result, ok bool) {
	second, leads := c.again(f.job, came)
	select {
	case <-f.done:
		if f.err == nil && f.refused == nil {
			c.giveUp(second)
			return r, true
		}
	case <-second.done:
		c.giveUp(f)
	case <-ctx.Done():
		c.giveUp(f)
	}
	r = c.past(ctx, second)
	if errors.Is(r.err, errClosed) || r.err == nil && second.refused != nil && !leads {
		return c.alone(ctx, f.job, true), false
	}
	return r, false
}

// await waits for a flight. The leader waits until it lands, for its deadline is the
// leader's; the others have limited patience, once it has begun.
func (c *Cache) await(ctx context.Context, f *flight, patience *time.Timer, leads bool) error {
	for {
		limit := patience.C
		if leads {
			limit = nil
		}
		select {
		case <-f.done:
			return nil
		case <-limit:
			patience.Reset(maxWait)
			if f.began.Load() {
				return errPatience
			}
		case <-ctx.Done():
			c.giveUp(f)
			return ctx.Err()
		}
	}
}

// alone renders for one request. If it is limited, the render counts against the limit of
// its endpoint, and nothing is stored. One that is not limited takes the place of a marker:
// the first answer that may be stored is.
func (c *Cache) alone(ctx context.Context, j job, limited bool) result {
	if limited {
		if !j.route.enterAlone() {
			return result{route: j.route, err: pages.ErrBusy}
		}
		defer j.route.leaveAlone()
	}
	return c.past(ctx, c.single(j, limited))
}

// past answers with what a render past the cache gives.
func (c *Cache) past(ctx context.Context, f *flight) result {
	r := result{served: bypass, route: f.job.route}
	select {
	case <-f.done:
	case <-ctx.Done():
		c.giveUp(f)
		r.err = ctx.Err()
		return r
	}
	r.now, r.entry, r.err = time.Now(), f.entry, noPage(f)
	r.public = f.err == nil && f.refused == nil
	return r
}

// freshness is where a stored page stands.
type freshness uint8

const (
	fresh freshness = iota
	stale
	errorStale
	gone
)

// plan is what a request does in a state.
type plan struct {
	serve   bool // answer with the old page at once
	refresh bool // start one render behind the answer
	wait    bool // wait for a render and answer with its page
	rescue  bool // answer with the old page when that render fails
}

// plan is the state machine: one row a state. Time moves a page down the table (see
// Entry.freshness), a soft bump moves a fresh one to stale, a hard bump any to gone, and
// a render that succeeds makes it fresh.
func (s freshness) plan() plan {
	return [...]plan{
		fresh:      {serve: true},
		stale:      {serve: true, refresh: true},
		errorStale: {wait: true, rescue: true},
		gone:       {wait: true},
	}[s]
}

// freshness says where e stands at a time, given what its marks have become.
func (e *Entry) freshness(now time.Time, v Verdict) freshness {
	if v == Expired {
		return gone
	}
	age := now.Sub(e.Born)
	if v == Outdated || age < 0 {
		// A page from the future was stored before the clock was set back: its
		// age is not known.
		age = max(age, e.Fresh)
	}
	for s, window := range [...]time.Duration{fresh: e.Fresh, stale: e.Stale, errorStale: e.Error} {
		if age < window {
			return freshness(s)
		}
		age -= window
	}
	return gone
}

// cacheName is what the cache calls itself in Cache-Status (RFC 9211).
const cacheName = "apiroutes"

// served says what the cache did for a request.
type served uint8

const (
	bypass      served = iota // rendered for this request alone and not stored
	hit                       // a fresh page
	staleHit                  // an old page, while a render replaces it or because one failed
	miss                      // nothing was stored; the request waited for a render
	revalidated               // what was stored was too old; the request waited for a render that replaced it
)

// servedNames are the values of X-Cache.
var servedNames = [...]string{bypass: "BYPASS", hit: "HIT", staleHit: "STALE", miss: "MISS", revalidated: "REVALIDATED"}

// result is the cache's answer to one request.
type result struct {
	served served
	err    error // there is no page to send
	entry  *Entry
	route  *route
	now    time.Time
	public bool // the page may be shared, whether or not it could be stored

	stored    bool // a render's page is stored now
	collapsed bool // the request waited for a render that another one began
	failed    bool // an old page takes the place of a render that failed
}

// cacheStatus is the field of that name (RFC 9211). ttl is the time that the page has left.
func (r *result) cacheStatus(ttl int64) string {
	s := cacheName
	switch {
	case r.served == staleHit && r.failed:
		return s + "; fwd=stale; ttl=" + strconv.FormatInt(min(ttl, 0), 10) + "; detail=render-failed"
	case r.served == staleHit:
		return s + "; hit; ttl=" + strconv.FormatInt(min(ttl, 0), 10) + "; detail=stale"
	case r.served == hit:
		return s + "; hit; ttl=" + strconv.FormatInt(ttl, 10)
	case r.served == miss:
		s += "; fwd=uri-miss"
	case r.served == revalidated:
		s += "; fwd=stale"
	default:
		return s + "; fwd=bypass"
	}
	if r.stored {
		s += "; stored"
	}
	if r.collapsed {
		s += "; collapsed"
	}
	return s
}

// send writes the page, or 304 where the client has it already (RFC 9110, section
// 13.1.2), or the header alone for HEAD. The result has a page: err is nil.
func (r *result) send(x wire.Exchange) error {
	e := r.entry
	if !r.public {
		return r.sendUnstored(x)
	}
	x.SetHeader("X-Cache", r.route.xcache[r.served])
	h := e.head.Load()
	if h == nil {
		h = e.build(r.route)
	}
	age := max(0, int64(r.now.Sub(e.Born)/time.Second))
	l := e.second.Load()
	if l == nil || l.age != age || l.served != r.served || r.failed {
		l = e.lines(r, age)
	}
	x.SetHeader("Age", l.lines)
	x.SetHeader("Cache-Status", l.status)
	if h.vary != "" {
		x.AddHeader("Vary", h.vary)
	}
	h.share(x)
	if e.Status == http.StatusOK && conditional.NotModified(x, e.ETag, h.modified) {
		for _, f := range h.not {
			x.SetHeader(f.Name, f.Values)
		}
		return x.Send(http.StatusNotModified, nil)
	}
	for _, f := range h.fields {
		x.SetHeader(f.Name, f.Values)
	}
	body := e.Body
	if x.Method() == http.MethodHead {
		body = nil
	}
	return x.Send(e.Status, body)
}

// mark sets the header of an answer that only this client gets. What the handler says of
// Cache-Control comes after it and replaces it.
func (r *result) mark(x wire.Response) {
	x.SetHeader("X-Cache", r.route.xcache[r.served])
	x.SetHeader("Cache-Status", line(r.cacheStatus(0)))
	x.SetHeader("Cache-Control", line(notShared))
}

// notShared is the Cache-Control of an answer that is one client's.
const notShared = "private, no-cache, no-store, max-age=0, must-revalidate"

// share lets other caches store the page, unless middleware has forbidden that in the head
// of the answer (RFC 9111, sections 5.2.2.5 and 5.2.2.7), or sets a cookie there, which is
// for one client (section 7.3).
func (h *head) share(x wire.Response) {
	control, cdn := x.Written("Cache-Control"), x.Written("Cdn-Cache-Control")
	switch {
	case len(control) > 0 && forbids(control):
	case len(x.Written("Set-Cookie")) > 0, len(cdn) > 0 && forbids(cdn):
		x.SetHeader("Cache-Control", line(notShared))
	default:
		for _, f := range h.shared {
			x.SetHeader(f.Name, f.Values)
		}
	}
}

// forbids tells whether the lines of a Cache-Control forbid a shared cache to store.
func forbids(lines []string) bool {
	return parseControl(http.Header{"Cache-Control": lines}).forbidden
}

// sendUnstored writes an answer that only this client gets, as the handler made it, but for
// what lets another cache store it.
func (r *result) sendUnstored(x wire.Exchange) error {
	e := r.entry
	r.mark(x)
	if e.ETag != "" {
		x.SetHeader("Etag", line(e.ETag))
	}
	unchanged := e.Status == http.StatusOK && conditional.NotModified(x, e.ETag, e.modified())
	for _, f := range e.Header {
		switch {
		case letsStore(f.Name, f.Values), unchanged && !conditional.Keeps(f.Name, e.ETag != ""):
		case f.Name == "Vary" || f.Name == "Set-Cookie":
			for _, v := range f.Values {
				x.AddHeader(f.Name, v)
			}
		default:
			x.SetHeader(f.Name, f.Values)
		}
	}
	if unchanged {
		return x.Send(http.StatusNotModified, nil)
	}
	if syntax.HasContent(e.Status) {
		x.SetHeader("Content-Length", line(strconv.Itoa(len(e.Body))))
	}
	body := e.Body
	if x.Method() == http.MethodHead {
		body = nil
	}
	return x.Send(e.Status, body)
}

// modified is the Last-Modified of the page; "" is none.
func (e *Entry) modified() string {
	for _, f := range e.Header {
		if f.Name == "Last-Modified" {
			return f.Values[0]
		}
	}
	return ""
}

// head is the response header of a stored page, every line ready to be handed over:
// a hit builds nothing. The slices are shared and have no spare capacity, so that
// appending to one copies it.
type head struct {
	shared   []Field // for other caches, see share
	fields   []Field // for the page
	not      []Field // for a 304
	vary     string
	modified string // Last-Modified
}

// second is what changes once a second.
type second struct {
	age    int64
	served served
	lines  []string // Age
	status []string // Cache-Status
}

func line(s string) []string { return []string{s} }

// build makes the head. A store that decodes entries leaves it to the first who serves
// the entry.
func (e *Entry) build(rt *route) *head {
	h := &head{modified: e.modified(), shared: []Field{{"Cache-Control", line("public, max-age=0, must-revalidate")}}}
	if rt.policy.CDN {
		h.shared = append(h.shared, Field{"Cdn-Cache-Control", line(e.cdn())})
	}
	if e.ETag != "" {
		tag := Field{"Etag", line(e.ETag)}
		h.fields, h.not = append(h.fields, tag), append(h.not, tag)
	}
	if len(rt.vary) > 0 {
		h.vary = rt.varyLine[0]
	}
	for _, f := range e.Header {
		h.fields = append(h.fields, f)
		if conditional.Keeps(f.Name, e.ETag != "") {
			h.not = append(h.not, f)
		}
	}
	if syntax.HasContent(e.Status) {
		h.fields = append(h.fields, Field{"Content-Length", line(strconv.Itoa(len(e.Body)))})
	}
	e.head.Store(h)
	return h
}

// cdn is the CDN-Cache-Control of the page (RFC 9213). A CDN subtracts Age, which is
// sent as well.
func (e *Entry) cdn() string {
	var b strings.Builder
	for _, d := range [...]struct {
		name string
		d    time.Duration
	}{{"max-age", e.Fresh}, {", stale-while-revalidate", e.Stale}, {", stale-if-error", e.Error}} {
		if d.d > 0 || d.name == "max-age" {
			b.WriteString(d.name)
			b.WriteByte('=')
			b.WriteString(strconv.FormatInt(int64(d.d/time.Second), 10))
		}
	}
	return b.String()
}

// lines makes Age and Cache-Status of a page. Those of a hit are made once a second.
func (e *Entry) lines(r *result, age int64) *second {
	l := &second{age: age, served: r.served, lines: line(strconv.FormatInt(age, 10))}
	l.status = line(r.cacheStatus(int64(e.Fresh/time.Second) - age))
	if r.served == hit || r.served == staleHit && !r.failed {
		e.second.Store(l)
	}
	return l
}
