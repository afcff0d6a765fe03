// Package openapi is an OpenAPI document as Go values, in the terms of version 3.1.
//
// It holds what package docs builds: the document, its operations and the JSON
// Schemas (2020-12) of their payloads. It knows nothing of handlers, so a program may
// also read or change a document before it is written:
//
//	doc, err := docs.OpenAPI(api, nil)
//	doc.Info.Title = "Internal " + doc.Info.Title
//	out, err := doc.YAML()
//
// A document is written by [Document.JSON], [Document.YAML] or encoding/json. The
// bytes depend on the values alone: members stand in the order of the specification,
// and what is keyed by name stands in the order in which it was set ([Map]).
// [Document.Downgrade] makes a 3.0.3 document for tools that know no newer one, and a
// Version of 3.2 writes the keywords that only 3.2 has.
//
// Empty members are left out. Values are not safe for use while one of them is changed.
package openapi
