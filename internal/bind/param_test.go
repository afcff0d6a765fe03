package bind_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/bind"
	"github.com/apiroutes/apiroutes/respond"
	"github.com/google/go-cmp/cmp"
)

type (
	level string
	count int16
)

// color reads text of its own, on the pointer.
type color struct{ R, G, B uint8 }

func (c *color) UnmarshalText(text []byte) error {
	if _, err := fmt.Sscanf(string(text), "#%02x%02x%02x", &c.R, &c.G, &c.B); err != nil {
		return errors.New("secret text of a colour")
	}
	return nil
}

func (c color) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "#%02x%02x%02x", c.R, c.G, c.B), nil
}

type everything struct {
	String   string        `query:"string"`
	Bool     bool          `query:"bool"`
	Int      int           `query:"int"`
	Int8     int8          `query:"int8"`
	Int16    int16         `query:"int16"`
	Int32    int32         `query:"int32"`
	Int64    int64         `query:"int64"`
	Uint     uint          `query:"uint"`
	Uint8    uint8         `query:"uint8"`
	Uint16   uint16        `query:"uint16"`
	Uint32   uint32        `query:"uint32"`
	Uint64   uint64        `query:"uint64"`
	Float32  float32       `query:"float32"`
	Float64  float64       `query:"float64"`
	Time     time.Time     `query:"time"`
	Duration time.Duration `query:"duration"`
	Addr     netip.Addr    `query:"addr"`
	Color    color         `query:"color"`
	Level    level         `query:"level"`
	Count    count         `query:"count"`
	Opt      *int8         `query:"opt"`
	OptText  *string       `query:"opttext"`
	OptColor *color        `query:"optcolor"`
	Strings  []string      `query:"strings"`
	Ints     []int8        `query:"ints"`
	Colors   []color       `query:"colors"`
	Number   json.Number   `query:"number"`
}

func TestParameterTypes(t *testing.T) {
	at := time.Date(2024, 2, 29, 12, 0, 0, 500, time.UTC)
	for _, tt := range []struct {
		query string
		want  everything
	}{
		{"", everything{}},
		{"unknown=1&intx", everything{}},
		{"string=", everything{}},
		{"number=-12.50e3", everything{Number: "-12.50e3"}},
		{"number=0", everything{Number: "0"}},
		{"number=-007", everything{Number: "-7"}},
		{"number=00.5", everything{Number: "0.5"}},
		{"string=a%20b+c%2Bd", everything{String: "a b c+d"}},
		{"%73tring=x", everything{String: "x"}},
		{"string=a=b", everything{String: "a=b"}},
		{"string=中", everything{String: "中"}},
		{"string=%00", everything{String: "\x00"}},
		{"&&string=x&&", everything{String: "x"}},
		{"bool=true", everything{Bool: true}},
		{"bool=false", everything{}},
		{"int=-5", everything{Int: -5}},
		{"int=007", everything{Int: 7}},
		{"int=-0", everything{}},
		{"int8=-128", everything{Int8: -128}},
		{"int8=127", everything{Int8: 127}},
		{"int16=-32768", everything{Int16: -32768}},
		{"int32=2147483647", everything{Int32: 2147483647}},
		{"int64=-9223372036854775808", everything{Int64: -9223372036854775808}},
		{"uint=5", everything{Uint: 5}},
		{"uint8=255", everything{Uint8: 255}},
		{"uint16=65535", everything{Uint16: 65535}},
		{"uint32=4294967295", everything{Uint32: 4294967295}},
		{"uint64=18446744073709551615", everything{Uint64: 18446744073709551615}},
		{"float32=1.5", everything{Float32: 1.5}},
		{"float64=-1.25e-3", everything{Float64: -1.25e-3}},
		{"float64=1E3", everything{Float64: 1000}},
		{"float64=1e-400", everything{}},
		{"time=2024-02-29T12:00:00.0000005Z", everything{Time: at}},
		{"time=2024-02-29T13:30:00.0000005%2B01:30", everything{Time: at}},
		{"duration=1h30m", everything{Duration: 90 * time.Minute}},
		{"addr=::1", everything{Addr: netip.IPv6Loopback()}},
		{"color=%23ff0001", everything{Color: color{R: 255, B: 1}}},
		{"level=high", everything{Level: "high"}},
		{"count=-3", everything{Count: -3}},
		{"opt=0", everything{Opt: new(int8)}},
		{"opttext=", everything{OptText: new(string)}},
		{"optcolor=%23000000", everything{OptColor: new(color)}},
		{"strings=a&strings=&strings=a", everything{Strings: []string{"a", "", "a"}}},
		{"ints=1&strings=x&ints=2", everything{Strings: []string{"x"}, Ints: []int8{1, 2}}},
		{"colors=%23010203", everything{Colors: []color{{1, 2, 3}}}},
	} {
		t.Run(tt.query, func(t *testing.T) {
			got, r := bound[everything](t, bind.Options{}, get("/?"+tt.query))
			accepted(t, r)
			equal(t, tt.want, got)
		})
	}
}

