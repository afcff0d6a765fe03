package jsonx_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// random sets v to any value of its type; depth bounds the recursion.
func random(r *rand.Rand, v reflect.Value, depth int) {
	if !v.CanSet() {
		if v.Kind() == reflect.Struct {
			randomFields(r, v, depth)
		}
		return
	}
	if v.Type() == reflect.TypeFor[jsontext.Value]() { // may be the same as json.RawMessage
		v.SetBytes([]byte(randomJSON(r)))
		return
	}
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		*p = randomTime(r)
		return
	case *json.RawMessage:
		*p = json.RawMessage(randomJSON(r))
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
