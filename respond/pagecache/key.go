package pagecache

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/maphash"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/internal/wire"
)

// Limits of a key. A request beyond them is rendered for itself, so that no
// client can fill the store with names.
const (
	maxTuple = 4 << 10
	maxPairs = 16
	maxVary  = 8
)

// ask is what the cache reads of one request, the parts of its key beside the values of
// the path. It lives on the stack of a hit, and so do the values and the tuple: that is
// why they are apart.
type ask struct {
	pairs  [maxPairs]pair
	npairs int
	vary   [maxVary]varyValue
	bare   bool // no query and no Vary header: the path itself
}

type pair struct{ name, value string }

// varyValue is one header of the policy as the client sent it.
type varyValue struct {
	value string
	sent  bool
}

// name is a key tuple in which the prefix, which all pages of a route share, is
// replaced by its hash: the key is the hash of what is left. The rest of the tuple
// comes after that hash.
type name []byte

// isOf tells whether the page was stored under the tuple that is made of these two parts.
func (e *Entry) isOf(prefix, rest []byte) bool {
	n := len(prefix)
	return len(e.Tuple) == n+len(rest) && string(e.Tuple[n:]) == string(rest) && string(e.Tuple[:n]) == string(prefix)
}

// header is the part of a wire.Request that Policy.Vary reads.
type header interface {
	Header(name string) []string
}

// appendPrefix starts a tuple: build, API, pattern, representation, names of Vary. Every
// list is preceded by its length and every string by its own, so two different
// tuples never have the same bytes.
func (rt *route) appendPrefix(b []byte, build string) []byte {
	b = appendBytes(b, build)
	b = appendBytes(b, rt.endpoint.API)
	b = appendBytes(b, rt.endpoint.Pattern.Path())
	b = appendBytes(b, rt.endpoint.Representation)
	b = binary.AppendUvarint(b, uint64(len(rt.vary)))
	for _, name := range rt.vary {
		b = appendBytes(b, name)
	}
	return b
}

// read takes the keyed parts of a request and writes their name to buf. It is false for
// a request that has no key.
func (rt *route) read(a *ask, buf []byte, values []string, rawQuery string, req header) (n name, ok bool) {
	for _, v := range values {
		if !plainValue(v) {
			return n, false
		}
	}
	if rawQuery != "" && !a.readQuery(rawQuery, rt.policy.Query) {
		return n, false
	}
	a.bare = a.npairs == 0
	for i, h := range rt.vary {
		v, ok := joinLines(req.Header(h))
		if !ok {
			return n, false
		}
		a.vary[i] = v
		a.bare = a.bare && !v.sent
	}
	b := append(buf, rt.seed[:]...)
	b = binary.AppendUvarint(b, uint64(len(values)))
	for _, v := range values {
		b = append(binary.AppendUvarint(b, uint64(len(v))), v...)
	}
	b = binary.AppendUvarint(b, uint64(a.npairs))
	for _, p := range a.pairs[:a.npairs] {
		b = appendBytes(b, p.name)
		b = appendBytes(b, p.value)
	}
	for _, v := range a.vary[:len(rt.vary)] {
		if !v.sent {
			b = append(b, 0)
			continue
		}
		b = append(b, 1)
		b = appendBytes(b, v.value)
	}
	return b, len(b) <= maxTuple
}

// appendBytes appends a string with its length before it.
func appendBytes[T string | []byte](b []byte, s T) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// hasher makes keys. Those of a store that outlives the process must be the same in the
// next one; for the memory of this one there is a hash that takes a tenth of the time.
// Neither is trusted: the tuple is compared.
type hasher struct {
	seeds  [2]maphash.Seed
	stable *[maxKnownKeys]atomic.Pointer[knownKey] // nil: keys are good for this process
}

// maxKnownKeys is how many stable keys are remembered.
const maxKnownKeys = 1 << 12

// knownKey is a stable key by the quick hash of the same bytes: the key of a page that is
// asked for often is not computed again. In TestCostOfNearHits of diskstore a hit takes 1.0 of one
// in memory with it, and 1.4 without.
type knownKey struct{ quick, stable Key }

