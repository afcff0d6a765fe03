package main

import (
	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
)

// about is what the document says beside the endpoints.
func about() *docs.Options {
	return &docs.Options{
		Summary:      "An example of apiroutes.",
		Description:  "People who changed computing, read-only: the first API example of the Next.js documentation.",
		Contact:      &openapi.Contact{Name: "apiroutes", URL: "https://github.com/apiroutes/apiroutes"},
		License:      &openapi.License{Name: "MIT", Identifier: "MIT"},
		Servers:      []*openapi.Server{{URL: ".", Description: "Where this document comes from."}},
		Tags:         []*openapi.Tag{{Name: "api", Description: "Read people."}},
		ExternalDocs: &openapi.ExternalDocs{Description: "How documents are made", URL: "https://github.com/apiroutes/apiroutes/blob/main/docs/guide/openapi.md"},
	}
}
