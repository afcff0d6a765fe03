// Package docs writes the OpenAPI document of an API from its declared endpoints, and
// serves it with a page that shows it and sends requests.
//
//	api := typed.New("Users", "1.0.0", nil)
//	typed.Handle(api, "POST /users", createUser)
//	docs.Mount(api, nil) // /openapi.json, /openapi.yaml and /docs
//
// The document says what the server does. A request's schema accepts whatever the
// server accepts; where each rule of a type can be said in JSON Schema, the other
// way round too, and a rule that cannot is named in x-validate and in the
// description. A response's schema accepts whatever the server writes.
//
// [OpenAPI] returns the document as Go values ([openapi.Document]), which may be changed and
// written elsewhere. [Golden] keeps a committed copy of it honest in a test. Nothing is
// served that Mount was not called for.
package docs
