package rules_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/stretchr/testify/require"
)

// threadTime is the CPU time of this thread, which other work on the machine does not change.
func threadTime(t *testing.T) time.Duration {
	t.Helper()
	const thread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	require.NoError(t, syscall.Getrusage(thread, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// slower is a limit as it is for a machine that takes longer at the moment than the one that
// it was set on, for a text that has little to do with what is measured.
func slower(t *testing.T, limit time.Duration) time.Duration {
	const usual = 6 * time.Millisecond
	text := []byte("[" + strings.Repeat(`{"name":"Ada","n":[1.5,2,-3e2]},`, 4096) + "0]")
	times := make([]time.Duration, 9)
	for i := range times {
		start := threadTime(t)
		var v any
		require.NoError(t, json.Unmarshal(text, &v))
		times[i] = threadTime(t) - start
	}
	slices.Sort(times)
	return time.Duration(float64(limit) * max(1, float64(times[len(times)/2])/float64(usual)))
}

// cost is the least CPU time of three checks of a text.
func cost(t *testing.T, c *rules.Checker, target reflect.Type, text string) time.Duration {
	t.Helper()
	ptr := reflect.New(target)
	ptr.Elem().Field(0).SetString(text)
	least := time.Hour
	for range 3 {
		start := threadTime(t)
		_ = c.Check(context.Background(), ptr.Interface())
		if least = min(least, threadTime(t)-start); least < time.Millisecond {
			break
		}
	}
	return least
}

// hostile are beginnings and what follows them again and again: they keep a format's
// parser busy for as long as possible.
var hostile = []struct{ start, repeat string }{
	{"", "a"}, {"", "0"}, {"", "-"}, {"", "_"}, {"", "."}, {"", "%41"}, {"", "\xff"}, {"", "ä"}, {"", "\"a"}, {"", "a-"}, {"", "a."}, {"", "a/b"},
	{"", "<a"}, {"", "<"}, {"", "&a;"}, {"", "1,"}, {"", "abcdefgh-"}, {"", "aa-aaa-"}, {"", "["}, {"", "{\"a\":"}, {"", "K"}, {"", "1h"}, {"", " "},
	{"http://", "a"}, {"http://", "-"}, {"https://a", "\xff"}, {"http://a/", "%41"}, {"http://a/?", "a=b&"}, {"a@", "a."}, {"a@b.", "a-"}, {"a", "@"},
	{"en-", "a-"}, {"en-x-", "a-"}, {"en-", "abcdefgh-"}, {"en-a-", "aa-"}, {"1.2.3-", "0"}, {"1.2.3-", "-"}, {"1.2.3+", "a."}, {"CVE-1999-", "1"},
	{"mongodb://", "a"}, {"mongodb://a:b@c,", "a,"}, {"data:text/plain;base64,", "A"}, {"rgb(", " "}, {"rgba(1,1,1,", "0"}, {"urn:x:", "a"}, {"AAAA", "A"},
	{"@every ", "1h"}, {"", "* "}, {"10.0.0.0/", "0"}, {"[::", ":"}, {"::", "0:"}, {"2006-01-02", "0"}, {"Europe/", "a"}, {"+", "1"}, {"0x", "f"}, {"bc1", "q"},
	{"1", "0."}, {"978", "0"}, {"unix:", "/a"}, {"localhost:", "0"}, {"a", "\n"}, {"eyJ.", "a"}, {"#", "f"},
}

// A megabyte that a client chose costs at most 150 ms under any rule, and doubling it at
// most 2.5 times that. Each tag is tried with a piece of all texts, and with the slowest of
// them at full length: with APIROUTES_PROOF=1 with a sixteenth of each, and the slowest two.
func TestHostileTexts(t *testing.T) {
	const megabyte, most = 1 << 20, 150 * time.Millisecond
	if raceDetector {
		t.Skip("the race detector costs more than what is measured")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	piece, slowest := megabyte/64, 1
	if os.Getenv("APIROUTES_PROOF") == "1" {
		piece, slowest = megabyte/16, 2
	}
	var worst time.Duration
	var worstOf string
	for _, tag := range textTags() {
		target := oneField(reflect.TypeFor[string](), tag)
		c, faults := quiet().Compile(target)
		require.Empty(t, faults, tag)
		measure := func(i, n int) time.Duration {
			h := hostile[i]
			return cost(t, c, target, h.start+strings.Repeat(h.repeat, n/len(h.repeat)))
		}
		full := func(i int) {
			quarter, one := measure(i, megabyte/4), measure(i, megabyte)
			for again := 0; again < 3 && (one > most || one > 8*quarter && one > most/3); again++ {
				quarter, one = max(quarter, measure(i, megabyte/4)), min(one, measure(i, megabyte))
			}
			if one > worst {
				worst, worstOf = one, fmt.Sprintf("%s on %q", tag, hostile[i])
			}
			if one > most && one > slower(t, most) {
				t.Errorf("%s on a megabyte of %q: %v", tag, hostile[i], one)
			}
			if one > most/3 && one > 8*quarter { // a quadratic rule takes 16 times as long
				t.Errorf("%s on %q: %v, and %v for a quarter of it", tag, hostile[i], one, quarter)
			}
		}
		costs, order := make([]time.Duration, len(hostile)), make([]int, len(hostile))
		for i := range hostile {
			costs[i], order[i] = measure(i, piece), i
		}
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(costs[j], costs[i]) })
		for _, i := range order[:slowest] {
			full(i)
		}
	}
	t.Logf("%d tags, %d texts: the worst is %s with %v", len(textTags()), len(hostile), worstOf, worst)
}

// textTags are all tags that a text can have, but those that name other fields.
func textTags() []string {
	var out []string
	for line := range strings.Lines(strings.TrimSpace(auditRows)) {
		tags, where, _ := strings.Cut(strings.TrimSpace(line), ": ")
		for tag := range strings.FieldsSeq(tags) {
			if tag = strings.ReplaceAll(tag, "#", " "); has(where, "string") && !strings.Contains(tag, "=O") && !strings.Contains(tag, "=W") {
				out = append(out, tag)
			}
		}
	}
	out = append(out, "postcode_iso3166_alpha2=GB", "datetime=Mon0x2C 02 Jan 2006 15:04:05 MST", "datetime=2006-01-02T15:04:05Z07:00", "email|uuid")
	slices.Sort(out)
	return out
}
