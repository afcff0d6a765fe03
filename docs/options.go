package docs

import (
	"reflect"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/typed"
)

// Options says what a document needs beside the endpoints. The zero value and nil are
// fine.
type Options struct {
	Summary        string // one line about the API
	Description    string // CommonMark
	TermsOfService string // a URL
	Contact        *openapi.Contact
	License        *openapi.License
	ExternalDocs   *openapi.ExternalDocs

	// Servers are the URLs below which the paths are found. nil: the API's base path,
	// or "/", on the host that serves the document.
	Servers []*openapi.Server

	// Tags describes groups of operations and gives their order. Tags that operations
	// use and that are not here follow in the order of their first use.
	Tags []*openapi.Tag

	// SecuritySchemes are the ways in which clients say who they are, by the names that
	// endpoints give to [typed.Security].
	SecuritySchemes map[string]*openapi.SecurityScheme

	// Security is asked by all endpoints that do not say typed.Security themselves; any of
	// them will do. nil: nothing is.
	Security []typed.SecurityRequirement

	// Types gives the schemas of types to which no JSONSchema method can be added: those
	// whose JSON form is in their own MarshalJSON, of which nothing else is known, and those
	// with a text form of which more can be said than that it is a string.
	Types map[reflect.Type]*openapi.Schema

	// OpenAPI30 writes a document of version 3.0.3 for older tools. See
	// [openapi.Document.Downgrade] for what it leaves out.
	OpenAPI30 bool
}
