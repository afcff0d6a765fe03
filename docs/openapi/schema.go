package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// The values of a schema's type keyword.
const (
	TypeNull    = "null"
	TypeBoolean = "boolean"
	TypeObject  = "object"
	TypeArray   = "array"
	TypeNumber  = "number"
	TypeInteger = "integer"
	TypeString  = "string"
)

// Number is a JSON number as it is written, so that no bound loses digits. Empty is none.
type Number string

func (n Number) encode(e *encoder) { e.buf = append(e.buf, n...) }

// Schema is a JSON Schema of draft 2020-12 with the keywords that OpenAPI adds. The
// zero value is the schema {} that accepts everything; [Never] accepts nothing.
type Schema struct {
	Ref         string // "#/components/schemas/User"
	Title       string
	Description string

	Type   []string // one or more of the Type constants; none means any
	Format string
	Enum   []any
	Const  any // nil is no constant; the constant null is written as Type null

	Minimum, Maximum, ExclusiveMinimum, ExclusiveMaximum, MultipleOf Number

	MinLength, MaxLength              *int // in code points
	Pattern                           string
	ContentEncoding, ContentMediaType string

	Items              *Schema
	MinItems, MaxItems *int

	Properties                   Map[*Schema]
	Required                     []string
	AdditionalProperties         *Schema
	PropertyNames                *Schema
	MinProperties, MaxProperties *int

	AllOf, AnyOf, OneOf []*Schema
	Not, If, Then, Else *Schema

	Discriminator *Discriminator

	Default    any
	Example    any // OpenAPI's keyword, which a 3.0 document needs; else write Examples
	Examples   []any
	Extensions Map[any] // names begin with "x-"

	// More has the keywords without a field here, by name: patternProperties, prefixItems,
	// contains, dependentRequired and the like. A schema within them is a *Schema, a
	// []*Schema or a Map[*Schema]. A 3.0 document leaves them out.
	More Map[any]

	// Flags stand together: a document holds thousands of schemas.
	UniqueItems, Deprecated, ReadOnly, WriteOnly, never bool

	// What only a 3.0 document has.
	nullable, exclusiveMinimum, exclusiveMaximum bool
}

// Discriminator names the property that tells the alternatives of oneOf or anyOf apart.
type Discriminator struct {
	PropertyName string
	Mapping      Map[string] // from values of the property to references or component names
}

// Never returns the schema false, which accepts nothing.
func Never() *Schema { return &Schema{never: true} }

// IsNever reports whether s is the schema false. nil is not.
func (s *Schema) IsNever() bool { return s != nil && s.never }

// Clone returns a copy that shares nothing with s which could be changed, values of
// the program (Const, Default, examples, extensions) aside. nil gives nil, and false,
// in which there is nothing to change, itself.
func (s *Schema) Clone() *Schema {
	if s == nil || s.never {
		return s
	}
	c := *s
	c.Type, c.Required = slices.Clone(s.Type), slices.Clone(s.Required)
	c.Enum, c.Examples = slices.Clone(s.Enum), slices.Clone(s.Examples)
	for _, n := range [...]**int{&c.MinLength, &c.MaxLength, &c.MinItems, &c.MaxItems, &c.MinProperties, &c.MaxProperties} {
		if *n != nil {
			*n = new(**n)
		}
	}
	for _, part := range [...]**Schema{&c.Items, &c.AdditionalProperties, &c.PropertyNames, &c.Not, &c.If, &c.Then, &c.Else} {
		if *part != nil {
			*part = (*part).Clone()
		}
	}
	for _, list := range [...]*[]*Schema{&c.AllOf, &c.AnyOf, &c.OneOf} {
		*list = slices.Clone(*list)
		for i, part := range *list {
			(*list)[i] = part.Clone()
		}
	}
	c.Properties = each(s.Properties, (*Schema).Clone)
	c.Extensions = each(s.Extensions, func(v any) any { return v })
	c.More = each(s.More, cloneMore)
	if s.Discriminator != nil {
		d := *s.Discriminator
		d.Mapping = each(d.Mapping, func(ref string) string { return ref })
		c.Discriminator = &d
	}
	return &c
}