func newHasher(stable bool) hasher {
	h := hasher{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
	if stable {
		h.stable = new([maxKnownKeys]atomic.Pointer[knownKey])
	}
	return h
}

func (h *hasher) key(b []byte) (k Key) {
	low := maphash.Bytes(h.seeds[0], b)
	binary.LittleEndian.PutUint64(k[:8], low)
	binary.LittleEndian.PutUint64(k[8:], maphash.Bytes(h.seeds[1], b))
	if h.stable == nil {
		return k
	}
	known := &h.stable[low%maxKnownKeys]
	if n := known.Load(); n != nil && n.quick == k {
		return n.stable
	}
	sum := sha256.Sum256(b)
	n := &knownKey{k, Key(sum[:len(k)])}
	known.Store(n)
	return n.stable
}

// plainValue tells whether a decoded path value may be part of a key: nothing that
// another program on the way could read as another path.
func plainValue(v string) bool {
	if !utf8.ValidString(v) || strings.IndexByte(v, 0) >= 0 {
		return false
	}
	if strings.IndexByte(v, '/') < 0 && strings.IndexByte(v, '\\') < 0 && strings.IndexByte(v, '.') < 0 {
		return true
	}
	for s := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == '/' || r == '\\' }) {
		if s, _, _ = strings.Cut(s, ";"); s == "." || s == ".." {
			return false
		}
	}
	return !strings.Contains(v, "//") && !strings.HasPrefix(v, "/")
}

// readQuery parses the query as url.ParseQuery does, once for the key and for the
// handler, which sees what is written back by rawQuery. It is false for a query that
// url.ParseQuery refuses.
func (a *ask) readQuery(raw string, allowed []string) bool {
	a.npairs = 0
	for raw != "" {
		var part string
		part, raw, _ = strings.Cut(raw, "&")
		if strings.IndexByte(part, ';') >= 0 {
			return false
		}
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return false
		}
		value, err = url.QueryUnescape(value)
		if err != nil || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return false
		}
		if !slices.Contains(allowed, name) {
			continue
		}
		if a.npairs == maxPairs {
			return false
		}
		a.pairs[a.npairs] = pair{name, value}
		a.npairs++
	}
	slices.SortStableFunc(a.pairs[:a.npairs], func(p, q pair) int { return strings.Compare(p.name, q.name) })
	return true
}

func (a *ask) rawQuery() string {
	var b strings.Builder
	for i, p := range a.pairs[:a.npairs] {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(p.value))
	}
	return b.String()
}

// joinLines makes one line of a header's lines, with one comma and one space between
// members (RFC 9110, section 5.3). It is false for a value that no header may have.
func joinLines(lines []string) (v varyValue, ok bool) {
	if len(lines) == 0 {
		return varyValue{}, true
	}
	for _, l := range lines {
		for i := range len(l) {
			if c := l[i]; c < ' ' && c != '\t' || c == 0x7f {
				return varyValue{}, false
			}
		}
	}
	if len(lines) == 1 && strings.IndexByte(lines[0], ',') < 0 {
		return varyValue{strings.Trim(lines[0], " \t"), true}, true
	}
	var b strings.Builder
	for _, l := range lines {
		for l != "" {
			var member string
			if member, l = syntax.CutElement(l); member == "" {
				continue
			}
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			b.WriteString(member)
		}
	}
	return varyValue{b.String(), true}, true
}

// request makes of the keyed parts what a render sees.
func (rt *route) request(a *ask, values []string) pages.Request {
	r := pages.Request{
		Path:     rt.path(values),
		Values:   cloned(values),
		RawQuery: a.rawQuery(),
		Header:   http.Header{},
	}
	for i, name := range rt.vary {
		if a.vary[i].sent {
			r.Header[name] = []string{strings.Clone(a.vary[i].value)}
		}
	}
	return r
}

// unkeyed is what a render sees of a request that has no key: the same parts, as they came.
func (rt *route) unkeyed(x wire.Request, values []string) pages.Request {
	r := pages.Request{
		Path:     rt.path(values),
		Values:   slices.Clone(values),
		RawQuery: listed(x.RawQuery(), rt.policy.Query),
		Header:   http.Header{},
	}
	for _, name := range rt.vary {
		if lines := x.Header(name); len(lines) > 0 {
			r.Header[name] = slices.Clone(lines)
		}
	}
	return r
}

// listed leaves out the parts of a query whose names are not allowed, or cannot be read.
func listed(raw string, allowed []string) string {
	var parts []string
	for part := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(part, "=")
		if name, err := url.QueryUnescape(name); err == nil && part != "" && slices.Contains(allowed, name) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "&")
}

// cloned copies strings that are parts of a request: what is remembered of one would keep
// all of it.
func cloned(from []string) []string {
	to := make([]string, len(from))
	for i, s := range from {
		to[i] = strings.Clone(s)
	}
	return to
}

// path writes the escaped path with these values: the canonical form of every way to
// escape it.
func (rt *route) path(values []string) string {
	return string(rt.endpoint.Pattern.Append(nil, values))
}
