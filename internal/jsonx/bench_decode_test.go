package jsonx_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

type member struct {
	Name  string   `json:"name"`
	Email string   `json:"email"`
	Age   int      `json:"age"`
	Role  string   `json:"role"`
	Tags  []string `json:"tags"`
}

type batch struct {
	Items []member `json:"items"`
}

// batchBody is a body of about 8.6 KB.
func batchBody() []byte {
	var b bytes.Buffer
	b.WriteString(`{"items":[`)
	for i := range 100 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"User %d","email":"p%d@example.com","age":%d,"role":"member","tags":["a","b"]}`, i, i, 18+i%60)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

func BenchmarkDecode(b *testing.B) {
	for name, text := range map[string][]byte{
		"member": []byte(`{"name":"User","email":"user@example.com","age":36,"role":"member","tags":["a","b"]}`),
		"batch":  batchBody(),
	} {
		var dst any = new(member)
		if name == "batch" {
			dst = new(batch)
		}
		d, err := jsonx.NewDecoder(reflect.TypeOf(dst).Elem(), jsonx.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.Run("compiled", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					reflect.ValueOf(dst).Elem().SetZero()
					if !d.DecodeCompiled(text, dst) {
						b.Fatal("refused")
					}
				}
			})
			b.Run("library", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					reflect.ValueOf(dst).Elem().SetZero()
					if err := d.DecodeLibrary(text, dst); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("encoding", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					reflect.ValueOf(dst).Elem().SetZero()
					dec := json.NewDecoder(bytes.NewReader(text))
					dec.DisallowUnknownFields()
					if err := dec.Decode(dst); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
