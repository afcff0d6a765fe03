package jsonx_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

type wait struct {
	A time.Duration            `json:"a"`
	B time.Duration            `json:"b,format:sec"`
	C []time.Duration          `json:"c"`
	D map[string]time.Duration `json:"d"`
	E map[time.Duration]int    `json:"e"`
	F *time.Duration           `json:"f"`
	G any                      `json:"g"`
}

func TestEncode(t *testing.T) {
	hour := time.Hour
	tests := []struct {
		name string
		in   any // a pointer
		want string
	}{
		{"nil slice", new([]int), `[]`},
		{"nil map", new(map[string]int), `{}`},
		{"sorted", &map[string]int{"b": 1, "a": 2}, `{"a":2,"b":1}`},
		{"no HTML escapes", ptr("<a&b>\u2028"), "\"<a&b>\u2028\""},
		{"invalid UTF-8", ptr("a\xffb"), "\"a\ufffdb\""},
		{"duration", &struct{ D time.Duration }{90 * time.Minute}, `{"D":"1h30m0s"}`},
		{"duration with format", &struct {
			D time.Duration `json:",format:sec"`
		}{90 * time.Minute}, `{"D":5400}`},
		{"durations everywhere", &wait{A: 1, B: time.Second, C: []time.Duration{2}, D: map[string]time.Duration{"x": 3},
			E: map[time.Duration]int{hour: 1}, F: &hour, G: hour},
			`{"a":"1ns","b":1,"c":["2ns"],"d":{"x":"3ns"},"e":{"1h0m0s":1},"f":"1h0m0s","g":"1h0m0s"}`},
		{"number", &map[json.Number]json.Number{"x": "1.50e3", "y": ""}, `{"x":1.50e3,"y":0}`},
		{"number in any", &[]any{json.Number("7")}, `[7]`},
		{"time", &struct{ T time.Time }{time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}, `{"T":"2026-01-02T03:04:05.000000006Z"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, err := jsonx.NewEncoder(reflect.TypeOf(test.in).Elem())
			if err != nil {
				t.Fatal(err)
			}
			got, err := e([]byte("x"), test.in)
			if err != nil || string(got) != "x"+test.want {
				t.Errorf("compiled: got %s, %v; want x%s", got, err, test.want)
			}
			got, err = jsonx.Append(nil, test.in)
			if err != nil || string(got) != test.want {
				t.Errorf("any: got %s, %v; want %s", got, err, test.want)
			}
		})
	}
}

func TestEncodeErrors(t *testing.T) {
	cycle := &ring{}
	cycle.Next = cycle
	m := map[string]any{}
	m["m"] = m
	l := []any{nil}
	l[0] = l
	var self any
	self = &self
	tests := map[string]any{
		"NaN":                   ptr(math.NaN()),
		"Inf":                   ptr(math.Inf(1)),
		"NaN in any":            ptr(any(math.NaN())),
		"cycle":                 cycle,
		"cycle of a map":        &m,
		"cycle of a slice":      &l,
		"pointers in a ring":    ringOf(),
		"pointer to itself":     &self,
		"year":                  ptr(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)),
		"too deep":              nested(10002), // the innermost is empty and does not count
		"its own error":         &jsonOnly{3},
		"not JSON":              &jsonOnly{2},
		"chan in any":           ptr(any(make(chan int))),
		"no number":             ptr(json.Number("1x")),
		"names that become one": &map[string]int{"\xff": 1, "\xfe": 2},
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			e, err := jsonx.NewEncoder(reflect.TypeOf(in).Elem())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := e(nil, in); err == nil {
				t.Errorf("compiled: got %.100s, want an error", got)
			}
			if got, err := jsonx.Append(nil, in); err == nil {
				t.Errorf("any: got %.100s, want an error", got)
			}
		})
	}
}

// ringOf returns a value of pointers and interfaces that leads back to itself.
func ringOf() *struct{ L any } {
	var a, b any
	a, b = &b, &a
	_ = b
	return &struct{ L any }{a}
}

// nested returns a list in a list in a list.
func nested(depth int) *[]any {
	inner := []any{}
	for range depth - 1 {
		inner = []any{inner}
	}
	return &inner
}

func TestEncodeLargeMap(t *testing.T) {
	large := make(map[int]string)
	for i := range 3000 {
		large[i] = "x"
	}
	e, err := jsonx.NewEncoder(reflect.TypeOf(large))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []map[int]string{large, {1: "a"}, large} {
		if !sameAsLibrary(t, e, &m) {
			t.Error("refused")
		}
	}
}

func TestEncodeDeep(t *testing.T) {
	var list *node
	for i := range 3000 {
		list = &node{Value: i, Right: list}
	}
	for _, in := range []any{list, nested(10000), nested(1001)} {
		e, err := jsonx.NewEncoder(reflect.TypeOf(in).Elem())
		if err != nil {
			t.Fatal(err)
		}
		if !sameAsLibrary(t, e, in) {
			t.Errorf("%T of some depth was refused", in)
		}
	}
}

func TestEncodeNilAndOtherTypes(t *testing.T) {
	e, err := jsonx.NewEncoder(reflect.TypeFor[inner]())
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[any]string{(*inner)(nil): "null", 5: "5", inner{1, 2}: `{"X":1,"Y":2}`} {
		if got, err := e(nil, in); err != nil || string(got) != want {
			t.Errorf("%v: %s, %v", in, got, err)
		}
	}
	if got, err := jsonx.Append(nil, nil); err != nil || string(got) != "null" {
		t.Errorf("%s, %v", got, err)
	}
}

// bomb panics when it is encoded, if armed.
type bomb struct{ armed bool }

func (b bomb) MarshalJSON() ([]byte, error) {
	if b.armed {
		panic("bomb")
	}
	return []byte(`"safe"`), nil
}

func TestEncodePanicHarmsNothing(t *testing.T) {
	type cargo struct {
		M map[string]bomb
		B bomb
	}
	e, err := jsonx.NewEncoder(reflect.TypeFor[cargo]())
	if err != nil {
		t.Fatal(err)
	}
	explode := func(v *cargo) {
		defer func() {
			if recover() == nil {
				t.Error("the panic did not pass through")
			}
		}()
		_, _ = e(make([]byte, 0, 100), v)
	}
	for range 100 {
		explode(&cargo{B: bomb{true}})
		explode(&cargo{M: map[string]bomb{"a": {true}, "b": {}}})
		v := &cargo{M: map[string]bomb{"a": {}, "b": {}}}
		if got, err := e(nil, v); err != nil || string(got) != `{"M":{"a":"safe","b":"safe"},"B":"safe"}` {
			t.Fatalf("%s, %v", got, err)
		}
	}
}

func TestEncodeConcurrently(t *testing.T) {
	e, err := jsonx.NewEncoder(reflect.TypeFor[maps]())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			for range 50 {
				v := reflect.New(reflect.TypeFor[maps]())
				random(r, v.Elem(), 4)
				sameAsLibrary(t, e, v.Interface())
			}
		})
	}
	wg.Wait()
}

func TestEncodeAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	all := rows()
	now := time.Now()
	tests := map[string]any{
		"rows": &all, "greeting": &greeting{"Hello"},
		"scalars": &scalars{S: "a", F32: 1.5, F64: 1e300}, "time": &now, "duration": ptr(time.Hour + time.Millisecond),
		"omitted": &struct {
			A string    `json:",omitempty"`
			B time.Time `json:",omitzero"`
			C []int     `json:",omitempty"`
			D *inner    `json:",omitempty"`
			E ownZero   `json:",omitzero"`
			F inner     `json:",omitzero"`
		}{D: &inner{}}, "embedding": &embedding{Outer: &Outer{}}, "quoted": &quoted{},
		"bytes": &[]byte{1, 2, 3}, "pointers": &page[*scalars]{Items: []*scalars{{}, nil}},
		"map": &map[string]inner{"a": {}, "b": {}}, "any": &map[string]any{"a": 1, "b": []any{"x", 1.5, nil}},
	}
	buf := make([]byte, 0, 1<<18)
	for name, in := range tests {
		e, err := jsonx.NewEncoder(reflect.TypeOf(in).Elem())
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { _, _ = e(buf, in) }); n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}

type ring struct{ Next *ring }

func ptr[T any](v T) *T { return &v }

// hiddenFormats is written by json v2, which reflect hands nothing unexported to.
type hiddenFormats struct {
	B []byte `json:"b,format:hex"`
}

func TestEncodeUnexportedMember(t *testing.T) {
	type outer struct {
		A             int
		hiddenFormats `json:"hidden"`
	}
	type deeper struct {
		outer
		Outers []outer
	}
	value := deeper{outer: outer{A: 1, hiddenFormats: hiddenFormats{B: []byte{1}}}, Outers: []outer{{A: 2}}}
	e, err := jsonx.NewEncoder(reflect.TypeFor[deeper]())
	if err != nil {
		t.Fatal(err)
	}
	got, err := e(nil, &value)
	if want := `{"A":1,"hidden":{"b":"01"},"Outers":[{"A":2,"hidden":{"b":""}}]}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
