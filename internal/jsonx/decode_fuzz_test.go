package jsonx_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

// common is what both codecs read in the same way: no durations, and no names that
// differ in case only.
type common struct {
	Name   string            `json:"name"`
	Age    int8              `json:"age"`
	Count  uint32            `json:"count"`
	Score  float64           `json:"score"`
	Small  float32           `json:"small"`
	Admin  bool              `json:"admin"`
	Tags   []string          `json:"tags"`
	Labels map[string]*int   `json:"labels"`
	Next   *common           `json:"next"`
	Kids   []common          `json:"kids"`
	Pair   [2]int16          `json:"pair"`
	Raw    []byte            `json:"raw"`
	Born   time.Time         `json:"born"`
	Big    int64             `json:"big,string"`
	Any    any               `json:"any"`
	Doc    json.RawMessage   `json:"doc"`
	Exact  json.Number       `json:"exact"`
	Keys   map[int]bool      `json:"keys"`
	Deep   map[string][]bool `json:"deep"`
	inner
}

var seeds = []string{
	``, ` `, `null`, `{}`, `[]`, `{"name":"Ada","age":36}`, `{"age":128}`, `{"age":1.0}`, `{"age":1e2}`, `{"age":-0}`, `{"count":-0}`, `{"score":1e400}`,
	`{"name":null}`, `{"next":null}`, `{"next":{"next":{"name":null}}}`, `{"kids":[{"tags":[null]}]}`, `{"any":[null,{"a":null}]}`,
	`{"name":"a","name":"b"}`, `{"NAME":"a"}`, "{\"name\":\"\xff\"}", `{"name":"\ud800"}`, `{"name":"\u0041\n\"\\\/"}`, "\ufeff{}", `{} {}`,
	`{"x":1}`, `{"pair":[1,2]}`, `{"pair":[1]}`, `{"raw":"aGk="}`, `{"raw":"aG k="}`, `{"born":"2026-01-02T03:04:05Z"}`, `{"born":"2026-01-02T3:04:05Z"}`,
	`{"big":"12"}`, `{"big":12}`, `{"big":"null"}`, `{"keys":{"1":true,"-0":false}}`, `{"labels":{"a":1,"b":null}}`, `{"doc":{"a":[1, 2]}}`,
	`{"doc":null}`, `{"exact":1.50e+3}`, `{"exact":"1"}`, `{"X":1,"Y":2}`, `{"deep":{"null":[true,false]}}`, `{"small":16777217}`, `[1,2]`, `"null"`, `{"tags":["` + strings.Repeat("x", 40) + `"]}`,
	`{"name":"日本語","count":4294967295}`, strings.Repeat(`{"next":`, 30) + `{}` + strings.Repeat(`}`, 30),
}

// FuzzDecode holds decoding against encoding/json: what we accept it accepts, but for -0
// where there is no sign, with the same value; what we call malformed is not one strict JSON value; and nothing
// that is accepted holds a null where the type has none.
func FuzzDecode(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	strict, err := jsonx.NewDecoder(reflect.TypeFor[common](), jsonx.Options{})
	if err != nil {
		f.Fatal(err)
	}
	lax, err := jsonx.NewDecoder(reflect.TypeFor[common](), jsonx.Options{AllowUnknown: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		for _, d := range []*jsonx.Decoder{strict, lax} {
			var got, want common
			if err := d.Decode(body, &got); err != nil {
				checkError(t, body, err)
				continue
			}
			if d == lax {
				// encoding/json matches names in any case, so that a member which is
				// skipped here may have a meaning to it.
				if !json.Valid(body) {
					t.Fatalf("%q was accepted", body)
				}
				continue
			}
			err := json.Unmarshal(body, &want)
			if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Value == "number -0" {
				continue // it takes no sign of an unsigned number, but -0 is 0
			}
			if err != nil {
				t.Fatalf("%q was accepted, and encoding/json says %v", body, err)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(common{}, inner{}), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%q: %s", body, diff)
			}
		}
		if !bytes.Equal(before, body) {
			t.Fatalf("the body was changed from %q to %q", before, body)
		}
	})
}

// checkError checks what holds for every refusal.
func checkError(t *testing.T, body []byte, err *jsonx.Error) {
	t.Helper()
	if err.Rule == "" || err.Detail == "" || len(err.Pointer) > 1000 || (err.Pointer != "" && err.Pointer[0] != '/') {
		t.Fatalf("%q: %+v", body, err)
	}
	if err.Syntax != (err.Rule == "syntax" || err.Rule == "empty" || err.Rule == "utf8" || err.Rule == "depth" || err.Rule == "trailing" || err.Rule == "duplicate") &&
		err.Rule != "duplicate" {
		t.Fatalf("%q: %+v", body, err)
	}
	if !err.Syntax && !json.Valid(body) {
		t.Fatalf("%q is malformed, and the answer was %+v", body, err)
	}
}

// FuzzNulls goes through bodies of every shape that hold nulls: whatever they are,
// the walk neither panics nor points outside the body.
func FuzzNulls(f *testing.F) {
	for i, seed := range seeds {
		f.Add([]byte(seed), byte(i))
	}
	var decoders []*jsonx.Decoder
	for _, shape := range shapes {
		if d, err := jsonx.NewDecoder(reflect.TypeOf(shape), jsonx.Options{AllowUnknown: true}); err == nil {
			decoders = append(decoders, d)
		}
	}
	types := map[int]reflect.Type{}
	for _, shape := range shapes {
		if _, err := jsonx.NewDecoder(reflect.TypeOf(shape), jsonx.Options{}); err == nil {
			types[len(types)] = reflect.TypeOf(shape)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, which byte) {
		at := int(which) % len(decoders)
		if err := decoders[at].Decode(body, reflect.New(types[at]).Interface()); err != nil {
			checkError(t, body, err)
		}
	})
}
