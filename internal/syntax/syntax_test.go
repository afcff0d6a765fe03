package syntax_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

func TestIsToken(t *testing.T) {
	// The separators of RFC 9110, 5.6.2; what else is no token byte is outside of print.
	const delimiters = `"(),/:;<=>?@[\]{}`
	for c := range 256 {
		b := string([]byte{byte(c)})
		want := c > ' ' && c < 0x7f && !strings.Contains(delimiters, b)
		if got := syntax.IsToken(b); got != want {
			t.Errorf("%q: %t", b, got)
		}
		if got := syntax.IsToken("X-" + b + "1"); got != want {
			t.Errorf("%q within: %t", b, got)
		}
	}
	if syntax.IsToken("") {
		t.Error("nothing is a token")
	}
}

func TestCutElement(t *testing.T) {
	for line, want := range map[string][]string{
		"":                nil,
		"a":               {"a"},
		" a ,\tb":         {"a", "b"},
		"a,,b,":           {"a", "", "b"},
		`"a,b", c`:        {`"a,b"`, "c"},
		`"a\",b",c`:       {`"a\",b"`, "c"},
		`W/"x", "y`:       {`W/"x"`, `"y`},
		`"open, to, end`:  {`"open, to, end`},
		`a"b,c"d,e`:       {`a"b,c"d`, "e"},
		`trailing\,quote`: {`trailing\`, "quote"},
	} {
		var got []string
		for rest := line; rest != ""; {
			var element string
			element, rest = syntax.CutElement(rest)
			got = append(got, element)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	for text, want := range map[string]bool{
		"application/json": true, "application/problem+json": true, "image/x+json": true,
		"application/+json": false, "+json": false, "text/json": false, "application/jsonx": false, "application/json+xml": false, "": false,
	} {
		if got := syntax.IsJSON(text); got != want {
			t.Errorf("IsJSON(%q) = %v, want %v", text, got, want)
		}
	}
	if media, params, ok := syntax.MediaType(`Text/HTML; Charset="UTF-8"`); media != "text/html" || params["charset"] != "UTF-8" || !ok {
		t.Errorf("%q %q %v", media, params, ok)
	}
	for _, text := range []string{"", "json", "a/b; x", "a/b; x=1; x=2", "/"} {
		if media, _, ok := syntax.MediaType(text); ok && text != "/" {
			t.Errorf("%q is taken as %q", text, media)
		}
	}
}

func TestHasContent(t *testing.T) {
	for status, want := range map[int]bool{100: false, 103: false, 200: true, 201: true, 204: false, 205: false, 206: true, 304: false, 404: true, 500: true} {
		if got := syntax.HasContent(status); got != want {
			t.Errorf("HasContent(%d) = %v, want %v", status, got, want)
		}
	}
}

func TestPercentEncoding(t *testing.T) {
	texts := []string{"", "a b", "é", "a/b;c,d?e#f%", "-._~!$&'()*+=:@", "[\\]^`{|}\"<>", "  "}
	for c := range 256 {
		texts = append(texts, string([]byte{byte(c)}))
	}
	for _, text := range texts {
		segment := string(syntax.AppendSegment(nil, text))
		if got, err := url.PathUnescape(segment); err != nil || got != text || strings.ContainsAny(segment, "/;,?#") {
			t.Errorf("segment of %q: %q (%v)", text, segment, err)
		}
		query := string(syntax.AppendQuery(nil, text))
		if got := url.QueryEscape(text); query != got {
			t.Errorf("query of %q: %q, net/url has %q", text, query, got)
		}
	}
	if got, want := string(syntax.AppendReference(nil, "/é?a b^c#%20{x}")), "/%C3%A9?a%20b%5Ec#%20%7Bx%7D"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAppendPointer(t *testing.T) {
	if got, want := string(syntax.AppendPointer([]byte("/a"), "b/c~d~1é")), "/a/b~1c~0d~01é"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// FuzzAppendString holds the writer against encoding/json.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "a", "ab", "abc", "abcd", "12345678", "1234567\"", "é\\\n\x00\x7f", "\xff\xfe", "\u2028<>&", strings.Repeat("x", 100) + "\x1f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := syntax.AppendString(nil, s)
		var back string
		if err := json.Unmarshal(got, &back); err != nil || back != strings.ToValidUTF8(s, "\ufffd") && utf8.ValidString(s) {
			t.Fatalf("%q: %s reads as %q (%v)", s, got, back, err)
		}
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
		want := strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSuffix(b.String(), "\n"))
		if utf8.ValidString(s) && !strings.Contains(s, `\u202`) && string(got) != want {
			t.Fatalf("%q: %s, encoding/json has %s", s, got, want)
		}
		if syntax.IsVerbatim([]byte(s)) != (string(got) == `"`+s+`"`) {
			t.Fatalf("%q: IsVerbatim is %v", s, syntax.IsVerbatim([]byte(s)))
		}
	})
}
