package jsonx_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// The types that encoders get wrong.
type (
	page[T any] struct {
		Items []T `json:"items"`
		Next  *T  `json:"next,omitempty"`
	}
	scalars struct {
		S    string
		B    bool
		I    int
		I8   int8
		I16  int16
		I32  int32
		I64  int64
		U    uint
		U8   uint8
		U16  uint16
		U32  uint32
		U64  uint64
		UP   uintptr
		F32  float32
		F64  float64
		Name text
		Num  number
	}
	text   string
	number float32
	nanos  time.Duration
	octet  byte
	quoted struct {
		I  int      `json:",string"`
		U  uint8    `json:"u,string"`
		F  float32  `json:"f,string"`
		G  *float64 `json:"g,string,omitempty"`
		PP **int    `json:",string"`
	}
	embedding struct {
		Before int
		Inner
		*Outer
		Text string `json:"inner_text"`
	}
	Inner struct {
		ID   int
		Text string
		Same int
	}
	Outer struct {
		Same int
		Only *int `json:",omitempty"`
	}
	unexported struct {
		inner
		Named inner
	}
	inner   struct{ X, Y int }
	omitted struct {
		S   string                     `json:",omitempty"`
		N   int                        `json:",omitempty"`
		Z   int                        `json:",omitzero"`
		B   bool                       `json:",omitempty"`
		P   *string                    `json:",omitempty"`
		L   []int                      `json:",omitempty"`
		LZ  []int                      `json:",omitzero"`
		M   map[string]int             `json:",omitempty"`
		A   [0]int                     `json:",omitempty"`
		A2  [2]int                     `json:",omitzero"`
		E   struct{}                   `json:",omitempty"`
		In  inner                      `json:",omitzero"`
		T   time.Time                  `json:",omitempty"`
		TZ  time.Time                  `json:",omitzero"`
		TP  *time.Time                 `json:",omitzero"`
		D   time.Duration              `json:",omitempty"`
		DZ  time.Duration              `json:",omitzero"`
		I   any                        `json:",omitempty"`
		Y   []byte                     `json:",omitempty"`
		PL  *[]int                     `json:",omitempty"`
		J   jsonOnly                   `json:",omitempty"`
		X   textOnly                   `json:",omitempty"`
		O   *omitted                   `json:",omitempty"`
		Own ownZero                    `json:",omitzero"`
		PO  *ownZero                   `json:",omitzero"`
		IZ  interface{ IsZero() bool } `json:",omitzero"`
	}
	ownZero  struct{ V int }
	jsonOnly struct{ v int }
	jsonPtr  struct{ V int }
	textOnly struct{ s string }
	textPtr  string
	appender struct{ s string }
	streamer struct{ v int }
	node     struct {
		Value int
		Left  *node `json:",omitempty"`
		Right *node
		Kids  []node `json:"kids,omitempty"`
	}
	ping struct {
		Pong *pong
		M    map[string]ping
	}
	pong    struct{ Pings []ping }
	formats struct {
		T time.Time     `json:"t,format:unix"`
		D time.Duration `json:"d,format:iso8601"`
		E time.Duration
		B []byte  `json:"b,format:hex"`
		N []int   `json:"n,format:emitnull"`
		F float64 `json:"f,format:nonfinite"`
		L []time.Duration
	}
	awkward struct {
		HTML  int `json:"<&>"`
		Quote int `json:"é /~"`
		Line  int `json:"\u2028"`
		Dash  int `json:"-"`
		Case  int `json:"Case"`
		Lower int `json:"case"`
	}
	withRest struct {
		A    int
		Rest map[string]any `json:",embed"`
	}
	maps struct {
		S map[string]string
		N map[string]scalars
		T map[text]int
		I map[int8]bool
		U map[uint64]*int
		F map[float32]int
		D map[time.Duration]int
		A map[netip.Addr]int
		X map[textPtr]int
		M map[string]map[string]any
		Y map[any]int
	}
	wide struct {
		Any   any
		Raw   json.RawMessage
		Value jsontext.Value
		Num   json.Number
		Big   big.Int
		BigP  *big.Int
		URL   url.URL
		Addr  netip.Addr
		IP    net.IP
		Time  time.Time
		Wait  time.Duration
		Nanos nanos
		Bytes []byte
		UUID  [16]byte
		Octet []octet
		J     jsonOnly
		JP    jsonPtr
		JPP   *jsonPtr
		X     textOnly
		XP    textPtr
		XA    appender
		St    streamer
		Anon  struct{ A, B *bool }
		Err   error
	}
)

