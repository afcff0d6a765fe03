package bind_test

import (
	"math/big"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/bind"
)

// ident is a text that may look like a number.
type ident string

func (i *ident) UnmarshalText(b []byte) error { *i = ident(b); return nil }

type bigNumbers struct {
	I    big.Int       `form:"i"`
	F    *big.Float    `form:"f"`
	R    []big.Rat     `form:"r"`
	ID   ident         `form:"id"`
	N    float64       `form:"n"`
	M    int           `form:"m"`
	Wait time.Duration `form:"wait"`
	At   time.Time     `form:"at"`
	Unix time.Time     `form:"unix,format:unix"`
	Span time.Duration `form:"sec,format:sec"`
	ISO  time.Duration `form:"iso,format:iso8601"`
}

// Numbers that code of their own type reads have at most 4300 digits as parameters, too,
// and no number costs more than 150 ms and 64 MiB, or more than its length.
func outsideDigits(t *testing.T) {
	plan := compile[bigNumbers](t, bind.Options{Method: "POST", MaxBody: 4 << 20})
	send := func(form string) string {
		r := newBody(form)
		r.header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		var in bigNumbers
		return brief(plan.Bind(r, nil, &in))
	}
	nines := func(n int) string { return strings.Repeat("9", n) }
	for form, want := range map[string]string{
		"i=" + nines(4300):                        "",
		"i=" + nines(4301):                        "Unprocessable Content; form i digits",
		"i=-" + nines(4300):                       "Unprocessable Content; form i digits", // the sign counts
		"f=0." + nines(4300):                      "Unprocessable Content; form f digits",
		"f=1e4300":                                "",
		"f=1e4301":                                "Unprocessable Content; form f digits",
		"f=1E-00004301":                           "Unprocessable Content; form f digits",
		"f=1e99999999999999999999":                "Unprocessable Content; form f digits",
		"f=0x1p9999":                              "Unprocessable Content; form f digits",
		"r=1/2&r=1/" + nines(4300):                "Unprocessable Content; form r digits",
		"id=123e4567-e89b-12d3-a456-426614174000": "",
		"id=7e12345678":                           "",
		"id=" + strings.Repeat("60a8", 3000):      "",
	} {
		if got := send(form); got != want {
			t.Errorf("%.20s, %d bytes: %q, want %q", form, len(form), got, want)
		}
	}
	if raceDetector || testing.Short() {
		return // the figures are those of a normal build
	}
	const mb = 1 << 20
	cost := func(form string) (time.Duration, uint64) {
		least, bytes := time.Hour, uint64(0)
		for range 3 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := cpu()
			send(form)
			least = min(least, cpu()-start)
			runtime.ReadMemStats(&after)
			bytes = after.TotalAlloc - before.TotalAlloc
		}
		return least, bytes
	}
	for _, pair := range [][2]string{{"i=", "9"}, {"f=", "9"}, {"f=0.", "9"}, {"f=1e", "9"}, {"r=", "9"}, {"r=1/", "9"}, {"i=0x", "f"}, {"i=0b", "1"}, {"i=0o", "7"}, {"i=-0o", "7"}, {"f=0x1.", "f"}, {"f=0o", "7"}, {"r=0o", "7"}, {"r=1/0o", "7"}, {"id=", "9"}, {"n=", "9"}, {"n=0.", "9"}, {"n=1e", "9"}, {"m=", "0"},
		{"wait=", "1s"}, {"wait=0.", "1"}, {"at=2024-02-29T00:00:00.", "1"}, {"unix=", "1"}, {"unix=0.", "1"}, {"sec=", "1"}, {"iso=PT", "1"}, {"iso=PT0.", "1"}} {
		body := func(n int) string { return pair[0] + strings.Repeat(pair[1], n/len(pair[1])-len(pair[0])) }
		time1, bytes1 := cost(body(mb))
		time2, bytes2 := cost(body(2 * mb))
		t.Logf("%-24s %8v %5.1f MiB, twice %8v %5.1f MiB", pair[0], time1, float64(bytes1)/mb, time2, float64(bytes2)/mb)
		if time1 > 150*time.Millisecond || bytes1 > 64*mb || time2 > max(time1, 100*time.Millisecond)*5/2 || bytes2 > max(bytes1, mb)*5/2 {
			t.Errorf("%s: %v, %d bytes, and of twice the length %v, %d bytes", pair[0], time1, bytes1, time2, bytes2)
		}
	}
}

// cpu is the time that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