func cloneMore(v any) any {
	switch v := v.(type) {
	case *Schema:
		return v.Clone()
	case []*Schema:
		out := make([]*Schema, len(v))
		for i, part := range v {
			out[i] = part.Clone()
		}
		return out
	case Map[*Schema]:
		return each(v, (*Schema).Clone)
	}
	return v
}

// All yields s and every schema within it, outer ones first. References are not followed.
func (s *Schema) All() iter.Seq[*Schema] {
	return func(yield func(*Schema) bool) { s.walk(yield) }
}

// walk reports whether to go on.
func (s *Schema) walk(yield func(*Schema) bool) bool {
	if s == nil {
		return true
	}
	if !yield(s) {
		return false
	}
	for _, part := range [...]*Schema{s.Items, s.AdditionalProperties, s.PropertyNames, s.Not, s.If, s.Then, s.Else} {
		if !part.walk(yield) {
			return false
		}
	}
	for _, list := range [...][]*Schema{s.AllOf, s.AnyOf, s.OneOf} {
		if !walkList(list, yield) {
			return false
		}
	}
	if !walkMap(s.Properties, yield) {
		return false
	}
	for _, v := range s.More.All() {
		more := true
		switch v := v.(type) {
		case *Schema:
			more = v.walk(yield)
		case []*Schema:
			more = walkList(v, yield)
		case Map[*Schema]:
			more = walkMap(v, yield)
		}
		if !more {
			return false
		}
	}
	return true
}

func walkList(list []*Schema, yield func(*Schema) bool) bool {
	for _, part := range list {
		if !part.walk(yield) {
			return false
		}
	}
	return true
}

func walkMap(m Map[*Schema], yield func(*Schema) bool) bool {
	for _, part := range m.All() {
		if !part.walk(yield) {
			return false
		}
	}
	return true
}

// MarshalJSON writes the schema.
func (s *Schema) MarshalJSON() ([]byte, error) { return marshal(s) }

func (s *Schema) encode(e *encoder) {
	if s.never {
		e.value(false)
		return
	}
	e.begin()
	e.text("$ref", s.Ref)
	e.text("title", s.Title)
	e.text("description", s.Description)
	switch len(s.Type) {
	case 0:
	case 1:
		e.text("type", s.Type[0])
	default:
		e.words("type", s.Type)
	}
	e.flag("nullable", s.nullable)
	e.text("format", s.Format)
	e.values("enum", s.Enum)
	e.any("const", s.Const)
	s.encodeBounds(e)
	s.encodeStructure(e)
	parts(e, "allOf", s.AllOf)
	parts(e, "anyOf", s.AnyOf)
	parts(e, "oneOf", s.OneOf)
	member(e, "not", s.Not)
	member(e, "if", s.If)
	member(e, "then", s.Then)
	member(e, "else", s.Else)
	e.extensions(s.More)
	member(e, "discriminator", s.Discriminator)
	e.any("default", s.Default)
	e.any("example", s.Example)
	e.values("examples", s.Examples)
	e.flag("deprecated", s.Deprecated)
	e.flag("readOnly", s.ReadOnly)
	e.flag("writeOnly", s.WriteOnly)
	e.extensions(s.Extensions)
	e.end()
}

func (d *Discriminator) encode(e *encoder) {
	e.begin()
	e.keyword("propertyName")
	e.string(d.PropertyName)
	entries(e, "mapping", d.Mapping)
	e.end()
}

