package typed

import (
	"regexp"
	"testing"
)

func TestToken68(t *testing.T) {
	want := regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`) // RFC 6750, 2.1
	for first := range 256 {
		for _, text := range []string{string([]byte{byte(first)}), string([]byte{'a', byte(first), 'b'}), string([]byte{byte(first), '='}), string([]byte{'=', byte(first)})} {
			if got := isToken68(text); got != want.MatchString(text) {
				t.Errorf("%q: %t", text, got)
			}
		}
	}
}
