package pagecache

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// cacheName is what the cache calls itself in Cache-Status (RFC 9211).
const cacheName = "apiroutes"

// State says what the cache did for a request.
type State uint8

const (
	// Bypass: the answer was rendered for this request alone and not stored.
	Bypass State = iota
	// Hit: a fresh page was served.
	Hit
	// Stale: an old page was served, while a render replaces it or because one failed.
	Stale
	// Miss: nothing was stored; the request waited for a render.
	Miss
	// Revalidated: what was stored was too old to be served; the request waited for a
	// render that replaced it.
	Revalidated
)

var stateNames = [...]string{Bypass: "BYPASS", Hit: "HIT", Stale: "STALE", Miss: "MISS", Revalidated: "REVALIDATED"}

// String returns the value of X-Cache.
func (s State) String() string { return stateNames[s] }

// parameters are those of Cache-Status, with the time that the page has left.
func (s State) parameters(ttl int64) string {
	switch s {
	case Hit:
		return "; hit; ttl=" + strconv.FormatInt(ttl, 10)
	case Stale:
		return "; hit; ttl=" + strconv.FormatInt(min(ttl, 0), 10) + "; detail=stale"
	case Miss:
		return "; fwd=uri-miss; stored"
	case Revalidated:
		return "; fwd=stale; stored"
	}
	return "; fwd=bypass"
}

// ErrBusy says that as many requests as Policy.MaxBypass allows are rendered past the
// cache already: answer 503.
var ErrBusy = errors.New("pagecache: too many requests are rendered past the cache")

// Result is the cache's answer to one request.
type Result struct {
	// State says where the page comes from.
	State State
	// Past is set when the request has no page here at all: the caller renders it
	// with everything it sent, and counts it with Route.Bypass.
	Past bool
	// Err is set when there is no page to send: the render gave none, or the
	// client is gone, or ErrBusy.
	Err error

	entry  *Entry
	route  *Route
	now    time.Time
	public bool // the page may be shared, whether or not it could be stored
}

// Status is the status of the page; 0 without one.
func (r *Result) Status() int {
	if r.entry == nil {
		return 0
	}
	return r.entry.Status
}

// Send writes the page, or 304 where the client has it already (RFC 9110, section
// 13.1.2), or the header alone for HEAD. The Result has a page: Past is false and Err
// nil.
func (r *Result) Send(x wire.Exchange) error {
	e := r.entry
	if !r.public {
		return r.sendUnstored(x)
	}
	x.SetHeader("X-Cache", r.route.xcache[r.State])
	h := e.build(r.route)
	l := e.lines(r.now, r.State)
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

// Mark sets the header of an answer that only this client gets. What the handler says of
// Cache-Control comes after it and replaces it. It is for requests that are Past as well.
func (r *Result) Mark(x wire.Response) {
	x.SetHeader("X-Cache", r.route.xcache[r.State])
	x.SetHeader("Cache-Status", line(cacheName+r.State.parameters(0)))
	x.SetHeader("Cache-Control", line("private, no-cache, no-store, max-age=0, must-revalidate"))
}

// sendUnstored writes an answer that only this client gets, as the handler made it.
func (r *Result) sendUnstored(x wire.Exchange) error {
	e := r.entry
	r.Mark(x)
	for _, f := range e.Header {
		if f.Name == "Vary" || f.Name == "Set-Cookie" {
			for _, v := range f.Values {
				x.AddHeader(f.Name, v)
			}
			continue
		}
		x.SetHeader(f.Name, f.Values)
	}
	if e.ETag != "" {
		x.SetHeader("Etag", line(e.ETag))
		if e.Status == http.StatusOK && r.unchanged(x) {
			return x.Send(http.StatusNotModified, nil)
		}
	}
	if hasContent(e.Status) {
		x.SetHeader("Content-Length", line(strconv.Itoa(len(e.Body))))
	}
	return sendBody(x, e)
}

// unchanged tells whether the client has this page. If-Modified-Since counts only
// without If-None-Match, and only against a date that the handler set.
func (r *Result) unchanged(x wire.Request) bool {
	if lines := x.Header("If-None-Match"); len(lines) > 0 {
		return r.entry.ETag != "" && matches(lines, r.entry.ETag)
	}
	since := x.Header("If-Modified-Since")
	if len(since) != 1 {
		return false
	}
	for _, f := range r.entry.Header {
		if f.Name == "Last-Modified" {
			have, err1 := http.ParseTime(f.Values[0])
			asked, err2 := http.ParseTime(since[0])
			return err1 == nil && err2 == nil && !have.After(asked)
		}
	}
	return false
}

// matches compares weakly (RFC 9110, section 8.8.3.2). An entity tag may hold commas.
func matches(lines []string, tag string) bool {
	opaque := strings.TrimPrefix(tag, "W/")
	for _, l := range lines {
		for l = strings.TrimLeft(l, " \t,"); l != ""; l = strings.TrimLeft(l, " \t,") {
			if l[0] == '*' {
				return true
			}
			l = strings.TrimPrefix(l, "W/")
			if l == "" || l[0] != '"' {
				return false
			}
			end := strings.IndexByte(l[1:], '"')
			if end < 0 {
				return false
			}
			if l[:end+2] == opaque {
				return true
			}
			l = l[end+2:]
		}
	}
	return false
}
