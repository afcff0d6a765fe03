package mcpadapter

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/apiroutes/apiroutes/docs"
	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/internal/fault"
	"github.com/apiroutes/apiroutes/internal/hook"
	"github.com/apiroutes/apiroutes/internal/pattern"
	"github.com/apiroutes/apiroutes/internal/syntax"
	"github.com/apiroutes/apiroutes/typed"
)

// tool is a Tool that is ready to be called. It is immutable.
type tool struct {
	bridge     *Bridge
	api        *typed.API
	operation  *typed.Operation
	pattern    *pattern.Pattern
	definition *mcp.Tool

	security []openapi.SecurityRequirement // any of them will do
	guarded  bool                          // the endpoint asks who the client is

	arguments map[string]*argument // parameters and form fields, by name
	body      bodyForm
	optional  bool   // the body may be left out
	mediaType string // of the body

	structured bool // every answer below 400 is JSON
	wrapped    bool // it is the member "result" of an object
}

// bodyForm says which arguments are the body.
type bodyForm uint8

const (
	noBody      bodyForm = iota
	memberBody           // all that are not in tool.arguments
	wholeBody            // the one that is named by bodyName
	encodedForm          // those in tool.arguments that come from the form
)

// bodyName is the argument that is a body as a whole, where it is no object.
const bodyName = "body"

// compiler makes tools of one API.
type compiler struct {
	bridge *Bridge
	api    *typed.API

	doc *openapi.Document // made for the first tool
	err error
}

// document is what describes the API.
func (all *compiler) document() (*openapi.Document, error) {
	if all.doc == nil && all.err == nil {
		opts := all.bridge.options(all.api)
		all.doc, all.err = docs.OpenAPI(all.api, &opts)
	}
	return all.doc, all.err
}

// compilation makes one tool, and collects what is wrong.
type compilation struct {
	*tool
	all      *compiler
	doc      *openapi.Document
	declared Tool
	plan     *bind.Plan
	entry    *openapi.Operation
	faults   []fault.Fault
}

func (c *compilation) refuse(problem, fix string) {
	c.faults = append(c.faults, fault.Fault{Problem: problem, Fix: fix})
}

func (c *compilation) refuseField(field, problem, fix string) {
	c.faults = append(c.faults, fault.Fault{Field: field, Problem: problem, Fix: fix})
}

func (all *compiler) compile(t Tool) (*tool, []fault.Fault) {
	c := &compilation{all: all, declared: t, tool: &tool{bridge: all.bridge, api: all.api, arguments: map[string]*argument{}}}
	if problem := checkName(t.name); problem != "" {
		c.refuse(problem, "use 1 to 128 letters, digits, '_', '-' and '.'")
	}
	if strings.TrimSpace(t.description) == "" {
		c.refuse("it has no description, by which a model chooses", "say what it is for and when to use it")
	}
	if c.find(); c.entry == nil {
		return c.tool, c.faults
	}
	c.readSecurity()
	input := c.readInput()
	output := c.readOutput()
	c.definition = &mcp.Tool{
		Name: t.name, Description: t.description, Title: c.operation.Summary,
		Annotations: t.annotations, InputSchema: input,
	}
	if output != nil {
		c.definition.OutputSchema = output
	}
	if c.definition.Annotations == nil {
		c.definition.Annotations = hints(c.operation.Method)
	}
	return c.tool, c.faults
}

// find looks up what the API and its document know of the endpoint.
func (c *compilation) find() {
	if c.declared.endpoint == nil {
		c.refuse("the endpoint is nil", "pass what typed.Handle or typed.Define returned")
		return
	}
	op, ok := hook.Operation(c.api, c.declared.endpoint).(*typed.Operation)
	if !ok {
		c.refuse("this API does not handle the endpoint", "handle it before Add")
		return
	}
	c.operation = op
	if op.Hidden {
		c.refuse("the endpoint is hidden from the document, which describes its arguments", "drop typed.Hidden")
		return
	}
	var err error
	c.doc, err = c.all.document()
	if err != nil {
		c.refuse("the API has no document: "+strings.TrimPrefix(err.Error(), "docs: "), "mend that, or set Bridge.Docs to the options of the document")
		return
	}
	c.plan = hook.Binding(op).(*bind.Plan)
	c.pattern, err = pattern.Parse(op.Method + " " + op.Path)
	if err != nil {
		c.refuse(err.Error(), "")
		return
	}
	for _, item := range c.doc.Paths.All() {
		for _, entry := range item.Operations.All() {
			if entry.OperationID == op.ID {
				c.entry = entry
			}
		}
	}
}

