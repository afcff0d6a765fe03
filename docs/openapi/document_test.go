package openapi_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/openapi"
)

var update = flag.Bool("update", false, "rewrite golden files")

// full is a document in which every field of every type is set.
func full(t *testing.T) *openapi.Document {
	t.Helper()
	d := &openapi.Document{
		Info: openapi.Info{
			Title: "Users: </script>", Summary: "In short.", Description: "yes\nno \"quoted\" é \u0085", TermsOfService: "https://example.org/terms",
			Contact: &openapi.Contact{Name: "Team", URL: "https://example.org", Email: "a@example.org"},
			License: &openapi.License{Name: "MIT", Identifier: "MIT"},
			Version: "1.0",
		},
		Servers:      []*openapi.Server{{URL: "/", Description: "here"}},
		Tags:         []*openapi.Tag{{Name: "users", Description: "People."}},
		ExternalDocs: &openapi.ExternalDocs{Description: "More", URL: "https://example.org"},
	}
	d.Extensions.Set("x-own", map[string]any{"on": true})
	var oauth openapi.SecurityRequirement
	oauth.Set("oauth", []string{"read"})
	d.Security = []openapi.SecurityRequirement{oauth}

	op := &openapi.Operation{Tags: []string{"users"}, Summary: "One", Description: "One user.", OperationID: "getUser", Deprecated: true}
	op.Parameters = []*openapi.Parameter{
		{Name: "id", In: "path", Required: true, Schema: schema(t, `{"type":"integer","minimum":1}`), Example: 7},
		{Name: "tag", In: "query", Description: "Tags.", Deprecated: true, Style: "form", Explode: new(true), Schema: schema(t, `{"type":"array","items":{"type":"string"}}`)},
	}
	body := &openapi.RequestBody{Description: "A user.", Required: true}
	form := &openapi.MediaType{Schema: schema(t, `{"type":"object","properties":{"photo":{"type":"string","format":"binary"}}}`)}
	form.Encoding.Set("photo", &openapi.Encoding{ContentType: "image/png", Style: "form", Explode: new(false)})
	body.Content.Set("multipart/form-data", form)
	body.Content.Set("application/json", &openapi.MediaType{Schema: &openapi.Schema{Ref: "#/components/schemas/User"}, Example: map[string]any{"name": "Ada"}})
	op.RequestBody = body
	ok := &openapi.Response{Description: "OK"}
	ok.Headers.Set("ETag", &openapi.Header{Ref: "#/components/headers/ETag"})
	ok.Content.Set("application/json", &openapi.MediaType{Schema: &openapi.Schema{Ref: "#/components/schemas/User"}})
	ok.Content.Set("application/x-ndjson", &openapi.MediaType{Schema: schema(t, `{"type":"string"}`), ItemSchema: &openapi.Schema{Ref: "#/components/schemas/User"}})
	op.Responses.Set("200", ok)
	op.Responses.Set("default", &openapi.Response{Ref: "#/components/responses/Problem"})
	op.Extensions.Set("x-internal", false)
	item := &openapi.PathItem{}
	item.Operations.Set("get", op)
	d.Paths.Set("/users/{id}", item)

	d.Components.Schemas.Set("User", schema(t, everyKeyword))
	d.Components.Schemas.Set("Nothing", openapi.Never())
	d.Components.Responses.Set("Problem", &openapi.Response{Description: "A problem."})
	d.Components.Headers.Set("ETag", &openapi.Header{Description: "A version.", Required: true, Schema: schema(t, `{"type":"string"}`)})
	return d
}

