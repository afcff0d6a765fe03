package jsonx_test

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

type partInner struct {
	Day   time.Time `json:"day,format:DateOnly"`
	Name  string
	Other *int `json:"other,omitzero"`
}

type partOuter struct {
	*partInner
	ID   int
	Name string `json:"n"`
	Any  any    `json:"any"`
}

// partsNamed are the fields of a struct that have these names.
func partsNamed(t *testing.T, names ...string) []reflect.StructField {
	t.Helper()
	var list []reflect.StructField
	for _, name := range names {
		f, ok := reflect.TypeFor[partOuter]().FieldByName(name)
		require.True(t, ok, name)
		list = append(list, f)
	}
	return list
}

// The members are those of the parts, whatever else the struct has, and what is written can
// be read again.
func TestPartsEncoder(t *testing.T) {
	day := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	full := partOuter{partInner: &partInner{Day: day, Name: "in", Other: new(3)}, ID: 7, Name: "Ada", Any: []any{"x"}}
	promoted, ok := reflect.TypeFor[partInner]().FieldByName("Name")
	require.True(t, ok)
	promoted.Index = []int{0, 1}
	for want, tt := range map[string]struct {
		parts []reflect.StructField
		v     partOuter
	}{
		`{"ID":7,"n":"Ada"}`:                         {partsNamed(t, "ID", "Name"), full},
		`{"n":"Ada","other":3}`:                      {partsNamed(t, "Name", "Other"), full},
		`{"n":"Ada"}`:                                {partsNamed(t, "Name", "Other"), partOuter{Name: "Ada"}},
		`{"day":"2026-01-31","any":["x"]}`:           {partsNamed(t, "Day", "Any"), full},
		`{"day":"0001-01-01","any":null}`:            {partsNamed(t, "Day", "Any"), partOuter{}},
		`{"n":"Ada","day":"2026-01-31","Name":"in"}`: {append(partsNamed(t, "Name", "Day"), promoted), full},
	} {
		encode, errs := jsonx.NewPartsEncoder(tt.parts)
		require.Empty(t, errs)
		got, err := encode([]byte("> "), &tt.v)
		require.NoError(t, err)
		require.Equal(t, "> "+want, string(got))
	}
}

// What JSON cannot hold is an error, and deep values are left to the library.
func TestPartsEncoderErrors(t *testing.T) {
	encode, errs := jsonx.NewPartsEncoder(partsNamed(t, "ID", "Any"))
	require.Empty(t, errs)
	ring := map[string]any{}
	ring["ring"] = ring
	for _, v := range []any{math.NaN(), ring, make(chan int)} {
		_, err := encode(nil, &partOuter{Any: v})
		require.Error(t, err)
	}
	var deep any
	for range 1500 {
		deep = []any{deep}
	}
	got, err := encode(nil, &partOuter{ID: 1, Any: deep})
	require.NoError(t, err)
	require.Equal(t, `{"ID":1,"any":`+strings.Repeat("[", 1500)+"null"+strings.Repeat("]", 1500)+"}", string(got))

	type wrong struct {
		OK  int      `json:"ok"`
		Bad chan int `json:"bad"`
	}
	_, errs = jsonx.NewPartsEncoder([]reflect.StructField{reflect.TypeFor[wrong]().Field(0), reflect.TypeFor[wrong]().Field(1)})
	require.NoError(t, errs[0])
	require.ErrorContains(t, errs[1], "field Bad: ")
}