func (s *Schema) encodeBounds(e *encoder) {
	e.number("minimum", s.Minimum)
	e.flag("exclusiveMinimum", s.exclusiveMinimum)
	e.number("exclusiveMinimum", s.ExclusiveMinimum)
	e.number("maximum", s.Maximum)
	e.flag("exclusiveMaximum", s.exclusiveMaximum)
	e.number("exclusiveMaximum", s.ExclusiveMaximum)
	e.number("multipleOf", s.MultipleOf)
	e.count("minLength", s.MinLength)
	e.count("maxLength", s.MaxLength)
	e.text("pattern", s.Pattern)
	e.text("contentEncoding", s.ContentEncoding)
	e.text("contentMediaType", s.ContentMediaType)
}

func (s *Schema) encodeStructure(e *encoder) {
	member(e, "items", s.Items)
	e.count("minItems", s.MinItems)
	e.count("maxItems", s.MaxItems)
	e.flag("uniqueItems", s.UniqueItems)
	entries(e, "properties", s.Properties)
	e.words("required", s.Required)
	member(e, "additionalProperties", s.AdditionalProperties)
	member(e, "propertyNames", s.PropertyNames)
	e.count("minProperties", s.MinProperties)
	e.count("maxProperties", s.MaxProperties)
}

// UnmarshalJSON reads a schema. Keywords that [Schema] does not hold are an error, so
// that none is lost in silence; names that begin with "x-" become Extensions.
func (s *Schema) UnmarshalJSON(data []byte) error {
	*s = Schema{}
	switch text := string(bytes.TrimSpace(data)); text {
	case "true":
		return nil
	case "false":
		s.never = true
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("a schema is an object, true or false")
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		if err := s.keyword(name.(string), value); err != nil {
			return fmt.Errorf("keyword %s: %w", name, err)
		}
	}
	return nil
}

func (s *Schema) keyword(name string, value json.RawMessage) error {
	if strings.HasPrefix(name, "x-") {
		s.Extensions.Set(name, value)
		return nil
	}
	if target := s.text(name); target != nil {
		return json.Unmarshal(value, target)
	}
	if target := s.number(name); target != nil {
		var n json.Number
		err := json.Unmarshal(value, &n)
		*target = Number(n)
		return err
	}
	if target := s.count(name); target != nil {
		return json.Unmarshal(value, target)
	}
	if target := s.flag(name); target != nil {
		return json.Unmarshal(value, target)
	}
	if target := s.part(name); target != nil {
		return json.Unmarshal(value, target)
	}
	switch name {
	case "type":
		if value[0] == '"' {
			s.Type = make([]string, 1)
			return json.Unmarshal(value, &s.Type[0])
		}
		return json.Unmarshal(value, &s.Type)
	case "enum":
		return values(value, &s.Enum)
	case "examples":
		return values(value, &s.Examples)
	case "const":
		if string(value) == "null" {
			s.Type = []string{TypeNull}
		} else {
			s.Const = value
		}
	case "default":
		s.Default = value
	case "example":
		s.Example = value
	case "discriminator":
		s.Discriminator = &Discriminator{}
		return json.Unmarshal(value, s.Discriminator)
	case "required":
		return json.Unmarshal(value, &s.Required)
	case "properties":
		return s.properties(value)
	case "$schema", "$comment":
	case "nullable":
		return fmt.Errorf(`it is of OpenAPI 3.0: write null among the types, "type": ["string", "null"]`)
	case "$defs", "definitions":
		return fmt.Errorf("a document has its definitions among the components: refer to #/components/schemas/NAME, and name the Go types in docs.Options.Components")
	default:
		return s.more(name, value)
	}
	return nil
}

