package openapi

import "slices"

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

	Minimum, Maximum, ExclusiveMinimum, ExclusiveMaximum Number

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

	Default    any
	Examples   []any
	Extensions Map[any] // names begin with "x-"

	// Flags stand together: a document holds thousands of schemas.
	UniqueItems, Deprecated, never bool

	// What only a 3.0 document has.
	nullable, exclusiveMinimum, exclusiveMaximum bool
	example                                      any
}

// Never returns the schema false, which accepts nothing.
func Never() *Schema { return &Schema{never: true} }

// IsNever reports whether s is the schema false.
func (s *Schema) IsNever() bool { return s.never }

// Clone returns a copy that shares nothing with s which could be changed, values of the
// program's own (Const, Default, examples, extensions) aside. nil gives nil, and false,
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
	return &c
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
	e.any("default", s.Default)
	e.any("example", s.example)
	e.values("examples", s.Examples)
	e.flag("deprecated", s.Deprecated)
	e.extensions(s.Extensions)
	e.end()
}

func (s *Schema) encodeBounds(e *encoder) {
	e.number("minimum", s.Minimum)
	e.flag("exclusiveMinimum", s.exclusiveMinimum)
	e.number("exclusiveMinimum", s.ExclusiveMinimum)
	e.number("maximum", s.Maximum)
	e.flag("exclusiveMaximum", s.exclusiveMaximum)
	e.number("exclusiveMaximum", s.ExclusiveMaximum)
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
