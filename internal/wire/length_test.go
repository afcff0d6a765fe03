package wire_test

import (
	"math"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"

	"github.com/apiroutes/apiroutes/internal/wire"
)

// Short lengths come out of a table, in which each stands where it belongs and alone.
func TestContentLength(t *testing.T) {
	lengths := []int64{100_000, 1 << 40, math.MaxInt64}
	for n := range int64(2000) {
		lengths = append(lengths, n)
	}
	for _, n := range lengths {
		w := httptest.NewRecorder()
		(&wire.NetHTTP{W: w}).SetContent(nil, n)
		got := w.Header()["Content-Length"]
		if !slices.Equal(got, []string{strconv.FormatInt(n, 10)}) || cap(got) != 1 {
			t.Errorf("%d: %q", n, got)
		}
	}
}
