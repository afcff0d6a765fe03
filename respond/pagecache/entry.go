package pagecache

import (
	"sync/atomic"
	"time"
)

// Field is one header field with its lines.
type Field struct {
	Name   string // canonical form
	Values []string
}

// Entry is one page as a [Store] keeps it. It is not modified once it was put, and it
// is put into one store only.
type Entry struct {
	Tuple []byte   // the full key; what is served was stored under exactly this one
	Token Token    // taken before the render began
	Marks []string // the path's, then those of the tags

	Born  time.Time     // when the render ended
	Fresh time.Duration // then served as it is
	Stale time.Duration // then served while one render replaces it
	Error time.Duration // then served when a render fails

	// Marker says that there is no page: the answer may not be stored, and for as
	// long as it is fresh everybody renders for himself (hit-for-miss).
	Marker bool

	Status int
	Header []Field // sorted by name; without what the cache writes itself
	Body   []byte
	ETag   string

	judged atomic.Uint64          // see Marks.Judge
	head   atomic.Pointer[head]   // the header lines, ready to be written
	second atomic.Pointer[second] // the lines that change once a second
}

// entryOverhead is what an entry costs beside its bytes: the Entry, its ready header
// lines and the node of a store, measured with pages of one kilobyte.
const entryOverhead = 1000

// Size is about how many bytes of memory e takes.
func (e *Entry) Size() int {
	n := entryOverhead + len(e.Tuple) + cap(e.Body) + len(e.ETag)
	for _, f := range e.Header {
		n += 96 + len(f.Name)
		for _, v := range f.Values {
			n += 16 + len(v)
		}
	}
	for _, m := range e.Marks {
		n += 64 + len(m) // with what Marks knows of it
	}
	return n
}
