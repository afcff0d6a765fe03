package schema_test

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/go-playground/validator/v10"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/internal/schema"
)

type couple struct{ A, B int }

func (couple) JSONSchema() string { return `{"type":"array","items":{"type":"integer"}}` }

// exampleOf is the example of the one field of T, and what is wrong with it.
func exampleOf[T any](t *testing.T) (example string, err error) {
	b := builder()
	s := b.Input(reflect.TypeFor[T](), false)
	b.Components()
	field, _ := s.Properties.Get("v")
	if len(field.Examples) == 0 {
		return "", b.Err()
	}
	text, mistake := json.Marshal(field.Examples[0])
	require.NoError(t, mistake)
	return string(text), b.Err()
}

func TestExamples(t *testing.T) {
	for _, c := range []struct {
		of   func(*testing.T) (string, error)
		want string
	}{
		{exampleOf[struct {
			V string `json:"v" example:"7"`
		}], `"7"`},
		{exampleOf[struct {
			V int `json:"v" example:"7"`
		}], `7`},
		{exampleOf[struct {
			V int `json:"v,string" example:"7"`
		}], `"7"`},
		{exampleOf[struct {
			V *float32 `json:"v" example:"7"`
		}], `7`},
		{exampleOf[struct {
			V *int `json:"v" example:"null"`
		}], `null`},
		{exampleOf[struct {
			V bool `json:"v" example:"true"`
		}], `true`},
		{exampleOf[struct {
			V time.Duration `json:"v" example:"1h"`
		}], `"1h"`},
		{exampleOf[struct {
			V celsius `json:"v" example:"20"`
		}], `"20"`},
		{exampleOf[struct {
			V []string `json:"v" example:"a, 7"`
		}], `["a","7"]`},
		{exampleOf[struct {
			V []string `json:"v" example:"[\"a,b\"]"`
		}], `["a,b"]`},
		{exampleOf[struct {
			V []int `json:"v" example:"1"`
		}], `[1]`},
		{exampleOf[struct {
			V []byte `json:"v" example:"AAAA"`
		}], `"AAAA"`},
		{exampleOf[struct {
			V map[string]int `json:"v" example:"{\"a\":1}"`
		}], `{"a":1}`},
		{exampleOf[struct {
			V couple `json:"v" example:"[1,2]"`
		}], `[1,2]`},
		{exampleOf[struct {
			V any `json:"v" example:"so"`
		}], `"so"`},
		{exampleOf[struct {
			V any `json:"v" example:"7"`
		}], `7`},
	} {
		got, err := c.of(t)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}

func TestExamplesOfAnotherTypeAreRefused(t *testing.T) {
	for _, c := range []struct {
		of   func(*testing.T) (string, error)
		want string
	}{
		{exampleOf[struct {
			V int `json:"v" example:"ten"`
		}], `type int: field V: the example "ten" is no integer: write one in JSON`},
		{exampleOf[struct {
			V *int `json:"v" example:"1.5"`
		}], `type *int: field V: the example "1.5" is no integer: write one in JSON`},
		{exampleOf[struct {
			V bool `json:"v" example:"yes"`
		}], `the example "yes" is no boolean`},
		{exampleOf[struct {
			V float64 `json:"v" example:"\"1\""`
		}], `is no number`},
		{exampleOf[struct {
			V struct{ A int } `json:"v" example:"a"`
		}], `is no object`},
		{exampleOf[struct {
			V []int `json:"v" example:"1,x"`
		}], `the example "1,x" has "x", which is no integer: write one in JSON, or the list as a JSON array`},
		{exampleOf[struct {
			V couple `json:"v" example:"1,2"`
		}], `is no array`},
	} {
		got, err := c.of(t)
		require.Empty(t, got)
		require.ErrorContains(t, err, c.want)
	}
}

func TestDefaults(t *testing.T) {
	integer := &openapi.Schema{Type: []string{openapi.TypeInteger}}
	for _, c := range []struct {
		schema *openapi.Schema
		typ    reflect.Type
		text   string
		want   any
	}{
		{integer, reflect.TypeFor[int](), "-007", json.RawMessage("-7")},
		{integer, reflect.TypeFor[int](), "000", json.RawMessage("0")},
		{&openapi.Schema{}, reflect.TypeFor[*float64](), "00.5", json.RawMessage("0.5")},
		{&openapi.Schema{Type: []string{openapi.TypeArray}}, reflect.TypeFor[[]string](), "a, 7", []any{"a", "7"}},
		{&openapi.Schema{Type: []string{openapi.TypeArray}, Items: integer}, reflect.TypeFor[[]int](), "", []any{}},
		{integer, reflect.TypeFor[int](), "none", "none"}, // which Handle refuses before
	} {
		require.Equal(t, c.want, schema.Default(c.schema, c.typ, c.text))
	}
}

func TestOneTypeIsNotSaidTwice(t *testing.T) {
	v := rules.New(nil)
	v.Register("sku", func(context.Context, validator.FieldLevel) bool { return true }, `{"type":"string","pattern":"^[A-Z]+$"}`)
	v.Register("number", func(context.Context, validator.FieldLevel) bool { return true }, `{"type":"number"}`)
	s := schema.New(schema.Options{Validator: v}).Input(reflect.TypeFor[struct {
		A string  `json:"a" validate:"sku"`
		B *string `json:"b" validate:"omitempty,sku"`
		C int     `json:"c" validate:"number"`
	}](), false)
	require.Equal(t, `{"a":{"type":"string","pattern":"^[A-Z]+$"},`+
		`"b":{"type":["string","null"],"pattern":"^[A-Z]+$"},`+
		`"c":{"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9223372036854775807,"allOf":[{"type":"number"}]}}`,
		text(t, s.Properties))
}
