//lint:file-ignore SA5008 unusual json tags are the cases

package schema_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/jsonx"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/internal/schema"
)

var update = flag.Bool("update", false, "rewrite golden files")

func builder() *schema.Builder { return schema.New(schema.Options{Validator: rules.New(nil)}) }

func text(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	require.NoError(t, err)
	return string(out)
}

// input is the schema of the member v of T.
func input[T any](t *testing.T) string {
	t.Helper()
	b := builder()
	s := b.Input(reflect.TypeFor[T](), false)
	b.Components()
	require.NoError(t, b.Err())
	v, ok := s.Properties.Get("v")
	require.True(t, ok)
	if len(s.Required) > 0 {
		return "required " + text(t, v)
	}
	return text(t, v)
}

func output[T any](t *testing.T) string {
	t.Helper()
	b := builder()
	s := b.Output(reflect.TypeFor[struct {
		V T `json:"v,omitzero"`
	}]())
	b.Components()
	require.NoError(t, b.Err())
	v, _ := s.Properties.Get("v")
	return text(t, v)
}

type level string

type celsius struct{}

func (celsius) MarshalText() ([]byte, error)  { return nil, nil }
func (*celsius) UnmarshalText(b []byte) error { return nil }

type secret struct{}

func (secret) MarshalJSON() ([]byte, error)  { return nil, nil }
func (*secret) UnmarshalJSON(b []byte) error { return nil }

type told struct{ secret }

func (told) JSONSchema() string { return `{"type":"string","pattern":"^x"}` }

type mistold struct{}

func (mistold) JSONSchema() string { return `{"type":7}` }

func TestOutputOfTypes(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{output[string](t), `{"type":"string"}`},
		{output[level](t), `{"type":"string"}`},
		{output[bool](t), `{"type":"boolean"}`},
		{output[int](t), `{"type":"integer","format":"int64"}`},
		{output[int8](t), `{"type":"integer","format":"int8"}`},
		{output[uint64](t), `{"type":"integer","format":"uint64","minimum":0}`},
		{output[float32](t), `{"type":"number","format":"float"}`},
		{output[float64](t), `{"type":"number","format":"double"}`},
		{output[*int32](t), `{"type":["integer","null"],"format":"int32"}`},
		{output[**int32](t), `{"type":["integer","null"],"format":"int32"}`},
		{output[any](t), `{}`},
		{output[[]string](t), `{"type":"array","items":{"type":"string"}}`},
		{output[[2]bool](t), `{"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":2}`},
		{output[map[string]bool](t), `{"type":"object","additionalProperties":{"type":"boolean"}}`},
		{output[map[int]bool](t), `{"type":"object","additionalProperties":{"type":"boolean"},"propertyNames":{"type":"string","pattern":"^(?:0|-?[1-9][0-9]*|-0)$"}}`},
		{output[map[float64]bool](t), `{"type":"object","additionalProperties":{"type":"boolean"},"propertyNames":{"type":"string","pattern":"^-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$"}}`},
		{output[map[celsius]bool](t), `{"type":"object","additionalProperties":{"type":"boolean"}}`},
		{output[map[[2]byte]bool](t), `{"type":"object","additionalProperties":{"type":"boolean"},"propertyNames":{"type":"string","minLength":4,"maxLength":4,"contentEncoding":"base64"}}`},
		{output[[]byte](t), `{"type":"string","contentEncoding":"base64"}`},
		{output[[16]byte](t), `{"type":"string","minLength":24,"maxLength":24,"contentEncoding":"base64"}`},
		{output[time.Time](t), `{"type":"string","format":"date-time"}`},
		{output[time.Duration](t), `{"type":"string","examples":["1h30m0s"]}`},
		{output[json.RawMessage](t), `{}`},
		{output[json.Number](t), `{"type":"number"}`},
		{output[big.Int](t), `{"type":"integer"}`},
		{output[netip.Addr](t), `{"type":"string"}`},
		{output[celsius](t), `{"type":"string"}`},
		{output[told](t), `{"type":"string","pattern":"^x"}`},
		{output[struct{ A int }](t), `{"type":"object","properties":{"A":{"type":"integer","format":"int64"}},"required":["A"]}`},
	} {
		require.Equal(t, c.want, c.got)
	}
}

