package pagecache_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/pages"
	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/storetest"
)

func TestMemoryStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) pagecache.Store { return pagecache.Memory(8 << 20) }, nil)
}

// A page that has no room in the store is served, and neither it nor an older one is called
// stored.
func TestMemoryWithoutRoom(t *testing.T) {
	s := newSite(t, plainPolicy(), pagecache.Memory(20_000))
	s.expect("MISS", "render 1", "/posts/1")
	s.expect("HIT", "render 1", "/posts/1")
	for name, size := range map[string]int{"larger than all": 30_000, "larger than what is kept of pages that are asked for": 18_000} {
		large := strings.Repeat("x", size)
		s.answer(func(int64) *pages.Page { return text(200, large) })
		for _, path := range []string{"/posts/1", "/posts/2"} {
			require.NoError(t, s.cache.Revalidate(t.Context(), path))
			for range 3 {
				r := s.get(path)
				require.Len(t, r.body, size)
				require.Equal(t, "apiroutes; fwd=uri-miss", r.header.Get("Cache-Status"), name)
			}
		}
	}
	require.Contains(t, s.log.String(), "no room for a page")
}
