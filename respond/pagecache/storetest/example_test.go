package storetest_test

import (
	"path/filepath"
	"testing"

	"github.com/apiroutes/apiroutes/respond/pagecache"
	"github.com/apiroutes/apiroutes/respond/pagecache/storetest"
)

// In the tests of a store of your own. The name of a test begins with Test.
func Example() {
	testStore := func(t *testing.T) {
		storetest.Run(t, func(*testing.T) pagecache.Store { return pagecache.Memory(1 << 20) }, nil)
	}
	_ = testStore
}

// fileStore stands for a store in a file.
type fileStore struct {
	pagecache.Store
	path string
}

func open(t *testing.T, path string) pagecache.Store {
	return fileStore{pagecache.Memory(1 << 20), path} // and what the file has
}

// A store that keeps its pages, and drops some whenever its disk is short of space.
func ExampleOptions() {
	testStore := func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) pagecache.Store { return open(t, filepath.Join(t.TempDir(), "pages")) },
			&storetest.Options{
				Evicts: true, // a page that was put may be gone
				Reopen: func(t *testing.T, s pagecache.Store) pagecache.Store {
					if err := s.Close(); err != nil {
						t.Fatal(err)
					}
					return open(t, s.(fileStore).path)
				},
			})
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
