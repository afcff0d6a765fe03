package jsonx_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

type formatted struct {
	Day     time.Time     `json:"day,format:DateOnly"`
	Clock   *time.Time    `json:"clock,format:TimeOnly"`
	Unix    time.Time     `json:"unix,format:unix"`
	Layout  time.Time     `json:"layout,format:'02.01.2006'"`
	Pause   time.Duration `json:"sec,format:sec"`
	ISO     time.Duration `json:"iso,format:iso8601"`
	Hex     []byte        `json:"hex,format:hex"`
	URL     [3]byte       `json:"url,format:base64url"`
	Array   []byte        `json:"array,format:array"`
	Float   float64       `json:"float,format:nonfinite"`
	Default time.Time     `json:"default"`
}

type numbers struct {
	I   int             `json:"i"`
	I8  int8            `json:"i8"`
	U   uint            `json:"u"`
	M   map[int]int     `json:"m"`
	K   map[int8]string `json:"k"`
	Any any             `json:"any"`
	N   json.Number     `json:"n"`
	Raw json.RawMessage `json:"raw"`
	Big big.Int         `json:"big"`
	Ptr *big.Float      `json:"ptr"`
	Rat *big.Rat        `json:"rat"`
	Map map[string]any  `json:"map"`
	Two [2]big.Int      `json:"two"`
	S   string          `json:"s"`
	ID  ident           `json:"id"`
	Sum *ident          `json:"hash"`
	Ign int             `json:"ign,case:ignore"`
}

// plainNumbers are those of numbers that have a compiled decoder.
type plainNumbers struct {
	I   int            `json:"i"`
	I8  int8           `json:"i8"`
	U   uint           `json:"u"`
	M   map[int]int    `json:"m"`
	Any any            `json:"any"`
	N   json.Number    `json:"n"`
	Big big.Int        `json:"big"`
	Ptr *big.Float     `json:"ptr"`
	Rat *big.Rat       `json:"rat"`
	Map map[string]any `json:"map"`
	Two [2]big.Int     `json:"two"`
	S   string         `json:"s"`
	ID  ident          `json:"id"`
	Sum *ident         `json:"hash"`
}

// ident is a text that may look like a number.
type ident string

func (i *ident) UnmarshalText(b []byte) error { *i = ident(b); return nil }

