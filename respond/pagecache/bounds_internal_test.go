package pagecache

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/pages"
)

// What a cache remembers beside its pages, each driven beyond its bound: SECURITY.md has
// these figures.
func TestRememberedBytes(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	long := strings.Repeat("x", 3_800)
	keyOf := func(i int) Key { return Key{byte(i), byte(i >> 8), byte(i >> 16)} }
	for _, c := range []struct {
		name  string
		limit int64 // MiB
		fill  func() any
	}{
		{"variants of long queries", 3, func() any {
			v := new(variants)
			for i := range 20_000 {
				v.stored(job{key: keyOf(i), tuple: []byte(long + fmt.Sprint(i)), req: pages.Request{
					Path: fmt.Sprint("/", i/2), RawQuery: strings.Clone(long), Values: []string{fmt.Sprint(i)}}}, false, 128)
			}
			return v
		}},
		{"variants without", 3, func() any {
			v := new(variants)
			for i := range 100_000 {
				v.stored(job{key: keyOf(i), tuple: []byte{1}, req: pages.Request{Path: fmt.Sprint("/", i)}}, false, 128)
			}
			return v
		}},
		{"variants of one path", 3, func() any {
			v := new(variants)
			for i := range 20_000 {
				v.stored(job{key: keyOf(i), tuple: []byte(long), req: pages.Request{Path: "/"}}, false, 4_096)
			}
			return v
		}},
		{"marks, where the pages can be listed", 2, func() any {
			m := &Marks{pages: func(func(*Entry) bool) {}}
			for i := range 40_000 {
				m.Bump(Bump{At: Token(i), Hard: true, Marks: []string{pathMark(long + fmt.Sprint(i))}})
			}
			return m
		}},
		{"marks, where they cannot", 8, func() any {
			m := new(Marks)
			for i := range 200_000 {
				m.Bump(Bump{At: Token(i), Hard: true, Marks: []string{fmt.Sprint("t:", i)}})
			}
			return m
		}},
		{"failed renders", 1, func() any {
			b := new(backoff)
			for i := range 50_000 {
				b.failed(keyOf(i), time.Now())
			}
			return b
		}},
		{"nonces", 5, func() any {
			n, now := new(nonces), time.Now()
			for i := range 100_000 {
				n.use(fmt.Sprint(long[:100], i), now.Add(time.Duration(i)*time.Millisecond), now)
			}
			return n
		}},
		{"keys", 1, func() any {
			h := newHasher(true)
			for i := range 10_000 {
				h.key([]byte(fmt.Sprint(long, i)))
			}
			return &h
		}},
	} {
		before := heap()
		filled := c.fill()
		grown := heap() - before
		t.Logf("%s: %.1f MiB", c.name, float64(grown)/(1<<20))
		require.LessOrEqual(t, grown, c.limit<<20, c.name)
		runtime.KeepAlive(filled)
	}
}
