package syntax_test

import (
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

func TestHTTPDate(t *testing.T) {
	now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	at := time.Date(1994, 11, 6, 8, 49, 37, 0, time.UTC)
	for _, tt := range []struct {
		text string
		want time.Time // zero: none
	}{
		{"Sun, 06 Nov 1994 08:49:37 GMT", at},
		{"Sunday, 06-Nov-94 08:49:37 GMT", at},
		{"Sun Nov  6 08:49:37 1994", at},
		{"Sunday, 06-Nov-75 08:49:37 GMT", time.Date(2075, 11, 6, 8, 49, 37, 0, time.UTC)},
		{"Sunday, 06-Nov-76 08:49:37 GMT", time.Date(2076, 11, 6, 8, 49, 37, 0, time.UTC)},
		{"Sunday, 06-Nov-77 08:49:37 GMT", time.Date(1977, 11, 6, 8, 49, 37, 0, time.UTC)},
		{"Sunday, 06-Nov-68 08:49:37 GMT", time.Date(2068, 11, 6, 8, 49, 37, 0, time.UTC)},
		{"Tue, 29 Feb 2028 00:00:00 GMT", time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"Tuesday, 29-Feb-28 00:00:00 GMT", time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"Sat, 31 Dec 2016 23:59:60 GMT", time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)},
		{"", time.Time{}},
		{"1994-11-06T08:49:37Z", time.Time{}},
		{"Sun, 06 Nov 1994 08:49:37", time.Time{}},
		{"Sun, 06 Nov 1994 08:49:37 UTC", time.Time{}},
		{"Sun, 06 Nov 1994 08:49:37 +0000", time.Time{}},
		{"Sun, 6 Nov 1994 08:49:37 GMT", time.Time{}},
		{"Sun,  06 Nov 1994 08:49:37 GMT", time.Time{}},
		{"Sun, 06 Nov 1994 8:49:37 GMT", time.Time{}},
		{"Sun, 06 Nov 1994 08:49:37.5 GMT", time.Time{}},
		{"sun, 06 nov 1994 08:49:37 GMT", time.Time{}},
		{"Sun, 31 Feb 1994 08:49:37 GMT", time.Time{}},
		{"Tuesday, 29-Feb-27 00:00:00 GMT", time.Time{}},
		{"Sun, 06 Nov 1994 24:00:00 GMT", time.Time{}},
		{"Sun Nov 06 08:49:37 1994", time.Time{}},
		{`"etag"`, time.Time{}},
	} {
		got, ok := syntax.HTTPDate(tt.text, now)
		if ok == tt.want.IsZero() || !got.Equal(tt.want) {
			t.Errorf("%q: %v %v, want %v", tt.text, got, ok, tt.want)
		}
	}
}
