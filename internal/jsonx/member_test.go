package jsonx_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

type base struct {
	ID   int `json:"id"`
	Name string
}

type Deep struct {
	base
	Name string
	Only int
}

type Left struct{ Both, L int }
type Right struct{ Both, R int }

type tagged struct {
	Both int `json:"Both"`
}

type loop struct {
	V int
	*Loop
}

type Loop struct {
	W int
	*loop
}

// structs are declarations that json v2 takes.
var structs = []any{
	base{}, Deep{}, loop{},
	struct {
		Left
		Right
	}{},
	struct {
		Left
		Right
		tagged
	}{},
	struct {
		*Deep
		Only string
	}{},
	struct {
		Deep `json:"deep"`
		X    int `json:"-"`
	}{},
	struct {
		base `json:"in"`
	}{},
	struct {
		Z int `json:"z,omitempty,omitzero"`
		A int `json:",string"`
	}{},
	struct {
		T time.Time     `json:"t,format:'2006-01-02\\'at\\''"`
		D time.Duration `json:",format:sec"`
	}{},
	struct {
		A int `json:"a b"`
		B int `json:"é/~"`
		D int `json:"d,case:ignore"`
	}{},
	struct {
		A    int
		Rest map[string]int `json:",embed"`
	}{},
	struct {
		Rest jsontext.Value `json:",embed"`
		A    int
	}{},
	struct {
		In base `json:",embed"`
	}{},
	struct{}{},
	struct {
		a int `json:"-"`
	}{}, //nolint:unused // the tag makes it a struct without members
}

// wrongStructs are declarations that json v2 refuses.
var wrongStructs = []any{
	struct{ a int }{}, //nolint:unused // refused for it
	structOf(reflect.StructField{Name: "a", PkgPath: "p", Type: reflect.TypeFor[int](), Tag: `json:"a"`}),
	structOf(
		reflect.StructField{Name: "A", Type: reflect.TypeFor[int](), Tag: `json:"x"`},
		reflect.StructField{Name: "B", Type: reflect.TypeFor[int](), Tag: `json:"x"`},
	),
	withTag[int](`json:"-,"`),
	withTag[int](`json:"x,"`),
	withTag[int](`json:"x,omitEmpty"`),
	withTag[int](`json:"x,omit_zero"`),
	withTag[int](`json:"x,string,string"`),
	withTag[int](`json:"x,case:loose"`),
	withTag[int](`json:"x,case"`),
	withTag[int](`json:"x,format"`),
	withTag[time.Time](`json:"x,format:"`),
	withTag[time.Time](`json:"x,format:RFC3339,string"`),
	withTag[time.Time](`json:"x,format:'open"`),
	withTag[int](`json:"'quoted'"`),
	withTag[int](`json:"\xff"`),
	withTag[int](`json:"x,?"`),
	struct{ time.Duration }{},
	struct {
		base `json:",omitzero"`
	}{},
	struct {
		A map[string]int `json:",embed"`
		B jsontext.Value `json:",embed"`
	}{},
	struct {
		A map[int]int `json:",embed"`
	}{},
	struct {
		A int `json:",embed"`
	}{},
	struct{ rest }{},
}

type rest map[string]int

// withTag makes a struct of one field A, with a tag that go vet or staticcheck would
// complain about.
func withTag[T any](tag reflect.StructTag) any {
	return structOf(reflect.StructField{Name: "A", Type: reflect.TypeFor[T](), Tag: tag})
}

// structOf makes a struct that go vet would complain about.
func structOf(fields ...reflect.StructField) any {
	return reflect.Zero(reflect.StructOf(fields)).Interface()
}

func TestMembers(t *testing.T) {
	for _, v := range structs {
		typ := reflect.TypeOf(v)
		members, err := jsonx.Members(typ)
		if err != nil {
			t.Errorf("%s: %v", typ, err)
			continue
		}
		// Fill every field, so that json v2 writes every member.
		p := reflect.New(typ)
		fill(p.Elem(), 3)
		text, err := json.Marshal(p.Interface(), json.ExperimentalSupportFormatTag(true))
		if err != nil {
			t.Errorf("%s: %v", typ, err)
			continue
		}
		var got []string
		for _, m := range members {
			if !m.Rest {
				got = append(got, m.Name)
			}
			if f, err := p.Elem().FieldByIndexErr(m.Index); err != nil || f.Type() != m.Type {
				t.Errorf("%s: member %s leads to %v, %v", typ, m.Name, f, err)
			}
		}
		if diff := cmp.Diff(names(t, text), got); diff != "" {
			t.Errorf("%s: %s\n%s", typ, text, diff)
		}
	}
}

func TestMembersRefused(t *testing.T) {
	for _, v := range wrongStructs {
		if members, err := jsonx.Members(reflect.TypeOf(v)); err == nil {
			t.Errorf("%T: accepted with %v", v, members)
		}
		if text, err := json.Marshal(v, json.ExperimentalSupportFormatTag(true)); err == nil {
			t.Errorf("%T: json v2 writes %s", v, text)
		}
	}
	if _, err := jsonx.Members(reflect.TypeFor[int]()); err == nil {
		t.Error("int is no struct")
	}
}

// names lists the names of an object in order.
func names(t *testing.T, text []byte) (names []string) {
	t.Helper()
	d := jsontext.NewDecoder(bytes.NewReader(text))
	if _, err := d.ReadToken(); err != nil {
		t.Fatal(err)
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.String())
		if err := d.SkipValue(); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// fill sets whatever can be set to something that is not zero; depth bounds recursion.
func fill(v reflect.Value, depth int) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		if v.CanSet() {
			v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth)
		}
	case !v.CanSet():
	case v.CanInt():
		v.SetInt(1)
	case v.Kind() == reflect.String:
		v.SetString("1") // for all strings that are numbers
	case v.Kind() == reflect.Pointer && depth > 0:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth-1)
	}
}
