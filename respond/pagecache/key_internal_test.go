package pagecache

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/internal/pattern"
)

// testHasher is read-only.
var testHasher = newHasher(true)

type headers http.Header

func (h headers) Header(name string) []string { return h[name] }

func patternOf(t testing.TB, path string) *pattern.Pattern {
	t.Helper()
	p, err := pattern.Parse("GET " + path)
	require.NoError(t, err)
	return p
}

func newRoute(t testing.TB, path string) *route {
	t.Helper()
	c := New(Memory(1<<20), &Options{Build: "test"})
	t.Cleanup(func() { c.Close() })
	rt, faults := c.register(pages.Endpoint{Pattern: patternOf(t, path), Representation: "text/plain",
		Render: func(context.Context, pages.Request) (*pages.Page, error) { return nil, nil }},
		Policy{TTL: 1e9, Query: []string{"b", "a"}, Vary: []string{"accept-language", "X-Theme"}})
	require.Empty(t, faults)
	return rt
}

// read returns the job of a request; ok is false when it has no key.
func (rt *route) testJob(query string, h headers, values ...string) (job, bool) {
	var a ask
	n, ok := rt.read(&a, nil, values, query, h)
	if !ok {
		return job{}, false
	}
	return rt.job(&a, values, n, testHasher.key(n)), true
}

// FuzzKey: two requests that differ in anything the handler can see never share a key,
// and two that do not differ share one.
func FuzzKey(f *testing.F) {
	f.Add("1", "a=1", "de", "", "1", "a=2", "de", "")
	f.Add("a/b", "a=1&b=2", "de, en", "dark", "a", "b=2&a=1", "de,en", "dark")
	f.Add("{id}", "a=", "", "x", "[slug]", "a", "", "x")
	f.Add("1", "a=1&a=2", "", "", "1", "a=2&a=1", "", "")
	f.Add("\x00", "%61=1", "a\tb", "", "..", "a=1;b=2", "\x01", "")
	f.Add("1", "a=1&utm=2", "de", "", "1", "a=1", "de", "")
	rt := newRoute(f, "/posts/{id}")
	f.Fuzz(func(t *testing.T, id1, q1, l1, x1, id2, q2, l2, x2 string) {
		header := func(l, x string) headers {
			h := headers{"Cookie": {x + l}, "Authorization": {l + x}}
			for name, v := range map[string]string{"Accept-Language": l, "X-Theme": x} {
				if v != "" {
					h[name] = strings.Split(v, "\n")
				}
			}
			return h
		}
		a, ok1 := rt.testJob(q1, header(l1, x1), id1)
		b, ok2 := rt.testJob(q2, header(l2, x2), id2)
		if !ok1 || !ok2 {
			return
		}
		same := cmp.Equal(a.req, b.req)
		if tuples := string(a.tuple) == string(b.tuple); tuples != same || (a.key == b.key) != same {
			t.Fatalf("requests equal: %v, tuples equal: %v, keys equal: %v\n%+v\n%+v", same, tuples, a.key == b.key, a.req, b.req)
		}
		for _, j := range []job{a, b} {
			// What the handler sees of the query is what the key was made of.
			seen, err := url.ParseQuery(j.req.RawQuery)
			if err != nil {
				t.Fatal(err)
			}
			for name := range seen {
				if name != "a" && name != "b" {
					t.Fatalf("the handler sees %q", name)
				}
			}
			if len(j.req.Header["Cookie"])+len(j.req.Header["Authorization"]) > 0 {
				t.Fatal("the handler sees an unkeyed header")
			}
			// The canonical path leads to the same values.
			rest, ok := strings.CutPrefix(j.req.Path, "/posts/")
			id, err := url.PathUnescape(rest)
			if !ok || err != nil || id != j.req.Values[0] || strings.ContainsAny(rest, "/?#") {
				t.Fatalf("path %q for value %q", j.req.Path, j.req.Values[0])
			}
		}
	})
}

