package pagecache

import (
	"strconv"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/internal/conditional"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

// head is the response header of a stored page, every line ready to be handed over:
// a hit builds nothing. The slices are shared and have no spare capacity, so that
// whoever appends to one copies it.
type head struct {
	fields []Field // for the page
	not    []Field // for a 304
	vary   string
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
	if h := e.head.Load(); h != nil {
		return h
	}
	h := &head{}
	both := []Field{{"Cache-Control", line("public, max-age=0, must-revalidate")}}
	if rt.policy.CDN {
		both = append(both, Field{"Cdn-Cache-Control", line(e.cdn())})
	}
	if e.ETag != "" {
		both = append(both, Field{"Etag", line(e.ETag)})
	}
	if len(rt.vary) > 0 {
		h.vary = rt.varyLine[0]
	}
	h.fields = append(h.fields, both...)
	h.not = append(h.not, both...)
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

// lines returns Age and Cache-Status for a page. Those of a hit are made once a second.
func (e *Entry) lines(r *result) *second {
	age := max(0, int64(r.now.Sub(e.Born)/time.Second))
	l := e.second.Load()
	if l != nil && l.age == age && l.served == r.served && !r.failed {
		return l
	}
	l = &second{age: age, served: r.served, lines: line(strconv.FormatInt(age, 10))}
	l.status = line(r.cacheStatus(int64(e.Fresh/time.Second) - age))
	if r.served == hit || r.served == staleHit && !r.failed {
		e.second.Store(l)
	}
	return l
}
