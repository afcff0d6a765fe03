package jsonx_test

import (
	"fmt"
	"net/url"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

// parts are all fields of a struct, those of embedded structs in their place.
func parts(t reflect.Type, way ...int) (all []reflect.StructField) {
	for i := range t.NumField() {
		f, index := t.Field(i), append(way[:len(way):len(way)], i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			all = append(all, parts(f.Type, index...)...)
			continue
		}
		all = append(all, reflect.StructField{Name: f.Name, Index: index, Type: f.Type, Tag: f.Tag})
	}
	return all
}

func newPartsDecoder(t *testing.T, typ reflect.Type, some []reflect.StructField) *jsonx.Decoder {
	t.Helper()
	d, errs := jsonx.NewPartsDecoder(some, jsonx.Options{})
	if errs != nil {
		t.Fatal(typ, errs)
	}
	return d
}

func TestParts(t *testing.T) {
	type request struct {
		Name  string        `json:"name"`
		Nick  *string       `json:"nick"`
		Tags  []string      `json:"tags"`
		Any   any           `json:"any"`
		Wait  time.Duration `json:"wait"`
		Exact time.Duration `json:"exact,format:milli"`
		Home  address       `json:"home"`
	}
	var got request
	typ := reflect.TypeFor[request]()
	d := newPartsDecoder(t, typ, parts(typ))
	in := `{"name":"Ada","nick":null,"tags":["a"],"any":null,"wait":"1s","exact":1500,"home":{"city":"Paris"}}`
	if err := d.Decode([]byte(in), &got); err != nil {
		t.Fatal(err)
	}
	want := request{Name: "Ada", Tags: []string{"a"}, Wait: time.Second, Exact: 1500 * time.Millisecond, Home: address{"Paris"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for in, pointer := range map[string]string{
		`null`: "", `{"name":null}`: "/name", `{"tags":null}`: "/tags", `{"home":null}`: "/home", `{"home":{"city":null}}`: "/home/city",
	} {
		var r request
		if err := d.Decode([]byte(in), &r); err == nil || err.Rule != "null" || err.Pointer != pointer {
			t.Errorf("%s: %v", in, err)
		}
	}
	for in, rule := range map[string]string{`{"exact":"1s"}`: "type", `{"exact":"x"}`: "type", `{"wait":1}`: "type", `{"wait":"x"}`: "format"} {
		var r request
		if err := d.Decode([]byte(in), &r); err == nil || err.Rule != rule {
			t.Errorf("%s: %v", in, err)
		}
	}
	if err := d.Decode([]byte(`-0`), new(request)); err == nil || err.Rule != "type" {
		t.Errorf("a number: %v", err)
	}
	d = newPartsDecoder(t, typ, parts(typ)[1:])
	var r request
	if err := d.Decode([]byte(`{"nick":"A"}`), &r); err != nil || r.Name != "" || *r.Nick != "A" {
		t.Errorf("%v, %+v", err, r)
	}
	r = request{}
	if err := d.Decode([]byte(`{"name":"Ada"}`), &r); err == nil || err.Rule != "unknown" || r.Name != "" {
		t.Errorf("a field that is no part was decoded: %v, %+v", err, r)
	}
}

// TestPartsOfOneName decodes into embedded structs with fields of one Go name.
func TestPartsOfOneName(t *testing.T) {
	type one struct {
		Name string `json:"one"`
	}
	type other struct {
		Name string
	}
	type third struct {
		Name2 string `json:"third"`
	}
	type request struct {
		one
		other
		third
		Name2 string `json:"Name2"` // the tag says what the name would be
	}
	typ := reflect.TypeFor[request]()
	d := newPartsDecoder(t, typ, parts(typ))
	for _, decode := range map[string]func([]byte, any) *jsonx.Error{"compiled": d.Decode, "json v2": d.DecodeLibrary} {
		var got request
		if err := decode([]byte(`{"one":"A","Name":"B","third":"C","Name2":"D"}`), &got); err != nil || got.one.Name != "A" || got.other.Name != "B" || got.third.Name2 != "C" || got.Name2 != "D" {
			t.Errorf("%v, %+v", err, got)
		}
	}
}

// TestPartsRefused tells which part is wrong.
func TestPartsRefused(t *testing.T) {
	type request struct {
		Good string   `json:"good"`
		Chan chan int `json:"chan"`
		//lint:ignore SA5008 it is what is refused
		Tag  string `json:"tag,omitempty,omitempty"`
		Deep []struct{ F func() }
		At   time.Time `json:"at,format:Tomorrow"`
		Shut url.Userinfo
		Nil  *url.Userinfo
	}
	typ := reflect.TypeFor[request]()
	d, errs := jsonx.NewPartsDecoder(parts(typ), jsonx.Options{})
	if d != nil || len(errs) != 7 {
		t.Fatal(d, errs)
	}
	want := []string{
		"<nil>",
		"field Chan: JSON has no form for chan int",
		"the json tag of field Tag repeats the option omitempty",
		"field Deep: field F: JSON has no form for func()",
		`field At: the json format "Tomorrow" does not fit time.Time`,
		"field Shut: the struct url.Userinfo has no exported fields",
		"<nil>",
	}
	for i, err := range errs {
		if got := fmt.Sprint(err); got != want[i] {
			t.Errorf("%q, want %q", got, want[i])
		}
	}
}

type word string

func (w *word) UnmarshalText(b []byte) error { *w = word(b); return nil }

// TestQuotedOwnText tells that the option string means nothing to a type that knows its text.
func TestQuotedOwnText(t *testing.T) {
	type request struct {
		W *word `json:"w,string"`
	}
	typ := reflect.TypeFor[request]()
	whole, err := jsonx.NewDecoder(typ, jsonx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*jsonx.Decoder{whole, newPartsDecoder(t, typ, parts(typ))} {
		var got request
		if err := d.Decode([]byte(`{"w":"x"}`), &got); err != nil || *got.W != "x" {
			t.Errorf("%v, %+v", err, got)
		}
		if err := d.Decode([]byte(`{"w":""x""}`), new(request)); err == nil || !err.Syntax {
			t.Errorf("malformed JSON was decoded: %v", err)
		}
	}
}

// TestFirstBodiesAtOnce decodes the first bodies of a type from many goroutines: what few
// bodies need is made for the first of those.
func TestFirstBodiesAtOnce(t *testing.T) {
	type request struct {
		ID   int    `json:"-"`
		Name string `json:"name"`
		Age  int    `json:"age"`
	}
	bodies := []struct{ in, rule string }{
		{`{"name":"Ada","age":36}`, ""}, {`{"name":null}`, "null"}, {`{"age":"x"}`, "type"}, {`{"other":1}`, "unknown"}, {`{`, ""},
	}
	typ := reflect.TypeFor[request]()
	for range 20 {
		whole, err := jsonx.NewDecoder(typ, jsonx.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []*jsonx.Decoder{whole, newPartsDecoder(t, typ, parts(typ)[1:])} {
			var all sync.WaitGroup
			for i := range 10 {
				all.Go(func() {
					body := bodies[i%len(bodies)]
					err := d.Decode([]byte(body.in), new(request))
					if refused := body.in != bodies[0].in; refused != (err != nil) || refused && body.rule != "" && err.Rule != body.rule {
						t.Errorf("%s: %+v", body.in, err)
					}
				})
			}
			all.Wait()
		}
	}
}
