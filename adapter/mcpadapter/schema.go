package mcpadapter

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/apiroutes/apiroutes/docs/openapi"
)

const (
	componentPrefix = "#/components/schemas/"
	definitionPath  = "#/$defs/"
)

// resolve follows references to components.
func (c *compilation) resolve(s *openapi.Schema) *openapi.Schema {
	for range 100 { // a component that refers to itself is refused with the document
		name, ok := strings.CutPrefix(s.Ref, componentPrefix)
		if !ok {
			break
		}
		target, ok := c.doc.Components.Schemas.Get(name)
		if !ok {
			break
		}
		s = target
	}
	return s
}

// closed writes a schema so that it stands alone: the components that it refers to are its
// definitions, and no other. What only a document understands is left out.
func (c *compilation) closed(root *openapi.Schema) any {
	root = root.Clone()
	var definitions openapi.Map[*openapi.Schema]
	names := alone(root)
	for len(names) > 0 {
		name := names[0]
		names = names[1:]
		s, ok := c.doc.Components.Schemas.Get(name)
		if _, done := definitions.Get(name); done || !ok {
			continue
		}
		s = s.Clone()
		definitions.Set(name, s)
		names = append(names, alone(s)...)
	}
	if definitions.Len() > 0 {
		root.More.Set("$defs", definitions)
	}
	text, err := root.MarshalJSON()
	if err != nil {
		c.refuse("its schema cannot be written: "+err.Error(), "mend the example or default")
		return nil
	}
	return json.RawMessage(text)
}

// alone changes s, which nothing else uses, and tells which components it refers to.
func alone(s *openapi.Schema) (components []string) {
	for part := range s.All() {
		if part.IsNever() {
			continue // which is shared
		}
		part.Discriminator, part.Example, part.Extensions = nil, nil, openapi.Map[any]{}
		if path, ok := strings.CutPrefix(part.Ref, componentPrefix); ok {
			name, _, _ := strings.Cut(path, "/")
			components = append(components, name)
			part.Ref = definitionPath + path
		}
	}
	return components
}

// isFlat reports whether the members of an object can stand beside other arguments: it has
// names of its own, and nothing of it speaks of all members.
func isFlat(s *openapi.Schema) bool {
	if s.IsNever() || len(s.Type) != 1 || s.Type[0] != openapi.TypeObject || s.Const != nil || s.Enum != nil || s.Ref != "" {
		return false
	}
	if s.Properties.Len() == 0 && !s.AdditionalProperties.IsNever() {
		return false // a map
	}
	bare := *s
	bare.AdditionalProperties = nil
	return isOpen(&bare)
}

// isOpen reports whether a schema says nothing of members that it does not name.
func isOpen(s *openapi.Schema) bool {
	if s == nil {
		return true
	}
	if s.IsNever() || s.Ref != "" || s.AdditionalProperties != nil || s.PropertyNames != nil || s.MinProperties != nil || s.MaxProperties != nil || s.More.Len() > 0 {
		return false
	}
	for _, part := range []*openapi.Schema{s.Not, s.If, s.Then, s.Else} {
		if !isOpen(part) {
			return false
		}
	}
	for _, list := range [][]*openapi.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, part := range list {
			if !isOpen(part) {
				return false
			}
		}
	}
	return true
}

// present is a schema that takes null, without it.
func present(s *openapi.Schema) *openapi.Schema {
	if either := s.AnyOf; len(either) == 2 && slices.Equal(either[1].Type, []string{openapi.TypeNull}) {
		return either[0]
	}
	if slices.Contains(s.Type, openapi.TypeNull) {
		s = s.Clone()
		s.Type = slices.DeleteFunc(s.Type, func(t string) bool { return t == openapi.TypeNull })
	}
	return s
}
