package jsonx_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
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
					_, _ = e(buf, v)
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

type import100 struct {
	Items []struct {
		Name  string   `json:"name"`
		Email string   `json:"email"`
		Age   int      `json:"age"`
		Role  string   `json:"role"`
		Tags  []string `json:"tags"`
	} `json:"items"`
}

type newUser struct {
	Name       string `json:"name"`
	Email      string `json:"email"`
	Age        int    `json:"age"`
	Role       string `json:"role"`
	Bio        string `json:"bio"`
	Newsletter bool   `json:"newsletter"`
	Address    struct {
		Street  string `json:"street"`
		City    string `json:"city"`
		Zip     string `json:"zip"`
		Country string `json:"country"`
	} `json:"address"`
	Tags []string `json:"tags"`
}

const userBody = `{"name":"Ada Lovelace","email":"ada.lovelace@example.com","age":36,"role":"member",` +
	`"bio":"Writes the first programs, on paper.","newsletter":true,` +
	`"address":{"street":"12 St James Sq","city":"London","zip":"SW1Y 4","country":"GB"},` +
	`"tags":["math","engines","notes"]}`

// batchBody has a hundred items, about 9 KB.
func batchBody() string {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, `,{"name":"User %d","email":"user%d@example.com","age":%d,"role":"member","tags":["a%d","b"]}`, i, i, 18+i%80, i)
	}
	return `{"items":[` + b.String()[1:] + `]}`
}

func BenchmarkDecode(b *testing.B) {
	for name, c := range map[string]struct {
		body string
		typ  reflect.Type
	}{"user": {userBody, reflect.TypeFor[newUser]()}, "batch": {batchBody(), reflect.TypeFor[import100]()}} {
		body := []byte(c.body)
		b.Run(name, func(b *testing.B) {
			b.Run("jsonx", func(b *testing.B) {
				d, err := jsonx.NewDecoder(c.typ, jsonx.Options{})
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				for b.Loop() {
					if err := d.Decode(body, reflect.New(c.typ).Interface()); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("v2", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_ = v2.Unmarshal(body, reflect.New(c.typ).Interface(), v2.RejectUnknownMembers(true))
				}
			})
			b.Run("encoding", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					d := json.NewDecoder(bytes.NewReader(body))
					d.DisallowUnknownFields()
					_ = d.Decode(reflect.New(c.typ).Interface())
				}
			})
		})
	}
}

// BenchmarkCompile is what one endpoint costs at registration.
func BenchmarkCompile(b *testing.B) {
	b.Run("decoder", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = jsonx.NewDecoder(reflect.TypeFor[newUser](), jsonx.Options{})
		}
	})
	b.Run("encoder", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = jsonx.NewEncoder(reflect.TypeFor[newUser]())
		}
	})
}

// TestCompilingAllocatesLittle: compiling is paid for each endpoint of a program before its
// first request.
func TestCompilingAllocatesLittle(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget, so that allocations cannot be counted")
	}
	encoder := testing.AllocsPerRun(100, func() {
		if _, err := jsonx.NewEncoder(reflect.TypeFor[newUser]()); err != nil {
			t.Fatal(err)
		}
	})
	decoder := testing.AllocsPerRun(100, func() {
		if _, err := jsonx.NewDecoder(reflect.TypeFor[newUser](), jsonx.Options{}); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("encoder %v, decoder %v allocations", encoder, decoder)
	if encoder > 36 || decoder > 32 {
		t.Errorf("encoder %v, decoder %v allocations", encoder, decoder)
	}
}
