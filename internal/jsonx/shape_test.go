package jsonx_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

type folder struct {
	First int               `json:"first-name,case:ignore"`
	List  []int             `json:"list,format:emitnull"`
	Bytes []byte            `json:"bytes,format:array"`
	Rest  map[string]string `json:",embed"`
}

type rawRest struct {
	A    int            `json:"a"`
	Rest jsontext.Value `json:",embed"`
}

func TestNull(t *testing.T) {
	tests := []struct {
		in   string
		typ  reflect.Type
		want string // the pointer of the refused null, or ok
	}{
		{`{"first-name":null}`, reflect.TypeFor[folder](), "/first-name"},
		{`{"FirstName":null}`, reflect.TypeFor[folder](), "/FirstName"},
		{`{"FIRST_NAME":1,"x":null}`, reflect.TypeFor[folder](), "/x"},
		{`{"list":null}`, reflect.TypeFor[folder](), "ok"},
		{`{"list":[null]}`, reflect.TypeFor[folder](), "/list/0"},
		{`{"bytes":null}`, reflect.TypeFor[folder](), "/bytes"},
		{`{"bytes":[null]}`, reflect.TypeFor[folder](), "/bytes/0"},
		{`{"a":1,"x":null}`, reflect.TypeFor[rawRest](), "ok"},
		{`{"a":null}`, reflect.TypeFor[rawRest](), "/a"},
		{`null`, reflect.TypeFor[*int](), "ok"},
		{`null`, reflect.TypeFor[**int](), "ok"},
		{`null`, reflect.TypeFor[any](), "ok"},
		{`null`, reflect.TypeFor[json.RawMessage](), "ok"},
		{`null`, reflect.TypeFor[jsontext.Value](), "ok"},
		{`null`, reflect.TypeFor[reader](), "ok"},
		{`null`, reflect.TypeFor[string](), ""},
		{`null`, reflect.TypeFor[time.Duration](), ""},
		{`null`, reflect.TypeFor[upper](), ""},
		{`[[1],[null]]`, reflect.TypeFor[[][]int](), "/1/0"},
		{`[null]`, reflect.TypeFor[[]*int](), "ok"},
		{`[null]`, reflect.TypeFor[[]any](), "ok"},
		{`[null,null]`, reflect.TypeFor[[2]int](), "/0"},
		{`{"Value":1,"Left":{"Right":null,"Left":{"Right":{"Value":null}}}}`, reflect.TypeFor[node](), "/Left/Left/Right/Value"},
		{`{"Value":1,"Left":{"Right":null},"kids":[{"kids":[{"Left":null}]}]}`, reflect.TypeFor[node](), "ok"},
		{`{"Pong":{"Pings":[{"M":{"a":{"Pong":null}}}]}}`, reflect.TypeFor[ping](), "ok"},
		{`{"Pong":{"Pings":[{"M":{"a":null}}]}}`, reflect.TypeFor[ping](), "/Pong/Pings/0/M/a"},
		{`{"ID":null}`, reflect.TypeFor[embedding](), "/ID"},
		{`{"Only":null}`, reflect.TypeFor[embedding](), "ok"},
		{`{"` + strings.Repeat("n", 5000) + `":null}`, reflect.TypeFor[map[string]int](), ""},
		{`{"a":{"` + strings.Repeat("n", 5000) + `":null}}`, reflect.TypeFor[map[string]map[string]int](), "/a"},
	}
	for _, test := range tests {
		d, err := jsonx.NewDecoder(test.typ, jsonx.Options{})
		if err != nil {
			t.Errorf("%s: %v", test.typ, err)
			continue
		}
		refusal := d.Decode([]byte(test.in), reflect.New(test.typ).Interface())
		switch {
		case refusal == nil && test.want != "ok", refusal != nil && (refusal.Rule != "null" || refusal.Pointer != test.want):
			t.Errorf("%.80s into %s: %v, want %s", test.in, test.typ, refusal, test.want)
		}
	}
}
