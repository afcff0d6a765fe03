package schema_test

import (
	"net/http"
	"net/mail"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/schema"
)

// Address has the name of a type of net/mail.
type Address struct {
	City string `json:"city"`
}

// Cookie has the name of a type of net/http.
type Cookie struct {
	Name string `json:"name" validate:"required"`
}

type listed struct{}

func (listed) JSONSchema() string {
	return `{"type":"array","items":{"$ref":"#/components/schemas/CookieInput"},"examples":[["a"]],"maxItems":1}`
}

type misled struct{}

func (misled) JSONSchema() string {
	return `{"type":"object","properties":{"n":{"type":"integer","enum":[1,2],"default":3,"example":4,"examples":[1]}}}`
}

// TestOutside has what others' reports showed, by its id.
func TestOutside(t *testing.T) {
	t.Run("A6 components on demand keep their plain names", func(t *testing.T) {
		b := builder()
		b.Output(reflect.TypeFor[mail.Address]())
		b.Component(reflect.TypeFor[*Address]())
		b.Component(reflect.TypeFor[level]())
		require.Equal(t, []string{"Address", "Level", "MailAddress"}, names(b))
		require.NoError(t, b.Err())
		b = builder()
		b.Component(reflect.TypeFor[Address]())
		b.Component(reflect.TypeFor[mail.Address]())
		require.Equal(t, []string{"MailAddress", "SchemaTestAddress"}, names(b), "two of one name are told apart")
		b = builder()
		b.Component(reflect.TypeFor[[]int]())
		require.EqualError(t, b.Err(), "type []int: it has no name that a component could have: give it one")
	})
	t.Run("A6 the request's form is there where it is referred to", func(t *testing.T) {
		b := builder()
		b.Input(reflect.TypeFor[listed](), false)
		b.Component(reflect.TypeFor[Cookie]())
		require.Equal(t, []string{"Cookie", "CookieInput"}, names(b))
		require.EqualError(t, b.Err(), `type schema_test.listed: the schema of its JSONSchema method: the example ["a"] has an item 0 that is no object: write one that the schema accepts`)
	})
	t.Run("A22 a named schema keeps its name", func(t *testing.T) {
		b := builder()
		b.Output(reflect.TypeFor[http.Cookie]())
		b.Name(reflect.TypeFor[Cookie](), &openapi.Schema{Title: "named"})
		b.Output(reflect.TypeFor[Cookie]())
		components := b.Components()
		named, ok := components.Get("Cookie")
		require.True(t, ok)
		require.Equal(t, "named", named.Title)
		_, ok = components.Get("HttpCookie")
		require.True(t, ok)
	})
	t.Run("A24 a url.URL", func(t *testing.T) {
		b := builder()
		b.Output(reflect.TypeFor[struct{ A *url.URL }]())
		require.EqualError(t, b.Err(), `type url.URL: JSON has no form for it, and one with a user name cannot be written at all: `+
			`use a string with validate:"url", or a type of your own with MarshalText and UnmarshalText`)
	})
	t.Run("A11 examples in a schema of the program", func(t *testing.T) {
		b := builder()
		b.Input(reflect.TypeFor[[]misled](), false)
		b.Output(reflect.TypeFor[misled]())
		b.Components()
		require.EqualError(t, b.Err(), "type schema_test.misled: the schema of its JSONSchema method: the default 3 is none of its enum: write one that the schema accepts\n"+
			"type schema_test.misled: the schema of its JSONSchema method: the example 4 is none of its enum: write one that the schema accepts")
	})
	for _, c := range []struct {
		of   func(*testing.T) (string, error)
		want string // "": it is published
	}{
		{exampleOf[struct {
			V int8 `json:"v" example:"300"`
		}], "is greater than 127"},
		{exampleOf[struct {
			V *uint16 `json:"v" example:"-1"`
		}], "is less than 0"},
		{exampleOf[struct {
			V float64 `json:"v" example:"1e400"`
		}], "is greater than a double can be"},
		{exampleOf[struct {
			V float64 `json:"v" example:"1e99999999999"`
		}], "is greater than a double can be"},
		{exampleOf[struct {
			V float32 `json:"v" example:"-1e39"`
		}], "is greater than a float can be"},
		{exampleOf[struct {
			V string `json:"v" validate:"oneof=a b" example:"c"`
		}], "is none of its enum"},
		{exampleOf[struct {
			V int `json:"v" validate:"min=5" example:"4"`
		}], "is less than 5"},
		{exampleOf[struct {
			V float64 `json:"v" validate:"gt=5" example:"5"`
		}], "is not greater than 5"},
		{exampleOf[struct {
			V float64 `json:"v" validate:"lt=5" example:"5.0"`
		}], "is not less than 5"},
		{exampleOf[struct {
			V string `json:"v" validate:"max=2" example:"äöü"`
		}], "has more than 2 characters"},
		{exampleOf[struct {
			V string `json:"v" validate:"min=2" example:"ä"`
		}], "has fewer than 2 characters"},
		{exampleOf[struct {
			V string `json:"v" validate:"alpha" example:"7"`
		}], "does not match the pattern ^[a-zA-Z]+$"},
		{exampleOf[struct {
			V time.Time `json:"v" example:"yesterday"`
		}], "is not in the format date-time"},
		{exampleOf[struct {
			V time.Time `json:"v,format:DateOnly" example:"2024-02-30"`
		}], "is not in the format date"},
		{exampleOf[struct {
			V string `json:"v" validate:"ip" example:"::1"`
		}], ""},
		{exampleOf[struct {
			V string `json:"v" validate:"ip" example:"1.2.3"`
		}], "fits none of the schemas that it may have"},
		{exampleOf[struct {
			V []int `json:"v" validate:"unique,max=3" example:"1,2,1.0"`
		}], `the example "1,2,1.0" has "1.0"`},
		{exampleOf[struct {
			V []int `json:"v" validate:"unique" example:"1,2,1"`
		}], "has an item twice"},
		{exampleOf[struct {
			V []int8 `json:"v" example:"[1,200]"`
		}], "has an item 1 that is greater than 127"},
		{exampleOf[struct {
			V map[string]int `json:"v" validate:"dive,keys,alpha,endkeys,max=3" example:"{\"a\":4}"`
		}], `has a member "a" that is greater than 3`},
		{exampleOf[struct {
			V map[string]int `json:"v" validate:"dive,keys,alpha,endkeys,max=3" example:"{\"1\":3}"`
		}], `has a member whose name "1" does not match the pattern`},
		{exampleOf[struct {
			V Cookie `json:"v" example:"{\"name\":\"\"}"`
		}], `has a member "name" that has fewer than 1 characters`},
		{exampleOf[struct {
			V Cookie `json:"v" example:"{}"`
		}], `has no member "name"`},
		{exampleOf[struct {
			V *Cookie `json:"v" example:"{\"name\":\"a\",\"nick\":1}"`
		}], `has a member "nick" that its schema does not have`},
		{exampleOf[struct {
			V Cookie `json:"v" example:"{\"name\":\"a\"}"`
		}], ""},
		{exampleOf[struct {
			V *int `json:"v" validate:"omitempty,min=5" example:"null"`
		}], ""},
		{exampleOf[struct {
			V int `json:"v" validate:"omitempty,min=5" example:"0"`
		}], ""},
		{exampleOf[struct {
			V string `json:"v" validate:"excludes=x" example:"axe"`
		}], "is one of the values that its schema excludes"},
	} {
		t.Run("A11 an example that breaks its schema", func(t *testing.T) {
			_, err := c.of(t)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
	t.Run("A11 the type's bounds hold in answers too", func(t *testing.T) {
		b := builder()
		b.Output(reflect.TypeFor[struct {
			V int8 `json:"v" validate:"min=5" example:"300"`
			W int8 `json:"w" validate:"min=5" example:"1"`
		}]())
		b.Components()
		require.EqualError(t, b.Err(), `type int8: field V: the example "300" is greater than 127: write one that its schema accepts`)
	})
}

// What the checker does not know it does not refuse, wherever it stands.
func TestExamplesAreRefusedForWhatIsCertain(t *testing.T) {
	for text, refused := range map[string]bool{
		`{"contains":{"const":1},"example":[2]}`:                                                        false,
		`{"not":{"contains":{"const":1}},"example":[1]}`:                                                false,
		`{"pattern":"^(?=a)","example":"b"}`:                                                            false,
		`{"not":{"pattern":"^(?=a)"},"example":"b"}`:                                                    false,
		`{"$ref":"https://example.org/a.json","example":"b"}`:                                           false,
		`{"oneOf":[{"type":"integer"},{"type":"number"}],"example":1}`:                                  true,
		`{"oneOf":[{"type":"integer"},{"type":"number"}],"example":1.5}`:                                false,
		`{"if":{"type":"integer"},"then":{"maximum":5},"else":{"maxLength":1},"example":6}`:             true,
		`{"if":{"type":"integer"},"then":{"maximum":5},"else":{"maxLength":1},"example":"ab"}`:          true,
		`{"if":{"type":"integer"},"then":{"maximum":5},"else":{"maxLength":1},"example":"a"}`:           false,
		`{"if":{"pattern":"(?=a)"},"then":false,"else":false,"example":"a"}`:                            false,
		`{"multipleOf":0.1,"example":0.3}`:                                                              false,
		`{"multipleOf":0.1,"example":0.35}`:                                                             true,
		`{"type":"object","patternProperties":{"a":{}},"additionalProperties":false,"example":{"a":1}}`: false,
		`{"enum":[{"a":[1.0]}],"example":{"a":[1]}}`:                                                    false,
		`{"const":[1],"example":[1,2]}`:                                                                 true,
		`{"format":"uuid","example":"a"}`:                                                               true,
		`{"format":"ipv4","example":"::1"}`:                                                             true,
		`{"minProperties":1,"example":{}}`:                                                              true,
		`{"properties":{"a":false},"example":{"a":1}}`:                                                  true,
		`{"anyOf":[{"contains":{}},{"type":"integer"}],"example":"a"}`:                                  false,
		`{"allOf":[{"contains":{}},{"type":"integer"}],"example":"a"}`:                                  true,
		`{"type":["string","null"],"example":null}`:                                                     false,
	} {
		var s openapi.Schema
		require.NoError(t, s.UnmarshalJSON([]byte(text)), text)
		b := schema.New(schema.Options{Types: map[reflect.Type]*openapi.Schema{reflect.TypeFor[secret](): &s}})
		b.Output(reflect.TypeFor[secret]())
		b.Components()
		if refused {
			require.ErrorContains(t, b.Err(), "type schema_test.secret: the schema of Options.Types: the example", text)
			require.False(t, strings.HasSuffix(b.Err().Error(), " "))
		} else {
			require.NoError(t, b.Err(), text)
		}
	}
}
