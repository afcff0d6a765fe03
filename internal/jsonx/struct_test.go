package jsonx_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

// TestManyStructs compiles a type that reaches more structs, with more members, than a
// codec has room for, and one whose members alone are more.
func TestManyStructs(t *testing.T) {
	deep := reflect.TypeFor[inner]()
	for i := range 17 {
		fields := []reflect.StructField{{Name: "Below", Type: deep}, {Name: "More", Type: reflect.SliceOf(deep)}}
		for j := range i {
			fields = append(fields, reflect.StructField{Name: fmt.Sprint("F", j), Type: reflect.TypeFor[int](), Tag: `json:",omitempty"`})
		}
		deep = reflect.StructOf(fields)
	}
	var many []reflect.StructField
	for i := range 90 {
		many = append(many, reflect.StructField{Name: fmt.Sprint("F", i), Type: reflect.TypeFor[string]()})
	}
	r := rand.New(rand.NewPCG(3, 4))
	for _, typ := range []reflect.Type{deep, reflect.StructOf(many)} {
		e, err := jsonx.NewEncoder(typ)
		if err != nil {
			t.Fatal(err)
		}
		d, err := jsonx.NewDecoder(typ, jsonx.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range max(1, rounds()/1000) {
			v := reflect.New(typ)
			random(r, v.Elem(), 3)
			got, err := e(nil, v.Interface())
			if err != nil {
				t.Fatal(err)
			}
			want, err := jsonx.Append(nil, v.Interface())
			if err != nil || string(got) != string(want) {
				t.Fatalf("%v\n%s\n%s", err, got, want)
			}
			decodesLikeLibrary(t, d, typ, want)
		}
	}
}
