package openapi

import (
	"fmt"
	"strings"
)

// Downgrade returns the document as OpenAPI 3.0.3 says it; d stays as it is. What 3.0
// cannot say is left out, so that the schemas accept more, never less: propertyNames,
// if/then/else, content media types, all examples but the first, the keywords of More but
// contentSchema, which becomes x-contentSchema. An encoding that 3.0 has for its default is
// left out, too.
func (d *Document) Downgrade() *Document {
	old := *d
	old.Version = Version30
	old.Info.Summary = ""
	if d.Info.License != nil {
		license := *d.Info.License
		if license.URL == "" && license.Identifier != "" {
			license.URL = "https://spdx.org/licenses/" + license.Identifier + ".html"
		}
		license.Identifier = ""
		old.Info.License = &license
	}
	old.Paths = each(d.Paths, func(p *PathItem) *PathItem {
		return &PathItem{Operations: each(p.Operations, func(o *Operation) *Operation {
			changed := downgradeOperation(o)
			changed.Security, changed.Description = d.downgradeSecurity(o.Security, o.Description)
			return changed
		})}
	})
	old.Security, _ = d.downgradeSecurity(d.Security, "")
	old.Components = Components{
		Schemas:   each(d.Components.Schemas, downgradeSchema),
		Responses: each(d.Components.Responses, downgradeResponse),
		Headers:   each(d.Components.Headers, downgradeHeader),

		SecuritySchemes: d.Components.SecuritySchemes,
	}
	return &old
}

func each[V any](m Map[V], change func(V) V) Map[V] {
	if m.Len() == 0 {
		return Map[V]{}
	}
	out := Map[V]{entries: make([]entry[V], 0, m.Len())}
	for name, v := range m.All() {
		out.Set(name, change(v))
	}
	return out
}

func downgradeOperation(o *Operation) *Operation {
	old := *o
	old.Parameters = make([]*Parameter, len(o.Parameters))
	for i, p := range o.Parameters {
		param := *p
		param.Schema = downgradeSchema(p.Schema)
		old.Parameters[i] = &param
	}
	if o.RequestBody != nil {
		body := *o.RequestBody
		body.Content = each(body.Content, downgradeMedia)
		old.RequestBody = &body
	}
	old.Responses = each(o.Responses, downgradeResponse)
	return &old
}

// downgradeSecurity moves scopes into the description where they are not of OAuth 2 or
// OpenID Connect: 3.0 wants none of other schemes.
func (d *Document) downgradeSecurity(asked []SecurityRequirement, description string) ([]SecurityRequirement, string) {
	if asked == nil {
		return nil, description
	}
	old := make([]SecurityRequirement, len(asked))
	for i, alternative := range asked {
		for name, scopes := range alternative.All() {
			scheme, known := d.Components.SecuritySchemes.Get(name)
			if known && scheme.Type != "oauth2" && scheme.Type != "openIdConnect" && len(scopes) > 0 {
				if description != "" {
					description += " "
				}
				description += fmt.Sprintf("Needs the scopes `%s` of %s.", strings.Join(scopes, "`, `"), name)
				scopes = []string{}
			}
			old[i].Set(name, scopes)
		}
	}
	return old, description
}

func downgradeResponse(r *Response) *Response {
	old := *r
	old.Headers = each(r.Headers, downgradeHeader)
	old.Content = each(r.Content, downgradeMedia)
	return &old
}

func downgradeHeader(h *Header) *Header {
	old := *h
	old.Schema = downgradeSchema(h.Schema)
	return &old
}

func downgradeMedia(m *MediaType) *MediaType {
	old := *m
	old.Schema, old.ItemSchema = downgradeSchema(m.Schema), downgradeSchema(m.ItemSchema)
	old.Encoding = Map[*Encoding]{}
	for name, e := range m.Encoding.All() {
		if !isDefaultEncoding(m.Schema, name, e) {
			old.Encoding.Set(name, e)
		}
	}
	return &old
}

// isDefaultEncoding reports whether e says of a property what 3.0 has for its default: that
// a file, or a list of them, is application/octet-stream. Some readers refuse any encoding
// of a file. In 3.1 there is no such default.
func isDefaultEncoding(s *Schema, name string, e *Encoding) bool {
	if s == nil || *e != (Encoding{ContentType: "application/octet-stream"}) {
		return false
	}
	property, ok := s.Properties.Get(name)
	if ok && property.Items != nil {
		property = property.Items
	}
	return ok && property.Format == "binary"
}

