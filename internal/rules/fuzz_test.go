package rules_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/go-playground/validator/v10"
)

// FuzzVouches looks for a value that the fast path calls certainly valid and
// validator does not, over every rule and kind that the fast path covers.
func FuzzVouches(f *testing.F) {
	v := quiet()
	engine := validator.New(validator.WithRequiredStructEnabled())
	type target struct {
		typ     reflect.Type
		checker *rules.Checker
	}
	var targets []target
	for _, c := range ruleCases() {
		for _, typ := range []reflect.Type{c.typ, reflect.PointerTo(c.typ)} {
			typ = oneField(typ, c.tag)
			checker, faults := v.Compile(typ)
			if len(faults) > 0 {
				f.Fatal(faults)
			}
			targets = append(targets, target{typ, checker})
		}
	}
	for i, text := range []string{"ada@example.com", "https://example.com/?q=%20#x", "::ffff:1.2.3.4", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "ſK", "2024-02-29"} {
		f.Add(uint16(i*31), text, "a b", int64(i), 0.1)
	}
	f.Fuzz(func(t *testing.T, n uint16, first, second string, number int64, float float64) {
		// A text is tried against every rule for texts at once, which finds more in the
		// same time than one rule for each input would.
		for i, target := range targets {
			kind := target.typ.Field(0).Type
			if kind != reflect.TypeFor[string]() && i%len(targets) != int(n)%len(targets) {
				continue
			}
			ptr := reflect.New(target.typ)
			s := source{texts: [2]string{first, second}, number: number, float: float}
			s.fill(ptr.Elem().Field(0))
			new(tally).judge(t, engine, target.checker, ptr.Interface())
		}
	})
}

// source fills values out of what the fuzzer gives.
type source struct {
	texts  [2]string
	number int64
	float  float64
	turn   int
}

func (s *source) fill(v reflect.Value) {
	s.turn++
	switch v.Kind() {
	case reflect.Pointer:
		if s.number%7 != 0 {
			v.Set(reflect.New(v.Type().Elem()))
			s.fill(v.Elem())
		}
	case reflect.String:
		v.SetString(s.texts[(s.turn+1)%2])
	case reflect.Bool:
		v.SetBool(s.number%2 == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(s.number + int64(s.turn))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(s.number) + uint64(s.turn))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(s.float)
	case reflect.Slice:
		n := int(uint64(s.number) % 40)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			s.fill(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range uint64(s.number) % 4 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			s.fill(key)
			s.fill(value)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(s.number, 0)))
		}
	}
}

// FuzzPlace looks for a panic where a client chooses the keys of a map, and for a
// place that does not lead to the field at fault.
func FuzzPlace(f *testing.F) {
	v := quiet()
	type inner struct {
		City string `json:"city" validate:"required"`
	}
	type outer struct {
		M map[string]map[string][]inner `json:"m" validate:"dive,dive,dive"`
	}
	checker, faults := v.Compile(reflect.TypeFor[outer]())
	if len(faults) > 0 {
		f.Fatal(faults)
	}
	f.Add("a", "b")
	f.Add("a].City", "x[0]")
	f.Add("]", "][")
	f.Add("a/b~c", "")
	f.Fuzz(func(t *testing.T, a, b string) {
		if a == b {
			return
		}
		value := outer{M: map[string]map[string][]inner{a: {b: {{City: "x"}, {}}}, b: {a: {{City: "y"}}}}}
		failures := failed(t, checker.Check(t.Context(), &value))
		want := "/m/" + escape(a) + "/" + escape(b) + "/1/city"
		if got := failures.List[0].Pointer; len(a) <= maxKey && len(b) <= maxKey && got != want {
			t.Errorf("place %q, want %q", got, want)
		}
	})
}
