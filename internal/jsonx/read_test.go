package jsonx_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

// TestDecoderEqualsLibrary compares the compiled decoder with json v2 on random bodies
// of every shape, whole and broken: what it takes, json v2 takes, as the same value.
func TestDecoderEqualsLibrary(t *testing.T) {
	types, bodies, taken, whole, missed := 0, 0, 0, 0, 0
	for _, shape := range append(shapes, body{}) {
		typ := reflect.TypeOf(shape)
		d, err := jsonx.NewDecoder(typ, jsonx.Options{})
		if err != nil {
			continue // says the audit, and its tests
		}
		if !d.Compiled() {
			continue
		}
		types++
		r := rand.New(rand.NewPCG(5, 6))
		for range rounds() {
			v := reflect.New(typ)
			random(r, v.Elem(), 4)
			text, err := jsonx.Append(nil, v.Interface())
			if err != nil {
				continue
			}
			for i := range 8 {
				compiled, library := decodesLikeLibrary(t, d, typ, text)
				bodies++
				if compiled {
					taken++
				}
				if i == 0 && library {
					whole++
					if !compiled {
						missed++
					}
				}
				text = broken(r, text)
			}
		}
	}
	t.Logf("%d types, %d bodies, %d taken; %d of %d good ones left to json v2", types, bodies, taken, missed, whole)
	if missed*4 > whole {
		t.Error("the compiled decoder left most good bodies to json v2: the comparison says little")
	}
}

// decodesLikeLibrary reports who takes the body, and fails the test where the
// compiled decoder takes what json v2 does not, or as something else.
func decodesLikeLibrary(t *testing.T, d *jsonx.Decoder, typ reflect.Type, body []byte) (compiled, library bool) {
	t.Helper()
	got, want := reflect.New(typ), reflect.New(typ)
	own := bytes.Clone(body)
	compiled = d.DecodeCompiled(own, got.Interface())
	clear(own) // nothing of the body may be kept
	err := d.DecodeLibrary(body, want.Interface())
	switch {
	case compiled && err != nil:
		t.Errorf("%s %q: taken by the compiled decoder, %+v by json v2", typ, body, err)
	case compiled && !equal(got.Interface(), want.Interface()):
		t.Errorf("%s %q:\ncompiled %+v\njson v2  %+v", typ, body, got.Elem(), want.Elem())
	case !compiled && !got.Elem().IsZero():
		t.Errorf("%s %q: left %+v behind", typ, body, got.Elem())
	}
	return compiled, err == nil
}

// equal is reflect.DeepEqual, but a NaN, which one of the shapes can read, equals itself.
func equal(a, b any) bool {
	if x, ok := a.(*formats); ok && math.IsNaN(x.F) {
		y := b.(*formats)
		if math.IsNaN(y.F) {
			x.F, y.F = 0, 0
		}
	}
	return reflect.DeepEqual(a, b)
}

// broken changes text in one place, mostly to something that is still nearly JSON.
func broken(r *rand.Rand, text []byte) []byte {
	pieces := []string{
		"", " ", "\n\t", ",", ":", "{}", "[]", "null", "true", "0", "-", "1", "1.0", "1e3", "-0", "00", "\"", "\\", `\u0041`, `\ud800`,
		"\xff", "é", "\x00", "}", "]", `"a":1,`, `"x"`, "1e400", "99999999999999999999", "{", "[", `"",`, "\ufeff",
	}
	at := r.IntN(len(text) + 1)
	end := min(len(text), at+r.IntN(3))
	out := append(bytes.Clone(text[:at]), pieces[r.IntN(len(pieces))]...)
	if r.IntN(9) == 0 { // say something twice
		from := r.IntN(len(text) + 1)
		out = append(out, text[from:min(len(text), from+r.IntN(20))]...)
	}
	return append(out, text[end:]...)
}

