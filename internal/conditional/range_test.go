package conditional_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/conditional"
)

type header map[string][]string

func (h header) Header(name string) []string { return h[name] }

func TestRanges(t *testing.T) {
	type ranges = []conditional.Range
	many := func(n int) string {
		var parts []string
		for i := range n {
			parts = append(parts, fmt.Sprintf("%d-%d", i, i))
		}
		return "bytes=" + strings.Join(parts, ",")
	}
	all16 := make(ranges, 16)
	for i := range all16 {
		all16[i] = conditional.Range{Start: int64(i), Length: 1}
	}
	for _, tt := range []struct {
		text string
		size int64
		want ranges
		bad  bool
	}{
		{"bytes=0-4", 10, ranges{{0, 5}}, false},
		{"bytes=5-", 10, ranges{{5, 5}}, false},
		{"bytes=-3", 10, ranges{{7, 3}}, false},
		{"bytes=-30", 10, ranges{{0, 10}}, false},
		{"bytes=0-99", 10, ranges{{0, 10}}, false},
		{"bytes=0-99999999999999999999", 10, ranges{{0, 10}}, false},
		{"bytes=99999999999999999999-", 10, nil, true},
		{"Bytes=0-0", 10, ranges{{0, 1}}, false},
		{"bytes= 0 - 0 , 2-2", 10, ranges{{0, 1}, {2, 1}}, false},
		{"bytes=5-6,0-1", 10, ranges{{5, 2}, {0, 2}}, false},
		{"bytes=0-3,2-5", 10, ranges{{0, 4}, {2, 4}}, false}, // they overlap
		{"bytes=0-9,0-9", 10, nil, false},                    // more than all
		{"bytes=0-0,99-", 10, ranges{{0, 1}}, false},
		{"bytes=5-2", 10, nil, true},
		{"bytes=10-", 10, nil, true},
		{"bytes=-0", 10, nil, true},
		{"bytes=-0,0-0", 10, ranges{{0, 1}}, false},
		{"bytes=-", 10, nil, true},
		{"bytes=1", 10, nil, true},
		{"bytes=--1", 10, nil, true},
		{"bytes=+1-2", 10, nil, true},
		{"bytes=a-b", 10, nil, true},
		{"bytes=1-x", 10, nil, true},
		{"bytes=", 10, nil, false},
		{"bytes=,,", 10, nil, false},
		{"bytes", 10, nil, false},
		{"seconds=1-2", 10, nil, false},
		{"", 10, nil, false},
		{"bytes=0-", 0, nil, false},
		{"bytes=-5", 0, nil, false},
		{"bytes=5-2", 0, nil, false},
		{"bytes=-1,10-2", 10, ranges{{9, 1}}, false},
		{many(16), 1 << 20, all16, false},
		{many(17), 1 << 20, nil, false},
		{many(1000), 1 << 20, nil, false},
	} {
		got, ok := conditional.Ranges(header{"Range": {tt.text}}, tt.size, "", "")
		if diff := cmp.Diff(tt.want, got); diff != "" || ok == tt.bad {
			t.Errorf("%q of %d: ok %t\n%s", tt.text, tt.size, ok, diff)
		}
	}
	if got, ok := conditional.Ranges(header{"Range": {"bytes=0-0", "bytes=1-1"}}, 10, "", ""); got != nil || !ok {
		t.Errorf("two lines: %v %t", got, ok)
	}
}

func TestIfRange(t *testing.T) {
	const date, later = "Sun, 29 Nov 2026 10:00:00 GMT", "Sun, 29 Nov 2026 10:00:01 GMT"
	for _, tt := range []struct {
		lines         []string
		tag, modified string
		want          bool
	}{
		{nil, "", "", true},
		{[]string{`"a"`}, `"a"`, "", true},
		{[]string{`"b"`}, `"a"`, "", false},
		{[]string{`"a"`}, "", date, false},
		{[]string{`W/"a"`}, `W/"a"`, "", false},
		{[]string{`"a"`}, `W/"a"`, "", false},
		{[]string{`"a", "b"`}, `"a"`, "", false},
		{[]string{`"a"`, `"a"`}, `"a"`, "", false},
		{[]string{date}, `"a"`, date, true},
		{[]string{later}, "", date, false},
		{[]string{date}, "", later, false},
		{[]string{date}, "", "", false},
		{[]string{"yesterday"}, "", date, false},
		{[]string{""}, "", date, false},
	} {
		got, ok := conditional.Ranges(header{"Range": {"bytes=0-0"}, "If-Range": tt.lines}, 10, tt.tag, tt.modified)
		if !ok || (len(got) == 1) != tt.want {
			t.Errorf("%+v: %v %t", tt, got, ok)
		}
	}
}

