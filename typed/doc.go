// Package typed declares API endpoints by their types. A handler says what it takes
// and what it answers; decoding, validation, routing, the OpenAPI document and the
// endpoint's URL follow from that.
//
//	type GetUser struct {
//		ID int `path:"id" validate:"min=1"`
//	}
//
//	func getUser(ctx context.Context, in GetUser, res *typed.Response[User]) (typed.Answer, error) {
//		u, ok := users[in.ID]
//		if !ok {
//			return typed.Fail(respond.NotFound("There is no user %d.", in.ID))
//		}
//		return res.JSON(u) // a User, nothing else
//	}
//
//	api := typed.New("Users", "1.0.0", nil)
//	typed.Handle(api, "GET /users/{id}", getUser)
//	http.ListenAndServe("127.0.0.1:8080", api)
//
// # The request type
//
// Every exported field says where it comes from: path:"id", query:"limit",
// header:"X-Trace", cookie:"session", form:"name", body:"" (the whole body, raw for
// []byte and io.Reader), or json:"name". A struct without source tags is the JSON
// body; [None] takes nothing. default:"20" fills in a parameter that is absent, and
// validate:"..." holds rules of go-playground/validator.
//
// # What happens to a request
//
//  1. The API's middleware runs, then the path is routed: 404, 405 with Allow, and
//     OPTIONS are answered, HEAD follows GET.
//  2. The endpoint's middleware runs. Unsafe requests from pages of other origins are
//     refused (403), unless the request has to be JSON, which no form can send.
//  3. Where the endpoint asks who the client is, its credentials are verified (401, 403).
//  4. Parameters are read from path, query, header and cookies (400, 422).
//  5. The body is read up to its limit (413) and decoded, strictly: media type and
//     encoding (415), syntax (400), then types, unknown members and null (422).
//  6. The rules are checked (422).
//  7. The handler runs, once, with a request in which all of this holds.
//  8. Its [Answer] is checked, encoded and written; see package respond.
//
// Errors are RFC 9457 problem details. What goes wrong inside is a 500 that shows
// nothing; [Options].OnError gets the cause.
//
// # Declaring
//
// Everything that can be checked before the first request is checked by [Handle],
// which panics with a sentence that says what to write instead.
package typed