func downgradeSchema(s *Schema) *Schema {
	if s == nil {
		return nil
	}
	if s.never {
		return &Schema{Not: &Schema{}}
	}
	old := *s
	old.If, old.Then, old.Else, old.PropertyNames = nil, nil, nil, nil
	old.ContentMediaType, old.Examples, old.More = "", nil, Map[any]{}
	if s.Example == nil && len(s.Examples) > 0 {
		old.Example = s.Examples[0]
	}
	if content, ok := s.More.Get("contentSchema"); ok {
		if content, ok := content.(*Schema); ok {
			old.Extensions = each(s.Extensions, func(v any) any { return v })
			old.Extensions.Set("x-contentSchema", downgradeSchema(content))
		}
	}
	if s.ContentEncoding != "" {
		old.ContentEncoding = ""
		if s.ContentEncoding == "base64" && s.Format == "" {
			old.Format = "byte"
		}
	}
	if s.Const != nil {
		old.Const, old.Enum = nil, []any{s.Const}
	}
	if s.ExclusiveMinimum != "" {
		old.Minimum, old.ExclusiveMinimum, old.exclusiveMinimum = s.ExclusiveMinimum, "", true
	}
	if s.ExclusiveMaximum != "" {
		old.Maximum, old.ExclusiveMaximum, old.exclusiveMaximum = s.ExclusiveMaximum, "", true
	}
	old.Items = downgradeSchema(s.Items)
	old.Properties = each(s.Properties, downgradeSchema)
	old.AdditionalProperties = downgradeAdditional(s.AdditionalProperties)
	old.AllOf, old.AnyOf, old.OneOf = meaningful(downgradeAll(s.AllOf)), downgradeAll(s.AnyOf), downgradeAll(s.OneOf)
	old.Not = downgradeSchema(s.Not)
	downgradeType(&old)
	downgradeNull(&old)
	if s.Ref != "" {
		return downgradeRef(old)
	}
	return &old
}

// downgradeAdditional keeps false, which 3.0 allows at this one place.
func downgradeAdditional(s *Schema) *Schema {
	if s != nil && s.never {
		return s
	}
	return downgradeSchema(s)
}

func downgradeAll(all []*Schema) []*Schema {
	if all == nil {
		return nil
	}
	old := make([]*Schema, len(all))
	for i, s := range all {
		old[i] = downgradeSchema(s)
	}
	return old
}

// meaningful drops the parts of an allOf of which nothing is left.
func meaningful(all []*Schema) []*Schema {
	var out []*Schema
	for _, s := range all {
		if text, err := s.MarshalJSON(); err != nil || string(text) != "{}" {
			out = append(out, s)
		}
	}
	return out
}

// downgradeType turns a list of types into nullable, and into alternatives where more
// than one is left.
func downgradeType(s *Schema) {
	var types []string
	for _, t := range s.Type {
		if t == TypeNull {
			s.nullable = true
		} else {
			types = append(types, t)
		}
	}
	switch {
	case len(types) == 0 && s.nullable:
		// null alone: any type will do, as no value of it is in the enum.
		s.Type, s.Enum = []string{TypeString}, []any{null{}}
		return
	case len(types) <= 1:
		s.Type = types
	default:
		var choice Schema
		for _, t := range types {
			choice.AnyOf = append(choice.AnyOf, &Schema{Type: []string{t}, nullable: s.nullable})
		}
		s.Type, s.nullable = nil, false
		s.AllOf = append(s.AllOf[:len(s.AllOf):len(s.AllOf)], &choice)
	}
	// In 3.0 an enum of a nullable schema has to name null itself.
	if s.nullable && len(s.Enum) > 0 {
		s.Enum = append(s.Enum[:len(s.Enum):len(s.Enum)], null{})
	}
}

// null is the JSON null among values where nil means none.
type null struct{}

func (null) encode(e *encoder) { e.buf = append(e.buf, "null"...) }

// downgradeNull makes a schema nullable that may also be null. A reference cannot be, and
// stays beside the schema of null: nullable beside allOf would leave null out (3.0.3,
// Schema Object: only with a type in the same object).
func downgradeNull(s *Schema) {
	if len(s.AnyOf) != 2 || len(s.AllOf) > 0 || !onlyNull(s.AnyOf[1]) {
		return
	}
	value := s.AnyOf[0]
	if len(value.Type) != 1 || len(value.AnyOf)+len(value.OneOf)+len(value.AllOf) > 0 || value.Not != nil {
		return
	}
	merged := *value
	merged.nullable = true
	if len(merged.Enum) > 0 {
		merged.Enum = append(merged.Enum[:len(merged.Enum):len(merged.Enum)], null{})
	}
	if s.Description != "" {
		merged.Description = s.Description
	}
	if s.Example != nil {
		merged.Example = s.Example
	}
	merged.Deprecated = s.Deprecated || value.Deprecated
	for name, extension := range s.Extensions.All() {
		merged.Extensions.Set(name, extension)
	}
	*s = merged
}

func onlyNull(s *Schema) bool {
	if !s.nullable || len(s.Enum) != 1 {
		return false
	}
	_, only := s.Enum[0].(null)
	return only
}

// downgradeRef moves a reference that has siblings into allOf: 3.0 ignores them.
func downgradeRef(s Schema) *Schema {
	bare, err := (&Schema{Ref: s.Ref}).MarshalJSON()
	if err != nil {
		return &s
	}
	if whole, err := s.MarshalJSON(); err == nil && len(whole) == len(bare) {
		return &s
	}
	s.AllOf = append(s.AllOf[:len(s.AllOf):len(s.AllOf)], &Schema{Ref: s.Ref})
	s.Ref = ""
	return &s
}
