package pagecache_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain ends with no goroutine left: caches that are closed leave none.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