// more reads the keywords that have no field.
func (s *Schema) more(name string, value json.RawMessage) error {
	switch name {
	case "contains", "unevaluatedItems", "unevaluatedProperties", "contentSchema":
		part := new(Schema)
		if err := json.Unmarshal(value, part); err != nil {
			return err
		}
		s.More.Set(name, part)
	case "prefixItems":
		var list []*Schema
		if err := json.Unmarshal(value, &list); err != nil {
			return err
		}
		s.More.Set(name, list)
	case "patternProperties", "dependentSchemas":
		parts, err := members(value, func(dec *json.Decoder) (*Schema, error) {
			part := new(Schema)
			return part, dec.Decode(part)
		})
		if err != nil {
			return err
		}
		s.More.Set(name, parts)
	case "minContains", "maxContains", "dependentRequired", "externalDocs", "xml":
		s.More.Set(name, value)
	default:
		return fmt.Errorf("neither JSON Schema 2020-12 nor OpenAPI has it, or a schema within a document cannot use it: write it with x- in front if it is meant")
	}
	return nil
}

// UnmarshalJSON reads a discriminator.
func (d *Discriminator) UnmarshalJSON(data []byte) error {
	var in struct {
		PropertyName string
		Mapping      json.RawMessage
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return err
	}
	if in.PropertyName == "" {
		return fmt.Errorf("it has no propertyName")
	}
	d.PropertyName = in.PropertyName
	if in.Mapping == nil {
		return nil
	}
	var err error
	d.Mapping, err = members(in.Mapping, func(dec *json.Decoder) (ref string, err error) {
		err = dec.Decode(&ref)
		return ref, err
	})
	return err
}

func (s *Schema) text(name string) *string {
	return map[string]*string{
		"$ref": &s.Ref, "title": &s.Title, "description": &s.Description, "format": &s.Format, "pattern": &s.Pattern,
		"contentEncoding": &s.ContentEncoding, "contentMediaType": &s.ContentMediaType,
	}[name]
}

func (s *Schema) number(name string) *Number {
	return map[string]*Number{
		"minimum": &s.Minimum, "maximum": &s.Maximum,
		"exclusiveMinimum": &s.ExclusiveMinimum, "exclusiveMaximum": &s.ExclusiveMaximum, "multipleOf": &s.MultipleOf,
	}[name]
}

func (s *Schema) count(name string) **int {
	return map[string]**int{
		"minLength": &s.MinLength, "maxLength": &s.MaxLength, "minItems": &s.MinItems, "maxItems": &s.MaxItems,
		"minProperties": &s.MinProperties, "maxProperties": &s.MaxProperties,
	}[name]
}

func (s *Schema) flag(name string) *bool {
	return map[string]*bool{
		"uniqueItems": &s.UniqueItems, "deprecated": &s.Deprecated, "readOnly": &s.ReadOnly, "writeOnly": &s.WriteOnly,
	}[name]
}

func (s *Schema) part(name string) any {
	if one, ok := map[string]**Schema{
		"items": &s.Items, "additionalProperties": &s.AdditionalProperties, "propertyNames": &s.PropertyNames,
		"not": &s.Not, "if": &s.If, "then": &s.Then, "else": &s.Else,
	}[name]; ok {
		*one = &Schema{}
		return *one
	}
	if several, ok := map[string]*[]*Schema{"allOf": &s.AllOf, "anyOf": &s.AnyOf, "oneOf": &s.OneOf}[name]; ok {
		return several
	}
	return nil
}

func (s *Schema) properties(value json.RawMessage) (err error) {
	s.Properties, err = members(value, func(dec *json.Decoder) (*Schema, error) {
		property := new(Schema)
		return property, dec.Decode(property)
	})
	return err
}

// members reads an object in the order of its members.
func members[V any](object json.RawMessage, read func(*json.Decoder) (V, error)) (out Map[V], err error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return out, fmt.Errorf("it is no object")
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return out, err
		}
		v, err := read(dec)
		if err != nil {
			return out, err
		}
		out.Set(name.(string), v)
	}
	return out, nil
}

// values keeps each value as it is written, so that no number loses digits.
func values(list json.RawMessage, target *[]any) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(list, &raw); err != nil {
		return err
	}
	for _, v := range raw {
		*target = append(*target, v)
	}
	return nil
}
