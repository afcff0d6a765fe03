// Package bind fills a request type from a request: parameters from path, query,
// header and cookies, and the body as JSON, as a form, as raw bytes or as a stream.
//
// A [Plan] is compiled once for each request type, at registration, where every
// mistake in the type is a fault. Binding a request then reads no struct tags. What a
// client got wrong is a [respond.Problem], ready to be sent:
//
//  1. Path values, the query, header fields and cookies. A query that is malformed
//     in a declared parameter is 400; wrong values are collected, so that all of them are reported.
//  2. The body: encoding and media type (415), size (413), then its content (400 when
//     malformed, 422 when it does not fit the type, together with the wrong parameters).
//  3. Defaults of the parameters that are absent.
//
// Nothing of a problem repeats what the client sent, and no text names a Go type.
package bind