func TestOneParseForKeyAndHandler(t *testing.T) {
	rt := newRoute(t, "/posts/{id}")
	for raw, want := range map[string]string{
		"":                      "",
		"a=1":                   "a=1",
		"%61=1":                 "a=1",
		"a":                     "a=",
		"a=":                    "a=",
		"a=1&a=2":               "a=1&a=2",
		"a=2&a=1":               "a=2&a=1",
		"b=1&a=2":               "a=2&b=1",
		"a[]=1":                 "",
		"a=1&utm_source=x&&b=+": "a=1&b=+",
		"a=%26b%3D1":            "a=%26b%3D1",
		"A=1":                   "",
	} {
		j, ok := rt.testJob(raw, nil, "1")
		require.True(t, ok, raw)
		require.Equal(t, want, j.req.RawQuery, raw)
		require.Equal(t, want == "", j.bare, raw)
	}
	for _, raw := range []string{"a=1;b=2", "a=%zz", "%zz=1", "x=%", "a=%ff", "%c0%80=1", "a=" + strings.Repeat("x", maxTuple),
		strings.Repeat("a=1&", maxPairs+1)} {
		_, ok := rt.testJob(raw, nil, "1")
		require.False(t, ok, raw)
	}
}

func TestPathValues(t *testing.T) {
	rt := newRoute(t, "/posts/{id}")
	for _, id := range []string{"1", "{id}", "[slug]", "%5Bslug%5D", "a/b", "ä", "A", "a", "...", "a.b", " ", "a b", "?", "#", "%"} {
		j, ok := rt.testJob("", nil, id)
		require.True(t, ok, id)
		got, err := url.PathUnescape(strings.TrimPrefix(j.req.Path, "/posts/"))
		require.NoError(t, err)
		require.Equal(t, id, got)
	}
	for _, id := range []string{".", "..", "\x00", "a\x00", "\xff", "\xc0\xaf"} {
		_, ok := rt.testJob("", nil, id)
		require.False(t, ok, id)
	}
	files := newRoute(t, "/f/{name}/{rest...}")
	j, ok := files.testJob("", nil, "a b", "x/y z/%")
	require.True(t, ok)
	require.Equal(t, "/f/a%20b/x/y%20z/%25", j.req.Path)
	for _, rest := range []string{"a//b", "/a", "a/../b", "a/.", ".."} {
		_, ok := files.testJob("", nil, "a", rest)
		require.False(t, ok, rest)
	}
	accents := newRoute(t, "/é/{x}")
	j, ok = accents.testJob("", nil, "ü")
	require.True(t, ok)
	require.Equal(t, "/%C3%A9/%C3%BC", j.req.Path)
	// A slash in one value is not a slash between two.
	one, _ := files.testJob("", nil, "a", "b/c")
	other, _ := files.testJob("", nil, "a/b", "c")
	require.NotEqual(t, one.key, other.key)
	require.NotEqual(t, one.req.Path, other.req.Path)
}

func TestVaryValues(t *testing.T) {
	rt := newRoute(t, "/posts/{id}")
	tuple := func(lines ...string) string {
		j, ok := rt.testJob("", headers{"Accept-Language": lines}, "1")
		require.True(t, ok)
		return string(j.tuple)
	}
	require.Equal(t, tuple("de, en"), tuple("de,en"))
	require.Equal(t, tuple("de, en"), tuple("de", " en "))
	require.Equal(t, tuple("de"), tuple(" de\t"))
	require.NotEqual(t, tuple("de"), tuple("DE"))
	require.NotEqual(t, tuple("de, en"), tuple("en, de"))
	require.NotEqual(t, tuple(), tuple(""))
	for _, bad := range []string{"a\x00", "a\r\nb", "a\x7f"} {
		_, ok := rt.testJob("", headers{"Accept-Language": {bad}}, "1")
		require.False(t, ok)
	}
}

// One route's entry is never served for another: pattern, representation and the names
// of Vary are part of the key.
func TestRoutesDoNotShare(t *testing.T) {
	seen := map[Key]string{}
	for _, e := range []struct {
		pages.Endpoint
		vary []string
	}{
		{Endpoint: pages.Endpoint{Pattern: patternOf(t, "/a/{x}"), Representation: "text/html"}},
		{Endpoint: pages.Endpoint{Pattern: patternOf(t, "/a/{x}"), Representation: "application/json"}},
		{Endpoint: pages.Endpoint{Pattern: patternOf(t, "/{x}/a"), Representation: "text/html"}},
		{Endpoint: pages.Endpoint{Pattern: patternOf(t, "/a/{x}"), Representation: "text/html"}, vary: []string{"X-A"}},
		{Endpoint: pages.Endpoint{Pattern: patternOf(t, "/a/{x}"), Representation: "text/html"}, vary: []string{"X-B"}},
	} {
		c := New(Memory(1<<20), &Options{Build: "test"})
		rt, faults := c.register(e.Endpoint, Policy{TTL: 1e9, Vary: e.vary})
		require.Empty(t, faults)
		j, ok := rt.testJob("", nil, "a")
		require.True(t, ok)
		require.Empty(t, seen[j.key], "%+v", e)
		seen[j.key] = e.Pattern.Path()
		require.NoError(t, c.Close())
	}
}