// everyKeyword is a schema with each keyword that a Schema holds.
const everyKeyword = `{"title":"User","description":"Somebody.","type":"object","properties":{` +
	`"name":{"type":["string","null"],"format":"email","minLength":1,"maxLength":9,"pattern":"^a$","contentEncoding":"base64","contentMediaType":"text/plain"},` +
	`"kind":{"type":["string","null"],"enum":["a","b"]},` +
	`"data":{"type":"string","contentEncoding":"base64"},` +
	`"age":{"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807},` +
	`"score":{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1.5},` +
	`"fixed":{"const":1},` +
	`"nothing":{"type":"null"},` +
	`"either":{"type":["string","integer"]},` +
	`"friend":{"anyOf":[{"$ref":"#/components/schemas/User"},{"type":"null"}]},` +
	`"mood":{"description":"How?","anyOf":[{"type":"string","enum":["good"]},{"type":"null"}],"examples":["good"],"x-own":1},` +
	`"price":{"anyOf":[{"type":"string","not":{"pattern":"^0$"}},{"type":"null"}]},` +
	`"best":{"$ref":"#/components/schemas/User","description":"The best."},` +
	`"tags":{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":5,"uniqueItems":true},` +
	`"labels":{"type":"object","additionalProperties":{"type":"string"},"propertyNames":{"pattern":"^x"},"minProperties":1,"maxProperties":2},` +
	`"id":{"type":"integer","multipleOf":2,"example":4,"readOnly":true},` +
	`"password":{"type":"string","writeOnly":true},` +
	`"pet":{"oneOf":[{"$ref":"#/components/schemas/User"},{"$ref":"#/components/schemas/Nothing"}],"discriminator":{"propertyName":"kind","mapping":{"user":"#/components/schemas/User","none":"Nothing"}}},` +
	`"pair":{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"contains":{"type":"integer"},"minContains":1},` +
	`"more":{"type":"object","patternProperties":{"^x":{"type":"string"}},"dependentRequired":{"a":["b"]},"unevaluatedProperties":false},` +
	`"old":{"default":1,"examples":[1,2],"deprecated":true}},` +
	`"required":["name"],"additionalProperties":false,` +
	`"allOf":[{"if":{"required":["age"]},"then":{"required":["name"]},"else":{"required":["old"]}}],` +
	`"oneOf":[{}],"not":{"required":["gone"]},"x-validate":"eqfield"}`

func schema(t *testing.T, text string) *openapi.Schema {
	t.Helper()
	var s openapi.Schema
	require.NoError(t, json.Unmarshal([]byte(text), &s))
	return &s
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got), -update rewrites it:\n%s", path, diff)
	}
}

func indented(t *testing.T, d *openapi.Document) []byte {
	t.Helper()
	out, err := json.MarshalIndent(d, "", "  ")
	require.NoError(t, err)
	return out
}

func TestDocumentIsWrittenInOrder(t *testing.T) {
	d := full(t)
	golden(t, "full.json", indented(t, d))
	yaml, err := d.YAML()
	require.NoError(t, err)
	golden(t, "full.yaml", yaml)
	newer := *d
	newer.Version = openapi.Version32
	require.Equal(t, strings.NewReplacer(`"x-itemSchema"`, `"itemSchema"`, `"openapi": "3.1.0"`, `"openapi": "3.2.0"`).Replace(string(indented(t, d))), string(indented(t, &newer)))

	first, err := d.JSON()
	require.NoError(t, err)
	again, err := full(t).JSON()
	require.NoError(t, err)
	require.Equal(t, string(first), string(again))
}

func TestDowngrade(t *testing.T) {
	d := full(t)
	before, err := d.JSON()
	require.NoError(t, err)
	golden(t, "full-3.0.json", indented(t, d.Downgrade()))
	after, err := d.JSON()
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "the document stays as it was")
}

func TestSchemaReadsWhatItWrites(t *testing.T) {
	for _, text := range []string{everyKeyword, `{}`, `false`, `{"const":"a","format":"uuid"}`} {
		out, err := schema(t, text).MarshalJSON()
		require.NoError(t, err)
		require.JSONEq(t, text, string(out))
	}
	require.Equal(t, "{}", func() string { out, _ := schema(t, "true").MarshalJSON(); return string(out) }())
	require.True(t, schema(t, "false").IsNever())
	require.Equal(t, []string{openapi.TypeNull}, schema(t, `{"const":null,"$schema":"x"}`).Type)
}

