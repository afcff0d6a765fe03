package syntax_test

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

func TestFilename(t *testing.T) {
	for in, want := range map[string]string{
		"cat.png":                         "cat.png",
		"":                                "",
		".":                               "",
		"..":                              "",
		"../../etc/passwd":                "passwd",
		`..\..\boot.ini`:                  "boot.ini",
		`C:\fakepath\cat.png`:             "cat.png",
		"a/":                              "",
		"a\x00.png":                       "a.png",
		"a\r\nSet-Cookie: x":              "aSet-Cookie: x",
		"\u202egpj.exe":                   "gpj.exe",
		"a\u2066b\u2069\u200f.ab":         "ab.ab",
		"\xff\xfea":                       "a",
		"  a b  ":                         "a b",
		"é.txt":                           "é.txt",
		".bashrc":                         ".bashrc",
		strings.Repeat("a", 300) + ".tar": strings.Repeat("a", 251) + ".tar",
		strings.Repeat("é", 200):          strings.Repeat("é", 127),
		"a." + strings.Repeat("x", 300):   "a." + strings.Repeat("x", 253),
	} {
		if got := syntax.Filename(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzFilename(f *testing.F) {
	for _, s := range []string{"cat.png", `..\x`, "../x", "\u202egpj.exe", "a\x00", strings.Repeat("é", 200) + ".x", ".", ". .", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := syntax.Filename(s)
		switch {
		case len(got) > 255, !utf8.ValidString(got), strings.ContainsAny(got, "/\\\x00"), got == ".", got == "..":
			t.Errorf("%q: %q", s, got)
		case got != "" && filepath.Base(got) != got:
			t.Errorf("%q: %q is no base name", s, got)
		case strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }):
			t.Errorf("%q: %q has a control character", s, got)
		case syntax.Filename(got) != got:
			t.Errorf("%q: %q is not the end of it", s, got)
		}
	})
}