func TestFailed(t *testing.T) {
	const date, later = "Sun, 29 Nov 2026 10:00:00 GMT", "Sun, 29 Nov 2026 10:00:01 GMT"
	for _, tt := range []struct {
		header        header
		tag, modified string
		want          bool
	}{
		{header{}, `"a"`, date, false},
		{header{"If-Match": {"*"}}, "", "", false},
		{header{"If-Match": {`"a"`}}, `"a"`, "", false},
		{header{"If-Match": {`"b", "a"`}}, `"a"`, "", false},
		{header{"If-Match": {`"b"`, `"a"`}}, `"a"`, "", false},
		{header{"If-Match": {`"b"`}}, `"a"`, "", true},
		{header{"If-Match": {`W/"a"`}}, `"a"`, "", true},
		{header{"If-Match": {`W/"a"`}}, `W/"a"`, "", true},
		{header{"If-Match": {`"a"`}}, "", date, true},
		{header{"If-Match": {`a`}}, `"a"`, "", true},
		{header{"If-Match": {`"b" "a"`}}, `"a"`, "", true},
		{header{"If-Match": {`"a"`}, "If-Unmodified-Since": {date}}, `"a"`, later, false},
		{header{"If-Unmodified-Since": {date}}, "", later, true},
		{header{"If-Unmodified-Since": {date}}, "", date, false},
		{header{"If-Unmodified-Since": {later}}, "", date, false},
		{header{"If-Unmodified-Since": {"?"}}, "", date, false},
		{header{"If-Unmodified-Since": {date}}, "", "", false},
		{header{"If-Unmodified-Since": {date}}, "", "?", false},
		{header{"If-Unmodified-Since": {date, date}}, "", later, false},
	} {
		if got := conditional.Failed(tt.header, tt.tag, tt.modified); got != tt.want {
			t.Errorf("%+v: %t", tt, got)
		}
	}
}

// What http.ServeContent reads differently, and we on purpose: the suffix -0, units, numbers
// beyond 64 bits, and lists that we do not answer.
var onPurpose = regexp.MustCompile(`-\s*0+\s*(,|$)|\d{19}|\+`)

// FuzzRanges holds the reader of ranges against http.ServeContent.
func FuzzRanges(f *testing.F) {
	for _, s := range []string{"bytes=0-4", "bytes=5-", "bytes=-3", "bytes=0-0,2-2", "bytes=5-2", "bytes=0-3,2-5", "bytes=-0", "x=1-2", "bytes=,", "bytes=1-2,", "bytes=\t1-2", "bytes=9-,99-"} {
		f.Add(s, uint16(10))
	}
	f.Add("bytes=0-", uint16(0))
	f.Fuzz(func(t *testing.T, text string, size uint16) {
		ranges, ok := conditional.Ranges(header{"Range": {text}}, int64(size), "", "")
		var total int64
		for _, r := range ranges {
			total += r.Length
			if r.Start < 0 || r.Length <= 0 || r.Start+r.Length > int64(size) {
				t.Fatalf("%q of %d: %v lies outside", text, size, r)
			}
		}
		if total > int64(size) || len(ranges) > 16 || !ok && len(ranges) > 0 {
			t.Fatalf("%q of %d: %v, ok %t", text, size, ranges, ok)
		}
		if strings.ContainsAny(text, "\r\n") || !strings.HasPrefix(text, "bytes=") || onPurpose.MatchString(text) || strings.Count(text, ",") > 15 || len(text) > 1000 || size == 0 {
			return
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header["Range"] = []string{text}
		w := httptest.NewRecorder()
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(make([]byte, size)))
		want := http.StatusOK
		switch {
		case !ok:
			want = http.StatusRequestedRangeNotSatisfiable
		case len(ranges) > 0:
			want = http.StatusPartialContent
		}
		contentRange := ""
		if len(ranges) == 1 {
			contentRange = fmt.Sprintf("bytes %d-%d/%d", ranges[0].Start, ranges[0].Start+ranges[0].Length-1, size)
		}
		if w.Code != want || ok && w.Header().Get("Content-Range") != contentRange {
			t.Errorf("%q of %d: %d %q, http.ServeContent says %d %q", text, size, want, contentRange, w.Code, w.Header().Get("Content-Range"))
		}
	})
}
