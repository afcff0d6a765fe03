package jsonx_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

// view makes a struct whose fields point at those of *target.
func view(target reflect.Value) reflect.Value {
	t := target.Type()
	fields := make([]reflect.StructField, t.NumField())
	for i := range fields {
		f := t.Field(i)
		fields[i] = reflect.StructField{Name: f.Name, Type: reflect.PointerTo(f.Type), Tag: f.Tag}
	}
	v := reflect.New(reflect.StructOf(fields))
	for i := range fields {
		v.Elem().Field(i).Set(target.Field(i).Addr())
	}
	return v
}

func TestView(t *testing.T) {
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
	v := view(reflect.ValueOf(&got).Elem())
	d, err := jsonx.NewDecoder(v.Type().Elem(), jsonx.Options{View: true})
	if err != nil {
		t.Fatal(err)
	}
	in := `{"name":"Ada","nick":null,"tags":["a"],"any":null,"wait":"1s","exact":1500,"home":{"city":"Paris"}}`
	if err := d.Decode([]byte(in), v.Interface()); err != nil {
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
		if err := d.Decode([]byte(in), view(reflect.ValueOf(&r).Elem()).Interface()); err == nil || err.Rule != "null" || err.Pointer != pointer {
			t.Errorf("%s: %v", in, err)
		}
	}
	for in, rule := range map[string]string{`{"exact":"1s"}`: "type", `{"exact":"x"}`: "type", `{"wait":1}`: "type", `{"wait":"x"}`: "format"} {
		var r request
		if err := d.Decode([]byte(in), view(reflect.ValueOf(&r).Elem()).Interface()); err == nil || err.Rule != rule {
			t.Errorf("%s: %v", in, err)
		}
	}
	var r request
	some := view(reflect.ValueOf(&r).Elem())
	some.Elem().Field(0).SetZero() // a view that leads nowhere is filled by itself
	if err := d.Decode([]byte(`{"name":"Ada","nick":"A"}`), some.Interface()); err != nil || r.Name != "" || *r.Nick != "A" {
		t.Errorf("%v, %+v", err, r)
	}
	if _, err := jsonx.NewDecoder(reflect.TypeFor[int](), jsonx.Options{View: true}); err == nil {
		t.Error("a view of an int was accepted")
	}
}
