package pagecache_test

import (
	"testing"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/storetest"
)

func TestMemoryStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) pagecache.Store { return pagecache.Memory(8 << 20) }, nil)
}
