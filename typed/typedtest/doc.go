// Package typedtest tests an API by its own declarations.
//
//	func TestAPI(t *testing.T) {
//		typedtest.Explore(t, newAPI(), nil)
//	}
//
//	func TestAddUser(t *testing.T) {
//		c := typedtest.New(t, newAPI())
//		user, err := client.Call(t.Context(), c, addUser, NewUser{Name: "Ada"})
//		if err != nil || user.Name != "Ada" {
//			t.Error(user, err)
//		}
//	}
//
// [New] makes a client for the tests of one API, which fails the test whenever the API
// answers what it does not declare. [Explore] makes up the requests itself: what the types,
// rules and defaults of each endpoint allow, and what they forbid.
//
// What happens in Explore:
//
//  1. The document of the API says what each endpoint takes and answers. A second engine
//     for JSON Schema (santhosh-tekuri/jsonschema) judges what is sent and what is answered.
//  2. Each case draws a request: a valid one; one at the boundary of a rule, or behind it;
//     one with a wrong type, null, an unknown or a missing member; malformed JSON, another
//     media type, too much content; another method; no credential. What a request is, the
//     engine decides, and not the way in which it was drawn: a text is wrong only by its
//     rules. Values of earlier answers are used again, ETags as If-Match, and those of
//     example and default tags and of [Options.Values] are drawn often.
//  3. The answer is judged: no panic and no undeclared 5xx, a declared status, a payload
//     that its schema accepts, nothing accepted that is invalid and nothing refused that is
//     valid, no problem that holds a name of a Go type or what was sent.
//  4. Further requests ask what follows from an answer: HEAD has the head of GET, what was
//     deleted is gone, PUT can be repeated, a cached answer is the rendered one, and a
//     Location or a link leads somewhere.
//  5. A request that fails is made smaller for as long as it fails in the same way. The
//     test fails with the fault, and with a curl and the Go code that send the request.
//  6. An endpoint that took no request in a hundred turns is a fault, too.
//
// A rule that no schema can say (x-validate in the document, which is "validate" for a
// Validate method and a function for a struct) may refuse what was drawn, and 429 is never a
// fault. Endpoints that are not in the document (typed.Hidden) are not called.
package typedtest
