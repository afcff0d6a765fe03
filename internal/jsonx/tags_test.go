package jsonx_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

// lentTime is a time by methods of time.Time alone; ownTime has its own beside a field.
type lentTime struct{ time.Time }

type ownTime struct {
	time.Time
	Zone string
}

func (s ownTime) MarshalJSON() ([]byte, error)     { return json.Marshal(s.Zone) }
func (s *ownTime) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &s.Zone) }

type textual struct{ s string }

func (t textual) MarshalText() ([]byte, error)     { return []byte(t.s), nil }
func (t *textual) UnmarshalText(text []byte) error { t.s = string(text); return nil }

type borrower struct {
	*time.Time
	Note string `json:"note"`
}

// named is a type whose name says what its text is.
type named struct{ ID UUID }

type UUID struct{}

func (*UUID) UnmarshalText([]byte) error { return errors.New("no") }

type nameless struct{ ID opaque }

type opaque struct{}

func (*opaque) UnmarshalText([]byte) error { return errors.New("no") }

func outsideSentences(t *testing.T) {
	for _, test := range []struct {
		in         any
		body, want string
	}{
		{named{}, `{"ID":"x"}`, "has the wrong format: a UUID is expected"},
		{nameless{}, `{"ID":"x"}`, "has the wrong format"},
		{named{}, ` `, "is empty: a JSON value is required"},
		{named{}, `{} {}`, "has more content after the JSON value"},
		{named{}, `{"ID":null,"ID":null}`, "is given twice in one object"},
		{named{}, `{"x":1}`, "is not a known member"},
	} {
		t.Run("R18 "+test.want, func(t *testing.T) {
			typ := reflect.TypeOf(test.in)
			d, err := jsonx.NewDecoder(typ, jsonx.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Decode([]byte(test.body), reflect.New(typ).Interface()); got == nil || !strings.HasPrefix(got.Detail, test.want) {
				t.Errorf("%+v, want %s", got, test.want)
			}
		})
	}
}

func outsideTags(t *testing.T) {
	type inner struct {
		Name string `json:"name" vaildate:"required"`
	}
	type plain struct{ A int }
	tests := []struct {
		id   string
		in   any
		want string // "" is taken
	}{
		{"R15 blank", withTag[string](`json: "s"`), `field A: the struct tag is malformed from "json: \"s\"" on, and what follows is ignored: write pairs like json:"name"`},
		{"R15 option", withTag[string](`json:"s,omitempyt"`), "field A: the json tag has the option omitempyt, which is not known: write omitzero, omitempty, string, embed, case:ignore or format, or drop it"},
		{"R15 option case", withTag[string](`json:"s,omitEmpty"`), "write omitempty"},
		{"R15 inline", withTag[plain](`json:",inline"`), "field A: the json tag has the option inline, which is not known: write embed on a field that has a name"},
		{"R15 unknown", withTag[map[string]int](`json:"c,unknown"`), "field A: the json tag has the option unknown, which is not known: write embed"},
		{"R15 two options", withTag[int](`json:"s,omitzero,strnig"`), "option strnig"},
		{"R15 inline embedded", struct {
			plain `json:",inline"`
		}{}, "an embedded struct needs no option"},
		{"R15 commas", withTag[string](`json:"s",validate:"min=1"`), `field A: the struct tag has "," where one pair ends and the next begins, so that validate is ignored: separate the pairs by a space alone`},
		{"R15 vaildate", inner{}, "field Name: the tag vaildate is not known: write validate"},
		{"R15 defualt", withTag[int](`json:"a" defualt:"1"`), "the tag defualt is not known: write default"},
		{"R15 in a member", struct{ In inner }{}, "field In.Name: the tag vaildate"},
		{"R15 in a list", struct{ In []map[string]*inner }{}, "field In.Name: the tag vaildate"},
		{"R15 embedded", struct{ inner }{}, "field Name: the tag vaildate"},
		{"R15 not a member", withTag[int](`json:"-" vaildate:"min=1"`), ""},
		{"R15 other tags", withTag[int](`json:"a" db:"a" gorm:"x" yaml:"a"`), ""},

		{"R15 embedded time", struct {
			time.Time
			Note string
		}{}, "field Time: the embedded field has methods that stand for the whole of"},
		{"R15 embedded pointer to a time", borrower{}, "field Time: the embedded field has methods that stand for the whole of jsonx_test.borrower in JSON, so that Note is left out: give the field a name, like At *time.Time"},
		{"R15 embedded text", struct {
			A int
			textual
		}{}, "so that A is left out"},
		{"R15 embedded time with a name for JSON", struct {
			time.Time `json:"at"`
			Note      string
		}{}, "give the field a name, like At time.Time"},
		{"R15 embedded time below", struct{ B []borrower }{}, "field B.Time: "},
		{"R15 embedded time alone", lentTime{}, ""},
		{"R15 embedded time beside what is no member", struct {
			time.Time
			Note string `json:"-"`
			note string //nolint:unused // hidden
		}{}, ""},
		{"R15 methods of its own", ownTime{}, ""},
	}
	for _, test := range tests {
		t.Run(test.id, func(t *testing.T) {
			_, encodeErr := jsonx.NewEncoder(reflect.TypeOf(test.in))
			_, decodeErr := jsonx.NewDecoder(reflect.TypeOf(test.in), jsonx.Options{})
			for _, err := range []error{encodeErr, decodeErr} {
				if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("%v\nwant %s", err, test.want)
				}
			}
		})
	}
}
