package pagecache

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/conditional"
	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// markerTime is how long an answer that may not be stored keeps others from queueing
// for it.
const markerTime = 10 * time.Second

// failed tells whether p counts as a failed render: it is not stored, and a last good
// page takes its place.
func failed(p *pages.Page) bool {
	switch p.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return p.Status >= 500
}

// dropped are the fields that belong to one connection or that the cache writes
// itself; those that Connection lists are dropped as well (RFC 9110, section 7.6.1).
func dropped(h http.Header) func(name string) bool {
	var listed []string
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			listed = append(listed, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
	return func(name string) bool {
		switch name {
		case "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization",
			"Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
			"Age", "Cache-Status", "X-Cache", "Content-Length", "Date", "Etag":
			return true
		}
		return slices.Contains(listed, name)
	}
}

// storable says why the answer may not be stored; nil: it may.
func (rt *route) storable(p *pages.Page) error {
	switch p.Status {
	case 200, 203:
		if len(p.Body) == 0 && !rt.endpoint.NoBody {
			return errors.New("it is empty, on an endpoint that answers with a body")
		}
	case 300, 301, 302, 303, 307, 308, 404, 410:
	case 204:
		if !rt.endpoint.NoBody {
			return errors.New("it is empty, on an endpoint that answers with a body")
		}
	default:
		return fmt.Errorf("its status is %d", p.Status)
	}
	switch {
	case p.NoStore:
		return errors.New("its handler forbids storing")
	case len(p.Header["Set-Cookie"]) > 0:
		return errors.New("it sets a cookie")
	case len(p.Body) > rt.policy.MaxBody:
		return fmt.Errorf("its body is larger than %d bytes", rt.policy.MaxBody)
	}
	for _, line := range p.Header["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.TrimSpace(name)
			if name != "" && !slices.Contains(rt.vary, http.CanonicalHeaderKey(name)) {
				return fmt.Errorf("it varies by %s, which is not in Policy.Vary", name)
			}
		}
	}
	return nil
}

// marks collects the marks of a page; an empty tag is none.
func (rt *route) marks(req *pages.Request, extra []string) ([]string, error) {
	out := rt.ownMarks(req)
	for _, t := range extra {
		if len(t) > maxTagLength {
			return nil, fmt.Errorf("a tag is longer than %d bytes", maxTagLength)
		}
		if m := tagMark(t); t != "" && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	if len(out)-1 > maxTags {
		return nil, fmt.Errorf("it has more than %d tags", maxTags)
	}
	return out, nil
}

// ownMarks are the marks that every page of the request has, whatever its render says.
func (rt *route) ownMarks(req *pages.Request) []string {
	out := make([]string, 1, 1+len(rt.tags))
	out[0] = pathMark(req.Path)
	for _, t := range rt.tags {
		name := t.expand(req.Values)
		if m := tagMark(name); name != "" && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// entry makes of an answer what is stored and served. refused says why it may not be
// stored; then the entry is good for one answer only.
func (rt *route) entry(req *pages.Request, p *pages.Page, tuple []byte, token Token, now time.Time) (e *Entry, refused error) {
	e = &Entry{Tuple: tuple, Token: token, Born: now, Status: p.Status, Body: p.Body}
	if !syntax.HasContent(e.Status) {
		e.Body = nil
	}
	drop := dropped(p.Header)
	for name, values := range p.Header {
		if !drop(name) && len(values) > 0 {
			e.Header = append(e.Header, Field{name, cloned(values)})
		}
	}
	slices.SortFunc(e.Header, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	if tags := p.Header["Etag"]; len(tags) > 0 {
		e.ETag = tags[0]
	} else if e.Status == http.StatusOK && !rt.endpoint.NoETag {
		e.ETag = conditional.PageTag(e.Body)
	}
	if failed(p) {
		return e, fmt.Errorf("its status is %d", p.Status)
	}
	if refused = rt.storable(p); refused != nil {
		return e, refused
	}
	var ok bool
	if e.Fresh, e.Stale, e.Error, ok = rt.policy.windows(p.Header, now); !ok {
		return e, errors.New("its Cache-Control or Expires forbids it")
	}
	if e.Born = born(p.Header, now); e.freshness(now, Current) == gone {
		return e, errors.New("its Age or Date says that it is too old")
	}
	if e.Marks, refused = rt.marks(req, p.Tags); refused != nil {
		return e, refused
	}
	e.Header = slices.DeleteFunc(e.Header, func(f Field) bool {
		return f.Name == "Cache-Control" || f.Name == "Cdn-Cache-Control" || f.Name == "Expires" || f.Name == "Vary"
	})
	e.build(rt)
	return e, nil
}

// marker is stored in the place of a page that may not be.
func (rt *route) marker(req *pages.Request, tuple []byte, token Token, now time.Time) *Entry {
	return &Entry{Tuple: tuple, Token: token, Born: now, Fresh: markerTime, Marker: true, Marks: rt.ownMarks(req)}
}