func TestParametersRefused(t *testing.T) {
	for _, tt := range []struct{ query, rule, detail string }{
		{"bool=1", "type", "must be true or false"},
		{"bool=TRUE", "type", "must be true or false"},
		{"bool", "type", "must be true or false"},
		{"int=", "type", "must be a whole number"},
		{"int=%2B5", "type", "must be a whole number"},
		{"int=1_000", "type", "must be a whole number"},
		{"int=0x10", "type", "must be a whole number"},
		{"int=1.0", "type", "must be a whole number"},
		{"int=1e3", "type", "must be a whole number"},
		{"int=+5", "type", "must be a whole number"},
		{"int=%D9%A7", "type", "must be a whole number"},
		{"int=5%00", "type", "must be a whole number"},
		{"int8=300", "range", "must be a whole number from -128 to 127"},
		{"int8=128", "range", "must be a whole number from -128 to 127"},
		{"int64=9223372036854775808", "range", "must be a whole number"},
		{"uint8=256", "range", "must be a whole number from 0 to 255"},
		{"uint8=-1", "range", "must be a whole number from 0 to 255"},
		{"uint64=18446744073709551616", "range", "from 0 to 18446744073709551615"},
		{"uint=", "type", "must be a whole number"},
		{"uint=-", "type", "must be a whole number"},
		{"uint=x", "type", "must be a whole number"},
		{"float64=NaN", "type", "must be a number"},
		{"float64=Inf", "type", "must be a number"},
		{"float64=-inf", "type", "must be a number"},
		{"float64=0x1p-2", "type", "must be a number"},
		{"float64=1_0", "type", "must be a number"},
		{"float64=.5", "type", "must be a number"},
		{"float64=5.", "type", "must be a number"},
		{"float64=1e", "type", "must be a number"},
		{"float64=", "type", "must be a number"},
		{"float64=1e400", "range", "must be a number that fits 64 bits"},
		{"float32=1e39", "range", "must be a number that fits 32 bits"},
		{"time=2024-02-30T12:00:00Z", "format", "RFC 3339"},
		{"time=2024-02-28", "format", "RFC 3339"},
		{"time=2024-02-28T1:00:00Z", "format", "RFC 3339"},
		{"time=2024-02-28T01:00:00,5Z", "format", "RFC 3339"},
		{"time=2024-02-28T01:00:00%2B24:00", "format", "RFC 3339"},
		{"time=2024-02-28T01:00:00%2B23:60", "format", "RFC 3339"},
		{"time=2024-02-28T01:00:00z", "format", "RFC 3339"},
		{"duration=90", "format", "such as 1h30m"},
		{"duration=", "format", "such as 1h30m"},
		{"addr=1.2.3", "format", "has the wrong format: an IP address is expected"},
		{"color=red", "format", "has the wrong format"},
		{"number=", "type", "must be a number"},
		{"number=NaN", "type", "must be a number"},
		{"number=1x", "type", "must be a number"},
		{"number=1e4301", "digits", "must have at most 4300 digits"},
		{"number=" + strings.Repeat("1", 4301), "digits", "must have at most 4300 digits"},
		{"opt=128", "range", "from -128 to 127"},
		{"ints=1&ints=x", "type", "must be a whole number"},
		{"string=a&string=a", "repeated", "must be given only once"},
		{"opt=1&opt=1&opt=1", "repeated", "must be given only once"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			_, r := bound[everything](t, bind.Options{}, get("/?"+tt.query))
			if r == nil {
				t.Fatal("accepted")
			}
			name, _, _ := strings.Cut(tt.query, "=")
			want := respond.FieldError{In: "query", Name: name, Rule: tt.rule}
			if r.Status != 422 || len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Detail, tt.detail) {
				t.Fatalf("got %+v", r)
			}
			want.Detail = r.Errors[0].Detail
			if diff := cmp.Diff(want, r.Errors[0]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWrongParametersAreReportedTogether(t *testing.T) {
	type in struct {
		ID    int    `path:"id"`
		Limit int8   `query:"limit"`
		Trace int    `header:"X-Trace"`
		Page  int    `cookie:"page"`
		Name  string `json:"name"`
	}
	r := post(`{"name":1}`, "application/json", "X-Trace", "x", "Cookie", "page=y")
	r.URL.RawQuery = "limit=300"
	_, got := bound[in](t, bind.Options{Method: "POST", PathNames: []string{"id"}}, r, "x")
	want := "Unprocessable Content; path id type; query limit range; header X-Trace type; cookie page type; body /name type"
	if brief(got) != want {
		t.Errorf("got %s", brief(got))
	}
	if got.Error() == "" || got.Unwrap() != nil {
		t.Error("as an error")
	}
}

func TestFailuresAreTruncated(t *testing.T) {
	type in struct {
		IDs []int `query:"id"`
	}
	_, r := bound[in](t, bind.Options{}, get("/?"+strings.Repeat("id=x&", 100)))
	if len(r.Errors) != 100 || truncated(r) {
		t.Errorf("%d failures, truncated %v", len(r.Errors), truncated(r))
	}
	_, r = bound[in](t, bind.Options{}, get("/?"+strings.Repeat("id=x&", 101)))
	if len(r.Errors) != 100 || !truncated(r) {
		t.Errorf("%d failures, truncated %v", len(r.Errors), truncated(r))
	}
}

func TestDefaults(t *testing.T) {
	type in struct {
		Limit  int           `query:"limit" default:"20"`
		Sort   *string       `query:"sort" default:"name"`
		Tags   []string      `query:"tag" default:"a, b"`
		None   []string      `query:"none" default:""`
		Wait   time.Duration `header:"X-Wait" default:"1m30s"`
		Theme  string        `cookie:"theme" default:"dark"`
		Amount big.Int       `query:"amount" default:"10"`
	}
	amount := cmp.Comparer(func(a, b big.Int) bool { return a.Cmp(&b) == 0 })
	name, empty := "name", ""
	declared := in{20, &name, []string{"a", "b"}, nil, 90 * time.Second, "dark", *big.NewInt(10)}
	for _, tt := range []struct {
		request string
		header  []string
		want    in
	}{
		{"/", nil, declared},
		{"/?limit=0&sort=&tag=&amount=0", []string{"X-Wait", "0s", "Cookie", "theme="}, in{Sort: &empty, Tags: []string{""}}},
	} {
		got, r := bound[in](t, bind.Options{}, get(tt.request, tt.header...))
		accepted(t, r)
		if diff := cmp.Diff(tt.want, got, amount); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.request, diff)
		}
	}

	type list struct {
		IDs []int `header:"X-IDs" default:"1,2"`
	}
	for _, tt := range []struct {
		header []string
		want   []int
	}{
		{nil, []int{1, 2}},
		{[]string{"X-IDs", "3"}, []int{3}},
		{[]string{"X-IDs", " , "}, nil}, // empty, and not absent
	} {
		got, r := bound[list](t, bind.Options{}, get("/", tt.header...))
		accepted(t, r)
		equal(t, list{tt.want}, got)
	}

	var got in
	plan := compile[in](t, bind.Options{})
	plan.SetDefaults(&got)
	if diff := cmp.Diff(declared, got, amount); diff != "" {
		t.Errorf("SetDefaults (-want +got):\n%s", diff)
	}
	got.Tags[0], *got.Sort = "changed", "changed"
	got.Amount.SetInt64(11)
	var again in
	plan.SetDefaults(&again)
	if diff := cmp.Diff(declared, again, amount); diff != "" {
		t.Errorf("a request changed the defaults (-want +got):\n%s", diff)
	}
}

// More parameters than fit a word, so that lookups go through the map.
func TestManyParameters(t *testing.T) {
	type ten struct {
		A0 int `query:"0"`
		A1 int `query:"1"`
		A2 int `query:"2"`
		A3 int `query:"3"`
		A4 int `query:"4"`
		A5 int `query:"5"`
		A6 int `query:"6"`
		A7 int `query:"7"`
		A8 int `query:"8"`
		A9 int `query:"9" default:"99"`
	}
	got, r := bound[ten](t, bind.Options{}, get("/?8=8&none=1&0=1"))
	accepted(t, r)
	equal(t, ten{A0: 1, A8: 8, A9: 99}, got)
}
