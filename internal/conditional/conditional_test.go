package conditional_test

import (
	"hash/crc32"
	"net/http"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/conditional"
)

// request is the header of a conditional request.
type request http.Header

func (r request) Header(name string) []string { return r[name] }

func TestIfNoneMatch(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		tag   string
		want  bool
	}{
		{"same weak", []string{`W/"a"`}, `W/"a"`, true},
		{"strong form of a weak tag", []string{`"a"`}, `W/"a"`, true},
		{"weak form of a strong tag", []string{`W/"a"`}, `"a"`, true},
		{"other", []string{`"b"`}, `W/"a"`, false},
		{"list", []string{`"x", W/"a" ,"b"`}, `W/"a"`, true},
		{"list over lines", []string{`"x"`, `"a"`}, `"a"`, true},
		{"empty line beside a list", []string{"", `"a"`}, `"a"`, true},
		{"star", []string{" * "}, `W/"a"`, true},
		{"star behind a tag", []string{`"x", *`}, `W/"a"`, false},
		{"star before a tag", []string{`*, "a"`}, `W/"a"`, false},
		{"star in another line", []string{`"a"`, "*"}, `W/"a"`, false},
		{"two stars", []string{"*", "*"}, `W/"a"`, false},
		{"empty members", []string{`,, ,"a", ,`}, `"a"`, true},
		{"comma inside a tag", []string{`"a,b"`}, `"a,b"`, true},
		{"comma inside is no separator", []string{`"x,"a"`}, `"a"`, false},
		{"bare token", []string{`a`}, `"a"`, false},
		{"unclosed", []string{`"a`}, `"a"`, false},
		{"lower-case w", []string{`w/"a"`}, `"a"`, false},
		{"text after the tag", []string{`"a"T`}, `"a"`, false},
		{"text after another tag", []string{`"x"y, "a"`}, `"a"`, false},
		{"text behind the tag, later", []string{`"a", y`}, `"a"`, false},
		{"no comma", []string{`"a" "b"`}, `"a"`, false},
		{"space in a tag", []string{`"x y", "a"`}, `"a"`, false},
		{"DEL in a tag", []string{"\"x\x7f\", \"a\""}, `"a"`, false},
		{"beyond ASCII", []string{"\"é\""}, "\"é\"", true},
		{"empty", []string{""}, `"a"`, false},
		{"empty tag", []string{`""`}, `W/""`, true},
		{"no tag to compare with", []string{"*"}, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request{"If-None-Match": tt.lines}
			if got := conditional.NotModified(r, tt.tag, ""); got != tt.want {
				t.Errorf("NotModified(%q, %s) = %t, want %t", tt.lines, tt.tag, got, tt.want)
			}
		})
	}
}

func TestIfModifiedSince(t *testing.T) {
	const modified, later = "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT"
	tests := []struct {
		name              string
		since             []string
		noneMatch         []string
		tag, lastModified string
		want              bool
	}{
		{"same", []string{modified}, nil, "", modified, true},
		{"later", []string{later}, nil, "", modified, true},
		{"earlier", []string{modified}, nil, "", later, false},
		{"RFC 850", []string{"Sunday, 06-Nov-94 08:49:37 GMT"}, nil, "", modified, true},
		{"asctime", []string{"Sun Nov  6 08:49:37 1994"}, nil, "", modified, true},
		{"beside a tag", []string{modified}, nil, `"a"`, modified, true},
		{"beside If-None-Match that does not match", []string{modified}, []string{`"b"`}, `"a"`, modified, false},
		{"If-None-Match of any, without a tag", nil, []string{"*"}, "", modified, true},
		{"beside If-None-Match that cannot be read", []string{modified}, []string{`b`}, `"a"`, modified, false},
		{"beside If-None-Match without a tag", []string{modified}, []string{`"b"`}, "", modified, false},
		{"no Last-Modified", []string{modified}, nil, `"a"`, "", false},
		{"twice", []string{modified, modified}, nil, "", modified, false},
		{"no date", []string{"today"}, nil, "", modified, false},
		{"Last-Modified is no date", []string{modified}, nil, "", "today", false},
		{"nothing", nil, nil, "", modified, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request{}
			if tt.since != nil {
				r["If-Modified-Since"] = tt.since
			}
			if tt.noneMatch != nil {
				r["If-None-Match"] = tt.noneMatch
			}
			if got := conditional.NotModified(r, tt.tag, tt.lastModified); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}

func TestIsTag(t *testing.T) {
	for tag, want := range map[string]bool{
		`"a"`: true, `W/"a"`: true, `""`: true, `"a,b"`: true, "\"\x80\"": true,
		`a`: false, ``: false, `"a`: false, `a"`: false, `w/"a"`: false, `W/a`: false, `"a" `: false, `"a b"`: false, `"a""b"`: false, `"a", "b"`: false, `*`: false,
	} {
		if got := conditional.IsTag(tag); got != want {
			t.Errorf("IsTag(%s) = %t, want %t", tag, got, want)
		}
	}
}

// Contents that differ have tags that differ, and a tag is what RFC 9110 has it be.
func TestTag(t *testing.T) {
	t.Run("fast", func(t *testing.T) { differs(t, func(b []byte) string { return conditional.Tag(b)[0] }) })
	t.Run("of a page", func(t *testing.T) { differs(t, conditional.PageTag) })
}

// One author of a page can give it the fast tag of an earlier version, by the case of
// letters; the tag of a kept page tells the versions apart.
func TestForgedTag(t *testing.T) {
	const mine = "thisismycommentwhichonlydiffersbythecaseofitslettersandnobodywouldcareaboutthatreallybecausetheyaretrolls"
	before := []byte(mine + " Send the money to account 123.")
	after := []byte(mine + " WARNING, account 123 is a fraud; do not pay.")
	if !forge(after, len(mine), sum(before)) {
		t.Fatal("no solution")
	}
	if conditional.Tag(before)[0] != conditional.Tag(after)[0] {
		t.Error("the forgery is none")
	}
	if conditional.PageTag(before) == conditional.PageTag(after) {
		t.Error("forged")
	}
}

func sum(b []byte) uint64 {
	return uint64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))<<32 | uint64(crc32.ChecksumIEEE(b))
}

