package storetest_test

import (
	"testing"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/storetest"
)

// A store that lives on is what a durable one is when it is opened again: it passes the
// cases of durability too.
func TestDurable(t *testing.T) {
	storetest.Run(t, func(*testing.T) pagecache.Store { return newCluster(1, "")[0] }, &storetest.Options{
		Reopen: func(_ *testing.T, s pagecache.Store) pagecache.Store { return s },
	})
}