func TestInputOfTypes(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{input[struct {
			V int8 `json:"v"`
		}](t), `{"type":"integer","format":"int8","minimum":-128,"maximum":127}`},
		{input[struct {
			V uint64 `json:"v"`
		}](t), `{"type":"integer","format":"uint64","minimum":0,"maximum":18446744073709551615}`},
		{input[struct {
			V float32 `json:"v"`
		}](t), `{"type":"number","format":"float","exclusiveMinimum":-3.4028235677973366e+38,"exclusiveMaximum":3.4028235677973366e+38}`},
		{input[struct {
			V uint8 `json:"v,string"`
		}](t), `{"type":"string","pattern":"^(?:0|[1-9][0-9]*)$"}`},
		{input[struct {
			V float64 `json:"v,string"`
		}](t), `{"type":"string","pattern":"^-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$"}`},
		{input[struct {
			V time.Time `json:"v,format:unix"`
		}](t), `{"type":"number","minimum":-62167219200,"maximum":253402300799.999999999,"x-format":"unix"}`},
		{input[struct {
			V time.Time `json:"v,string,format:unix"`
		}](t), `{"type":"string","pattern":"^-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?$","x-format":"unix"}`},
		{input[struct {
			V time.Time `json:"v,format:DateOnly"`
		}](t), `{"type":"string","format":"date"}`},
		{input[struct {
			V time.Time `json:"v,format:RFC1123"`
		}](t), "{\"description\":\"A time in the form `Mon, 02 Jan 2006 15:04:05 MST`.\",\"type\":\"string\",\"x-format\":\"RFC1123\"}"},
		{input[struct {
			V time.Duration `json:"v,format:sec"`
		}](t), `{"type":"number","minimum":-9223372036.854775808,"maximum":9223372036.854775807,"x-format":"sec"}`},
		{input[struct {
			V time.Duration `json:"v,string,format:nano"`
		}](t), `{"type":"string","pattern":"^-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?$","x-format":"nano"}`},
		{input[struct {
			V time.Duration `json:"v,format:iso8601"`
		}](t), `{"type":"string","x-format":"iso8601"}`},
		{input[struct {
			V []byte `json:"v,format:hex"`
		}](t), `{"type":"string","pattern":"^(?:[0-9A-Fa-f]{2})*$","contentEncoding":"base16"}`},
		{input[struct {
			V [4]byte `json:"v,format:base32"`
		}](t), `{"type":"string","minLength":8,"maxLength":8,"pattern":"^[A-Z2-7]{7}=$","contentEncoding":"base32"}`},
		{input[struct {
			V [1]byte `json:"v,format:base32hex"`
		}](t), `{"type":"string","minLength":8,"maxLength":8,"pattern":"^[0-9A-V]{2}={6}$","contentEncoding":"base32hex"}`},
		{input[struct {
			V [2]byte `json:"v,format:base64url"`
		}](t), `{"type":"string","minLength":4,"maxLength":4,"pattern":"^[A-Za-z0-9_-]{3}=$","contentEncoding":"base64url"}`},
		{input[struct {
			V []byte `json:"v,format:array"`
		}](t), `{"type":"array","items":{"type":"integer","format":"uint8","minimum":0,"maximum":255}}`},
		{input[struct {
			V float64 `json:"v,format:nonfinite"`
		}](t), `{"anyOf":[{"type":"number","format":"double"},{"enum":["NaN","Infinity","-Infinity"]}]}`},
		{input[struct {
			V []int8 `json:"v,format:emitnull"`
		}](t), `{"type":["array","null"],"items":{"type":"integer","format":"int8","minimum":-128,"maximum":127}}`},
		{input[struct {
			V map[string]bool `json:"v,format:emitnull"`
		}](t), `{"type":["object","null"],"additionalProperties":{"type":"boolean"}}`},
		{input[struct {
			V string `json:"v" doc:"Its name." example:"Ada" validate:"email"`
		}](t), "required {\"description\":\"Its name. The server also checks: `email`.\",\"type\":\"string\",\"format\":\"email\",\"examples\":[\"Ada\"],\"x-validate\":\"email\"}"},
		{input[struct {
			V []int8 `json:"v" example:"[1]"`
		}](t), `{"type":"array","items":{"type":"integer","format":"int8","minimum":-128,"maximum":127},"examples":[[1]]}`},
	} {
		require.Equal(t, c.want, c.got)
	}
}