func (o ownZero) IsZero() bool { return o.V == 7 }
func (j jsonOnly) MarshalJSON() ([]byte, error) {
	switch j.v % 5 {
	case 0:
		return []byte(` "" `), nil
	case 1:
		return []byte("{ \"a\" : [ 1 ,\"\xff\\u003c\" ] }"), nil
	case 2:
		return []byte(`{`), nil
	case 3:
		return nil, errors.New("no")
	}
	return []byte(`null`), nil
}
func (j *jsonPtr) MarshalJSON() ([]byte, error) { return []byte(`"p"`), nil }
func (x textOnly) MarshalText() ([]byte, error) { return []byte(x.s), nil }
func (x *textPtr) MarshalText() ([]byte, error) {
	if len(*x) == 3 {
		return nil, errors.New("three")
	}
	return []byte(*x + "!"), nil
}
func (a appender) AppendText(b []byte) ([]byte, error) { return append(b, a.s...), nil }
func (s streamer) MarshalJSONTo(e *jsontext.Encoder) error {
	return e.WriteToken(jsontext.Int(int64(s.v)))
}

// shapes are zero values of all types that the property tests go through.
var shapes = []any{
	scalars{}, quoted{}, embedding{}, unexported{}, omitted{}, node{}, ping{}, pong{}, formats{}, awkward{}, withRest{}, maps{}, wide{},
	page[scalars]{}, page[*scalars]{}, page[page[string]]{},
	[]string(nil), [][]int(nil), [3]string{}, []*scalars(nil), map[string]any(nil), map[string][]inner(nil), []any(nil),
	"", 0, uint8(0), 0.5, float32(0), true, (*int)(nil), (**string)(nil), []byte(nil), [16]byte{}, [4]octet{},
	time.Time{}, time.Duration(0), nanos(0), json.RawMessage(nil), json.Number(""), jsontext.Value(nil),
	big.Int{}, url.URL{}, netip.Addr{}, net.IP(nil), jsonOnly{}, jsonPtr{}, textOnly{}, textPtr(""), appender{}, streamer{},
	[]textPtr(nil), []jsonOnly(nil), map[string]jsonOnly(nil), []time.Time(nil), map[string]time.Duration(nil), struct{ E error }{},
	struct{}{}, struct{ A any }{}, loop{}, Deep{}, row{},
}

// random sets v to any value of its type; depth bounds the recursion.
func random(r *rand.Rand, v reflect.Value, depth int) {
	if !v.CanSet() {
		if v.Kind() == reflect.Struct {
			randomFields(r, v, depth)
		}
		return
	}
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		*p = randomTime(r)
		return
	case *json.RawMessage:
		*p = json.RawMessage(randomJSON(r))
		return
	case *jsontext.Value:
		*p = jsontext.Value(randomJSON(r))
		return
	case *json.Number:
		*p = json.Number([]string{"", "1", "-0", "1e400", "x", "007"}[r.IntN(6)])
		return
	case *big.Int:
		p.Lsh(big.NewInt(r.Int64()-math.MaxInt64/2), uint(r.IntN(99)))
		return
	case *netip.Addr:
		*p = [...]netip.Addr{{}, netip.IPv6Unspecified(), netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("fe80::1%eth0<>")}[r.IntN(4)]
		return
	case *url.URL:
		*p = url.URL{Scheme: "http", Host: randomString(r), Path: randomString(r)}
		return
	case *jsonOnly:
		p.v = r.IntN(5) / 2 * 2 // mostly good
		if r.IntN(50) == 0 {
			p.v = r.IntN(5)
		}
		return
	case *textOnly:
		p.s = randomString(r)
		return
	case *appender:
		p.s = randomString(r)
		return
	case *streamer:
		p.v = r.IntN(9)
		return
	case *interface{ IsZero() bool }:
		*p = [...]interface{ IsZero() bool }{nil, (*ownZero)(nil), &ownZero{7}, ownZero{1}, time.Time{}}[r.IntN(5)]
		return
	case *error:
		if r.IntN(9) == 0 {
			*p = errors.New("x")
		}
		return
	}
	randomKind(r, v, depth)
}

