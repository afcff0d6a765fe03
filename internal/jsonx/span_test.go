package jsonx_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

type spans struct {
	Sec   time.Time `json:"sec,format:unix"`
	Milli time.Time `json:"milli,format:unixmilli"`
	Micro time.Time `json:"micro,format:unixmicro"`
	Nano  time.Time `json:"nano,format:unixnano"`
	//lint:ignore SA5008 a time that is a number takes the option as well
	Text     *time.Time     `json:"text,string,format:unix"`
	Wait     time.Duration  `json:"wait,format:sec"`
	Pause    time.Duration  `json:"millis,format:milli"`
	Delay    *time.Duration `json:"micros,format:micro"`
	Lag      time.Duration  `json:"nanos,format:nano"`
	WaitText time.Duration  `json:"waittext,string,format:sec"`
	Inner    *spans         `json:"inner"`
	List     []spans        `json:"list"`
	IgnoreMe time.Time      `json:"ignoreme,case:ignore,format:unix"`
}

const (
	years = "must be a time of the years 0 to 9999, as a number of "
	epoch = " since 1970-01-01T00:00:00Z"
)

// A number is a time of the years that RFC 3339 has, and a duration of those that Go has:
// each bound is taken, and the least that is beyond it refused, however it is written.
func TestSpans(t *testing.T) {
	d, err := jsonx.NewDecoder(reflect.TypeFor[spans](), jsonx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	nines := strings.Repeat("9", 400)
	for _, c := range []struct {
		body, at, detail string // no detail: taken
	}{
		{`{"sec":-62167219200}`, "", ""},
		{`{"sec":-62167219200.000000000000}`, "", ""},
		{`{"sec":253402300799.999999999}`, "", ""},
		{`{"sec":0}`, "", ""},
		{`{"sec":-0.5}`, "", ""},
		{`{"sec":-62167219200.0000000001}`, "/sec", years + "seconds" + epoch},
		{`{"sec":-62167219201}`, "/sec", years + "seconds" + epoch},
		{`{"sec":253402300799.9999999991}`, "/sec", years + "seconds" + epoch},
		{`{"sec":253402300800}`, "/sec", years + "seconds" + epoch},
		{`{"sec":` + nines + `}`, "/sec", years + "seconds" + epoch},
		{`{"sec":-` + nines + `}`, "/sec", years + "seconds" + epoch},
		{`{"milli":-62167219200000,"micro":-62167219200000000,"nano":-62167219200000000000}`, "", ""},
		{`{"milli":253402300799999.999999,"micro":253402300799999999.999,"nano":253402300799999999999}`, "", ""},
		{`{"milli":253402300800000}`, "/milli", years + "milliseconds" + epoch},
		{`{"micro":253402300800000000}`, "/micro", years + "microseconds" + epoch},
		{`{"nano":253402300800000000000}`, "/nano", years + "nanoseconds" + epoch},
		{`{"nano":253402300799999999999.5}`, "/nano", years + "nanoseconds" + epoch},
		{`{"nano":-62167219200000000000.5}`, "/nano", years + "nanoseconds" + epoch},
		{`{"text":"253402300799","waittext":"-9223372036.854775808"}`, "", ""},
		{`{"text":"253402300800"}`, "/text", years + "seconds" + epoch},
		{`{"text":"\u0032\u00353402300800"}`, "/text", years + "seconds" + epoch},
		{`{"text":null}`, "", ""},

		{`{"wait":9223372036.854775807,"millis":9223372036854.775807,"micros":9223372036854775.807,"nanos":9223372036854775807}`, "", ""},
		{`{"wait":-9223372036.854775808,"millis":-9223372036854.775808,"micros":-9223372036854775.808,"nanos":-9223372036854775808}`, "", ""},
		{`{"wait":9223372036.854775808}`, "/wait", "must be a duration as a number of seconds, from -9223372036.854775808 to 9223372036.854775807"},
		{`{"wait":9223372036.8547758071}`, "/wait", "must be a duration as a number of seconds, from -9223372036.854775808 to 9223372036.854775807"},
		{`{"waittext":"-9223372036.8547758081"}`, "/waittext", "must be a duration as a number of seconds, from -9223372036.854775808 to 9223372036.854775807"},
		{`{"millis":-9223372036854.775809}`, "/millis", "must be a duration as a number of milliseconds, from -9223372036854.775808 to 9223372036854.775807"},
		{`{"micros":-` + nines + `}`, "/micros", "must be a duration as a number of microseconds, from -9223372036854775.808 to 9223372036854775.807"},
		{`{"nanos":9223372036854775808}`, "/nanos", "must be a duration as a number of nanoseconds, from -9223372036854775808 to 9223372036854775807"},

		{`{"inner":{"list":[{},{"sec":253402300800}]}}`, "/inner/list/1/sec", years + "seconds" + epoch},
		{`{"Ignore_Me":253402300800}`, "/Ignore_Me", years + "seconds" + epoch},
	} {
		var got spans
		err := d.Decode([]byte(c.body), &got)
		var want *jsonx.Error
		if c.detail != "" {
			want = &jsonx.Error{Rule: "range", Pointer: c.at, Detail: c.detail}
		}
		if diff := cmp.Diff(want, err); diff != "" {
			t.Errorf("%.60s: -want +got\n%s", c.body, diff)
		}
	}
}

// What cannot be a number of the format is not called out of range.
func TestSpansOfOtherTexts(t *testing.T) {
	d, err := jsonx.NewDecoder(reflect.TypeFor[spans](), jsonx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{
		`{"sec":1e30}`, `{"sec":1E3}`, `{"sec":"253402300800"}`, `{"sec":true}`, `{"sec":{}}`, `{"text":253402300800}`, `{"text":""}`, `{"text":"-"}`, `{"text":"."}`,
		`{"text":"1."}`, `{"text":".5"}`, `{"text":"+253402300800"}`, `{"text":" 1"}`, `{"text":"0x1"}`, `{"text":"00253402300800"}`, `{"text":"253402300800.x"}`, `{"wait":1e99}`,
	} {
		var got spans
		if err := d.Decode([]byte(body), &got); err == nil || err.Rule == "range" {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// The time package reads offsets of a whole day, which RFC 3339 has no form for, so that a
// handler could not answer them.
func TestOffsetsOfADay(t *testing.T) {
	type zones struct {
		Named  time.Time  `json:"named,format:RFC1123Z"`
		Layout *time.Time `json:"layout,format:'2006-01-02T15:04:05Z07:00:00'"`
		Hours  time.Time  `json:"hours,format:'15-07'"`
	}
	d, err := jsonx.NewDecoder(reflect.TypeFor[zones](), jsonx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		body, at, detail string // no detail: taken
	}{
		{`{"named":"Mon, 02 Jan 2006 15:04:05 +2359"}`, "", ""},
		{`{"named":"Mon, 02 Jan 2006 15:04:05 -2359"}`, "", ""},
		{`{"layout":"2006-01-02T15:04:05-23:59:59"}`, "", ""},
		{`{"layout":null}`, "", ""},
		{`{"hours":"12+23"}`, "", ""},
		{`{"named":"Mon, 02 Jan 2006 15:04:05 +2360"}`, "/named", "must be a date or time such as Mon, 02 Jan 2006 15:04:05 +0000"},
		{`{"named":"Mon, 02 Jan 2006 15:04:05 \u002d2400"}`, "/named", "must be a date or time such as Mon, 02 Jan 2006 15:04:05 +0000"},
		{`{"layout":"2006-01-02T15:04:05+24:00:00"}`, "/layout", "must be a date or time such as 2006-01-02T15:04:05Z"},
		{`{"hours":"12-24"}`, "/hours", "must be a date or time such as 15+00"},
	} {
		var got zones
		err := d.Decode([]byte(c.body), &got)
		var want *jsonx.Error
		if c.detail != "" {
			want = &jsonx.Error{Rule: "format", Pointer: c.at, Detail: c.detail}
		}
		if diff := cmp.Diff(want, err); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.body, diff)
		}
	}
}