func TestTypesWithoutASchema(t *testing.T) {
	for _, c := range []struct {
		typ  reflect.Type
		want string
	}{
		{reflect.TypeFor[secret](), "add a method JSONSchema() string that returns the schema, or name the type in Options.Types"},
		{reflect.TypeFor[chan int](), "JSON has no form for it"},
		{reflect.TypeFor[func()](), "JSON has no form for it"},
		{reflect.TypeFor[complex128](), "JSON has no form for it"},
		{reflect.TypeFor[map[struct{}]int](), "JSON cannot write it as the name of a member"},
		{reflect.TypeFor[url.Userinfo](), "has no exported fields"},
		{reflect.TypeFor[mistold](), "the schema of its JSONSchema method: keyword type"},
	} {
		b := builder()
		b.Output(c.typ)
		b.Input(c.typ, false)
		b.Components()
		require.ErrorContains(t, b.Err(), c.want)
	}
}

func TestTypesGivenByOptions(t *testing.T) {
	b := schema.New(schema.Options{Types: map[reflect.Type]*openapi.Schema{reflect.TypeFor[secret](): {Type: []string{"string"}}}})
	require.Equal(t, `{"type":"string"}`, text(t, b.Output(reflect.TypeFor[secret]())))
	require.Equal(t, `{"type":["string","null"]}`, text(t, b.Input(reflect.TypeFor[*secret](), false)))
	require.NoError(t, b.Err())
}

func TestTypesGivenByOptionsStayAsTheyAre(t *testing.T) {
	given := &openapi.Schema{Type: []string{"string"}}
	given.Extensions.Set("x-own", 1)
	b := schema.New(schema.Options{Validator: rules.New(nil), Types: map[reflect.Type]*openapi.Schema{reflect.TypeFor[secret](): given}})
	s := b.Input(reflect.TypeFor[struct {
		V *secret `json:"v" doc:"Hidden." validate:"required,eqfield=V"`
	}](), false)
	require.Contains(t, text(t, s), "x-validate")
	require.Equal(t, `{"type":"string","x-own":1}`, text(t, given))
}

func TestTypesGivenWithoutAJSONForm(t *testing.T) {
	b := schema.New(schema.Options{Types: map[reflect.Type]*openapi.Schema{reflect.TypeFor[secret](): {Default: make(chan int)}}})
	b.Output(reflect.TypeFor[secret]())
	require.EqualError(t, b.Err(), "type schema_test.secret: an example or default in it has no JSON form: json: unsupported type: chan int")
}

type user struct {
	Name  string `json:"name" validate:"required"`
	Boss  *user  `json:"boss"`
	Pages *page[user]
}

type page[T any] struct {
	Items []T `json:"items"`
}

type plain struct {
	A string `json:"a"`
}

type chain []chain

type tangle map[string]tangle

func names(b *schema.Builder) []string {
	var out []string
	for name := range b.Components().All() {
		out = append(out, name)
	}
	return out
}

func TestComponentNames(t *testing.T) {
	b := builder()
	b.Input(reflect.TypeFor[user](), false)
	b.Input(reflect.TypeFor[user](), true)
	b.Output(reflect.TypeFor[user]())
	b.Output(reflect.TypeFor[page[*user]]())
	b.Output(reflect.TypeFor[page[[]user]]())
	b.Output(reflect.TypeFor[page[map[string]user]]())
	b.Output(reflect.TypeFor[page[page[plain]]]())
	b.Output(reflect.TypeFor[page[struct{ A int }]]())
	b.Output(reflect.TypeFor[page[map[level]page[int]]]())
	b.Output(reflect.TypeFor[chain]())
	b.Output(reflect.TypeFor[tangle]())
	require.Equal(t, []string{
		"Chain", "PageInt", "PageNullableUser", "PagePageIntByLevel", "PagePagePlain", "PagePlain", "PageStruct", "PageUser", "PageUserByString",
		"PageUserInput", "PageUserInputOpen", "PageUserList", "Plain", "Tangle", "User", "UserInput", "UserInputOpen",
	}, names(b))
}

