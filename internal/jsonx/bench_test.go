package jsonx_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	v2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/apiroutes/apiroutes/internal/jsonx"
)

type row struct {
	ID     int      `json:"id"`
	Name   string   `json:"name"`
	Email  string   `json:"email"`
	Active bool     `json:"active"`
	Score  float64  `json:"score"`
	Tags   []string `json:"tags"`
}

type greeting struct {
	Message string `json:"message"`
}

// rows is an answer of about 110 KB.
func rows() []row {
	rows := make([]row, 1000)
	for i := range rows {
		rows[i] = row{i, fmt.Sprintf("User Number %d", i), fmt.Sprintf("user%d@example.com", i), i%2 == 0, float64(i) * 1.25, []string{"alpha", "beta"}}
	}
	return rows
}

func BenchmarkEncode(b *testing.B) {
	all := rows()
	for name, v := range map[string]any{"rows": &all, "greeting": &greeting{"Hello"}} {
		b.Run(name, func(b *testing.B) {
			e, err := jsonx.NewEncoder(reflect.TypeOf(v).Elem())
			if err != nil {
				b.Fatal(err)
			}
			buf := make([]byte, 0, 1<<18)
			b.Run("compiled", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _ = e.Append(buf, v)
				}
			})
			b.Run("library", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _ = jsonx.Append(buf, v)
				}
			})
			b.Run("v2", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _ = v2.Marshal(v, v2.Deterministic(true), jsontext.AllowInvalidUTF8(true))
				}
			})
			b.Run("encoding", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _ = json.Marshal(v)
				}
			})
		})
	}
}
