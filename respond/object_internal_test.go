package respond

import (
	"encoding/json"
	"testing"
)

// Every byte, at every place of strings of one to seventeen bytes: what is written
// reads back, and what needs no escapes has none.
func TestAppendString(t *testing.T) {
	for size := 1; size <= 17; size++ {
		for at := range size {
			for c := range 256 {
				b := make([]byte, size)
				for i := range b {
					b[i] = "az ~!#[]"[i%8]
				}
				b[at] = byte(c)
				s := string(b)
				plain := ' ' <= c && c < 0x80 && c != '"' && c != '\\'
				if isPlain(s) != plain {
					t.Fatalf("%q: plain is %t", s, !plain)
				}
				var back string
				if err := json.Unmarshal(appendString(nil, s), &back); err != nil || c < 0x80 && back != s {
					t.Fatalf("%q became %q, %v", s, back, err)
				}
			}
		}
	}
	if !isPlain("") || string(appendString(nil, "")) != `""` {
		t.Error("the empty string")
	}
}
