package typed_test

import "testing"

// TestOutside has what others' bug reports, suites and attacks showed, by its id.
func TestOutside(t *testing.T) {
	t.Run("A3 a 304 drops only what describes content", outsideNotModified)
	t.Run("A4 OnInvalid sees the title", outsideTitle)
	t.Run("A16 status 0 is refused", outsideStatusZero)
	t.Run("A17 an empty payload type is refused", outsideEmptyPayload)
	t.Run("A18 redirect targets", outsideTargets)
	t.Run("A19 header fields that break an answer", outsideHeaders)
	t.Run("A20 what of a problem is not sent is reported", outsideProblems)
	t.Run("A21 the pattern is set for all middleware", outsidePattern)
	t.Run("A28 redirects have no content", outsideRedirects)
	t.Run("R14 a preflight goes through the middleware of its endpoint", outsidePreflight)
	t.Run("R6 a handler that reads a slow body answers", outsideSlowBody)
	t.Run("S1 no form of a foreign page reaches an unsafe endpoint", outsideForms)
	t.Run("S7 what a hidden 5xx shows", outsideHidden)
	t.Run("S12 the statuses of Fails", outsideFails)
	t.Run("S12 what the page cache answers itself", outsideBusyForm)
	t.Run("S9 a stream that gives nothing ends", outsideNoProgress)
	t.Run("R5 a handler may take longer than the server's deadlines", testLongHandler)
	t.Run("P1 anonymous requests and other paths leave a page as it is", testAnonymousPages)
	t.Run("P3 without a key a handler sees what would make it", testUnkeyedRequest)
	t.Run("P3 an answer past the cache is not public", testPrivateBypass)
	t.Run("P5 a revalidate says what the handler said", testRevalidateCause)
	t.Run("P12 a webhook's body is strict", testStrictHook)
	t.Run("P12 a webhook does all or nothing", testHookAllOrNothing)
	t.Run("P12 many webhooks do not lock out the next one", testManyHooks)
	t.Run("R10 JSON of another media type", outsideAccepts)
	t.Run("R10 the media types of raw bodies", outsideRawMedia)
	t.Run("R12 empty segments of a rest wildcard", outsideEmptySegments)
	t.Run("R13 paths that no URL can express", outsideInexpressible)
	t.Run("R15 tags that do nothing", outsideHandledTags)
	t.Run("R16 what the query says", outsideQuery)
	t.Run("R18 a body that middleware has read", outsideEaten)
	t.Run("S10 SIGTERM under load loses no request", testRollout)
}
