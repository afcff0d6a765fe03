// Package respond is how an endpoint answers: the typed way out of a handler
// ([Response], or the [Reply], [Empty] and [Redirect] of an outcome set), the
// [Answer] that its terminal methods make, and the [Problem] that says what went
// wrong.
//
//	func getUser(ctx context.Context, in GetUser, res *respond.Response[User]) (respond.Answer, error) {
//		u, ok := users[in.ID]
//		if !ok {
//			return respond.Answer{}, respond.NotFound("There is no user %d.", in.ID)
//		}
//		return res.Header("Cache-Control", "no-cache").JSON(u) // a User, nothing else
//	}
//
// What happens to an Answer, in this order:
//
//  1. It is accepted only if the Response or outcome set of this very request made
//     it, and only with a status that the endpoint declared. Anything else is a
//     programming error: a 500, reported, before a byte is written.
//  2. Its payload is encoded into a pooled buffer. A payload that cannot be encoded is a clean 500.
//  3. 204, 205 and 304 drop the content and what describes it.
//  4. An answer of 200 to GET and HEAD gets a weak entity tag, unless the handler
//     set one, and becomes a 304 if If-None-Match has it (RFC 9110, 13); the 304 keeps
//     every field but those that describe the content.
//     If-Modified-Since is compared with a Last-Modified that the handler set.
//  5. Header, Content-Length and content are written, the content not for HEAD.
//
// The names follow the response helpers of Next.js' API routes: status, json, send,
// redirect, revalidate.
//
// The package has what a handler sees. How an endpoint's answers are planned, rendered and
// written is in internal/answer; package typed reaches the rest through internal/hook.
package respond
