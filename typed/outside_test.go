package typed_test

import "testing"

// TestOutside has what others' bug reports, suites and attacks showed, by its id.
func TestOutside(t *testing.T) {
	t.Run("R5 a handler may take longer than the server's deadlines", testLongHandler)
	t.Run("P1 anonymous requests and other paths leave a page as it is", testAnonymousPages)
	t.Run("P3 without a key a handler sees what would make it", testUnkeyedRequest)
	t.Run("P3 an answer past the cache is not public", testPrivateBypass)
	t.Run("P5 a revalidate says what the handler said", testRevalidateCause)
	t.Run("P12 a webhook's body is strict", testStrictHook)
	t.Run("P12 a webhook does all or nothing", testHookAllOrNothing)
	t.Run("P12 many webhooks do not lock out the next one", testManyHooks)
	t.Run("S10 SIGTERM under load loses no request", testRollout)
}
