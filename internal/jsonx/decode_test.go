package jsonx_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

type address struct {
	City string `json:"city"`
}

type upper struct{ text string }

func (u *upper) UnmarshalText(b []byte) error {
	u.text = strings.ToUpper(string(b))
	return nil
}

type body struct {
	Name    string            `json:"name"`
	Age     int8              `json:"age"`
	Count   uint16            `json:"count"`
	Score   float32           `json:"score"`
	Admin   bool              `json:"admin"`
	Tags    []string          `json:"tags"`
	Labels  map[string]string `json:"labels"`
	Address *address          `json:"address"`
	Pair    [2]int            `json:"pair"`
	Raw     []byte            `json:"raw"`
	ID      [4]byte           `json:"id"`
	Born    time.Time         `json:"born"`
	Wait    time.Duration     `json:"wait"`
	Big     int64             `json:"big,string"`
	Any     any               `json:"any"`
	Upper   upper             `json:"upper"`
	Keys    map[int]bool      `json:"keys"`
	Waits   map[time.Duration]int
	Exact   json.Number `json:"exact"`
	Numbers map[json.Number]json.Number
}

func TestDecode(t *testing.T) {
	d, err := jsonx.NewDecoder(reflect.TypeFor[body](), jsonx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := []byte(`{"name":"Ada","age":-128,"count":65535,"score":1.5,"admin":true,"tags":["a"],"labels":{"k":"v"},
		"address":{"city":"Paris"},"pair":[1,2],"raw":"aGk=","id":"AAECAw==","born":"2026-01-02T03:04:05Z","wait":"1h30m",
		"big":"7","any":{"x":[null,1]},"upper":"abc","keys":{"-1":true},"Waits":{"1s":1},"exact":12.50e0,"Numbers":{"x":1}}`)
	var got body
	if err := d.Decode(in, &got); err != nil {
		t.Fatal(err)
	}
	for i := range in {
		in[i] = 'X' // nothing of the body may be kept
	}
	want := body{
		Name: "Ada", Age: -128, Count: 65535, Score: 1.5, Admin: true, Tags: []string{"a"}, Labels: map[string]string{"k": "v"},
		Address: &address{"Paris"}, Pair: [2]int{1, 2}, Raw: []byte("hi"), ID: [4]byte{0, 1, 2, 3},
		Born: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Wait: 90 * time.Minute, Big: 7,
		Any: map[string]any{"x": []any{nil, 1.0}}, Upper: upper{"ABC"}, Keys: map[int]bool{-1: true},
		Waits: map[time.Duration]int{time.Second: 1}, Exact: "12.50e0", Numbers: map[json.Number]json.Number{"x": "1"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(upper{})); diff != "" {
		t.Error(diff)
	}
}

// A Sequence decodes each value as a Decoder does, whatever came before, and what it has
// given stays as it is.
func TestSequence(t *testing.T) {
	type row struct {
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}
	decoder, err := jsonx.NewDecoder(reflect.TypeFor[row](), jsonx.Options{MaxDecoded: 1000})
	if err != nil {
		t.Fatal(err)
	}
	bodies := []string{`{"name":"a","tags":["b","c"]}`, `{"name":1}`, `{"name":"d`, `{"name":"\u0065"}`, `{"name":"f","more":1}`, ` {"tags":[]} `}
	for i := range 100 {
		bodies = append(bodies, fmt.Sprintf(`{"name":"row %d","tags":["%[1]d"]}`, i))
	}
	var got, want []row
	var line []byte
	sequence := decoder.Sequence()
	for _, body := range bodies {
		var a, b row
		line = append(line[:0], body...) // what the values are read from is used again
		gotErr, wantErr := sequence.Decode(line, &a), decoder.Decode([]byte(body), &b)
		if diff := cmp.Diff(wantErr, gotErr, cmpopts.IgnoreUnexported(jsonx.Error{})); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
		got, want = append(got, a), append(want, b)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeErrors(t *testing.T) {
	deep := strings.Repeat("[", 10001) + strings.Repeat("]", 10001)
	tests := []struct {
		name, in string
		syntax   bool
		rule     string
		pointer  string
	}{
		{"empty", ``, true, "empty", ""},
		{"only space", " \n", true, "empty", ""},
		{"byte order mark", "\ufeff{}", true, "syntax", ""},
		{"zero bytes", "\x00\x00", true, "syntax", ""},
		{"comment", `{"name":"a"/*x*/}`, true, "syntax", ""},
		{"plus sign", `{"age":+5}`, true, "syntax", "/age"},
		{"cut off", `{"name":"a`, true, "syntax", ""},
		{"newline in string", "{\"name\":\"a\nb\"}", true, "syntax", "/name"},
		{"second value", `{}{}`, true, "trailing", ""},
		{"second line", "{}\n{}", true, "trailing", ""},
		{"garbage behind", `{}x`, true, "trailing", ""},
		{"duplicate", `{"name":"a","name":"b"}`, true, "duplicate", "/name"},
		{"duplicate in any", `{"any":{"a":1,"a":1}}`, true, "duplicate", "/any/a"},
		{"duplicate by escape", `{"any":{"a":1,"\u0061":1}}`, true, "duplicate", "/any/a"},
		{"invalid UTF-8", "{\"name\":\"\xff\"}", true, "utf8", "/name"},
		{"invalid UTF-8 in a name", "{\"na\xffme\":1}", true, "utf8", ""},
		{"lone surrogate", `{"name":"\ud800"}`, true, "syntax", "/name"},
		{"reversed pair", `{"name":"\udc00\ud800"}`, true, "syntax", "/name"},
		{"10001 levels", `{"any":` + deep[1:len(deep)-1] + `}`, true, "depth", ""},
		{"10001 levels in an unknown member", `{"x":` + deep + `}`, true, "depth", ""},
		{"10001 levels of another type", deep, true, "depth", ""},
		{"syntax wins over type", `{"age":"x","name"}`, true, "syntax", "/name"},
		{"syntax wins over unknown", `{"x":1}}`, true, "trailing", ""},
		{"duplicate wins over type", `{"age":"x","name":"a","name":"b"}`, true, "duplicate", "/name"},
		{"UTF-8 wins over type", "{\"age\":\"x\",\"name\":\"\xff\"}", true, "utf8", "/name"},

		{"other case", `{"NAME":"a"}`, false, "unknown", "/NAME"},
		{"unknown", `{"x":1}`, false, "unknown", "/x"},
		{"unknown, escaped", `{"a/b~c":1}`, false, "unknown", "/a~1b~0c"},
		{"unknown below", `{"address":{"zip":1}}`, false, "unknown", "/address/zip"},
		{"empty name", `{"":1}`, false, "unknown", "/"},
		{"top level", `"x"`, false, "type", ""},
		{"string", `{"name":1}`, false, "type", "/name"},
		{"bool", `{"admin":1}`, false, "type", "/admin"},
		{"whole number", `{"age":1.5}`, false, "type", "/age"},
		{"one as a fraction", `{"age":1.0}`, false, "type", "/age"},
		{"hundred as power", `{"age":1e2}`, false, "type", "/age"},
		{"in quotes", `{"age":"5"}`, false, "type", "/age"},
		{"range", `{"age":128}`, false, "range", "/age"},
		{"negative", `{"count":-1}`, false, "type", "/count"},
		{"huge", `{"age":1` + strings.Repeat("0", 100000) + `}`, false, "range", "/age"},
		{"float range", `{"score":1e39}`, false, "range", "/score"},
		{"array", `{"tags":"a"}`, false, "type", "/tags"},
		{"element", `{"tags":["a",1]}`, false, "type", "/tags/1"},
		{"object", `{"address":[]}`, false, "type", "/address"},
		{"too short", `{"pair":[1]}`, false, "length", "/pair"},
		{"too long", `{"pair":[1,2,3]}`, false, "length", "/pair"},
		{"base64", `{"raw":"%"}`, false, "format", "/raw"},
		{"base64 line break", `{"raw":"aG\nk="}`, false, "format", "/raw"},
		{"bytes", `{"raw":1}`, false, "type", "/raw"},
		{"16 bytes", `{"id":"aGk="}`, false, "format", "/id"},
		{"time", `{"born":"yesterday"}`, false, "format", "/born"},
		{"time kind", `{"born":1}`, false, "type", "/born"},
		{"duration", `{"wait":"soon"}`, false, "format", "/wait"},
		{"duration kind", `{"wait":1}`, false, "type", "/wait"},
		{"number in a string", `{"big":7}`, false, "type", "/big"},
		{"text", `{"upper":7}`, false, "type", "/upper"},
		{"key", `{"keys":{"x":true}}`, false, "type", "/keys/x"},
		{"key twice", `{"keys":{"0":true,"-0":true}}`, false, "duplicate", "/keys/-0"},
		{"duration key", `{"Waits":{"x":1}}`, false, "format", "/Waits/x"},
		{"duration key twice", `{"Waits":{"60s":1,"1m":1}}`, false, "duplicate", "/Waits/1m"},

		{"exact number", `{"exact":"1"}`, false, "type", "/exact"},
		{"exact number of another kind", `{"exact":[]}`, false, "type", "/exact"},
		{"null exact number", `{"exact":null}`, false, "null", "/exact"},

		{"null body", `null`, false, "null", ""},
		{"null string", `{"name":null}`, false, "null", "/name"},
		{"null slice", `{"tags":null}`, false, "null", "/tags"},
		{"null element", `{"tags":["null",null]}`, false, "null", "/tags/1"},
		{"null map", `{"labels":null}`, false, "null", "/labels"},
		{"null map value", `{"labels":{"a/b":null}}`, false, "null", "/labels/a~1b"},
		{"null below a pointer", `{"address":{"city":null}}`, false, "null", "/address/city"},
		{"null time", `{"born":null}`, false, "null", "/born"},
		{"null duration", `{"wait":null}`, false, "null", "/wait"},
		{"null bytes", `{"raw":null}`, false, "null", "/raw"},
		{"null text", `{"upper":null}`, false, "null", "/upper"},
		{"null in quotes", `{"big":null}`, false, "null", "/big"},
		{"null key value", `{"keys":{"1":null}}`, false, "null", "/keys/1"},
	}
	d, err := jsonx.NewDecoder(reflect.TypeFor[body](), jsonx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var b body
			got := d.Decode([]byte(test.in), &b)
			if got == nil {
				t.Fatalf("accepted as %+v", b)
			}
			want := &jsonx.Error{Syntax: test.syntax, Rule: test.rule, Pointer: test.pointer}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(jsonx.Error{}, "Detail")); diff != "" {
				t.Error(diff, got.Detail)
			}
			if got.Detail == "" || strings.HasSuffix(got.Detail, ".") || strings.Contains(got.Detail, "jsonx") || strings.Contains(got.Detail, "int8") {
				t.Errorf("detail %q", got.Detail)
			}
		})
	}
}

func TestNullAccepted(t *testing.T) {
	d, err := jsonx.NewDecoder(reflect.TypeFor[body](), jsonx.Options{AllowUnknown: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{`{"address":null}`, `{"any":null}`, `{"any":[null,{"x":null}]}`, `{"x":null}`, `{"x":{"y":[null]}}`, `{"name":"null"}`} {
		if err := d.Decode([]byte(in), new(body)); err != nil {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// TestNameWithControlCharacter has a name that JSON must escape.
func TestNameWithControlCharacter(t *testing.T) {
	type odd struct {
		A int `json:"a\nb"`
	}
	d, err := jsonx.NewDecoder(reflect.TypeFor[odd](), jsonx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Decode([]byte("{\"a\nb\":1}"), new(odd)); err == nil || !err.Syntax {
		t.Errorf("a raw line break in a name: %v", err)
	}
	var v odd
	if err := d.Decode([]byte(`{"a\nb":1}`), &v); err != nil || v.A != 1 {
		t.Errorf("an escaped one: %v, %+v", err, v)
	}
}

func TestErrorText(t *testing.T) {
	err := &jsonx.Error{Rule: "type", Pointer: "/a", Detail: "must be a string."}
	if got := err.Error(); got != `json: type at "/a": must be a string.` {
		t.Error(got)
	}
}
