package storetest_test

import (
	"testing"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/storetest"
)

// In the tests of a store of your own. The name of a test begins with Test.
func Example() {
	testStore := func(t *testing.T) {
		storetest.Run(t, func(*testing.T) pagecache.Store { return pagecache.Memory(1 << 20) }, &storetest.Options{})
	}
	_ = testStore
}

func ExampleRunShared() {
	testNodes := func(t *testing.T) {
		storetest.RunShared(t, func(t *testing.T) []pagecache.Store {
			return nil // two or more nodes that share one server
		})
	}
	_ = testNodes
}
