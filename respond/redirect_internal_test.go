package respond

import (
	"errors"
	"net/url"
	"testing"
)

func TestSameOrigin(t *testing.T) {
	tests := []struct{ target, location string }{ // location "": refused
		{"/login", "/login"},
		{"/a b", "/a%20b"},
		{"/é", "/%C3%A9"},
		{"/100%", "/100%25"},
		{"/x?%", "/x?%25"},
		{"/x?a%^b", "/x?a%25%5Eb"},
		{"/%4", "/%254"},
		{"/%zz", "/%25zz"},
		{"/a[0]", "/a%5B0%5D"},
		{"/a#b#c", "/a#b%23c"},
		{"", ""},
		{"/%C3%A9", "/%C3%A9"},
		{"other", "other"},
		{"../up", "../up"},
		{"?x=1", "?x=1"},
		{"#top", "#top"},
		{"/p?next=//x", "/p?next=//x"},
		{"/p?to=https://x", "/p?to=https://x"},
		{`/p?q=\`, "/p?q=%5C"},
		{"/a:b", "/a:b"},
		{"/%09/evil.example", "/%09/evil.example"},
		{"/a\"<>", "/a%22%3C%3E"},
		{"//evil.example", ""},
		{`/\evil.example`, ""},
		{`\/evil.example`, ""},
		{`\\evil.example`, ""},
		{`a\..\b`, ""},
		{"///evil.example", ""},
		{"https://evil.example/", ""},
		{"https:evil.example", ""},
		{"HTTPS://evil.example", ""},
		{"javascript:alert(1)", ""},
		{" javascript:alert(1)", ""},
		{" //evil.example", ""},
		{"data:text/html,x", ""},
		{"a:b", ""},
		{"/a\r\nSet-Cookie: x=1", ""},
		{"/\t/evil.example", ""},
		{"/a\x00", ""},
		{"/a\x7f", ""},
	}
	for _, tt := range tests {
		got, err := sameOrigin(tt.target)
		if got != tt.location || (err != nil) != (tt.location == "") {
			t.Errorf("sameOrigin(%q) = %q, %v; want %q", tt.target, got, err, tt.location)
		}
		if err != nil {
			if p, ok := errors.AsType[*Problem](err); !ok || p.Status != 400 {
				t.Errorf("sameOrigin(%q): %v is not a 400 problem", tt.target, err)
			}
		}
	}
}

func TestExternal(t *testing.T) {
	tests := []struct{ target, location string }{
		{"https://example.com/a?b=c#d", "https://example.com/a?b=c#d"},
		{"http://example.com:8080/é", "http://example.com:8080/%C3%A9"},
		{"https://example.com", "https://example.com"},
		{"http://[::1]:80/[a]?%", "http://[::1]:80/%5Ba%5D?%25"},
		{"https://example.com?a#b#c", "https://example.com?a#b%23c"},
		{"http://:80", ""}, {"http://:80/x", ""},
		{"http://a:99999", ""}, {"http://a:0/x", ""}, {"http://a<b/", ""}, {`http://a"b`, ""}, {"http://a:65535/", "http://a:65535/"}, {"http://[fe80::1%25eth0]/", ""},
		{"/login", ""}, {"//example.com", ""}, {"ftp://example.com", ""}, {"javascript:alert(1)", ""},
		{"https:example.com", ""}, {"https:///x", ""}, {"https://user@example.com", ""},
		{"https://good.example@evil.example/", ""}, {`https://a\b`, ""}, {"https://exa mple.com", ""},
		{"https://bücher.example/", ""}, {"https://x/\r\n", ""}, {"", ""},
	}
	for _, tt := range tests {
		got, err := external(tt.target)
		if got != tt.location || (err != nil) != (tt.location == "") {
			t.Errorf("external(%q) = %q, %v; want %q", tt.target, got, err, tt.location)
		}
	}
}

// FuzzRedirectTarget resolves what is accepted the way a browser does: it must stay on the origin.
func FuzzRedirectTarget(f *testing.F) {
	for _, seed := range []string{"/login", "//evil", `/\evil`, "https://evil", "https:evil", " //evil", "/a/../..//evil", "\t//evil", "?a", "é", "a:b", "%2f%2fevil", ".//evil", "..//evil"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://site.example/dir/page?q")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, target string) {
		location, err := sameOrigin(target)
		if err != nil {
			return
		}
		for i := range len(location) {
			if c := location[i]; c <= ' ' || c >= 0x7f {
				t.Fatalf("sameOrigin(%q) = %q holds byte %#x", target, location, c)
			}
		}
		ref, err := url.Parse(location)
		if err != nil {
			return // a browser reads bad escapes as they are, and stays
		}
		if got := base.ResolveReference(ref); got.Scheme != base.Scheme || got.Host != base.Host || got.User != nil {
			t.Errorf("sameOrigin(%q) = %q leads to %s", target, location, got)
		}
	})
}