// readSecurity refuses what nobody meant to open.
func (c *compilation) readSecurity() {
	c.security = c.entry.Security
	if c.security == nil {
		c.security = c.doc.Security
	}
	c.guarded = len(c.security) > 0
	optional := slices.ContainsFunc(c.security, func(all openapi.SecurityRequirement) bool { return all.Len() == 0 })
	switch {
	case !c.guarded && !c.declared.anonymous:
		c.refuse("the endpoint asks nobody who they are", "give its request type an auth field, or say mcpadapter.Anonymous() if everybody may call it")
	case c.guarded && !optional && c.declared.anonymous:
		c.refuse("the tool is Anonymous, but its endpoint asks who the client is", "drop mcpadapter.Anonymous()")
	case c.guarded && !optional && c.bridge.Credentials == nil:
		c.refuse("the endpoint asks who the client is, which nothing tells it", "set Bridge.Credentials, and add the tool by that Bridge")
	}
}

// readInput reads where the arguments go, and makes the schema of all of them.
func (c *compilation) readInput() any {
	root := &openapi.Schema{Type: []string{openapi.TypeObject}, AdditionalProperties: openapi.Never()}
	places := c.pathParameters()
	fields := c.plan.Fields()
	for i := range fields {
		f := &fields[i]
		switch f.Source {
		case bind.Path:
			p := places[0]
			places = places[1:]
			c.addParameter(root, f, p)
		case bind.Query:
			c.addParameter(root, f, c.parameter("query", f.Name))
		case bind.Header, bind.Cookie:
			if p := c.parameter(f.Source.String(), f.Name); p != nil && p.Required {
				c.refuseField(f.Path, fmt.Sprintf("the endpoint needs the %s %s, which a model cannot send", f.Source, f.Name),
					"make the field a pointer or give it a default, or ask who the client is by an auth field")
			}
		case bind.Form, bind.Body, bind.Member, bind.Auth:
		default:
			c.refuseField(f.Path, "it is read from a part of the request that a model cannot send", "expose an endpoint that takes JSON")
		}
	}
	c.readBody(root)
	return c.closed(root)
}

// pathParameters are the path parameters of the document in their order, which may have
// other names there.
func (c *compilation) pathParameters() []*openapi.Parameter {
	return slices.DeleteFunc(slices.Clone(c.entry.Parameters), func(p *openapi.Parameter) bool { return p.In != "path" })
}

func (c *compilation) parameter(in, name string) *openapi.Parameter {
	for _, p := range c.entry.Parameters {
		if p.In == in && p.Name == name {
			return p
		}
	}
	return nil // one that OpenAPI ignores
}

func (c *compilation) addParameter(root *openapi.Schema, f *bind.Field, p *openapi.Parameter) {
	s := p.Schema.Clone()
	s.Description, s.Deprecated = p.Description, p.Deprecated
	if p.Example != nil {
		s.Examples = []any{p.Example}
	}
	c.add(root, f, s)
	if p.Required {
		root.Required = append(root.Required, f.Name)
	}
}

// add makes an argument of a field that is read from text.
func (c *compilation) add(root *openapi.Schema, f *bind.Field, s *openapi.Schema) {
	if c.taken(root, f.Name, f.Path) {
		return
	}
	root.Properties.Set(f.Name, s)
	c.arguments[f.Name] = c.newArgument(f, s)
}

// taken refuses a name that two sources have. where is a Go path, or a source.
func (c *compilation) taken(root *openapi.Schema, name, where string) bool {
	if _, twice := root.Properties.Get(name); !twice {
		return false
	}
	c.refuseField(where, fmt.Sprintf("another part of the request has the name %q too, and a tool has one flat object of arguments", name),
		"give one of them another name")
	return true
}

// readBody adds what the body is made of.
func (c *compilation) readBody(root *openapi.Schema) {
	switch kind := c.plan.BodyKind(); kind {
	case bind.NoBody:
	case bind.JSONBody:
		c.mediaType = c.plan.MediaTypes()[0]
		media, _ := c.entry.RequestBody.Content.Get(c.mediaType)
		c.optional = !c.plan.BodyRequired()
		c.readJSON(root, media.Schema)
	case bind.FormBody:
		c.readForm(root)
	default:
		c.refuse("the body of the endpoint is bytes, and a model sends JSON", "expose an endpoint that takes JSON")
	}
}

