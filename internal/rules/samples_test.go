package rules_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// textSamples are rules for strings with values that keep them; changed at random,
// these make the values near the limits.
func textSamples() map[string][]string {
	uuid := []string{"f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE-7DEC-41D0-A765-00A0C91E6BF6", "00000000-0000-4000-8000-000000000000",
		"11111111-1111-3111-1111-111111111111", "22222222-2222-5222-b222-222222222222", "018f4f2e-5f3a-7c1d-9a2b-0123456789ab"}
	words := []string{"", "abc", "ABC", "aB1", "a b", "äöü", "日本語", "x1²Ⅷ", "ſK", "a\xffb", "\ufffd", "abcd", "ab", "12", "İi"}
	usual := []string{"https://example.com/items/42?page=2&sort=-name", "https://sub.example.co.uk/a%20b.html#top", "http://localhost:3000/~ada/;v=1",
		"https://xn--bcher-kva.example/@user", "http://example.org/?q=ä&r[]=1", "https://cdn.example.net/a,b/c(d)!'*.png", "http://example.com",
		"https://example.com/a/b?c=d&e=%20#f", "HTTP://EXAMPLE.com:8080", "http://1.2.3.4/", "https://a-b.c:/", "http://ex.com/ä?ö#ü", "https://a_b.c/", "http://a/b c"}
	odd := []string{"http://ex.com/%zz", "ftp://x.y/z", "mailto:a@b.c", "/path", "http://u:p@h/", "http://[::1]/", "#f", "file:///x"}
	urls := slices.Concat(usual, usual, usual, odd)
	ips := []string{"1.2.3.4", "255.255.255.255", "01.2.3.4", "::1", "::ffff:1.2.3.4", "fe80::1%eth0", "2001:db8::8:800:200c:417a", "1.2.3", "::", "1:2:3:4:5:6:7:8"}
	out := map[string][]string{
		"required": words, "isdefault": words, "omitempty": words, "omitzero": words, "omitnil": words,
		"eq=abc": words, "ne=abc": words, "eq=": words, "ne=": words, "eq_ignore_case=abc": words, "ne_ignore_case=ſk": words,
		"oneof=abc ab 'a b' äöü": words, "noneof=abc 'a b'": words, "oneofci=abc SK": words, "noneofci=abc SK": words,
		"contains=b": words, "contains=0x2C": {"a,b"}, "excludes=b": words, "containsany=öb": words, "excludesall=öb0x7C": {"a|b", "a", "ö"},
		"containsrune=ö": words, "excludesrune=ö": words, "startswith=a": words, "startsnotwith=a": words, "endswith=c": words, "endsnotwith=c": words,
		"email":                              {"ada@example.com", "ada.lovelace+x@mail.example.co.uk", "a@b.c", "x_y-z@1.de", "o'neil@example.org"},
		"omitempty,email":                    {"", "ada@example.com"},
		"required,uuid":                      uuid,
		"email|uuid":                         append([]string{"ada@example.com"}, uuid...),
		"len=3|len=5":                        words,
		"datetime=2006-01":                   {"2024-02", "2024-13"},
		"datetime=2006-01-02T15:04:05Z07:00": {"2024-02-29T12:00:00Z", "2023-02-29T12:00:00Z", "2024-02-29T12:00:00.5+01:00"},
		"e164":                               {"+4915112345678", "15551234567", "+0123", "12345678", "+123456789012345"}, "boolean": {"true", "T", "1", "0", "no", "False"},
		"number": {"0", "123", "-1", "1.5", "٣"}, "numeric": {"0", "-1", "+1.5", ".5", "5.", "1e3"}, "hexadecimal": {"ff", "0xFF", "0x", "fg", "0X1"},
		"sha256": {strings.Repeat("0a", 32)}, "md5": {strings.Repeat("0a", 16)},
	}
	for _, tag := range strings.Fields("alpha alphaspace alphanum alphanumspace alphaunicode alphanumunicode ascii printascii multibyte lowercase uppercase") {
		out[tag] = append([]string{"abc def", "ABC DEF 1", "\x7f", "~!"}, words...)
	}
	for _, tag := range strings.Fields("uuid uuid_rfc4122 uuid3 uuid4 uuid5 uuid7 uuid3_rfc4122 uuid4_rfc4122 uuid5_rfc4122") {
		out[tag] = uuid
	}
	for _, tag := range strings.Fields("url http_url https_url uri") {
		out[tag] = urls
	}
	for _, tag := range strings.Fields("ip ipv4 ipv6") {
		out[tag] = ips
	}
	for _, size := range strings.Fields("len min max gt gte lt lte") {
		out[size+"=3"] = words
		out["omitempty,"+size+"=0x3"] = words
	}
	return out
}