// FuzzCompiledDecoder compares both decoders on any bytes.
func FuzzCompiledDecoder(f *testing.F) {
	type leaves struct {
		S  string             `json:"s"`
		N  *int               `json:"n"`
		F  float64            `json:"f"`
		F3 float32            `json:"g"`
		U  uint8              `json:"u"`
		B  bool               `json:"b"`
		L  []string           `json:"l"`
		A  any                `json:"a"`
		M  map[text]float64   `json:"m"`
		K  []leafBelow        `json:"k"`
		P  map[string]*string `json:"p"`
		Inner
	}
	f.Add([]byte(`{"s":"\u00e9\n","n":null,"f":-1.5e-3,"g":1,"u":255,"b":true,"l":["a",""],"a":{"x":[1,"]"]},"m":{"k":0},"k":[{"T":"x","D":"1s"},{}],"p":{"a":null},"ID":-7}`))
	f.Add([]byte(` { "s" : "a" , "l" : [ ] , "k" : [ { } ] , "m" : { } } `))
	f.Add([]byte(`{"s":"a","s":"b"}`))
	f.Add([]byte(`{"u":256}`))
	f.Add([]byte(`{"f":01}`))
	typ := reflect.TypeFor[leaves]()
	d, err := jsonx.NewDecoder(typ, jsonx.Options{})
	if err != nil {
		f.Fatal(err)
	}
	lax, err := jsonx.NewDecoder(typ, jsonx.Options{AllowUnknown: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		decodesLikeLibrary(t, d, typ, body)
		decodesLikeLibrary(t, lax, typ, body)
	})
}

type leafBelow struct {
	T text
	D time.Duration
	*Outer
}

// TestShortListsStaySmall decodes many lists of two large elements each: a client
// must not get more memory for its bytes than json v2 would give.
func TestShortListsStaySmall(t *testing.T) {
	type large struct{ Room [50]float64 }
	typ := reflect.TypeFor[[][]large]()
	d, err := jsonx.NewDecoder(typ, jsonx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := []byte("[" + strings.Repeat("[{},{}],", 5000) + "[]]")
	taken := func(decode func() bool) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if !decode() {
			t.Fatal("refused")
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	library := taken(func() bool { return d.DecodeLibrary(text, reflect.New(typ).Interface()) == nil })
	compiled := taken(func() bool { return d.DecodeCompiled(text, reflect.New(typ).Interface()) })
	if compiled > library+library/4 {
		t.Errorf("%d bytes, json v2 takes %d", compiled, library)
	}
}

// TestTimesLikeLibrary goes through texts that are nearly RFC 3339.
func TestTimesLikeLibrary(t *testing.T) {
	typ := reflect.TypeFor[time.Time]()
	d, err := jsonx.NewDecoder(typ, jsonx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	forms := []string{
		"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05+23:59", "2026-01-02T03:04:05-00:00",
		"2026-02-29T00:00:00Z", "2024-02-29T23:59:59.9+01:00", "2026-01-02T3:04:05Z", "2026-01-02T03:04:05,5Z", "2026-01-02T03:04:05+24:00",
		"2026-01-02T03:04:05+01:60", "2026-01-02T03:04:60Z", "2026-01-02t03:04:05z", "2026-01-02 03:04:05Z", "2026-01-02T03:04:05.Z", "2026-01-02T24:00:00Z",
		"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2026-01-02T03:04:05", "2026-01-02T03:04:05+0100", "", "Z",
	}
	r := rand.New(rand.NewPCG(7, 8))
	taken := 0
	for _, form := range forms {
		for range rounds() {
			if compiled, _ := decodesLikeLibrary(t, d, typ, []byte(`"`+form+`"`)); compiled {
				taken++
			}
			b := []byte(forms[r.IntN(len(forms))])
			if len(b) > 0 {
				b[r.IntN(len(b))] = "0123456789-:.,+ZTz "[r.IntN(19)]
			}
			form = string(b)
		}
	}
	if taken == 0 {
		t.Error("nothing was taken")
	}
}

// TestPartsLikeLibrary decodes into the fields of random structs, with and without the
// compiled decoder.
func TestPartsLikeLibrary(t *testing.T) {
	for _, shape := range []any{scalars{}, maps{}, node{}, row{}, quoted{}, ping{}} {
		typ := reflect.TypeOf(shape)
		d := newPartsDecoder(t, typ, parts(typ))
		r := rand.New(rand.NewPCG(9, 10))
		compiled := 0
		for range rounds() {
			p := reflect.New(typ)
			random(r, p.Elem(), 3)
			text, err := jsonx.Append(nil, p.Interface())
			if err != nil {
				continue
			}
			for range 4 {
				got, want := reflect.New(typ), reflect.New(typ)
				if d.DecodeCompiled(text, got.Interface()) {
					compiled++
					if err := d.DecodeLibrary(text, want.Interface()); err != nil || !reflect.DeepEqual(got.Interface(), want.Interface()) {
						t.Errorf("%s %s: %v\ncompiled %+v\njson v2  %+v", typ, text, err, got.Elem(), want.Elem())
					}
				} else if !got.Elem().IsZero() {
					t.Errorf("%s %s left %+v behind", typ, text, got.Elem())
				}
				text = broken(r, text)
			}
		}
		if compiled == 0 {
			t.Errorf("%s: the compiled decoder took nothing", typ)
		}
	}
}
