package pattern_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/pattern"
)

// rounds is what the default run does; APIROUTES_PROOF=1 does a hundred times more.
func rounds(n int) int {
	if os.Getenv("APIROUTES_PROOF") == "1" {
		return n * 100
	}
	return n
}

func pick(rnd *rand.Rand, list ...string) string { return list[rnd.IntN(len(list))] }

func randomPattern(rnd *rand.Rand) string {
	method := pick(rnd, "GET", "GET", "GET", "HEAD", "POST")
	if rnd.IntN(12) == 0 {
		return method + " /{$}"
	}
	var b strings.Builder
	for i := range 1 + rnd.IntN(4) {
		b.WriteByte('/')
		switch rnd.IntN(6) {
		case 0, 1:
			b.WriteString("{" + pick(rnd, "p", "q") + string(rune('a'+i)) + "}")
		case 2:
			if rnd.IntN(2) == 0 {
				b.WriteString("{rest...}")
				return method + " " + b.String()
			}
			b.WriteString(pick(rnd, "a%2Fb", "%61", "é", "%C3%A9"))
		default:
			b.WriteString(pick(rnd, "a", "b", "c"))
		}
	}
	return method + " " + b.String()
}

func randomPath(rnd *rand.Rand) string {
	var b strings.Builder
	for range 1 + rnd.IntN(5) {
		b.WriteString("/" + pick(rnd, "a", "b", "c", "d", "%61", "a%2Fb", "%C3%A9", "x%20y", "%2525"))
	}
	if rnd.IntN(6) == 0 {
		return "/"
	}
	if rnd.IntN(5) == 0 {
		b.WriteByte('/')
	}
	return b.String()
}

// muxAdd reports whether ServeMux took the pattern.
func muxAdd(mux *http.ServeMux, s string) (ok bool) {
	defer func() { ok = recover() == nil }()
	mux.HandleFunc(s, func(http.ResponseWriter, *http.Request) {})
	return
}

// The same conflicts and, on paths that ServeMux leaves as they are, the same matches
// and values.
func TestAgreesWithServeMux(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var sets, conflicts, matches, misses, redirects int
	for range rounds(1000) {
		sets++
		mux := http.NewServeMux()
		r := new(pattern.Router)
		var patterns []string
		for range 1 + rnd.IntN(12) {
			s := randomPattern(rnd)
			p := parse(t, s)
			err := r.Add(p, len(patterns))
			if took := muxAdd(mux, s); took != (err == nil) {
				t.Fatalf("%q beside %q: ServeMux took it: %v; here: %v", s, patterns, took, err)
			}
			if err != nil {
				conflicts++
				continue
			}
			patterns = append(patterns, s)
		}
		for range 20 {
			method, path := pick(rnd, "GET", "HEAD", "POST"), randomPath(rnd)
			req := httptest.NewRequest(method, path, nil)
			_, want := mux.Handler(req)
			answer := httptest.NewRecorder()
			mux.ServeHTTP(answer, req)
			if answer.Code == http.StatusMovedPermanently || answer.Code == http.StatusTemporaryRedirect {
				redirects++
				continue // ServeMux would add a slash; here nothing is redirected
			}
			id, values, verdict := r.Match(method, path, nil)
			encoding(t, r, method, path)
			ok, got := verdict == pattern.Found, ""
			if ok {
				got = patterns[id]
			}
			if got != want {
				t.Fatalf("%s %s among %q: ServeMux %q, here %q", method, path, patterns, want, got)
			}
			if !ok {
				misses++
				continue
			}
			matches++
			for i, name := range parse(t, got).Names() {
				if values[i] != req.PathValue(name) {
					t.Fatalf("%s %s with %q: %s is %q, ServeMux says %q", method, path, got, name, values[i], req.PathValue(name))
				}
			}
		}
	}
	t.Logf("%d sets, %d conflicts, %d matches, %d misses, %d redirects left out", sets, conflicts, matches, misses, redirects)
	if conflicts == 0 || matches == 0 || misses == 0 {
		t.Error("the comparison proved nothing")
	}
}

