package syntax_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

func TestStatusText(t *testing.T) {
	for code, want := range map[int]string{
		200: "OK", 413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable", 422: "Unprocessable Content", 599: "",
	} {
		if got := syntax.StatusText(code); got != want {
			t.Errorf("%d: %q, want %q", code, got, want)
		}
	}
}

func TestInRange(t *testing.T) {
	for _, tt := range []struct {
		mediaType, declared string
		want                bool
	}{
		{"image/png", "image/png", true}, {"image/png", "image/*", true}, {"image/png", "*", true},
		{"image/png", "text/*", false}, {"image/png", "image/p", false}, {"image/png", "image/gif", false},
	} {
		if got := syntax.InRange(tt.mediaType, tt.declared); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

func TestTrimZeros(t *testing.T) {
	for number, want := range map[string]string{
		"0": "0", "00": "0", "007": "7", "-007": "-7", "00.5": "0.5", "0.50": "0.50", "-0": "-0", "0e1": "0e1", "10": "10", "": "", "-": "-",
	} {
		if got := syntax.TrimZeros(number); got != want {
			t.Errorf("%q: %q, want %q", number, got, want)
		}
	}
}

// What time.Parse takes and RFC 3339 does not have.
func TestIsStrictTime(t *testing.T) {
	for text, want := range map[string]bool{
		"2006-01-02T15:04:05Z": true, "2006-01-02T15:04:05.5+23:59": true, "2006-01-02T15:04:05-00:00": true,
		"2006-01-02T1:04:05Z": false, "2006-01-02T15:04:05,5Z": false, "2006-01-02T15:04:05+24:00": false, "2006-01-02T15:04:05+23:60": false,
	} {
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			continue // another version of Go is as strict
		}
		if got := syntax.IsStrictTime(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// LookupTag finds what package reflect finds.
func TestLookupTag(t *testing.T) {
	for _, tag := range []reflect.StructTag{
		`json:"a" validate:"min=1,max=2"`, `validate:"a\"b" json:"ü"`, ``, `json`, `json:a`, `json:"a`, `  json:"a"  query:"b"`, `json:"" json:"b"`, "json:\"a\nb\"", `json:"\q"`,
	} {
		for _, key := range []string{"json", "validate", "query", "nope"} {
			want, wantOK := tag.Lookup(key)
			got, ok := syntax.LookupTag(tag, key)
			if got != want || ok != wantOK {
				t.Errorf("%q of %q: %q %v, want %q %v", key, tag, got, ok, want, wantOK)
			}
		}
	}
}

func TestAppendExtValue(t *testing.T) {
	if got, want := string(syntax.AppendExtValue(nil, "a b'ü*%!#$&+-.^_`|~")), "a%20b%27%C3%BC%2A%25!#$&+-.^_`|~"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
