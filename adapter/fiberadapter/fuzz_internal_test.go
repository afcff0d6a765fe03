package fiberadapter

import (
	"slices"
	"strings"
	"testing"
)

// FuzzRepeated compares the search for repeated fields with one that is plain.
func FuzzRepeated(f *testing.F) {
	f.Add("Host: x\r\nContent-Type: a\r\ncontent-type:b \r\n\r\n")
	f.Add("Content-Type: a\r\n")
	f.Add("Content-Type:a\nContent-Type:b\nContent-Type:c")
	f.Add("Content-Type\r\n: \r\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, section string) {
		const name = "Content-Type"
		var want []string
		for line := range strings.SplitSeq(section, "\n") {
			if field, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(field, name) && len(field) == len(name) {
				want = append(want, strings.TrimSpace(value))
			}
		}
		if len(want) < 2 {
			want = nil
		}
		if got := repeated([]byte(section), name); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", section, got, want)
		}
	})
}
