package bind

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// shortInt takes nothing that strconv reads otherwise, and every usual number.
func TestShortInt(t *testing.T) {
	check := func(s string) {
		t.Helper()
		want, err := strconv.ParseInt(s, 10, 64)
		got, ok := shortInt(s)
		if ok && (err != nil || got != want) {
			t.Errorf("%q: %d, want %d, %v", s, got, want, err)
		}
		if usual := err == nil && s[0] != '+' && len(s) <= 18; usual && !ok {
			t.Errorf("%q was not taken", s)
		}
	}
	for _, s := range []string{
		"", "-", "+", "0", "-0", "00", "+1", "--1", "1-", " 1", "1 ", "0x1", "1_0", "1e3", "1.0", "٣",
		"999999999999999999", "-999999999999999999", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551617",
	} {
		check(s)
	}
	const alphabet = "0123456789-+_ ex./:"
	for range 100_000 {
		b := make([]byte, rand.IntN(21))
		digits := 10 + rand.IntN(2)*(len(alphabet)-10)
		for i := range b {
			b[i] = alphabet[rand.IntN(digits)]
		}
		check(string(b))
	}
}