func randomKind(r *rand.Rand, v reflect.Value, depth int) {
	few := func() int {
		if depth <= 0 {
			return 0
		}
		return r.IntN(4)
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.String:
		v.SetString(randomString(r))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.Uint64()) >> r.IntN(64))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(r.Uint64() >> r.IntN(64))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(randomFloat(r))
	case reflect.Pointer:
		if r.IntN(3) > 0 && depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			random(r, v.Elem(), depth-1)
		}
	case reflect.Slice:
		if n := few(); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range n - 1 {
				random(r, v.Index(i), depth-1)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			random(r, v.Index(i), depth-1)
		}
	case reflect.Map:
		if n := few(); n > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range n - 1 {
				key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				random(r, key, 1)
				random(r, value, depth-1)
				if key.Comparable() {
					v.SetMapIndex(key, value)
				}
			}
		}
	case reflect.Struct:
		randomFields(r, v, depth)
	case reflect.Interface:
		if depth > 0 && v.NumMethod() == 0 {
			if x := randomAny(r, depth-1); x != nil {
				v.Set(reflect.ValueOf(x))
			}
		}
	}
}

func randomFields(r *rand.Rand, v reflect.Value, depth int) {
	for i := range v.NumField() {
		random(r, v.Field(i), depth)
	}
}

func randomAny(r *rand.Rand, depth int) any {
	if depth < 0 {
		return nil
	}
	types := []reflect.Type{
		reflect.TypeFor[string](), reflect.TypeFor[float64](), reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int64](),
		reflect.TypeFor[map[string]any](), reflect.TypeFor[[]any](), reflect.TypeFor[scalars](), reflect.TypeFor[*inner](),
		reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](), reflect.TypeFor[formats](), reflect.TypeFor[textPtr](), reflect.TypeFor[*any](),
	}
	i := r.IntN(len(types) + 1)
	if i == len(types) {
		return nil
	}
	v := reflect.New(types[i]).Elem()
	random(r, v, depth)
	return v.Interface()
}

func randomString(r *rand.Rand) string {
	pieces := []string{
		"", "a", "plain text", "\"", "\\", "\n\t\r\b\f", "\x00\x1f\x7f", "<&>", "é", "日本語", "\u2028\u2029", "\xff", "\xed\xa0\x80",
		"\ufffd", "\U0001f600", "\xf0\x9f", "0123456789", " ", "/", "null",
	}
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func randomFloat(r *rand.Rand) float64 {
	switch r.IntN(24) {
	case 0:
		return math.Copysign(0, -1)
	case 1:
		if r.IntN(20) == 0 {
			return []float64{math.NaN(), math.Inf(1), math.Inf(-1)}[r.IntN(3)]
		}
	case 2:
		return float64(r.Int64())
	case 3:
		return float64(int64(1)<<24 + r.Int64N(9) - 4)
	case 4:
		return float64(int64(1)<<53 + r.Int64N(9) - 4)
	case 5:
		return math.Pow10(r.IntN(50) - 25)
	case 6:
		return float64(math.Float32frombits(uint32(r.Uint64()) & 0x7f7fffff))
	case 7:
		return math.Float64frombits(r.Uint64() & 0x7fefffffffffffff)
	case 8:
		return float64(r.IntN(2000)-1000) / 100
	case 9:
		return 33554434 * float64(r.IntN(100))
	}
	return float64(r.IntN(2000) - 1000)
}

func randomTime(r *rand.Rand) time.Time {
	if r.IntN(40) == 0 {
		return time.Date(10000+r.IntN(9), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	zone := time.FixedZone("z", r.IntN(100000)-50000)
	if r.IntN(2) == 0 {
		zone = time.UTC
	}
	if r.IntN(60) == 0 {
		zone = time.FixedZone("far", 24*3600)
	}
	return time.Unix(r.Int64N(1<<36)-1<<35, r.Int64N(1e9)).In(zone)
}

func randomJSON(r *rand.Rand) string {
	return []string{"", "null", "1", " {\"a\" : [1, 2.0]} ", `"\u003c\/"`, "\"\xff\"", `{"a":1,"a":2}`, "{", "-0", "1E2"}[r.IntN(10)]
}
