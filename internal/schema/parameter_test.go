package schema_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/presence"
	"github.com/apiroutes/apiroutes/internal/schema"
)

// maybe is a presence type, as typed declares them.
type maybe[T any] struct {
	_     presence.Optional
	value T
	state presence.State
}

func (m maybe[T]) ValidatorValue() any {
	if m.state != presence.Present {
		return nil
	}
	return m.value
}

type paging struct {
	Limit int    `json:"limit" validate:"omitempty,min=1"`
	Sort  string `json:"sort" validate:"required,oneof=name age"`
}

// parameters are fields as parameters have them; what is expected of each is its schema, behind
// "required" where its absence breaks a rule.
type parameters struct {
	Plain   int        `validate:"min=1"`
	Zero    int        `validate:"min=0,max=9"`
	List    []string   `validate:"omitempty,min=1"`
	Days    []string   `validate:"max=3"`
	Perhaps maybe[int] `validate:"required,max=9"`
	Rarely  maybe[int] `validate:"max=9"`
	Pointer *string    `validate:"omitempty,len=2"`
}

func TestParameter(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    schema.Parameter
		want string
	}{
		{"Plain", schema.Parameter{}, `required {"type":"integer","format":"int64","minimum":1,"maximum":9223372036854775807}`},
		{"Plain", schema.Parameter{Unruled: true}, `{"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9223372036854775807}`},
		{"Zero", schema.Parameter{}, `{"type":"integer","format":"int64","minimum":0,"maximum":9}`},
		{"List", schema.Parameter{}, `{"type":"array","items":{"type":"string"},"minItems":1}`},
		{"List", schema.Parameter{Comma: true}, `{"type":"array","items":{"type":"string"},"anyOf":[{"maxItems":0},{"minItems":1}]}`},
		{"Perhaps", schema.Parameter{}, `required {"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9}`},
		{"Perhaps", schema.Parameter{Unruled: true}, `{"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9223372036854775807}`},
		{"Rarely", schema.Parameter{}, `{"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9}`},
		{"Pointer", schema.Parameter{}, `{"type":"string","minLength":2,"maxLength":2}`},
	} {
		b := builder()
		tt.p.Field, _ = reflect.TypeFor[parameters]().FieldByName(tt.name)
		s, required := b.Parameter(tt.p)
		b.Components()
		require.NoError(t, b.Err())
		got := text(t, s)
		if required {
			got = "required " + got
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %+v: %s", tt.name, tt.p.Unruled, got)
		}
		if !tt.p.Unruled && tt.p.Field.Type.Kind() != reflect.Struct { // a presence type is never zero to its rules
			require.Equal(t, required, builder().IsRequired(tt.p.Field), tt.name)
		}
	}
}

// A struct in the query has the rules of its own field, and those of its members.
func TestQuery(t *testing.T) {
	type in struct {
		Page     paging
		Required *paging `validate:"required"`
		Maybe    *paging `validate:"omitempty"`
		Alone    paging  `validate:"structonly"`
		Left     paging  `validate:"-"`
	}
	const (
		object = `{"type":"object",`
		ruled  = object + `"properties":{"limit":{"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9223372036854775807,"anyOf":[{"const":0},{"minimum":1}]},"sort":{"type":"string","enum":["name","age"],"minLength":1}},"required":["sort"]}`
		free   = object + `"properties":{"limit":{"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9223372036854775807},"sort":{"type":"string"}}}`
	)
	for name, want := range map[string]string{
		"Page": "required " + ruled, "Required": "required " + ruled, "Maybe": ruled, "Alone": free, "Left": free,
	} {
		b := builder()
		f, _ := reflect.TypeFor[in]().FieldByName(name)
		var members []schema.QueryMember
		for m := range reflect.TypeFor[paging]().Fields() {
			members = append(members, schema.QueryMember{Parameter: schema.Parameter{Field: m}, Name: m.Tag.Get("json")})
		}
		s, required := b.Query(schema.Parameter{Field: f}, members, func(i int, unruled bool) (*openapi.Schema, bool) {
			p := members[i].Parameter
			p.Unruled = unruled
			return b.Parameter(p)
		})
		b.Components()
		require.NoError(t, b.Err())
		got := text(t, s)
		if required {
			got = "required " + got
		}
		if got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestFieldOfAWholeBody(t *testing.T) {
	type in struct {
		Body []paging `validate:"min=1,dive"`
		Free []paging
	}
	for name, want := range map[string]string{
		"Body": `{"type":"array","items":{"$ref":"#/components/schemas/Paging"},"minItems":1}`,
		"Free": `{"type":"array","items":{"$ref":"#/components/schemas/Paging"}}`,
	} {
		b := builder()
		f, _ := reflect.TypeFor[in]().FieldByName(name)
		s := b.InputField(f, false)
		b.Components()
		require.NoError(t, b.Err())
		if got := text(t, s); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// With NullAsAbsent, null is a value of each member that may be absent.
func TestNullAsAbsent(t *testing.T) {
	type in struct {
		N int        `json:"n"`
		S string     `json:"s" validate:"required"`
		P *int       `json:"p"`
		M maybe[int] `json:"m"`
	}
	b := builder().NullAsAbsent(true)
	b.Input(reflect.TypeFor[in](), false)
	components := b.Components()
	require.NoError(t, b.Err())
	s, _ := components.Get("In")
	const number = `{"type":["integer","null"],"format":"int64","minimum":-9223372036854775808,"maximum":9223372036854775807}`
	if got, want := text(t, s), `{"type":"object","properties":{"n":`+number+`,"s":{"type":"string","minLength":1},"p":`+number+`,"m":`+number+
		`},"required":["s"],"additionalProperties":false}`; got != want {
		t.Error(got)
	}
}

func TestRefuses(t *testing.T) {
	one := &openapi.Schema{Type: []string{openapi.TypeString}, Enum: []any{"a"}}
	require.True(t, schema.Refuses(one, "b"))
	require.False(t, schema.Refuses(one, "a"))
	require.False(t, schema.Refuses(&openapi.Schema{Ref: "#/components/schemas/X"}, "b"))
	require.Equal(t, "Paging", schema.TypeName(reflect.TypeFor[paging]()))
}
