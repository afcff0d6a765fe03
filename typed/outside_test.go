package typed_test

import "testing"

// TestOutside has what others' bug reports, suites and attacks showed, by its id.
func TestOutside(t *testing.T) {
	t.Run("R5 a handler may take longer than the server's deadlines", testLongHandler)
	t.Run("S10 SIGTERM under load loses no request", testRollout)
}
