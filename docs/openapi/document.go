package openapi

import (
	"cmp"
	"strings"
)

// The versions of the specification that a [Document] is written in.
const (
	Version   = "3.1.0" // unless the document says another
	Version30 = "3.0.3" // by [Document.Downgrade]
	Version32 = "3.2.0" // set Document.Version; a 3.1 document is one of 3.2 as well
)

// Document is the root of an OpenAPI document.
type Document struct {
	Version      string // empty: the constant Version
	Info         Info
	Servers      []*Server
	Paths        Map[*PathItem]
	Components   Components
	Security     []SecurityRequirement // none is written as [], "no security"
	Tags         []*Tag
	ExternalDocs *ExternalDocs
	Extensions   Map[any] // names begin with "x-"
}

// Info says what the API is.
type Info struct {
	Title          string
	Summary        string
	Description    string // CommonMark
	TermsOfService string // a URL
	Contact        *Contact
	License        *License
	Version        string // the API's, not the specification's
}

// Contact says whom to ask.
type Contact struct{ Name, URL, Email string }

// License names the licence of the API. Identifier (SPDX) and URL exclude each other.
type License struct{ Name, Identifier, URL string }

// Server is a base URL of the API, absolute or relative to where the document is.
type Server struct{ URL, Description string }

// Tag is a group of operations.
type Tag struct{ Name, Description string }

// ExternalDocs points to more documentation.
type ExternalDocs struct{ Description, URL string }

// Components are the parts that a document refers to by name.
type Components struct {
	Schemas   Map[*Schema]
	Responses Map[*Response]
	Headers   Map[*Header]

	SecuritySchemes Map[*SecurityScheme]
}

// JSON writes the document as compact JSON.
func (d *Document) JSON() ([]byte, error) {
	// As a rule a document takes a kilobyte a path, and half of one a schema.
	e := encoder{buf: make([]byte, 0, 1024*(1+d.Paths.Len())+512*d.Components.Schemas.Len())}
	d.encode(&e)
	return e.buf, e.err
}

// MarshalJSON is JSON, for encoding/json.
func (d *Document) MarshalJSON() ([]byte, error) { return d.JSON() }

// YAML writes the document as YAML that any version of the language reads alike:
// every string that could be taken for something else is quoted.
func (d *Document) YAML() ([]byte, error) {
	out, err := d.JSON()
	if err != nil {
		return nil, err
	}
	return yaml(out)
}

func (d *Document) encode(e *encoder) {
	e.begin()
	version := cmp.Or(d.Version, Version)
	if strings.HasPrefix(version, "3.2.") {
		e.itemSchema = "itemSchema"
	}
	e.text("openapi", version)
	e.keyword("info")
	d.Info.encode(e)
	parts(e, "servers", d.Servers)
	e.keyword("paths")
	d.Paths.encode(e)
	if c := &d.Components; c.Schemas.Len()+c.Responses.Len()+c.Headers.Len()+c.SecuritySchemes.Len() > 0 {
		e.keyword("components")
		c.encode(e)
	}
	e.keyword("security")
	array(e, d.Security, func(r SecurityRequirement) { r.encode(e) })
	parts(e, "tags", d.Tags)
	member(e, "externalDocs", d.ExternalDocs)
	e.extensions(d.Extensions)
	e.end()
}

func (i *Info) encode(e *encoder) {
	e.begin()
	e.keyword("title")
	e.string(i.Title)
	e.text("summary", i.Summary)
	e.text("description", i.Description)
	e.text("termsOfService", i.TermsOfService)
	member(e, "contact", i.Contact)
	member(e, "license", i.License)
	e.keyword("version")
	e.string(i.Version)
	e.end()
}

func (c *Contact) encode(e *encoder) {
	e.begin()
	e.text("name", c.Name)
	e.text("url", c.URL)
	e.text("email", c.Email)
	e.end()
}

func (l *License) encode(e *encoder) {
	e.begin()
	e.text("name", l.Name)
	e.text("identifier", l.Identifier)
	e.text("url", l.URL)
	e.end()
}

func (s *Server) encode(e *encoder) {
	e.begin()
	e.text("url", s.URL)
	e.text("description", s.Description)
	e.end()
}

func (t *Tag) encode(e *encoder) {
	e.begin()
	e.text("name", t.Name)
	e.text("description", t.Description)
	e.end()
}

func (x *ExternalDocs) encode(e *encoder) {
	e.begin()
	e.text("description", x.Description)
	e.text("url", x.URL)
	e.end()
}

func (c *Components) encode(e *encoder) {
	e.begin()
	entries(e, "schemas", c.Schemas)
	entries(e, "responses", c.Responses)
	entries(e, "headers", c.Headers)
	entries(e, "securitySchemes", c.SecuritySchemes)
	e.end()
}
