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

	// Servers are the URLs below which the paths are found. "." is the directory that the
	// document is served from, behind a proxy too. nil: the documents that [Mount] serves
	// say first where the API is from where they are, ".", and then the base path, if there
	// is one, for programs that resolve nothing; others name the base path, or "/",
	// or say "." where the API is in a router, which may tell the prefix of its group only
	// with the first request.
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

	// Components are types whose schemas are wanted among the components although no
	// operation may use them, because schemas of the program refer to them:
	// "#/components/schemas/User". They keep their plain names where another type has the
	// same. Where the form of requests is another, UserInput is there if it is referred to.
	Components []reflect.Type

	// Change is called with the finished document, in the terms of 3.1, for what no option
	// says; an older or newer version is made of what it leaves. References to nothing are
	// refused afterwards. nil: nothing is changed.
	Change func(*openapi.Document)

	// Version is that of the specification: "3.0", "3.1" or "3.2". "": 3.1. See
	// [openapi.Document.Downgrade] for what 3.0 leaves out.
	Version string

	// OpenAPI30 is the same as a Version of "3.0".
	OpenAPI30 bool

	// JSONPath, YAMLPath and PagePath are where [Mount] serves the document and the page,
	// below the base path. "": "/openapi.json", "/openapi.yaml" and "/docs"; "-": not at
	// all. The page shows the document at JSONPath, and is left out with it.
	JSONPath, YAMLPath, PagePath string
}