// forge changes the case of the first letters so that both sums together are want: CRCs are
// linear, so that is a system of equations over bits.
func forge(content []byte, letters int, want uint64) bool {
	type row struct {
		sum   uint64
		flips [2]uint64
	}
	base := sum(content)
	var basis [64]*row
	reduce := func(r *row) (at int) {
		for at = 63; at >= 0; at-- {
			if r.sum>>at&1 == 0 {
				continue
			}
			if basis[at] == nil {
				return at
			}
			r.sum ^= basis[at].sum
			r.flips[0] ^= basis[at].flips[0]
			r.flips[1] ^= basis[at].flips[1]
		}
		return at
	}
	for i := range letters {
		content[i] ^= 0x20
		r := &row{sum: sum(content) ^ base}
		content[i] ^= 0x20
		r.flips[i/64] = 1 << (i % 64)
		if at := reduce(r); at >= 0 {
			basis[at] = r
		}
	}
	r := &row{sum: want ^ base}
	if reduce(r) >= 0 {
		return false
	}
	for i := range letters {
		if r.flips[i/64]>>(i%64)&1 == 1 {
			content[i] ^= 0x20
		}
	}
	return sum(content) == want
}

func differs(t *testing.T, tagOf func([]byte) string) {
	contents := map[string]string{}
	add := func(content string) {
		tag := tagOf([]byte(content))
		if other, taken := contents[tag]; taken {
			t.Errorf("%q and %q have the tag %s", content, other, tag)
		}
		contents[tag] = content
		if !conditional.IsTag(tag) || !strings.HasPrefix(tag, "W/") {
			t.Errorf("%s is no weak entity tag", tag)
		}
		if again := tagOf([]byte(content)); again != tag {
			t.Errorf("%q has the tags %s and %s", content, tag, again)
		}
	}
	for n := range 300 {
		add(strings.Repeat("\x00", n))
		add(strings.Repeat("a", n+1))
	}
	text := []byte(`{"id":1,"name":"Ada","tags":["a","b"],"total":12.5}`)
	add(string(text))
	for i := range text {
		for bit := range 8 {
			text[i] ^= 1 << bit
			add(string(text))
			text[i] ^= 1 << bit
		}
		if i > 0 && text[i] != text[i-1] {
			text[i], text[i-1] = text[i-1], text[i]
			add(string(text))
			text[i], text[i-1] = text[i-1], text[i]
		}
	}
}

func TestTagAllocates(t *testing.T) {
	content := []byte("content")
	if n := testing.AllocsPerRun(100, func() { conditional.Tag(content) }); n > 1 {
		t.Errorf("%v allocations, more than 1", n)
	}
}

func TestKeeps(t *testing.T) {
	for name, want := range map[string]bool{
		"Cache-Control": true, "Content-Location": true, "Date": true, "Etag": true, "Expires": true, "Vary": true,
		"Set-Cookie": true, "Link": true, "X-Total-Count": true, "Content-Security-Policy": true,
		"Content-Type": false, "Content-Length": false, "Content-Encoding": false, "Content-Language": false,
	} {
		for _, tagged := range []bool{false, true} {
			if got := conditional.Keeps(name, tagged); got != want {
				t.Errorf("Keeps(%s, %t) = %t", name, tagged, got)
			}
		}
	}
	if conditional.Keeps("Last-Modified", true) || !conditional.Keeps("Last-Modified", false) {
		t.Error("Last-Modified stays exactly where there is no entity tag")
	}
}

func FuzzIfNoneMatch(f *testing.F) {
	for _, seed := range []string{`"a"`, `W/"a", "b"`, "*", `"`, `W/`, `"a",,"b`, "\"a\x00\"", `"a" "b"`, `"5-abc"`, `"5-abc", *`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		match := func(lines ...string) bool {
			return conditional.NotModified(request{"If-None-Match": lines}, `W/"5-abc"`, "")
		}
		if !match(line) {
			return
		}
		if strings.Trim(line, " \t") == "*" {
			return
		}
		if !strings.Contains(line, `"5-abc"`) {
			t.Errorf("%q matches a tag that it does not have", line)
		}
		if !match(line+`, "z"`) || !match(line, `"z"`) || !match(`"z"`, line) {
			t.Errorf("%q matches, but not with another tag beside it", line)
		}
		if match(line+", *") || match(line+`x`) {
			t.Errorf("%q matches with what is not a list behind it", line)
		}
	})
}