// FuzzDecodeEntry: no bytes make decoding panic, and what decodes encodes to itself.
func FuzzDecodeEntry(f *testing.F) {
	e := &Entry{Tuple: []byte("t"), Token: 7, Marks: []string{"p:/a"}, Status: 200, Header: []Field{{"A", []string{"b", "c"}}}, Body: []byte("body"), ETag: `"1"`}
	good, _ := e.AppendBinary(nil)
	f.Add(good, false)
	f.Add(good[:len(good)-1], true)
	f.Add([]byte("apg1"), false)
	f.Add(append(slices.Clone(good[4+checksumLen:]), 0xff, 0xff, 0xff, 0xff, 0x7f), true)
	f.Fuzz(func(t *testing.T, b []byte, seal bool) {
		if seal {
			// With a right checksum the fuzzer reaches the fields.
			b = append(make([]byte, 4+checksumLen), b...)
			copy(b, format)
			sum := sha256.Sum256(b[4+checksumLen:])
			copy(b[4:], sum[:checksumLen])
		}
		e, err := DecodeEntry(b)
		if err != nil {
			return
		}
		again, _ := e.AppendBinary(nil)
		e2, err := DecodeEntry(again)
		if err != nil || e2.Token != e.Token || string(e2.Body) != string(e.Body) {
			t.Fatalf("%v: %+v\n%+v", err, e, e2)
		}
	})
}

// Every flipped bit of a stored page is noticed.
func TestDecodeNoticesDamage(t *testing.T) {
	e := &Entry{Tuple: []byte("t"), Token: 7, Marks: []string{"p:/a"}, Status: 200, Header: []Field{{"A", []string{"b"}}}, Body: []byte("body")}
	good, _ := e.AppendBinary([]byte(nil))
	for i := range good {
		for bit := range 8 {
			bad := slices.Clone(good)
			bad[i] ^= 1 << bit
			_, err := DecodeEntry(bad)
			require.ErrorIs(t, err, ErrDamaged)
		}
		_, err := DecodeEntry(good[:i])
		require.ErrorIs(t, err, ErrDamaged)
	}
	_, err := DecodeEntry(append(slices.Clone(good), 0))
	require.ErrorIs(t, err, ErrDamaged)
}

// What Marks forgets counts as bumped for pages that are older, and for no others.
func TestMarksForget(t *testing.T) {
	var m Marks
	for i := range maxMarks + 10 {
		m.Bump(Bump{At: Token(i + 1), Hard: i%2 == 0, Marks: []string{tagMark(fmt.Sprint(i))}})
	}
	require.LessOrEqual(t, len(m.table), maxMarks)
	require.Equal(t, Expired, m.Judge(&Entry{Token: 1, Marks: []string{"t:unrelated"}}))
	require.Equal(t, Current, m.Judge(&Entry{Token: maxMarks, Marks: []string{"t:unrelated"}}))
}

// Where the pages can be listed, only marks that no stored page has are forgotten: stored
// pages are judged as before, and what was rendered before is not stored.
func TestMarksForgetWhatNoPageHas(t *testing.T) {
	bumped, unrelated := &Entry{Token: 10, Marks: []string{"p:/bumped", "t:x"}}, &Entry{Token: 5, Marks: []string{"p:/unrelated"}}
	soft := &Entry{Token: 10, Marks: []string{"p:/soft"}}
	m := Marks{pages: slices.Values([]*Entry{bumped, unrelated, soft})}
	m.Bump(Bump{At: 11, Hard: true, Marks: []string{"t:x"}})
	m.Bump(Bump{At: 12, Marks: []string{"p:/soft"}})
	for i := range 3 * firstMarks {
		m.Bump(Bump{At: Token(100 + i), Hard: true, Marks: []string{pathMark(fmt.Sprint("/", i))}})
		if i%1000 == 0 {
			require.Equal(t, []Verdict{Expired, Outdated, Current}, []Verdict{m.Judge(bumped), m.Judge(soft), m.Judge(unrelated)}, i)
		}
	}
	require.LessOrEqual(t, len(m.table), firstMarks)
	require.Equal(t, ErrSuperseded, m.Admit(&Entry{Token: 100, Marks: []string{pathMark("/1")}}, func() error { return nil }))
	require.NoError(t, m.Admit(&Entry{Token: 3*firstMarks + 100, Marks: []string{pathMark("/1")}}, func() error { return nil }))
}

