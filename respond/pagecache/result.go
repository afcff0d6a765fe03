package pagecache

import (
	"net/http"
	"strconv"
	"time"

	"github.com/apiroutes/apiroutes/internal/conditional"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
)

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
	past   bool  // the policy lets the request past the cache
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
// 13.1.2), or the header alone for HEAD. The result has a page: past is false and err
// nil.
func (r *result) send(x wire.Exchange) error {
	e := r.entry
	if !r.public {
		return r.sendUnstored(x)
	}
	x.SetHeader("X-Cache", r.route.xcache[r.served])
	h := e.build(r.route)
	l := e.lines(r)
	x.SetHeader("Age", l.lines)
	x.SetHeader("Cache-Status", l.status)
	if h.vary != "" {
		x.AddHeader("Vary", h.vary)
	}
	if e.Status == http.StatusOK && r.unchanged(x) {
		for _, f := range h.not {
			x.SetHeader(f.Name, f.Values)
		}
		return x.Send(http.StatusNotModified, nil)
	}
	for _, f := range h.fields {
		x.SetHeader(f.Name, f.Values)
	}
	return sendBody(x, e)
}

func sendBody(x wire.Exchange, e *Entry) error {
	if x.Method() == http.MethodHead {
		return x.Send(e.Status, nil)
	}
	return x.Send(e.Status, e.Body)
}

// mark sets the header of an answer that only this client gets. What the handler says of
// Cache-Control comes after it and replaces it.
func (r *result) mark(x wire.Response) {
	x.SetHeader("X-Cache", r.route.xcache[r.served])
	x.SetHeader("Cache-Status", line(r.cacheStatus(0)))
	x.SetHeader("Cache-Control", line("private, no-cache, no-store, max-age=0, must-revalidate"))
}

// sendUnstored writes an answer that only this client gets, as the handler made it, but for
// what lets another cache store it.
func (r *result) sendUnstored(x wire.Exchange) error {
	e := r.entry
	r.mark(x)
	if e.ETag != "" {
		x.SetHeader("Etag", line(e.ETag))
	}
	unchanged := e.Status == http.StatusOK && r.unchanged(x)
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
	return sendBody(x, e)
}

// unchanged tells whether the client has this page.
func (r *result) unchanged(x wire.Request) bool {
	modified := ""
	for _, f := range r.entry.Header {
		if f.Name == "Last-Modified" {
			modified = f.Values[0]
		}
	}
	return conditional.NotModified(x, r.entry.ETag, modified)
}
