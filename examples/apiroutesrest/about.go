package main

import (
	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
)

// about is what the document says beside the endpoints.
func about() *docs.Options {
	return &docs.Options{
		Summary:      "An example of apiroutes.",
		Description:  "Users with several methods on one path: the REST example of the Next.js documentation.",
		Contact:      &openapi.Contact{Name: "apiroutes", URL: "https://github.com/apiroutes/apiroutes"},
		License:      &openapi.License{Name: "MIT", Identifier: "MIT"},
		Servers:      []*openapi.Server{{URL: ".", Description: "Where this document comes from."}},
		Tags:         []*openapi.Tag{{Name: "api", Description: "Read and rename users."}},
		ExternalDocs: &openapi.ExternalDocs{Description: "How documents are made", URL: "https://github.com/apiroutes/apiroutes/blob/main/docs/guide/openapi.md"},
	}
}
