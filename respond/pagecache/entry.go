package pagecache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
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
	// long as it is fresh each request is rendered for itself (hit-for-miss).
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

// A stored page is the format's name, a checksum of what follows, and the fields
// in their order in Entry, strings and lists preceded by their length.
const (
	format      = "apg1"
	checksumLen = 16
)

// AppendBinary appends e as bytes that [DecodeEntry] reads: for stores that do not
// keep pages as values. The error is always nil.
func (e *Entry) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, format...)
	sum := len(b)
	b = append(b, make([]byte, checksumLen)...)
	b = appendBytes(b, e.Tuple)
	b = binary.AppendUvarint(b, uint64(e.Token))
	b = binary.AppendUvarint(b, uint64(len(e.Marks)))
	for _, m := range e.Marks {
		b = appendBytes(b, m)
	}
	b = binary.AppendVarint(b, e.Born.UnixNano())
	for _, d := range [...]time.Duration{e.Fresh, e.Stale, e.Error} {
		b = binary.AppendVarint(b, int64(d))
	}
	if e.Marker {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(e.Status))
	b = binary.AppendUvarint(b, uint64(len(e.Header)))
	for _, f := range e.Header {
		b = appendBytes(b, f.Name)
		b = binary.AppendUvarint(b, uint64(len(f.Values)))
		for _, v := range f.Values {
			b = appendBytes(b, v)
		}
	}
	b = appendBytes(b, e.ETag)
	b = appendBytes(b, e.Body)
	check := sha256.Sum256(b[sum+checksumLen:])
	copy(b[sum:], check[:checksumLen])
	return b, nil
}

// DecodeEntry reads what [Entry.AppendBinary] wrote. It copies: b may be reused. An
// error wraps [ErrDamaged]; no bytes make it panic.
func DecodeEntry(b []byte) (*Entry, error) {
	rest, ok := bytes.CutPrefix(b, []byte(format))
	if !ok || len(rest) < checksumLen {
		return nil, fmt.Errorf("%w: not a page of this format", ErrDamaged)
	}
	check := sha256.Sum256(rest[checksumLen:])
	if !bytes.Equal(check[:checksumLen], rest[:checksumLen]) {
		return nil, fmt.Errorf("%w: wrong checksum", ErrDamaged)
	}
	r := reader{rest: bytes.Clone(rest[checksumLen:])}
	e := &Entry{Tuple: r.bytes(), Token: Token(r.uint())}
	e.Marks = make([]string, r.count())
	for i := range e.Marks {
		e.Marks[i] = string(r.bytes())
	}
	e.Born = time.Unix(0, r.int())
	e.Fresh, e.Stale, e.Error = time.Duration(r.int()), time.Duration(r.int()), time.Duration(r.int())
	e.Marker = r.uint() == 1
	e.Status = int(r.uint())
	e.Header = make([]Field, r.count())
	for i := range e.Header {
		e.Header[i] = Field{Name: string(r.bytes()), Values: make([]string, r.count())}
		for j := range e.Header[i].Values {
			e.Header[i].Values[j] = string(r.bytes())
		}
	}
	e.ETag = string(r.bytes())
	e.Body = r.bytes()
	if r.failed || len(r.rest) > 0 {
		return nil, fmt.Errorf("%w: wrong length", ErrDamaged)
	}
	return e, nil
}

// reader takes fields off the front of rest. After the first one that does not fit,
// failed is set and it returns zero values.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) fail() {
	r.failed = true
	r.rest = nil
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > math.MaxInt64 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count is a length of a list; every element takes at least one byte, so a larger
// one is damage, and not a reason to allocate.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.rest)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) bytes() []byte {
	n := r.count()
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}
