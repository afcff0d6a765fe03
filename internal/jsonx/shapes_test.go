package jsonx_test

import (
	"encoding/json"
	"errors"
	"math/big"
	"net"
	"net/netip"
	"net/url"
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
		I int      `json:",string"`
		U uint8    `json:"u,string"`
		F float32  `json:"f,string"`
		G *float64 `json:"g,string,omitempty"`
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
	map[json.Number]int(nil), []json.Number(nil), struct {
		A json.Number  `json:",omitempty"`
		B *json.Number `json:",omitzero"`
	}{},
	[]textPtr(nil), []jsonOnly(nil), map[string]jsonOnly(nil), []time.Time(nil), map[string]time.Duration(nil), struct{ E error }{},
	withTag[**int](`json:",string,omitempty"`), withTag[*textOnly](`json:",string"`), withTag[**textPtr](`json:",string"`), withTag[*jsonOnly](`json:",string"`), struct{}{}, struct{ A any }{}, loop{}, Deep{}, row{},
}
