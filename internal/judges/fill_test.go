package judges

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"net"
	"net/netip"
	"reflect"
	"time"
)

// fill sets *ptr to a random value: zero and extreme ones more often than chance has it.
func fill(rng *rand.Rand, ptr any) { set(rng, reflect.ValueOf(ptr).Elem(), 4) }

func set(rng *rand.Rand, v reflect.Value, depth int) {
	if !v.CanSet() || rng.IntN(8) == 0 && !isRaw(v.Type()) {
		return // zero
	}
	if special(rng, v) {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(rng.IntN(2) == 0)
	case reflect.String:
		v.SetString(nearText(rng, pick(rng, []string{"", "a", "héllo", "\xff", "日本語"})))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(rng.Uint64()) >> rng.IntN(64))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(rng.Uint64() >> rng.IntN(64))
	case reflect.Float32:
		v.SetFloat(pick(rng, []float64{1.5, -0.1, math.MaxFloat32, math.SmallestNonzeroFloat32, rng.NormFloat64()}))
	case reflect.Float64:
		v.SetFloat(pick(rng, []float64{1.5, -0.1, math.MaxFloat64, math.SmallestNonzeroFloat64, rng.NormFloat64()}))
	case reflect.Pointer:
		if depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			set(rng, v.Elem(), depth-1)
		}
	case reflect.Slice:
		if depth > 0 {
			n := rng.IntN(4)
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				set(rng, v.Index(i), depth-1)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			set(rng, v.Index(i), depth)
		}
	case reflect.Map:
		if depth > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range rng.IntN(3) {
				key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				set(rng, key, depth-1)
				set(rng, elem, depth-1)
				if key.Kind() == reflect.String {
					key.SetString(pick(rng, []string{"a", "b", "ü"})) // invalid UTF-8 would collide
				}
				v.SetMapIndex(key, elem)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			set(rng, v.Field(i), depth)
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf(pick(rng, []any{1, "a", []int{1}, map[string]any{"a": nil}, true, 1.5})))
	}
}

func isRaw(t reflect.Type) bool {
	return t == reflect.TypeFor[json.RawMessage]() || t == reflect.TypeFor[json.Number]()
}

// special sets types whose values are not just any bits.
func special(rng *rand.Rand, v reflect.Value) bool {
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		zone := time.FixedZone("", (rng.IntN(47)-23)*1800)
		*p = time.Unix(rng.Int64N(4e9)-2e9, rng.Int64N(2)*rng.Int64N(1e9)).In(zone)
	case *json.RawMessage:
		*p = json.RawMessage(pick(rng, []string{"null", `{"a":[1]}`, `"x"`, "1.5"}))
	case *json.Number:
		*p = json.Number(pick(rng, []string{"0", "1.5", "-3", "12345678901234567890"}))
	case *big.Int:
		p.SetString(pick(rng, []string{"0", "-5", "123456789012345678901234567890"}), 10)
	case *netip.Addr:
		*p = netip.MustParseAddr(pick(rng, []string{"1.2.3.4", "::1", "fe80::1%eth0"}))
	case *net.IP:
		*p = net.ParseIP(pick(rng, []string{"1.2.3.4", "::1"}))
	case *colour:
		*p = colour(rng.IntN(10))
	default:
		return false
	}
	return true
}
