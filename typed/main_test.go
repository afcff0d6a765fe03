package typed_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Nothing that a request starts outlives the tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
