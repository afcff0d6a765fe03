package answer_test

import (
	"mime"
	"strings"
	"testing"

	"github.com/apiroutes/apiroutes/internal/answer"
	"github.com/apiroutes/apiroutes/internal/syntax"
)

func TestDisposition(t *testing.T) {
	for _, tt := range []struct {
		name       string
		attachment bool
		want       string
	}{
		{"", false, ""},
		{"", true, "attachment"},
		{"report.csv", true, `attachment; filename="report.csv"`},
		{"a b.csv", false, `inline; filename="a b.csv"`},
		{"naïve €.csv", true, `attachment; filename="na_ve _.csv"; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.csv`},
		{`a"b\c.csv`, true, `attachment; filename="c.csv"`},
		{`a"b.csv`, true, `attachment; filename="a_b.csv"; filename*=UTF-8''a%22b.csv`},
		{"100%41.csv", true, `attachment; filename="100_41.csv"; filename*=UTF-8''100%2541.csv`},
		{"../../x", true, `attachment; filename="x"`},
		{"..", true, "attachment"},
		{"a\r\nSet-Cookie: b", true, `attachment; filename="aSet-Cookie: b"`},
		{"\u202egpj.exe", true, `attachment; filename="gpj.exe"`},
	} {
		if got := answer.Disposition(tt.name, tt.attachment); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func FuzzDisposition(f *testing.F) {
	for _, s := range []string{"a.txt", "é", `"`, `\`, "%41", "a;b=c", "\r\n", "\u202e", "'", "*", "a/b", strings.Repeat("é", 300)} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, name string, attachment bool) {
		got := answer.Disposition(name, attachment)
		for i := range len(got) {
			if got[i] < ' ' || got[i] > '~' {
				t.Fatalf("%q: %q has a byte that no header has", name, got)
			}
		}
		if got == "" {
			if attachment || syntax.Filename(name) != "" {
				t.Fatalf("%q: nothing", name)
			}
			return
		}
		kind, params, err := mime.ParseMediaType(got)
		if err != nil || (kind == "attachment") != attachment || params["filename"] != syntax.Filename(name) {
			t.Errorf("%q: %s reads as %s %q, %v", name, got, kind, params, err)
		}
	})
}