func TestOutside(t *testing.T) {
	outsideTags(t)
	outsideSentences(t)
	long := strings.Repeat("7", jsonx.MaxDigits+1)
	tests := []struct {
		id, body        string
		rule, at, words string // no rule: taken
		types           []any
	}{
		{"R3", `{"day":"yesterday"}`, "format", "/day", "must be a date such as 2006-01-02", []any{formatted{}}},
		{"R3", `{"clock":"noon"}`, "format", "/clock", "must be a time of day such as 15:04:05", []any{formatted{}}},
		{"R3", `{"unix":"x"}`, "type", "/unix", "must be a time as a number of seconds since 1970-01-01T00:00:00Z", []any{formatted{}}},
		{"R3", `{"layout":"2026-01-02"}`, "format", "/layout", "must be a date or time such as 02.01.2006", []any{formatted{}}},
		{"R3", `{"sec":"1h"}`, "type", "/sec", "must be a duration as a number of seconds, such as 5400", []any{formatted{}}},
		{"R3", `{"iso":"1h"}`, "format", "/iso", `must be a duration as ISO 8601 writes them, such as "PT1H30M"`, []any{formatted{}}},
		{"R3", `{"hex":"x"}`, "format", "/hex", "must be a string in hexadecimal digits", []any{formatted{}}},
		{"R3", `{"url":"+"}`, "format", "/url", "must be a string that encodes exactly 3 bytes in base64 for URLs", []any{formatted{}}},
		{"R3", `{"array":"x"}`, "type", "/array", "must be an array of whole numbers from 0 to 255", []any{formatted{}}},
		{"R3", `{"float":"x"}`, "", "/float", `must be a number, or one of the strings "NaN", "Infinity" and "-Infinity"`, []any{formatted{}}},
		{"R3", `{"default":"x"}`, "format", "/default", "must be a date and time as RFC 3339 writes them, such as 2006-01-02T15:04:05Z", []any{formatted{}}},

		{"R17", `{"any":9007199254740993}`, "range", "/any", "must be a number that fits 64 bits without loss: send it within a string", []any{numbers{}, plainNumbers{}}},
		{"R17", `{"map":{"a":[-12345678901234567890]}}`, "range", "/map/a/0", "must be a number that fits 64 bits without loss: send it within a string", []any{numbers{}, plainNumbers{}}},
		{"R17", `{"any":9007199254740993.0}`, "range", "/any", "must be a number that fits 64 bits without loss: send it within a string", []any{numbers{}, plainNumbers{}}},
		{"R17", `{"any":[9007199254740992,1e23,0.1,3.14159265358979323846,12345678901234567168,1.7976931348623157e308]}`, "", "", "", []any{numbers{}, plainNumbers{}}},
		{"R17", `{"n":9007199254740993}`, "", "", "", []any{numbers{}, plainNumbers{}}},

		{"R18", `{"i":1.0}`, "type", "/i", "must be a whole number, written without a fraction and an exponent", []any{numbers{}, plainNumbers{}}},
		{"R18", `{"i":1e2}`, "type", "/i", "must be a whole number, written without a fraction and an exponent", []any{numbers{}, plainNumbers{}}},
		{"R18", `{"i":1.5}`, "type", "/i", "must be a whole number", []any{numbers{}, plainNumbers{}}},
		{"R18", `{"i":"x"}`, "type", "/i", "must be a whole number", []any{numbers{}, plainNumbers{}}},
		{"R18", `{"i":9223372036854775808}`, "range", "/i", "must be a whole number from -9223372036854775808 to 9223372036854775807", []any{numbers{}, plainNumbers{}}},
		{"R18", `{"i8":1.5}`, "type", "/i8", "must be a whole number from -128 to 127", []any{numbers{}, plainNumbers{}}},
		{"R18", `{"u":-0}`, "", "", "", []any{numbers{}, plainNumbers{}}},
		{"R18", `{"u":-0,"i":"x"}`, "type", "/i", "must be a whole number", []any{numbers{}, plainNumbers{}}},
		{"R18", `{"u":-1}`, "type", "/u", "must be a whole number that is not negative", []any{numbers{}, plainNumbers{}}},
		{"R18", `{"u":-0.0}`, "type", "/u", "must be a whole number that is not negative, written without a fraction and an exponent", []any{numbers{}, plainNumbers{}}},
		{"R18", `{"m":{"x":1}}`, "type", "/m/x", "has a name that must be a whole number", []any{numbers{}, plainNumbers{}}},
		{"R18", `{"m":{"1":"x"}}`, "type", "/m/1", "must be a whole number", []any{numbers{}, plainNumbers{}}},
		{"R18", `{"k":{"300":"x"}}`, "range", "/k/300", "has a name that must be a whole number from -128 to 127", []any{numbers{}}},
		{"R18", `{"s":"\ud800"}`, "syntax", "/s", `has half of a surrogate pair, such as \ud800 alone, at byte 6: write both halves, or the character itself`, []any{numbers{}, plainNumbers{}}},

		{"S5", `{"big":` + long + `}`, "digits", "/big", "must have at most 4300 digits", []any{numbers{}, plainNumbers{}}},
		{"S5", `{"ptr":"` + long + `"}`, "digits", "/ptr", "must have at most 4300 digits", []any{numbers{}, plainNumbers{}}},
		{"S5", `{"ptr":"` + strings.ReplaceAll(long, "7", `\u0037`) + `"}`, "digits", "/ptr", "must have at most 4300 digits", []any{numbers{}, plainNumbers{}}},
		{"S5", `{"rat":"1e999999"}`, "digits", "/rat", "must have at most 4300 digits", []any{numbers{}, plainNumbers{}}},
		{"S5", `{"rat":"1/` + long + `"}`, "digits", "/rat", "must have at most 4300 digits", []any{numbers{}, plainNumbers{}}},
		{"S5", `{"n":` + long + `}`, "digits", "/n", "must have at most 4300 digits", []any{numbers{}, plainNumbers{}}},
		{"S5", `{"two":[1,` + long + `]}`, "digits", "/two/1", "must have at most 4300 digits", []any{numbers{}, plainNumbers{}}},
		{"S5", `{"big":1e4301}`, "digits", "/big", "must have at most 4300 digits", []any{numbers{}, plainNumbers{}}},
		{"S5", `{"id":"123e4567-e89b-12d3-a456-426614174000","hash":"7e12345678"}`, "", "", "", []any{numbers{}, plainNumbers{}}},
		{"S5", `{"id":"550E8400-e29b-41d4-a716-446655440000","hash":"` + strings.Repeat("60e8", 3000) + `f"}`, "", "", "", []any{numbers{}, plainNumbers{}}},
		{"S5", `{"hash":"` + long + `"}`, "digits", "/hash", "must have at most 4300 digits", []any{numbers{}, plainNumbers{}}},
		{"S5", `{"big":` + long[1:] + `,"s":"` + long + `"}`, "", "", "", []any{numbers{}, plainNumbers{}}},

		{"S12", `{"IGN":null}`, "null", "/IGN", "must not be null", []any{numbers{}}},
		{"S12", `{"i_gn":null}`, "null", "/i_gn", "must not be null", []any{numbers{}}},
		{"S12", `{"I-G-N":1}`, "", "", "", []any{numbers{}}},
		{"U4", `{"n":null}`, "null", "/n", "must not be null", []any{numbers{}, plainNumbers{}}},
		{"U4", `{"n":"1"}`, "type", "/n", "must be a number", []any{numbers{}, plainNumbers{}}},
	}
	for _, test := range tests {
		for _, shape := range test.types {
			typ := reflect.TypeOf(shape)
			t.Run(fmt.Sprintf("%s %s %.40s", test.id, typ.Name(), test.body), func(t *testing.T) {
				d, err := jsonx.NewDecoder(typ, jsonx.Options{})
				if err != nil {
					t.Fatal(err)
				}
				got := d.Decode([]byte(test.body), reflect.New(typ).Interface())
				if got == nil {
					if test.words != "" {
						t.Fatal("taken")
					}
					return
				}
				if test.words == "" || got.Pointer != test.at || got.Detail != test.words || test.rule != "" && got.Rule != test.rule {
					t.Errorf("%+v", got)
				}
			})
		}
	}
}

