package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

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
	case "uniqueItems":
		return json.Unmarshal(value, &s.UniqueItems)
	case "deprecated":
		return json.Unmarshal(value, &s.Deprecated)
	case "required":
		return json.Unmarshal(value, &s.Required)
	case "properties":
		return s.properties(value)
	case "$schema", "$comment":
	default:
		return fmt.Errorf("package openapi does not know it")
	}
	return nil
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
		"exclusiveMinimum": &s.ExclusiveMinimum, "exclusiveMaximum": &s.ExclusiveMaximum,
	}[name]
}

func (s *Schema) count(name string) **int {
	return map[string]**int{
		"minLength": &s.MinLength, "maxLength": &s.MaxLength, "minItems": &s.MinItems, "maxItems": &s.MaxItems,
		"minProperties": &s.MinProperties, "maxProperties": &s.MaxProperties,
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

func (s *Schema) properties(value json.RawMessage) error {
	dec := json.NewDecoder(bytes.NewReader(value))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("it is no object")
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		property := new(Schema)
		if err := dec.Decode(property); err != nil {
			return err
		}
		s.Properties.Set(name.(string), property)
	}
	return nil
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
