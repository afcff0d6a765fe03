package jsonx_test

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

var errWhim = errors.New("not today")

// heard notes all texts that it was given.
type heard struct{ Texts []string }

func (h *heard) UnmarshalJSON(text []byte) error {
	h.Texts = append(h.Texts, string(text))
	return nil
}

// optional tells absent, null and present apart.
type optional[T any] struct {
	Set   bool
	Value *T
}

func (o *optional[T]) UnmarshalJSON(text []byte) error {
	o.Set = true
	return stdjson.Unmarshal(text, &o.Value)
}

// deepOptional is optional for json v2, whose errors point into the value.
type deepOptional[T any] struct {
	Set   bool
	Value *T
}

func (o *deepOptional[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	o.Set = true
	return json.UnmarshalDecode(dec, &o.Value)
}

// notNull refuses null alone.
type notNull struct{ Text string }

func (n *notNull) UnmarshalJSON(text []byte) error {
	if n.Text = string(text); n.Text == "null" {
		return errWhim
	}
	return nil
}

type (
	unread   struct{ X int } // refuses before it has read anything
	halfRead struct{ X int } // refuses in the middle
	noRead   struct{ X int } // forgets to read
	overRead struct{ X int } // reads more than is its own
)

func (*unread) UnmarshalJSONFrom(*jsontext.Decoder) error { return errWhim }
func (*noRead) UnmarshalJSONFrom(*jsontext.Decoder) error { return nil }
func (*halfRead) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	_, _ = dec.ReadToken()
	return errWhim
}
func (*overRead) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	_, _ = dec.ReadValue()
	_, _ = dec.ReadToken()
	return nil
}

// unsupported leaves itself to json v2.
type unsupported struct {
	A *int `json:"a"`
}

func (*unsupported) UnmarshalJSONFrom(*jsontext.Decoder) error { return errors.ErrUnsupported }

// optionsHeard notes what it is read with, the tag of its field among that.
type optionsHeard struct{ Seen string }

func (o *optionsHeard) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	quoted, _ := json.GetOption(dec.Options(), json.StringifyNumbers)
	strict, _ := json.GetOption(dec.Options(), json.RejectUnknownMembers)
	text, err := dec.ReadValue()
	o.Seen = fmt.Sprint(quoted, strict, dec.StackPointer(), string(text))
	return err
}

// numbered hands the options of its tag on.
type numbered struct {
	Set bool
	N   int
}

func (n *numbered) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	n.Set = true
	return json.UnmarshalDecode(dec, &n.N)
}

// byValue has its method on the value.
type byValue map[string]string

func (m byValue) UnmarshalJSON(text []byte) error {
	if m != nil {
		m["text"] = string(text)
	} else if string(text) == `"x"` {
		return errWhim
	}
	return nil
}

type (
	stamp  struct{ time.Time } // with its methods
	heards []heard             // of those that decode themselves
	both   struct{ Text string }
	scalar int
	outer  struct {
		Inner heard              `json:"inner"`
		Raw   stdjson.RawMessage `json:"a"`
	}
)

