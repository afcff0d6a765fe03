package jsonx_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

// rounds is how many random values each type sees: a hundredth of the full proof by
// default.
func rounds() int {
	if os.Getenv("APIROUTES_PROOF") != "" {
		return 10_000
	}
	return 100
}

// TestEncoderEqualsLibrary compares the compiled encoder with json v2 on random
// values of every shape: the same bytes, or an error from both.
func TestEncoderEqualsLibrary(t *testing.T) {
	values, refused := 0, 0
	for _, shape := range shapes {
		typ := reflect.TypeOf(shape)
		e, err := jsonx.NewEncoder(typ)
		if err != nil {
			t.Errorf("%s: %v", typ, err)
			continue
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range rounds() {
			v := reflect.New(typ)
			random(r, v.Elem(), 4)
			if !sameAsLibrary(t, e, v.Interface()) {
				refused++
			}
			values++
		}
	}
	t.Logf("%d types, %d values, %d of them refused by both", len(shapes), values, refused)
	if refused*2 > values {
		t.Error("most values were refused: the comparison says little")
	}
}

// sameAsLibrary reports whether v could be encoded, and fails the test where the
// compiled encoder and json v2 differ.
func sameAsLibrary(t *testing.T, e jsonx.Encoder, v any) bool {
	t.Helper()
	want, wantErr := jsonx.Append(nil, v)
	got, gotErr := e(make([]byte, 0, 64), v)
	if (wantErr == nil) != (gotErr == nil) {
		t.Errorf("%T %+v: compiled says %v, json v2 says %v", v, v, gotErr, wantErr)
	} else if wantErr == nil && !bytes.Equal(want, got) {
		t.Errorf("%T %+v:\ncompiled %s\njson v2  %s", v, v, got, want)
	}
	return wantErr == nil
}

// TestStrings puts every byte at every place of short strings, which are looked at
// several bytes at a time.
func TestStrings(t *testing.T) {
	e, err := jsonx.NewEncoder(reflect.TypeFor[string]())
	if err != nil {
		t.Fatal(err)
	}
	for n := range 18 {
		text := bytes.Repeat([]byte(" !"), 9)[:n] // the lowest that need no escape
		for at := range text {
			whole := text[at]
			for b := range 256 {
				text[at] = byte(b)
				s := string(text)
				sameAsLibrary(t, e, &s)
			}
			text[at] = whole
		}
	}
}

// TestFloats looks where integers stop being their own shortest form, and at decimals.
func TestFloats(t *testing.T) {
	type both struct {
		F64 []float64
		F32 []float32
	}
	var v both
	for power := range 70 {
		f := math.Ldexp(1, power)
		for step := -40.0; step <= 40; step++ {
			v.F64 = append(v.F64, f+step, f+step*4, -f-step*8)
			v.F32 = append(v.F32, float32(f+step), float32(f+step*4), -float32(f+step*8))
		}
	}
	e, err := jsonx.NewEncoder(reflect.TypeOf(v))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range rounds() * 20 { // decimals
		unit := math.Pow10(r.IntN(12))
		v.F64 = append(v.F64, math.Round(r.Float64()*1e9*unit)/unit, float64(r.IntN(1e6))/unit, -float64(r.IntN(1000))/unit)
		v.F32 = append(v.F32, float32(r.IntN(1e6))/float32(unit), r.Float32(), 0)
	}
	for i := range v.F64 {
		sameAsLibrary(t, e, &both{v.F64[i : i+1], v.F32[i : i+1]})
	}
}

// TestDurations compares the text of durations with that of the standard library.
func TestDurations(t *testing.T) {
	e, err := jsonx.NewEncoder(reflect.TypeFor[time.Duration]())
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	ds := []time.Duration{0, math.MaxInt64, math.MinInt64, time.Minute, time.Hour, 999, 1000, 1e6 - 1, 1e9 - 1, 60e9 - 1, -90e9}
	for range rounds() * 10 {
		ds = append(ds, time.Duration(r.Uint64())>>r.IntN(64), time.Duration(r.Uint64()>>r.IntN(64))/1e6*1e6)
	}
	for _, d := range ds {
		if got, err := e(nil, &d); err != nil || string(got) != `"`+d.String()+`"` {
			t.Errorf("%s, %v; want %q", got, err, d)
		}
	}
}

func FuzzEncode(f *testing.F) {
	f.Add("plain", 1.5, float32(1<<24+2), int64(-1), uint64(1), uint64(1))
	f.Add("\"\\\n\x00\x7f<>&\u2028\xff\ufffd", math.Copysign(0, -1), float32(1e-7), int64(0), uint64(0), uint64(2))
	f.Add("0123456\"89abcdef日本", 1e21, float32(3.4e38), int64(1)<<62, ^uint64(0), uint64(3))
	encoders := make([]jsonx.Encoder, len(shapes))
	for i, shape := range shapes {
		encoders[i], _ = jsonx.NewEncoder(reflect.TypeOf(shape))
	}
	type leaves struct {
		S  string
		M  map[string]string
		A  any
		F  float64
		F3 float32
		I  int64
		U  uint64
		Q  int64 `json:",string,omitzero"`
		B  []byte
	}
	leafEncoder, err := jsonx.NewEncoder(reflect.TypeFor[leaves]())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string, f64 float64, f32 float32, i int64, u, seed uint64) {
		sameAsLibrary(t, leafEncoder, &leaves{s, map[string]string{s: s, s + "x": "", "a": s}, s, f64, f32, i, u, i, []byte(s)})
		at := int(seed % uint64(len(shapes)))
		v := reflect.New(reflect.TypeOf(shapes[at]))
		random(rand.New(rand.NewPCG(seed, u)), v.Elem(), 4)
		sameAsLibrary(t, encoders[at], v.Interface())
	})
}