// encoding compares what Match finds for a path that has nothing to decode with what it
// finds where one letter is encoded.
func encoding(t *testing.T, r *pattern.Router, method, path string) {
	i := strings.IndexFunc(path, func(c rune) bool { return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' })
	if i < 0 || strings.Contains(path, "%") {
		return
	}
	encoded := fmt.Sprintf("%s%%%02X%s", path[:i], path[i], path[i+1:])
	id, values, verdict := r.Match(method, path, nil)
	sameID, sameValues, sameVerdict := r.Match(method, encoded, nil)
	if id != sameID || verdict != sameVerdict || strings.Join(values, "|") != strings.Join(sameValues, "|") {
		t.Fatalf("%s %q: %d, %v, %q; %q: %d, %v, %q", method, path, id, verdict, values, encoded, sameID, sameVerdict, sameValues)
	}
}

// What Append writes, Match reads.
func TestAppendThenMatch(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	alphabet := []string{"a", "/", ".", "%", "é", " ", "+", ";", "?", "#", "\x00", "中", "%2F", "&", "{"}
	seen := 0
	for range rounds(2000) {
		p := parse(t, randomPattern(rnd))
		var r pattern.Router
		if err := r.Add(p, 0); err != nil {
			t.Fatal(err)
		}
		values := make([]string, len(p.Names()))
		expressible := true
		for i, name := range p.Names() {
			for range rnd.IntN(6) {
				values[i] += pick(rnd, alphabet...)
			}
			if !strings.Contains(p.Path(), name+"...}") {
				expressible = expressible && values[i] != "" && values[i] != "." && values[i] != ".."
				continue
			}
			for seg := range strings.SplitSeq(values[i], "/") {
				expressible = expressible && seg != "." && seg != ".."
			}
		}
		path := string(p.Append(nil, values))
		_, got, verdict := r.Match(p.Method, path, nil)
		if !expressible {
			if verdict == pattern.Found {
				t.Fatalf("%s with %q gave %s, which should match nothing", p, values, path)
			}
			continue
		}
		seen++
		if verdict != pattern.Found || strings.Join(got, "|") != strings.Join(values, "|") {
			t.Fatalf("%s with %q gave %s, read as %q, %v", p, values, path, got, verdict)
		}
	}
	t.Logf("%d round trips", seen)
}

func FuzzMatch(f *testing.F) {
	for _, path := range []string{"/", "/a", "/a/b%2Fc", "/f/", "/f/x/..", "/f/%2e%2e/x", "/a/%ff", "/a/%zz", "//", "/f/a//b", "*"} {
		f.Add("GET", path)
	}
	patterns := []string{"GET /", "GET /a", "POST /a/{id}", "GET /a/{id}/x/y", "GET /a/b/{y}", "GET /f/{rest...}", "GET /f/{one}/raw"}
	r := router(f, patterns...)
	f.Fuzz(func(t *testing.T, method, path string) {
		id, values, verdict := r.Match(method, path, nil)
		if (id >= 0) != (verdict == pattern.Found) {
			t.Fatalf("%v with endpoint %d", verdict, id)
		}
		encoding(t, r, method, path)
		if allow := r.Allow(path); verdict != pattern.Malformed && (allow != "") != (verdict != pattern.NotFound) {
			t.Fatalf("%v with Allow %q", verdict, allow)
		}
		if verdict != pattern.Found {
			return
		}
		for _, v := range values {
			if !utf8.ValidString(v) {
				t.Fatalf("value %q is not UTF-8", v)
			}
		}
		// The canonical way to write the path finds the same.
		canonical := string(parse(t, patterns[id]).Append(nil, values))
		again, sameValues, _ := r.Match(method, canonical, nil)
		if again != id || strings.Join(sameValues, "|") != strings.Join(values, "|") {
			t.Fatalf("%q matches %q with %q, %q with %q", path, patterns[id], values, canonical, sameValues)
		}
	})
}