func TestSchemaRefusesWhatItCannotHold(t *testing.T) {
	for _, text := range []string{`{"$defs":{}}`, `{"nullable":true}`, `{"$id":"a"}`, `{"discriminator":{}}`, `{"discriminator":{"propertyName":"a","of":1}}`, `{"prefixItems":{}}`, `{"patternProperties":[]}`, `{"readOnly":"yes"}`, `{"type":1}`, `{"minLength":"a"}`, `{"items":1}`, `1`, `{"properties":[]}`, `{"properties":{"a":1}}`, `{"enum":1}`, `{"minimum":"a"}`} {
		var s openapi.Schema
		require.Error(t, json.Unmarshal([]byte(text), &s), text)
	}
}

func TestWritingReportsValuesWithoutJSON(t *testing.T) {
	d := full(t)
	d.Extensions.Set("x-bad", make(chan int))
	_, err := d.JSON()
	require.Error(t, err)
	_, err = d.YAML()
	require.Error(t, err)
}

// What a program wrote itself may be escaped in its own way, or not where YAML needs it.
func TestYAMLOfValuesOfTheProgram(t *testing.T) {
	d := &openapi.Document{Info: openapi.Info{Title: "A", Version: "1"}}
	d.Extensions.Set("x-own", json.RawMessage("{\"\\u0061\\/\":[\"\\u00e9\\/\u2028\xff\\\"\u007f\u0085\ufeff\",1e5,[[]],{\"no\":null,\"\":{\"a b\":[true,{}]}}]}"))
	out, err := d.YAML()
	require.NoError(t, err)
	_, own, _ := strings.Cut(string(out), "x-own:\n")
	require.Equal(t, `  a/:
    - "é/\u2028�\"\u007f\u0085\ufeff"
    - 1e5
    - - []
    - "no": null
      "":
        "a b":
          - true
          - {}
`, own)

	d.Components.Schemas.Set("A", &openapi.Schema{Minimum: "one"})
	_, err = d.YAML()
	require.ErrorContains(t, err, "openapi: write YAML: invalid character")
}

func TestCloneSharesNothing(t *testing.T) {
	s := schema(t, everyKeyword)
	require.Empty(t, cmp.Diff(s, s.Clone(), cmp.AllowUnexported(openapi.Schema{}), cmp.Exporter(func(reflect.Type) bool { return true })))
	copied := s.Clone()
	name, _ := copied.Properties.Get("name")
	pet, _ := copied.Properties.Get("pet")
	pet.Discriminator.Mapping.Set("user", "changed")
	more, _ := copied.Properties.Get("more")
	patterns, _ := more.More.Get("patternProperties")
	inner, _ := patterns.(openapi.Map[*openapi.Schema]).Get("^x")
	inner.Title = "changed"
	name.Type[0], *name.MinLength, copied.Required[0] = "number", 7, "age"
	copied.AllOf[0].If.Title = "changed"
	copied.Properties.Set("new", openapi.Never())
	copied.Extensions.Set("x-validate", "changed")
	out, err := s.MarshalJSON()
	require.NoError(t, err)
	require.JSONEq(t, everyKeyword, string(out))
	require.Nil(t, (*openapi.Schema)(nil).Clone())
	require.True(t, openapi.Never().Clone().IsNever())
}

func TestAllYieldsEverySchema(t *testing.T) {
	s := schema(t, `{"title":"1","items":{"title":"2"},"allOf":[{"title":"3"}],"properties":{"a":{"title":"4"}},
		"contains":{"title":"5"},"prefixItems":[{"title":"6"}],"patternProperties":{"a":{"title":"7","not":{"title":"8"}}}}`)
	var titles []string
	for part := range s.All() {
		titles = append(titles, part.Title)
	}
	require.Equal(t, strings.Fields("1 2 3 4 5 6 7 8"), titles)
	for stop := range titles {
		n := 0
		for range s.All() {
			if n++; n > stop {
				break
			}
		}
		require.Equal(t, stop+1, n)
	}
	for range (*openapi.Schema)(nil).All() {
		t.Fatal("nil has no schema")
	}
}

