package jsonx_test

import (
	"bytes"
	"encoding/base32"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

// TestBase32 decodes random texts, on some of which json v2 panics: what is taken is
// what its bytes are encoded to, but for bits that mean nothing.
func TestBase32(t *testing.T) {
	type leaf struct {
		B []byte  `json:"b,format:base32"`
		P *[]byte `json:"p,format:base32hex"`
		A [3]byte `json:"a,format:base32"`
		W any     `json:"w"`
	}
	type request struct {
		ID int             `json:"-"`
		L  []leaf          `json:"l"`
		M  map[string]leaf `json:"m"`
		B  []byte          `json:"b,format:base32hex"`
	}
	typ := reflect.TypeFor[request]()
	whole, err := jsonx.NewDecoder(typ, jsonx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	members := newPartsDecoder(t, typ, parts(typ)[1:])
	r := rand.New(rand.NewPCG(5, 6))
	taken, refused := 0, 0
	for range max(4_000, 2*rounds()) {
		var b strings.Builder
		for range r.IntN(18) {
			b.WriteString([]string{"A", "A", "A", "=", "=", "7", "Z", "a", `\n`, `\u0041`}[r.IntN(10)])
		}
		for _, place := range []struct{ before, after, pointer string }{
			{`{"l":[{},{"b":"`, `"}]}`, "/l/1/b"},
			{`{"m":{"k":{"w":null,"p":"`, `"}}}`, "/m/k/p"},
			{`{"b":"`, `"}`, "/b"},
		} {
			for _, d := range []*jsonx.Decoder{whole, members} {
				var got request
				err := d.Decode([]byte(place.before+b.String()+place.after), &got)
				if err != nil {
					refused++
					if err.Rule != "format" || err.Pointer != place.pointer {
						t.Fatalf("%s: %+v", b.String(), err)
					}
					continue
				}
				taken++
				content, encoding := got.B, base32.HexEncoding
				switch {
				case got.L != nil:
					content, encoding = got.L[1].B, base32.StdEncoding
				case got.M != nil:
					content = *got.M["k"].P
				}
				text := strings.ReplaceAll(b.String(), `\u0041`, "A")
				if again, err := encoding.DecodeString(text); err != nil || !bytes.Equal(again, content) || encoding.EncodedLen(len(content)) != len(text) {
					t.Fatalf("%s: %x", b.String(), content)
				}
			}
		}
	}
	if taken < 1000 || refused < 1000 {
		t.Errorf("%d texts were taken and %d refused", taken, refused)
	}
	for _, body := range []string{`{"b":"AAAA====A"}`, `{"l":[{"a":"AAAA====A"}]}`} {
		if err := whole.Decode([]byte(body), new(request)); err == nil || err.Rule != "format" || err.Detail != "must be a string in base32" {
			t.Errorf("%s: %v", body, err)
		}
		if err := whole.Decode([]byte(body+"x"), new(request)); err == nil || !err.Syntax {
			t.Errorf("%sx: %v", body, err)
		}
	}
}

// ownBytes decodes itself, so that the tag's format says nothing.
type ownBytes []byte

func (o *ownBytes) UnmarshalJSON(b []byte) error { *o = slices.Clone(b); return nil }

func TestBase32OfOwnBytes(t *testing.T) {
	type request struct {
		B []byte   `json:"b,format:base32"`
		O ownBytes `json:"o,format:base32"`
	}
	d, err := jsonx.NewDecoder(reflect.TypeFor[request](), jsonx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got request
	if err := d.Decode([]byte(`{"o":"AAAA====A","b":"AA======"}`), &got); err != nil || string(got.O) != `"AAAA====A"` {
		t.Errorf("%v, %s", err, got.O)
	}
}
