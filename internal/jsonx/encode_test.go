package jsonx_test

import (
	"math"
	"reflect"
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
		{"time", &struct{ T time.Time }{time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}, `{"T":"2026-01-02T03:04:05.000000006Z"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, err := jsonx.NewEncoder(reflect.TypeOf(test.in).Elem())
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Append([]byte("x"), test.in)
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
	tests := map[string]any{
		"NaN":   ptr(math.NaN()),
		"Inf":   ptr(math.Inf(1)),
		"cycle": cycle,
		"year":  ptr(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)),
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			e, err := jsonx.NewEncoder(reflect.TypeOf(in).Elem())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := e.Append(nil, in); err == nil {
				t.Errorf("got %.100s, want an error", got)
			}
		})
	}
}

type ring struct{ Next *ring }

func ptr[T any](v T) *T { return &v }