func TestFormsThatReadAlikeAreOneComponent(t *testing.T) {
	b := builder()
	b.Input(reflect.TypeFor[page[plain]](), true)
	b.Output(reflect.TypeFor[plain]())
	require.Equal(t, []string{"PagePlain", "Plain", "PlainInput"}, names(b), "required differs")
	b = builder()
	b.Input(reflect.TypeFor[struct{ A plain }](), false)
	require.Equal(t, []string{"Plain"}, names(b), "a type with one form has the plain name")
}

func TestTypesOfOneNameAreToldApart(t *testing.T) {
	type Duration struct{ A int }
	local := reflect.TypeFor[Duration]()
	other := func() reflect.Type {
		type Duration struct{ B int }
		return reflect.TypeFor[Duration]()
	}()
	b := builder()
	b.Output(local)
	b.Output(other)
	b.Output(reflect.TypeFor[page[Duration]]())
	got := names(b)
	require.Equal(t, []string{"Duration", "Duration2", "PageDuration"}, got)
	require.NoError(t, func() error { b := builder(); b.Output(local); b.Components(); return b.Err() }())
}

func TestNamedSchemas(t *testing.T) {
	b := builder()
	b.Name(reflect.TypeFor[secret](), &openapi.Schema{Type: []string{"string"}})
	b.Output(reflect.TypeFor[[]secret]())
	b.Output(reflect.TypeFor[struct {
		A *int     `json:",omitempty"`
		B string   `json:",omitempty"`
		C int      `json:",omitempty"`
		D []secret `json:",omitzero"`
	}]())
	require.Equal(t, []string{"Secret"}, names(b))
}

func TestInputMembers(t *testing.T) {
	b := builder()
	s := b.InputMembers(reflect.TypeFor[user](), func(m jsonx.Member) bool { return m.Name == "name" }, nil, true)
	c := b.Components()
	require.Equal(t, `{"$ref":"#/components/schemas/User"}`, text(t, s))
	require.Equal(t, `{"User":{"type":"object","properties":{"name":{"type":"string","minLength":1}},"required":["name"]}}`, text(t, c))
	s = builder().InputMembers(reflect.TypeFor[struct{ A, B bool }](), func(m jsonx.Member) bool { return m.Name == "A" }, nil, false)
	require.Equal(t, `{"type":"object","properties":{"A":{"type":"boolean"}},"additionalProperties":false}`, text(t, s))
}

func TestParameters(t *testing.T) {
	type query struct {
		Limit *int     `query:"limit" validate:"required,min=1"`
		At    big.Int  `query:"at"`
		Tags  []string `query:"tags" validate:"max=3,dive,alpha" doc:"Labels."`
	}
	b := builder()
	var got []string
	for i := range 3 {
		s, required := b.Parameter(schema.Parameter{Field: reflect.TypeFor[query]().Field(i)})
		got = append(got, fmt.Sprint(required, " ", text(t, s)))
	}
	require.Equal(t, []string{
		`true {"type":"integer","format":"int64","minimum":1,"maximum":9223372036854775807}`,
		`false {"type":"string"}`,
		`false {"description":"Labels.","type":"array","items":{"type":"string","pattern":"^[a-zA-Z]+$"},"maxItems":3}`,
	}, got)
	s, required := schema.New(schema.Options{}).Parameter(schema.Parameter{Field: reflect.TypeFor[query]().Field(0)})
	require.False(t, required)
	require.Equal(t, `{"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9223372036854775807}`, text(t, s))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got), -update rewrites it:\n%s", path, diff)
	}
}
