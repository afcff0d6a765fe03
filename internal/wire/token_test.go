package wire_test

import (
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/wire"
)

func TestIsToken(t *testing.T) {
	// The separators of RFC 9110, 5.6.2; what else is no token byte is outside of print.
	const delimiters = `"(),/:;<=>?@[\]{}`
	for c := range 256 {
		b := string([]byte{byte(c)})
		want := c > ' ' && c < 0x7f && !strings.Contains(delimiters, b)
		if got := wire.IsToken(b); got != want {
			t.Errorf("%q: %t", b, got)
		}
		if got := wire.IsToken("X-" + b + "1"); got != want {
			t.Errorf("%q within: %t", b, got)
		}
	}
	if wire.IsToken("") {
		t.Error("nothing is a token")
	}
}