func sampleText(r *rand.Rand, samples []string) string {
	s := samples[r.IntN(len(samples))]
	if r.IntN(2) == 0 {
		return s
	}
	return mutate(r, s)
}

// mutate changes a text in one or two places.
func mutate(r *rand.Rand, s string) string {
	odd := []string{"", "a", "Z", "0", "9", "-", ".", "_", "@", "/", ":", "%", "%41", "#", "?", "+", " ", "ß", "é", "日", "\u00a0", "\u2028", "K", "\x00", "\n", "\x7f", "\xc3", "\xff", `"`, "'", "<", "[", "~"}
	for range 1 + r.IntN(2) {
		at := r.IntN(len(s) + 1)
		cut := min(at+r.IntN(2), len(s))
		s = s[:at] + odd[r.IntN(len(odd))] + s[cut:]
	}
	if r.IntN(4) == 0 {
		s = strings.ToUpper(s)
	}
	return s
}

// builder makes struct types of ruleCases at random, and values of them.
type builder struct {
	r     *rand.Rand
	cases []ruleCase
	fills map[reflect.StructTag]func(*rand.Rand, reflect.Value)
}

func newBuilder(r *rand.Rand) *builder {
	return &builder{r: r, cases: ruleCases(), fills: make(map[reflect.StructTag]func(*rand.Rand, reflect.Value))}
}

// structure is a struct type of one to four fields. The fields' tags carry a number,
// by which fill finds how to make a value.
func (b *builder) structure(depth int) reflect.Type {
	var fields []reflect.StructField
	for i := range 1 + b.r.IntN(4) {
		c := b.cases[b.r.IntN(len(b.cases))]
		typ, tag := c.typ, c.tag
		if i == 0 && strings.Contains(tag, "=F0") {
			tag = "" // a rule may not name its field
		}
		fill := c.fill
		if depth > 0 && b.r.IntN(3) == 0 {
			typ, fill = b.structure(depth-1), func(_ *rand.Rand, v reflect.Value) { b.fill(v) }
			tag = [...]string{"", "required", "omitempty"}[b.r.IntN(3)]
		}
		if b.r.IntN(4) == 0 {
			typ, fill = reflect.PointerTo(typ), behindPointer(fill)
			prefix := [...]string{"", "omitempty,", "required,"}[b.r.IntN(3)]
			if first, _, _ := strings.Cut(tag, ","); !strings.HasPrefix(first, "required") && first != "isdefault" && !strings.HasPrefix(first, "omit") {
				tag = prefix + tag // else the audit refuses what comes behind it
			}
		}
		switch b.r.IntN(8) {
		case 0:
			typ, fill, tag = reflect.SliceOf(typ), inSlice(fill), "max=5,dive,"+tag
		case 1:
			typ, fill, tag = reflect.MapOf(reflect.TypeFor[string](), typ), inMap(fill), "dive,keys,max=3,endkeys,"+tag
		}
		full := reflect.StructTag(fmt.Sprintf(`validate:"%s" n:"%d"`, strings.Trim(strings.ReplaceAll(tag, ",,", ","), ","), len(b.fills)))
		b.fills[full] = fill
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: typ, Tag: full})
	}
	return reflect.StructOf(fields)
}

// fill sets all fields.
func (b *builder) fill(v reflect.Value) {
	for i := range v.NumField() {
		b.fills[v.Type().Field(i).Tag](b.r, v.Field(i))
	}
}

func behindPointer(fill func(*rand.Rand, reflect.Value)) func(*rand.Rand, reflect.Value) {
	return func(r *rand.Rand, v reflect.Value) {
		fillWith(r, v, func(v reflect.Value) { fill(r, v) })
	}
}

func inSlice(fill func(*rand.Rand, reflect.Value)) func(*rand.Rand, reflect.Value) {
	return func(r *rand.Rand, v reflect.Value) {
		n := r.IntN(3)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(r, v.Index(i))
		}
	}
}

func inMap(fill func(*rand.Rand, reflect.Value)) func(*rand.Rand, reflect.Value) {
	return func(r *rand.Rand, v reflect.Value) {
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(3) {
			value := reflect.New(v.Type().Elem()).Elem()
			fill(r, value)
			key := sampleText(r, []string{"a", "ab", "äöü"})
			if utf8.ValidString(key) || r.IntN(2) == 0 {
				v.SetMapIndex(reflect.ValueOf(key), value)
			}
		}
	}
}