func TestOutsideNullAsAbsent(t *testing.T) {
	type part struct {
		A []int  `json:"a"`
		B string `json:"b"`
	}
	type whole struct {
		Name  string            `json:"name"`
		Tags  []string          `json:"tags"`
		Bytes []byte            `json:"bytes"`
		Map   map[string][]int  `json:"map"`
		Ptr   *int              `json:"ptr"`
		Any   any               `json:"any"`
		Parts []part            `json:"parts"`
		Time  time.Time         `json:"time"`
		Hex   []byte            `json:"hex,format:hex"`
		Deep  map[string]part   `json:"deep"`
		Raw   json.RawMessage   `json:"raw"`
		Num   json.Number       `json:"num"`
		Label map[string]string `json:"label"`
	}
	d, err := jsonx.NewDecoder(reflect.TypeFor[whole](), jsonx.Options{NullAsAbsent: true})
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]whole{
		`{"name":null,"tags":null,"bytes":null,"map":null,"time":null,"hex":null,"num":null}`: {},
		`{ "name" : null , "tags" : [ "a" ] , "bytes" : null }`:                               {Tags: []string{"a"}},
		`{"tags":["a"],"name":null}`:                                                          {Tags: []string{"a"}},
		`{"name":null,"tags":["null"],"bytes":null,"ptr":null,"any":null}`:                    {Tags: []string{"null"}},
		`{"parts":[{"a":null,"b":"x"},{"b":null},{"b":"y","a":null}]}`:                        {Parts: []part{{B: "x"}, {}, {B: "y"}}},
		`{"map":{"a":null,"b":[1]},"deep":{"x":{"a":null}},"any":{"x":null},"label":{"k":null}}`: {
			Map: map[string][]int{"b": {1}}, Deep: map[string]part{"x": {}}, Any: map[string]any{"x": nil}, Label: map[string]string{}},
		`{"raw":null,"hex":"ff","name":null}`: {Raw: json.RawMessage("null"), Hex: []byte{255}},
	} {
		var got whole
		if err := d.Decode([]byte(in), &got); err != nil {
			t.Errorf("R7 %s: %v", in, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("R7 %s: %s", in, diff)
		}
	}
	for in, want := range map[string]string{
		`{"tags":[null]}`:           `json: null at "/tags/0": must not be null`,
		`null`:                      `json: null at "": must not be null`,
		`{"name":null,"name":null}`: `json: duplicate at "/name": is given twice in one object`,
		`{"nam":null}`:              `json: unknown at "/nam": is not a known member`,
		`{"name":null,"tags":7}`:    `json: type at "/tags": must be an array`,
		`{"parts":[{"b":null},{"b":null,"a":[null]}]}`: `json: null at "/parts/1/a/0": must not be null`,
	} {
		if err := d.Decode([]byte(in), new(whole)); err == nil || err.Error() != want {
			t.Errorf("R7 %s: %v", in, err)
		}
	}
}

// large is an element that a client gets for two bytes.
type large struct {
	Room [90]float64 `json:"room"`
	ID   int         `json:"id"`
}

