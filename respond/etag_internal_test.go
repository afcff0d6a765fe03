package respond

import (
	"strings"
	"sync"
	"testing"
)

func TestMatchesETag(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		etag  string
		want  bool
	}{
		{"same weak", []string{`W/"a"`}, `W/"a"`, true},
		{"strong form of a weak tag", []string{`"a"`}, `W/"a"`, true},
		{"weak form of a strong tag", []string{`W/"a"`}, `"a"`, true},
		{"other", []string{`"b"`}, `W/"a"`, false},
		{"list", []string{`"x", W/"a" ,"b"`}, `W/"a"`, true},
		{"list over lines", []string{`"x"`, `"a"`}, `"a"`, true},
		{"star", []string{" * "}, `W/"a"`, true},
		{"star in a list is no star", []string{`"x", *`}, `W/"a"`, false},
		{"empty members", []string{`,, ,"a"`}, `"a"`, true},
		{"comma inside a tag", []string{`"a,b"`}, `"a,b"`, true},
		{"comma inside is no separator", []string{`"x,"a"`}, `"a"`, false},
		{"bare token", []string{`a`}, `"a"`, false},
		{"unclosed", []string{`"a`}, `"a"`, false},
		{"lower-case w", []string{`w/"a"`}, `"a"`, false},
		{"tail after a tag", []string{`"x"y, "a"`}, `"a"`, false},
		{"space in a tag", []string{`"x y", "a"`}, `"a"`, false},
		{"empty", []string{""}, `"a"`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := matchesETag(tt.lines, tt.etag); got != tt.want {
				t.Errorf("matchesETag(%q, %s) = %t, want %t", tt.lines, tt.etag, got, tt.want)
			}
		})
	}
}

// Contents that differ have tags that differ, and a tag is what RFC 9110 has it be.
func TestETagOf(t *testing.T) {
	contents := map[string]string{}
	add := func(content string) {
		tag := new(ETags).of([]byte(content)).line[0]
		if other, taken := contents[tag]; taken {
			t.Errorf("%q and %q have the tag %s", content, other, tag)
		}
		contents[tag] = content
		if opaque, rest, ok := cutETag(tag); !ok || rest != "" || "W/"+opaque != tag {
			t.Errorf("%s is no weak entity tag", tag)
		}
		if again := new(ETags).of([]byte(content)).line[0]; again != tag {
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

func FuzzIfNoneMatch(f *testing.F) {
	for _, seed := range []string{`"a"`, `W/"a", "b"`, "*", `"`, `W/`, `"a",,"b`, "\"a\x00\"", `"a" "b"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		const tag = `W/"5-abc"`
		if !matchesETag([]string{line}, tag) {
			return
		}
		if strings.Trim(line, " \t") != "*" && !strings.Contains(line, `"5-abc"`) {
			t.Errorf("%q matches %s, which it does not hold", line, tag)
		}
		if !matchesETag([]string{line + `, "z"`}, tag) && strings.Trim(line, " \t") != "*" {
			t.Errorf("%q matches, but not with another tag behind it", line)
		}
	})
}

// A tag that is kept is that of its content and no other, whoever asks at the same time.
func TestETagsKept(t *testing.T) {
	var e ETags
	var want [3]string
	for i := range want {
		want[i] = new(ETags).of([]byte{byte(i)}).line[0]
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := range 3000 {
				i := n / 10 % len(want)
				if got := e.of([]byte{byte(i)}).line[0]; got != want[i] {
					t.Errorf("content %d has the tag %s, want %s", i, got, want[i])
					return
				}
			}
		})
	}
	wg.Wait()
	same := []byte("same")
	for range 1000 { // it is kept now and then
		e.of(same)
	}
	if n := testing.AllocsPerRun(100, func() { e.of(same) }); n != 0 {
		t.Errorf("%v allocations for a tag that is kept", n)
	}
}
