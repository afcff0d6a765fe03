package main

import (
	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
)

// about is what the document says beside the endpoints.
func about() *docs.Options {
	return &docs.Options{
		Summary:      "An example of apiroutes.",
		Description:  "An API of users kept in memory: the quickstart of apiroutes.",
		Contact:      &openapi.Contact{Name: "apiroutes", URL: "https://github.com/apiroutes/apiroutes"},
		License:      &openapi.License{Name: "MIT", Identifier: "MIT"},
		Servers:      []*openapi.Server{{URL: ".", Description: "Where this document comes from."}},
		Tags:         []*openapi.Tag{{Name: "users", Description: "Create, read and list users."}},
		ExternalDocs: &openapi.ExternalDocs{Description: "How documents are made", URL: "https://github.com/apiroutes/apiroutes/blob/main/docs/guide/openapi.md"},
	}
}