func (b *both) UnmarshalText(text []byte) error { b.Text = "text " + string(text); return nil }
func (b *both) UnmarshalJSON(text []byte) error { b.Text = "json " + string(text); return nil }
func (s *scalar) UnmarshalJSON([]byte) error    { *s++; return nil }

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// TestPartsReadAsTheWhole decodes the same members as parts and as a whole type.
func TestPartsReadAsTheWhole(t *testing.T) {
	if raceEnabled {
		t.Skip("it has one goroutine, and takes half a minute with the race detector")
	}
	types := []reflect.Type{
		typeOf[heard](), typeOf[*heard](), typeOf[**heard](), typeOf[[]heard](), typeOf[[]*heard](), typeOf[[1]heard](), typeOf[map[string]heard](), typeOf[heards](),
		typeOf[optional[string]](), typeOf[optional[[]int]](), typeOf[*optional[int]](), typeOf[deepOptional[map[string]int]](), typeOf[deepOptional[time.Duration]](),
		typeOf[deepOptional[stdjson.Number]](), typeOf[deepOptional[optional[int]]](), typeOf[notNull](), typeOf[unread](), typeOf[halfRead](), typeOf[noRead](), typeOf[overRead](),
		typeOf[unsupported](), typeOf[optionsHeard](), typeOf[numbered](), typeOf[*numbered](), typeOf[byValue](), typeOf[scalar](), typeOf[stamp](), typeOf[both](), typeOf[outer](),
		typeOf[struct{ heard }](), typeOf[stdjson.RawMessage](), typeOf[*stdjson.RawMessage](), typeOf[jsontext.Value](), typeOf[[]jsontext.Value](),
		typeOf[big.Int](), typeOf[*big.Int](), typeOf[big.Float](), typeOf[netip.Addr](), typeOf[*netip.Addr](), typeOf[url.URL](), typeOf[upper](), typeOf[*upper](), typeOf[word](),
		typeOf[time.Time](), typeOf[*time.Time](), typeOf[time.Duration](), typeOf[*time.Duration](), typeOf[stdjson.Number](), typeOf[*stdjson.Number](),
		typeOf[any](), typeOf[*any](), typeOf[string](), typeOf[*string](), typeOf[int](), typeOf[*int](), typeOf[**int](), typeOf[uint8](), typeOf[bool](), typeOf[float64](),
		typeOf[[]int](), typeOf[[]byte](), typeOf[[]string](), typeOf[map[string]int](), typeOf[map[string]*int](), typeOf[node](), typeOf[url.Userinfo](), typeOf[*url.Userinfo](),
	}
	tags := []string{"", ",string", ",case:ignore", ",format:emitnull", ",format:array", ",format:unix", ",format:milli", ",format:made_up"}
	for _, typ := range types {
		for _, tag := range tags {
			whole := reflect.StructOf([]reflect.StructField{
				{Name: "Before", Type: typeOf[int](), Tag: `json:"before"`},
				{Name: "Note", Type: typ, Tag: reflect.StructTag(fmt.Sprintf("json:%q", "note"+tag))},
				{Name: "After", Type: typeOf[heard](), Tag: `json:"after"`},
			})
			t.Run(typ.String()+tag, func(t *testing.T) { partsReadAs(t, whole, tag == "") })
		}
	}
}

func partsReadAs(t *testing.T, typ reflect.Type, thorough bool) {
	whole, err := jsonx.NewDecoder(typ, jsonx.Options{})
	some, errs := jsonx.NewPartsDecoder(parts(typ), jsonx.Options{})
	if err != nil || errs != nil {
		if len(errs) < 2 || err == nil || err.Error() != fmt.Sprint(errs[1]) {
			t.Errorf("refused: %v, %v", err, errs)
		}
		return
	}
	values := []string{
		"null", "0", "1", "-1.5", "1e400", "300", "true", `""`, `"x"`, `"1"`, `"null"`, `"NaN"`, `"1h"`, `"1.2.3.4"`, `"2006-01-02T15:04:05Z"`, `"2006-01-02"`, `"AAAA"`,
		"[]", "[1]", "[null]", "[null,null]", `["x"]`, `[{"a":null}]`, `[["x"]]`, "{}", `{"a":1}`, `{"a":null}`, `{"a":{"b":null}}`, `{"a":"x"}`, `{"inner":null}`, `{"a":1,"a":1}`, `{"Value":null}`, "nul", "{", `"\xff"`, "[null",
	}
	bodies := []string{`{}`, `null`, `{"before":1}`, `{"after":null}`, `{"before":null,"after":null}`}
	for _, v := range values {
		bodies = append(bodies, `{"note":`+v+`}`, `{"before":1,"note": `+v+` ,"after":null}`, `{"NOTE":`+v+`}`)
		if thorough {
			bodies = append(bodies,
				`{"after":1,"note":`+v+`,"before":null}`, `{"note":`+v+`,"before":"x"}`, `{"before":"x","note":`+v+`}`, `{"note":`+v+`,"other":1}`, `{"note":`+v+`}}`,
				`{"note":`+v+`,"note":`+v+`}`, `{"note":null,"note":`+v+`}`, `{"note":`+v+`,"note":null}`, `{"note":`+v+`,"NOTE":null}`)
		}
	}
	ways := map[string][2]func([]byte, any) *jsonx.Error{"compiled": {whole.Decode, some.Decode}, "json v2": {whole.DecodeLibrary, some.DecodeLibrary}}
	for _, in := range bodies {
		for way, decode := range ways {
			want, got := reflect.New(typ), reflect.New(typ)
			refused, err := decode[0]([]byte(in), want.Interface()), decode[1]([]byte(in), got.Interface())
			switch {
			case !reflect.DeepEqual(refused, err):
				t.Errorf("%s, %s: whole %v, parts %v", in, way, refused, err)
			case err == nil && !reflect.DeepEqual(want.Interface(), got.Interface()) && !strings.Contains(in, "NaN"):
				t.Errorf("%s, %s: whole %+v, parts %+v", in, way, want.Elem(), got.Elem())
			}
		}
	}
}