// TestOutside has what others' reports showed, by its id.
func TestOutside(t *testing.T) {
	t.Run("A9 a reference or null in 3.0", func(t *testing.T) {
		d := &openapi.Document{}
		d.Components.Schemas.Set("A", schema(t, `{"anyOf":[{"$ref":"#/components/schemas/B"},{"type":"null"}],"description":"One."}`))
		a, _ := d.Downgrade().Components.Schemas.Get("A")
		out, err := a.MarshalJSON()
		require.NoError(t, err)
		require.JSONEq(t, `{"description":"One.","anyOf":[{"$ref":"#/components/schemas/B"},{"type":"string","nullable":true,"enum":[null]}]}`, string(out))
	})
	t.Run("A6 keywords are read and written", func(t *testing.T) {
		for _, text := range []string{
			`{"oneOf":[{"$ref":"#/components/schemas/A"}],"discriminator":{"propertyName":"kind","mapping":{"a":"A"}}}`,
			`{"type":"string","readOnly":true}`, `{"type":"string","writeOnly":true}`, `{"type":"string","example":"a"}`,
			`{"example":null}`, `{"type":"integer","multipleOf":5}`,
		} {
			out, err := schema(t, text).MarshalJSON()
			require.NoError(t, err)
			require.JSONEq(t, text, string(out))
			d := &openapi.Document{}
			d.Components.Schemas.Set("A", schema(t, text))
			a, _ := d.Downgrade().Components.Schemas.Get("A")
			out, err = a.MarshalJSON()
			require.NoError(t, err)
			require.JSONEq(t, text, string(out), "3.0 knows it too")
		}
	})
}

// A Map with many members finds them as one with few does.
func TestMapOfAnySize(t *testing.T) {
	for _, size := range []int{0, 1, 7, 8, 9, 100} {
		var m openapi.Map[int]
		m.Grow(size / 2)
		for i := range size {
			m.Set(fmt.Sprint("m", i), i)
		}
		for i := range size {
			m.Set(fmt.Sprint("m", i), -i)
		}
		require.Equal(t, size, m.Len())
		at := 0
		for name, v := range m.All() {
			require.Equal(t, fmt.Sprint("m", at), name)
			require.Equal(t, -at, v)
			got, ok := m.Get(name)
			require.True(t, ok)
			require.Equal(t, v, got)
			at++
		}
		require.Equal(t, size, at)
		_, ok := m.Get("m")
		require.False(t, ok)
	}
}

func TestWritingNumbersAndTexts(t *testing.T) {
	for _, s := range []*openapi.Schema{
		{Const: openapi.Number("1e400")}, {Enum: []any{openapi.Number("18446744073709551615"), true, 1.5, nil, "a\"\\\x00\u2028<é\xff"}},
		{Title: "\x7f\x1f "},
	} {
		out, err := s.MarshalJSON()
		require.NoError(t, err)
		require.True(t, json.Valid(out), "%s", out)
	}
}

func TestMap(t *testing.T) {
	var m openapi.Map[int]
	m.Set("b", 1)
	m.Set("a", 2)
	m.Set("b", 3)
	require.Equal(t, 2, m.Len())
	v, ok := m.Get("b")
	require.True(t, ok)
	require.Equal(t, 3, v)
	_, ok = m.Get("c")
	require.False(t, ok)
	out, err := json.Marshal(m)
	require.NoError(t, err)
	require.Equal(t, `{"b":3,"a":2}`, string(out))
	for name := range m.All() {
		require.Equal(t, "b", name)
		break
	}
}
