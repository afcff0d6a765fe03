package openapi

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
	UniqueItems        bool

	Properties                   Map[*Schema]
	Required                     []string
	AdditionalProperties         *Schema
	PropertyNames                *Schema
	MinProperties, MaxProperties *int

	AllOf, AnyOf, OneOf []*Schema
	Not, If, Then, Else *Schema

	Default    any
	Examples   []any
	Deprecated bool
	Extensions Map[any] // names begin with "x-"

	never bool

	// What only a 3.0 document has.
	nullable                           bool
	example                            any
	exclusiveMinimum, exclusiveMaximum bool
}

// Never returns the schema false, which accepts nothing.
func Never() *Schema { return &Schema{never: true} }

// IsNever reports whether s is the schema false.
func (s *Schema) IsNever() bool { return s.never }

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
		list(e, "type", s.Type)
	}
	e.flag("nullable", s.nullable)
	e.text("format", s.Format)
	list(e, "enum", s.Enum)
	e.any("const", s.Const)
	s.encodeBounds(e)
	s.encodeStructure(e)
	list(e, "allOf", s.AllOf)
	list(e, "anyOf", s.AnyOf)
	list(e, "oneOf", s.OneOf)
	member(e, "not", s.Not)
	member(e, "if", s.If)
	member(e, "then", s.Then)
	member(e, "else", s.Else)
	e.any("default", s.Default)
	e.any("example", s.example)
	list(e, "examples", s.Examples)
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
	list(e, "required", s.Required)
	member(e, "additionalProperties", s.AdditionalProperties)
	member(e, "propertyNames", s.PropertyNames)
	e.count("minProperties", s.MinProperties)
	e.count("maxProperties", s.MaxProperties)
}
