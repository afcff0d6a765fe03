package judges

import (
	"encoding/json"
	"math/big"
	"net"
	"net/netip"
	"time"
)

// typeRows has the types that documents tend to get wrong.
func typeRows() []*row {
	return []*row{
		exact[struct {
			V time.Time `json:"v"`
		}](`"2024-02-29T12:00:00Z"`, `"2023-02-29T12:00:00Z"`, `"2024-01-01T00:00:00.123+02:00"`, `"2024-01-01T24:00:60,5z"`),
		loose[struct {
			V time.Duration `json:"v"`
		}](`"1h30m0s"`, `"-1.5ms"`, `"0"`),
		exact[struct {
			V []byte `json:"v"`
		}](`"YQ=="`, `""`, `"YWJj"`),
		exact[struct {
			V [3]byte `json:"v"`
		}](`"YWJj"`, `"YWI="`),
		loose[struct {
			V []byte `json:"v" validate:"min=2,max=3"`
		}](`"YQ=="`, `"YWI="`, `"YWJj"`, `"YWJjZA=="`),
		exact[struct {
			V json.RawMessage `json:"v"`
		}](`1`, `[]`).never(),
		exact[struct {
			V json.Number `json:"v"`
		}](`1.5`, `"1.5"`),
		loose[struct {
			V big.Int `json:"v"`
		}](`123456789012345678901234567890`),
		loose[struct {
			V netip.Addr `json:"v"`
		}](`"1.2.3.4"`, `"fe80::1%eth0"`, `""`),
		loose[struct {
			V net.IP `json:"v"`
		}](`"1.2.3.4"`, `""`),
		exact[struct {
			V int64 `json:"v,string"`
		}](`"12"`, `"-1"`, `"0"`).loosely(),
		exact[struct {
			V *item `json:"v"`
		}](`{"n":"ab"}`, `{}`),
		exact[struct {
			V any `json:"v"`
		}](`1`, `[]`).never(),
		exact[struct {
			V map[string]*item `json:"v" validate:"dive"`
		}](`{"a":{"n":"ab"}}`, `{"a":null}`),
		loose[struct {
			V map[int8]string `json:"v"`
		}](`{"1":"a","-128":"b"}`),
		exact[struct {
			V map[colour]string `json:"v"`
		}](`{"1":"a"}`).loosely(),
		exact[struct {
			V [][2]float32 `json:"v"`
		}](`[[1,2]]`, `[[1.5,3e38]]`),
		exact[tree](`{"v":"ab","kids":[{"v":"cd","kids":[]}]}`),
		exact[struct {
			embedded
			*Pointed
			V string `json:"v" validate:"alpha"`
		}](`"a"`).with("e", `"ab"`).with("p", `1`),
		exact[struct {
			V page[item] `json:"v"`
		}](`{"items":[{"n":"ab"}],"next":{"items":[],"next":null}}`, `{}`),
		exact[struct {
			V address `json:"v" validate:"omitempty"`
		}](`{"city":"a"}`, `{"city":""}`, `{}`),
		exact[struct {
			V *address `json:"v" validate:"omitempty"`
		}](`{"city":"a"}`, `{"city":""}`, `{}`),
		exact[struct {
			V address `json:"v"`
		}](`{"city":"a"}`, `{"city":""}`, `{}`),
		exact[struct {
			V address `json:"v" validate:"-"`
		}](`{"city":"a"}`, `{"city":""}`, `{}`),
		loose[struct {
			K string `json:"k"`
			V string `json:"v" validate:"eqfield=K"`
		}](`"a"`, `"b"`).with("k", `"a"`, `"b"`),
		exact[[]item](`[{"n":"ab"}]`, `[{}]`),
		exact[map[string]item](`{"a":{"n":"ab"}}`, `{"a":{}}`),
		exact[int8](`1`, `127`),
		loose[large](largeSample),
	}
}

// never says that nothing is refused, so that the row must not wait for it.
func (r *row) never() *row { r.exact = false; return r }

// loosely marks a row whose kind has values that no schema can tell: the text of a
// number in a range.
func (r *row) loosely() *row { r.exact = false; return r }

type colour uint8

func (c colour) MarshalText() ([]byte, error)  { return []byte{'0' + byte(c)}, nil }
func (c *colour) UnmarshalText(b []byte) error { *c = colour(len(b)); return nil }

type embedded struct {
	E string `json:"e" validate:"required"`
}

type Pointed struct {
	P int `json:"p"`
}

type page[T any] struct {
	Items []T      `json:"items" validate:"dive"`
	Next  *page[T] `json:"next"`
}

type tree struct {
	V    string  `json:"v" validate:"len=2"`
	Kids []*tree `json:"kids" validate:"dive"`
}

type address struct {
	City string `json:"city" validate:"required,max=5"`
}

// large has a bit of everything.
type large struct {
	embedded
	ID       int64             `json:"id,string"`
	Name     string            `json:"name" validate:"required,min=2,max=20"`
	Email    string            `json:"email" validate:"omitempty,email"`
	Age      uint8             `json:"age" validate:"lte=150"`
	Score    float32           `json:"score" validate:"omitempty,gte=0,lt=1"`
	Role     string            `json:"role" validate:"oneof=admin user"`
	Tags     []string          `json:"tags" validate:"max=5,unique,dive,required,max=10"`
	Labels   map[string]string `json:"labels" validate:"max=3,dive,keys,alphanum,endkeys,max=5"`
	Home     address           `json:"home"`
	Work     *address          `json:"work" validate:"omitempty"`
	Kids     []*tree           `json:"kids" validate:"dive"`
	Born     *time.Time        `json:"born"`
	Timeout  time.Duration     `json:"timeout"`
	Avatar   []byte            `json:"avatar" validate:"max=100"`
	Raw      json.RawMessage   `json:"raw"`
	Any      any               `json:"any"`
	IP       netip.Addr        `json:"ip"`
	Password string            `json:"password"`
	Repeat   string            `json:"repeat" validate:"eqfield=Password"`
	Card     string            `json:"card" validate:"required_if=Role admin,omitempty,numeric"`
	Matrix   [2][2]int16       `json:"matrix"`
	Ratio    *float64          `json:"ratio,omitempty" validate:"omitempty,gt=0"`
	Site     string            `json:"site,omitzero" validate:"omitempty,http_url"`
}

const largeSample = `{"e":"x","id":"7","name":"Ada","email":"a@b.de","age":30,"score":0.5,"role":"user","tags":["a","b"],"labels":{"a":"b"},
"home":{"city":"x"},"work":{"city":"y"},"kids":[{"v":"ab","kids":[]}],"born":"2024-01-01T00:00:00Z","timeout":"1s","avatar":"YQ==","raw":{"a":[1]},"any":null,
"ip":"::1","password":"p","repeat":"p","card":"12","matrix":[[1,2],[3,4]],"ratio":0.5,"site":"http://a"}`
