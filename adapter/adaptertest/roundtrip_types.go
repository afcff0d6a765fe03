package adaptertest

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/apiroutes/apiroutes/respond"
	"github.com/apiroutes/apiroutes/typed"
)

// shade reads and writes text of its own.
type shade [2]byte

func (s shade) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(s[:])), nil }

func (s *shade) UnmarshalText(text []byte) error {
	if len(text) != 2*len(s) {
		return fmt.Errorf("a shade has %d digits", 2*len(s))
	}
	_, err := hex.Decode(s[:], text)
	return err
}

// point reads and writes JSON of its own.
type point struct{ x, y int }

func (p point) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "[%d,%d]", p.x, p.y), nil }

func (p *point) UnmarshalJSON(b []byte) error {
	var xy [2]int
	err := json.Unmarshal(b, &xy)
	p.x, p.y = xy[0], xy[1]
	return err
}

// tree and leaf refer to each other, and tree to itself.
type tree struct {
	Name     string          `json:"name"`
	Children []tree          `json:"children"`
	Left     *tree           `json:"left"`
	Leaves   map[string]leaf `json:"leaves"`
}

type leaf struct {
	Color  shade `json:"color"`
	Hanger *tree `json:"hanger"`
}

type page[T any] struct {
	Items []T `json:"items"`
	Next  *T  `json:"next"`
}

type level string

type base struct {
	ID   int64  `json:"id"`
	Kind level  `json:"kind" validate:"omitempty,oneof=low high"`
	Note string `json:"note,omitempty"`
}

// Extra is embedded by record: JSON decodes only into exported ones.
type Extra struct {
	Weight float64 `json:"weight"`
}

// record has what a struct can do with its members.
type record struct {
	base
	*Extra
	Big    uint64                  `json:"big,string"`
	Maybe  typed.Optional[string]  `json:"maybe,omitzero"`
	Null   typed.Nullable[leaf]    `json:"null,omitzero"`
	Times  map[int8]time.Time      `json:"times"`
	Shades map[shade]bool          `json:"shades"`
	Inner  struct{ A, B []uint16 } `json:"inner"`
	Any    any                     `json:"any"`
	Day    time.Time               `json:"day,format:DateOnly"`
	Wait   time.Duration           `json:"wait,omitzero"`
	Pairs  [2]page[int32]          `json:"pairs"`
	Hidden string                  `json:"-"`
	Deep   ***string               `json:"deep"`
}

