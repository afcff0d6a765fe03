package openapi

import "cmp"

// PathItem holds the operations of one path. Methods are lower case: "get".
type PathItem struct{ Operations Map[*Operation] }

// Operation is one endpoint.
type Operation struct {
	Tags        []string
	Summary     string
	Description string // CommonMark
	OperationID string
	Parameters  []*Parameter
	RequestBody *RequestBody
	Responses   Map[*Response] // by status code, or "default"
	Deprecated  bool
	Security    []SecurityRequirement // nil: the document's; of several a client chooses one
	Extensions  Map[any]              // names begin with "x-"
}

// Parameter is a value in the path, the query, a header or a cookie.
type Parameter struct {
	Name        string
	In          string // "path", "query", "header" or "cookie"
	Description string
	Required    bool
	Deprecated  bool
	Style       string // empty: the specification's default for In
	Explode     *bool  // nil: the specification's default for Style
	Schema      *Schema
	Example     any
}

// RequestBody is what a request carries, by media type.
type RequestBody struct {
	Description string
	Content     Map[*MediaType]
	Required    bool
}

// MediaType is the content of a body in one media type.
type MediaType struct {
	Schema     *Schema
	ItemSchema *Schema // of each item of a stream; OpenAPI 3.2 has the keyword, older documents write x-itemSchema
	Encoding   Map[*Encoding]
	Example    any
}

// Encoding says how a property of a multipart or urlencoded body is written.
type Encoding struct {
	ContentType string // "image/png, image/jpeg"
	Style       string // empty: the specification's default
	Explode     *bool  // nil: the specification's default for Style
}

// Response is one way in which an operation answers. A Ref to a response of the
// components excludes everything else.
type Response struct {
	Ref         string
	Description string
	Headers     Map[*Header]
	Content     Map[*MediaType]
}

// Header is a field of a response.
type Header struct {
	Ref         string
	Description string
	Required    bool
	Deprecated  bool
	Schema      *Schema
}

// SecurityRequirement names schemes and the scopes needed of each.
type SecurityRequirement = Map[[]string]

// SecurityScheme is a way in which a client says who it is.
type SecurityScheme struct {
	Type             string // "http", "apiKey", "oauth2" or "openIdConnect"
	Description      string // CommonMark
	Name             string // apiKey: of the header, query parameter or cookie
	In               string // apiKey: "query", "header" or "cookie"
	Scheme           string // http: "basic", "bearer" or another of its registry
	BearerFormat     string // http: a hint, "JWT"
	Flows            Map[*OAuthFlow]
	OpenIDConnectURL string
}

// OAuthFlow is a flow of OAuth 2. In Flows it is named "authorizationCode",
// "clientCredentials", "implicit" or "password".
type OAuthFlow struct {
	AuthorizationURL, TokenURL, RefreshURL string

	Scopes Map[string] // what each allows, by name
}

func (p *PathItem) encode(e *encoder) { p.Operations.encode(e) }

func (o *Operation) encode(e *encoder) {
	e.begin()
	e.words("tags", o.Tags)
	e.text("summary", o.Summary)
	e.text("description", o.Description)
	e.text("operationId", o.OperationID)
	parts(e, "parameters", o.Parameters)
	member(e, "requestBody", o.RequestBody)
	e.keyword("responses")
	o.Responses.encode(e)
	e.flag("deprecated", o.Deprecated)
	if o.Security != nil {
		e.keyword("security")
		array(e, o.Security, func(r SecurityRequirement) { r.encode(e) })
	}
	e.extensions(o.Extensions)
	e.end()
}

func (p *Parameter) encode(e *encoder) {
	e.begin()
	e.text("name", p.Name)
	e.text("in", p.In)
	e.text("description", p.Description)
	e.flag("required", p.Required)
	e.flag("deprecated", p.Deprecated)
	e.text("style", p.Style)
	e.switched("explode", p.Explode)
	member(e, "schema", p.Schema)
	e.any("example", p.Example)
	e.end()
}

func (b *RequestBody) encode(e *encoder) {
	e.begin()
	e.text("description", b.Description)
	e.keyword("content")
	b.Content.encode(e)
	e.flag("required", b.Required)
	e.end()
}

func (m *MediaType) encode(e *encoder) {
	e.begin()
	member(e, "schema", m.Schema)
	member(e, cmp.Or(e.itemSchema, "x-itemSchema"), m.ItemSchema)
	entries(e, "encoding", m.Encoding)
	e.any("example", m.Example)
	e.end()
}

func (n *Encoding) encode(e *encoder) {
	e.begin()
	e.text("contentType", n.ContentType)
	e.text("style", n.Style)
	e.switched("explode", n.Explode)
	e.end()
}

func (r *Response) encode(e *encoder) {
	e.begin()
	if r.Ref != "" {
		e.text("$ref", r.Ref)
		e.end()
		return
	}
	e.keyword("description")
	e.string(r.Description)
	entries(e, "headers", r.Headers)
	entries(e, "content", r.Content)
	e.end()
}

func (h *Header) encode(e *encoder) {
	e.begin()
	if h.Ref != "" {
		e.text("$ref", h.Ref)
		e.end()
		return
	}
	e.text("description", h.Description)
	e.flag("required", h.Required)
	e.flag("deprecated", h.Deprecated)
	member(e, "schema", h.Schema)
	e.end()
}

func (s *SecurityScheme) encode(e *encoder) {
	e.begin()
	e.text("type", s.Type)
	e.text("description", s.Description)
	e.text("name", s.Name)
	e.text("in", s.In)
	e.text("scheme", s.Scheme)
	e.text("bearerFormat", s.BearerFormat)
	entries(e, "flows", s.Flows)
	e.text("openIdConnectUrl", s.OpenIDConnectURL)
	e.end()
}

func (f *OAuthFlow) encode(e *encoder) {
	e.begin()
	e.text("authorizationUrl", f.AuthorizationURL)
	e.text("tokenUrl", f.TokenURL)
	e.text("refreshUrl", f.RefreshURL)
	e.keyword("scopes")
	f.Scopes.encode(e)
	e.end()
}