// readJSON adds the members of an object, or the body as a whole.
func (c *compilation) readJSON(root, s *openapi.Schema) {
	object := c.resolve(s)
	if c.optional {
		object = c.resolve(present(object)) // null says what absence says
	}
	if !isFlat(object) {
		c.body = wholeBody
		if c.taken(root, bodyName, "") {
			return
		}
		root.Properties.Set(bodyName, s)
		if !c.optional {
			root.Required = append(root.Required, bodyName)
		}
		return
	}
	c.body = memberBody
	var names []*openapi.Schema
	for name, member := range object.Properties.All() {
		if c.taken(root, name, c.goName(name)) {
			continue
		}
		root.Properties.Set(name, member)
		names = append(names, &openapi.Schema{Required: []string{name}})
	}
	root.AdditionalProperties = object.AdditionalProperties
	rest := &openapi.Schema{
		Required: object.Required, AllOf: object.AllOf, AnyOf: object.AnyOf, OneOf: object.OneOf,
		Not: object.Not, If: object.If, Then: object.Then, Else: object.Else,
	}
	switch {
	case reflect.DeepEqual(rest, &openapi.Schema{}):
	case c.optional: // what a body has to have is asked of one that is there
		root.If, root.Then = &openapi.Schema{AnyOf: names}, rest
	default:
		root.Required = append(root.Required, rest.Required...)
		root.AllOf, root.AnyOf, root.OneOf = rest.AllOf, rest.AnyOf, rest.OneOf
		root.Not, root.If, root.Then, root.Else = rest.Not, rest.If, rest.Then, rest.Else
	}
}

// goName is the Go path of a member, where the request type has a field for it.
func (c *compilation) goName(member string) string {
	for _, f := range c.plan.Fields() {
		if f.Source == bind.Member && f.Name == member {
			return f.Path
		}
	}
	return ""
}

const formMedia = "application/x-www-form-urlencoded"

func (c *compilation) readForm(root *openapi.Schema) {
	media, ok := c.entry.RequestBody.Content.Get(formMedia)
	if !ok {
		c.refuse("the form of the endpoint may have files, which a model cannot send", "expose an endpoint that takes JSON")
		return
	}
	c.body, c.mediaType = encodedForm, formMedia
	form := c.resolve(media.Schema)
	fields := c.plan.Fields()
	for i := range fields {
		f := &fields[i]
		if s, ok := form.Properties.Get(f.Name); ok && f.Source == bind.Form {
			c.add(root, f, s)
		}
	}
	root.Required = append(root.Required, form.Required...)
}

// readOutput makes the schema of what the tool gives; nil where that is not always JSON.
func (c *compilation) readOutput() any {
	var schemas []*openapi.Schema
	objects := true
	for _, o := range c.operation.Outcomes {
		if o.Status >= http.StatusBadRequest {
			continue // an error of the tool
		}
		s := c.jsonOf(o.Status)
		if s == nil {
			return nil
		}
		if r := c.resolve(s); r.IsNever() || !slices.Equal(r.Type, []string{openapi.TypeObject}) {
			objects = false
		}
		if !slices.ContainsFunc(schemas, func(have *openapi.Schema) bool { return reflect.DeepEqual(have, s) }) {
			schemas = append(schemas, s)
		}
	}
	if len(schemas) == 0 {
		return nil
	}
	c.structured, c.wrapped = true, !objects
	either := schemas[0]
	if len(schemas) > 1 {
		either = &openapi.Schema{AnyOf: schemas}
	}
	var root *openapi.Schema
	switch {
	case c.wrapped:
		root = &openapi.Schema{Type: []string{openapi.TypeObject}, Required: []string{resultName}, AdditionalProperties: openapi.Never()}
		root.Properties.Set(resultName, either)
	case len(schemas) > 1:
		root = either
		root.Type = []string{openapi.TypeObject}
	default:
		root = c.resolve(either)
	}
	return c.closed(root)
}

// resultName is the member of an object that stands for a result which is none.
const resultName = "result"

// jsonOf is the schema of an answer that is JSON and nothing else; nil of any other.
func (c *compilation) jsonOf(status int) *openapi.Schema {
	r, ok := c.entry.Responses.Get(fmt.Sprint(status))
	if !ok || r.Content.Len() != 1 {
		return nil
	}
	for mediaType, media := range r.Content.All() {
		if syntax.IsJSON(mediaType) {
			return media.Schema
		}
	}
	return nil
}