func someText(r *rand.Rand, least int) string {
	pieces := []rune("aZé中😀 %+&=?#/;,.~-_\\\"'<>[]{}|^`\x00\t\n\u2028\uFFFD")
	var b strings.Builder
	for range least + r.IntN(6) {
		b.WriteRune(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// pathText is a text that a path segment can be.
func pathText(r *rand.Rand) string {
	for {
		if s := someText(r, 1); s != "." && s != ".." {
			return s
		}
	}
}

// wireText draws texts most of which a header field and a cookie can hold.
func wireText(r *rand.Rand) string {
	const pieces = "aZ09-_.!~*'()/:=+%@"
	b := make([]byte, 1+r.IntN(6))
	for i := range b {
		b[i] = pieces[r.IntN(len(pieces))]
	}
	if r.IntN(20) == 0 {
		return pick(r, "", " a", "b,c", "ü", "\x01", `q"`, "a b", `"x,y"`)
	}
	return string(b)
}

func someBool(r *rand.Rand) bool { return r.IntN(2) == 0 }

func someTime(r *rand.Rand) time.Time {
	zone := time.FixedZone("", 60*(r.IntN(1_440)-720))
	return time.Unix(r.Int64N(1<<35)-1<<34, r.Int64N(1e9)).In(zone)
}

func someFloat(r *rand.Rand) float64 {
	for {
		if f := math.Float64frombits(r.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	}
}

func someTree(r *rand.Rand) tree { return grow(r, 3) }

func grow(r *rand.Rand, depth int) tree {
	t := tree{Name: someText(r, 0)}
	if depth == 0 {
		return t
	}
	for range r.IntN(3) {
		t.Children = append(t.Children, grow(r, depth-1))
	}
	if someBool(r) {
		t.Left = new(grow(r, depth-1))
		t.Leaves = map[string]leaf{someText(r, 0): {Color: someShade(r)}, "x": {Hanger: t.Left}}
	}
	return t
}

func someShade(r *rand.Rand) shade { return shade{byte(r.Uint32()), byte(r.Uint32())} }

func someAny(r *rand.Rand) any {
	return pick[any](r, false, true, someText(r, 0), 1.5, float64(r.Int32()), []any{"a", nil, false}, map[string]any{"k": []any{}, "é": map[string]any{}})
}

func someRecord(r *rand.Rand) record {
	out := record{
		base: base{ID: r.Int64() - r.Int64(), Kind: pick(r, level(""), "low", "high"), Note: someText(r, 0)},
		Big:  r.Uint64(), Times: map[int8]time.Time{}, Shades: map[shade]bool{someShade(r): true}, Any: someAny(r),
		Day: time.Date(1+r.IntN(9998), 1, 1+r.IntN(300), 0, 0, 0, 0, time.UTC), Wait: time.Duration(r.Int64() - r.Int64()),
		Pairs: [2]page[int32]{{Items: several(r, (*rand.Rand).Int32)}, {Next: maybe(r, (*rand.Rand).Int32)}},
	}
	if someBool(r) {
		out.Extra = &Extra{someFloat(r)}
		out.Maybe = typed.Some(someText(r, 0))
	}
	out.Null = pick(r, typed.Nullable[leaf]{}, typed.Null[leaf](), typed.NullableOf(leaf{Color: someShade(r)}))
	for range r.IntN(3) {
		out.Times[int8(r.Uint32())] = someTime(r)
	}
	out.Inner.A = several(r, func(r *rand.Rand) uint16 { return uint16(r.Uint32()) })
	if someBool(r) {
		p := new(someText(r, 0))
		out.Deep = new(&p)
	}
	return out
}

func someBig(r *rand.Rand) big.Int {
	var n big.Int
	n.SetUint64(r.Uint64())
	n.Lsh(&n, uint(r.IntN(200)))
	if someBool(r) {
		n.Neg(&n)
	}
	return n
}

func someAddr(r *rand.Rand) netip.Addr {
	return pick(r, netip.AddrFrom4([4]byte{byte(r.Uint32()), 1, 2, 3}), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("fe80::1%eth0"))
}

// roundTrips are all trips.
func roundTrips() []trip {
	text := func(r *rand.Rand) string { return someText(r, 0) }
	return slices.Concat(
		values("string", text), values("bool", someBool), values("time", someTime),
		values("duration", func(r *rand.Rand) time.Duration { return time.Duration(r.Int64() - r.Int64()) }),
		values("bytes", func(r *rand.Rand) []byte { return []byte(text(r)) }),
		values("array", func(r *rand.Rand) [16]byte { return [16]byte{0: byte(r.Uint32()), 15: byte(r.Uint32())} }),
		values("raw JSON", func(r *rand.Rand) json.RawMessage {
			b, _ := json.Marshal(someAny(r))
			return b
		}),
		values("json.Number", func(r *rand.Rand) json.Number {
			return pick(r, json.Number("0"), "-1.50", "1e300", "12345678901234567890")
		}),
		values("big.Int", someBig), values("netip.Addr", someAddr),
		values("net.IP", func(r *rand.Rand) net.IP { return net.IP(someAddr(r).AsSlice()) }),
		values("own text", someShade), values("own JSON", func(r *rand.Rand) point { return point{int(r.Int32()), -1} }),
		values("int8", func(r *rand.Rand) int8 { return int8(r.Uint32()) }), values("int64", func(r *rand.Rand) int64 { return r.Int64() - r.Int64() }),
		values("uint64", (*rand.Rand).Uint64), values("float64", someFloat), values("float32", func(r *rand.Rand) float32 { return (*rand.Rand).Float32(r) * 1e30 }),
		values("any", someAny), values("tree", someTree), values("record", someRecord),
		values("page", func(r *rand.Rand) page[*record] {
			return page[*record]{Items: several(r, func(r *rand.Rand) *record { return maybe(r, someRecord) })}
		}),
		values("map", func(r *rand.Rand) map[level][]string { return map[level][]string{level(text(r)): several(r, text)} }),
		values("pointers", func(r *rand.Rand) []*int {
			return several(r, func(r *rand.Rand) *int { return maybe(r, (*rand.Rand).Int) })
		}),
		texts("string", pathText, wireText),
		texts("named", func(r *rand.Rand) level { return level(pathText(r)) }, func(r *rand.Rand) level { return level(wireText(r)) }),
		texts("bool", someBool, nil), texts("int8", func(r *rand.Rand) int8 { return int8(r.Uint32()) }, nil),
		texts("uint64", (*rand.Rand).Uint64, nil), texts("float64", someFloat, nil), texts("float32", (*rand.Rand).Float32, nil),
		texts("time", someTime, nil), texts("duration", func(r *rand.Rand) time.Duration { return time.Duration(r.Int64() - r.Int64()) }, nil),
		texts("netip.Addr", someAddr, nil), texts("own text", someShade, nil),
		[]trip{
			newTrip("defaults", "GET", "", someDefaults, text, false),
			newTrip("whole request", "POST", "", someTree, func(r *rand.Rand) respond.HTML { return respond.HTML(text(r)) }, true),
			newTrip("bytes", "PUT", "", func(r *rand.Rand) whole[[]byte] { return whole[[]byte]{[]byte(text(r))} }, func(r *rand.Rand) []byte { return []byte(text(r)) }, true),
			newTrip("text as JSON", "POST", "", func(r *rand.Rand) optional { return optional{maybe(r, someTree)} }, text, false),
			newTrip("none", "DELETE", "", func(*rand.Rand) typed.None { return typed.None{} }, func(*rand.Rand) typed.None { return typed.None{} }, false),
			streamTrip(), outcomeTrip(), contentTrip(), uploadTrip(),
		},
		itemTrips("record", someRecord), itemTrips("string", func(r *rand.Rand) string { return strings.ReplaceAll(someText(r, 0), "\r", "") }),
		[]trip{eventsTrip("events/kinds", func(r *rand.Rand) change {
			if someBool(r) {
				return change{Added: new(someTree(r))}
			}
			return change{Removed: new(text(r))}
		})},
	)
}