type lists struct {
	List   []large                     `json:"list"`
	Ptrs   []*large                    `json:"ptrs"`
	Map    map[string]large            `json:"map"`
	Maps   []map[string]large          `json:"maps"`
	Nested [][]large                   `json:"nested"`
	Keyed  map[int]large               `json:"keyed"`
	Arrays [][2]large                  `json:"arrays"`
	Any    any                         `json:"any"`
	Short  []int                       `json:"short"`
	Texts  []string                    `json:"texts"`
	Deep   map[string]map[string][]int `json:"deep"`
	Words  map[string]string           `json:"words"`
	Fold   int                         `json:"fold,case:ignore"`
}

func limits(f reflect.StructField) []int {
	return map[string][]int{"Short": {10}, "Texts": {2}, "Deep": {2, 1, 3}, "Words": {1}, "List": {1000}}[f.Name]
}

func TestOutsideMaxElements(t *testing.T) {
	type plain struct {
		Short []int                       `json:"short"`
		Texts []string                    `json:"texts"`
		Deep  map[string]map[string][]int `json:"deep"`
		Words map[string]string           `json:"words"`
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[plain](), reflect.TypeFor[lists]()} {
		d, err := jsonx.NewDecoder(typ, jsonx.Options{MaxElements: limits})
		if err != nil {
			t.Fatal(err)
		}
		for in, want := range map[string]string{
			`{"short":[1,2,3,4,5,6,7,8,9,10]}`:                    "",
			`{"short":[1,2,3,4,5,6,7,8,9,10,11,"x"]}`:             `json: max at "/short": must have at most 10 items`,
			`{"short":[1,2,3,4,5,6,7,8,9,10,11,}`:                 `json: syntax at "/short/11": is not valid JSON at byte 34`,
			`{"texts":["a","b"],"words":{"a":"b"}}`:               "",
			`{"texts":["a","b","c"]}`:                             `json: max at "/texts": must have at most 2 items`,
			`{"words":{"a":"b","c":"d"}}`:                         `json: max at "/words": must have at most 1 entry`,
			`{"deep":{"a":{"b":[1,2,3]},"c":{}}}`:                 "",
			`{"deep":{"a":{"b":[1,2,3,4]}}}`:                      `json: max at "/deep/a/b": must have at most 3 items`,
			`{"deep":{"a":{"b":[1],"c":[]}}}`:                     `json: max at "/deep/a": must have at most 1 entry`,
			`{"deep":{"a":{},"b":{},"c":{}}}`:                     `json: max at "/deep": must have at most 2 entries`,
			`{"texts":["a","b","c"],"x":1,"short":[1.5],"x2":{}}`: `json: max at "/texts": must have at most 2 items`,
		} {
			err := d.Decode([]byte(in), reflect.New(typ).Interface())
			if (err == nil) != (want == "") || err != nil && err.Error() != want {
				t.Errorf("S6 %s %s: %v", typ.Name(), in, err)
			}
		}
	}
	d, err := jsonx.NewDecoder(reflect.TypeFor[[][]int](), jsonx.Options{Limits: []int{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Decode([]byte(`[[1,2,3]]`), new([][]int)); err == nil || err.Pointer != "/0" || err.Param != "2" {
		t.Errorf("S6 %+v", err)
	}
}

// hostile are bodies of about n bytes that cost more than their length, in readers that do
// not look out.
func hostile(n int) map[string]string {
	fill := func(before, each, after string) string {
		return before + strings.Repeat(each+",", n/(len(each)+1)) + each + after
	}
	named := func(format string, width int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, format, fmt.Sprintf("%0*d", width, i))
		}
		return b.String()
	}
	deep := min(n/2, 9000)
	return map[string]string{
		"large elements":        fill(`{"list":[`, `{}`, `]}`),
		"large, then a mistake": fill(`{"list":[`, `{}`, `],"x":1}`),
		"large by pointers":     fill(`{"ptrs":[`, `{}`, `]}`),
		"large in lists":        fill(`{"nested":[`, `[{},{}]`, `]}`),
		"large in maps":         fill(`{"maps":[`, `{"":{}}`, `]}`),
		"large in one map":      `{"map":{` + named(`"%s":{}`, 6) + `}}`,
		"large in keyed map":    `{"keyed":{` + named(`"1%s":{}`, 6) + `}}`,
		"large in arrays":       fill(`{"arrays":[`, `[{},{}]`, `]}`),
		"any, objects":          fill(`{"any":[`, `{"":0}`, `]}`),
		"any, empty objects":    fill(`{"any":[`, `{}`, `]}`),
		"any, empty lists":      fill(`{"any":[`, `[]`, `]}`),
		"any, numbers":          fill(`{"any":[`, `0`, `]}`),
		"any, names":            `{"any":{` + named(`"%s":0`, 6) + `}}`,
		"any, deep":             `{"any":` + strings.Repeat("[", deep) + strings.Repeat(" ", n-2*deep) + strings.Repeat("]", deep) + `}`,
		"any, long number":      `{"any":1` + strings.Repeat("0", n) + `}`,
		"any, hard floats":      fill(`{"any":[`, `1.00000000000000011102230246251565404236316680908203125`, `]}`),
		"any, tiny floats":      fill(`{"any":[`, `2.`+strings.Repeat("4", 760)+`e-324`, `]}`),
		"texts":                 fill(`{"texts":[`, `""`, `]}`),
		"escapes":               `{"texts":["` + strings.Repeat(`\u0041`, n/6) + `"]}`,
		"unknown names":         `{` + named(`"%s":0`, 6) + `}`,
		"folded names":          `{"fold":1,` + named(`"%s":0`, 6) + `}`,
		"one long name":         `{"` + strings.Repeat("~", n) + `":1}`,
		"nulls":                 fill(`{"short":[`, `null`, `]}`),
		"white space":           strings.Repeat(" ", n) + `{`,
		"words":                 `{"words":{` + named(`"%s":""`, 6) + `}}`,
		"duplicates":            fill(`{`, `"short":[]`, `}`),
		"invalid at the end":    fill(`{"short":[`, `0`, `}`),
	}
}

// TestOutsideHostile: a body of 1 MB costs at most 150 ms of CPU and 64 MiB, and twice of
// it at most 2.5 times that; or, on a slower machine, 1.5 times what encoding/json takes.
func TestOutsideHostile(t *testing.T) {
	if raceEnabled || testing.Short() {
		t.Skip("the figures are those of a normal build")
	}
	typ := reflect.TypeFor[lists]()
	type plain struct { // which the compiled decoder takes
		List   []large            `json:"list"`
		Ptrs   []*large           `json:"ptrs"`
		Map    map[string]large   `json:"map"`
		Maps   []map[string]large `json:"maps"`
		Nested [][]large          `json:"nested"`
		Any    any                `json:"any"`
		Texts  []string           `json:"texts"`
		Words  map[string]string  `json:"words"`
	}
	const mb = 1 << 20
	for _, typ := range []reflect.Type{typ, reflect.TypeFor[plain]()} {
		cost := func(d *jsonx.Decoder, body string, most time.Duration) (time.Duration, uint64) {
			in := []byte(body)
			least, bytes := time.Hour, uint64(0)
			for try := 0; try < 2 || least > most && try < 20; try++ { // others use the machine as well
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				start := cpu()
				_ = d.Decode(in, reflect.New(typ).Interface())
				least = min(least, cpu()-start)
				runtime.ReadMemStats(&after)
				bytes = after.TotalAlloc - before.TotalAlloc
			}
			return least, bytes
		}
		once, err := jsonx.NewDecoder(typ, jsonx.Options{MaxDecoded: 16 * mb})
		if err != nil {
			t.Fatal(err)
		}
		twice, err := jsonx.NewDecoder(typ, jsonx.Options{MaxDecoded: 32 * mb})
		if err != nil {
			t.Fatal(err)
		}
		larger := hostile(2 * mb)
		for name, body := range hostile(mb) {
			time1, bytes1 := cost(once, body, 150*time.Millisecond)
			time2, bytes2 := cost(twice, larger[name], max(time1, 100*time.Millisecond)*5/2)
			t.Logf("S6 %s %-22s %8v %5.1f MiB, twice %8v %5.1f MiB", typ.Name(), name, time1, float64(bytes1)/mb, time2, float64(bytes2)/mb)
			if time1 > 150*time.Millisecond && time1 > usual(body) || bytes1 > 64*mb {
				t.Errorf("S6 %s %s: %v, %d MiB", typ.Name(), name, time1, bytes1/mb)
			}
			if time2 > max(time1, 100*time.Millisecond)*5/2 && time2 > usual(larger[name]) || bytes2 > max(bytes1, mb)*5/2 {
				t.Errorf("S6 %s %s: %v, %d MiB, and of twice the bytes %v, %d MiB", typ.Name(), name, time1, bytes1/mb, time2, bytes2/mb)
			}
		}
	}
}

// usual is what encoding/json takes at the moment for a body, and half as much again: other
// programs share the machine, and others are slower than the one that limits were set on.
func usual(body string) time.Duration {
	least := time.Hour
	for range 3 {
		start := cpu()
		var v any
		_ = json.Unmarshal([]byte(body), &v)
		least = min(least, cpu()-start)
	}
	return least * 3 / 2
}

// cpu is the time that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
