package openapi

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
	Schema  *Schema
	Example any
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
	Schema      *Schema
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
	if p.Explode != nil {
		e.keyword("explode")
		e.value(*p.Explode)
	}
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
	e.any("example", m.Example)
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
	member(e, "schema", h.Schema)
	e.end()
}