// A mark is short, whatever its name is, and two names have two marks.
func TestMarksAreShort(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"", "a", "#", "p:a", strings.Repeat("a", 32), strings.Repeat("a", 33), strings.Repeat("a", 34), strings.Repeat("/", 4000)} {
		for _, m := range []string{pathMark(name), tagMark(name)} {
			require.LessOrEqual(t, len(m), 34)
			require.Empty(t, seen[m])
			seen[m] = name + "."
		}
	}
}

// What backoff and variants remember is bounded.
func TestBoundedMemory(t *testing.T) {
	var b backoff
	for i := range 3 * maxBackoffs {
		b.failed(Key{byte(i), byte(i >> 8), byte(i >> 16)}, time.Unix(int64(i), 0))
	}
	require.LessOrEqual(t, len(b.byKey), maxBackoffs)

	var v variants
	keyOf := func(i int) Key { return Key{byte(i), byte(i >> 8), byte(i >> 16)} }
	for i := range 20_000 {
		v.stored(job{key: keyOf(i), tuple: make([]byte, i%4000), req: pages.Request{Path: fmt.Sprint("/", i/4)}}, false, 128)
	}
	require.LessOrEqual(t, v.size, maxKnown)
	require.Equal(t, v.recent.Len(), len(v.byPath))
	total := 0
	for _, el := range v.byPath {
		total += el.Value.(*family).size
	}
	require.Equal(t, v.size, total)

	// Of one path, the variant stored longest ago makes room, whatever the limit is.
	for _, limit := range []int{1, 3, 8, 9, 20} {
		var v variants
		var stored []int
		for _, i := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 5, 12, 13, 14, 0, 1, 2, 3, 15, 16, 17, 18, 19, 20, 21, 22} {
			stored = slices.DeleteFunc(stored, func(k int) bool { return k == i })
			stored = append([]int{i}, stored...)
			evicted, evict := v.stored(job{key: keyOf(i), req: pages.Request{Path: "/"}}, false, limit)
			require.Equal(t, len(stored) > limit, evict)
			if evict {
				require.Equal(t, keyOf(stored[limit]), evicted)
				stored = stored[:limit]
			}
			var latest []int
			for _, j := range v.latest("/") {
				latest = append(latest, int(j.key[0]))
			}
			require.Equal(t, stored[:min(len(stored), refreshedVariants)], latest)
		}
	}
}

// Two pages whose keys collide do not share a render.
func TestCollisionDoesNotShareFlight(t *testing.T) {
	c := New(Memory(1<<20), nil)
	defer c.Close()
	rt, faults := c.register(pages.Endpoint{Pattern: patternOf(t, "/{id}"),
		Render: func(ctx context.Context, r pages.Request) (*pages.Page, error) {
			return &pages.Page{Status: 200, Body: []byte(r.Values[0])}, nil
		}}, Policy{TTL: 1e9})
	require.Empty(t, faults)
	one, _ := rt.testJob("", nil, "one")
	two, _ := rt.testJob("", nil, "two")
	two.key = one.key
	for range 100 {
		var flights []*flight
		for _, j := range []job{one, two, one, two} {
			f, _ := c.join(j, false)
			flights = append(flights, f, c.demand(j, true, true))
		}
		for _, f := range flights {
			<-f.done
			require.NoError(t, f.err)
			require.Equal(t, f.job.req.Values[0], string(f.entry.Body))
		}
	}
	c.flights.mu.Lock()
	defer c.flights.mu.Unlock()
	require.Empty(t, c.flights.slots)
}
