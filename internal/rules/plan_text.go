package rules

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// textStepOf compiles one rule for a string, as stepOf does for the other kinds.
func (p *planner) textStepOf(rule Rule, pointed bool) (_ textStep, covered bool) {
	switch rule.Name {
	case tagOmitEmpty:
		if pointed {
			return textStep{}, true
		}
		return textStep{omit: true, test: isEmpty}, true
	case tagOmitZero:
		return textStep{omit: true, test: isEmpty}, true
	case tagOmitNil:
		return textStep{}, true
	case tagStructOnly, tagNoStructLevel:
		return textStep{}, false
	}
	test, ok := p.textTestOf(rule, pointed)
	return textStep{test: test}, ok
}

func isEmpty(s string) bool { return s == "" }

// textTestOf compiles a rule that judges a string. A nil test always holds.
func (p *planner) textTestOf(rule Rule, pointed bool) (_ func(string) bool, covered bool) {
	if p.validator.registered(rule.Name) {
		return nil, false
	}
	switch {
	case len(rule.Any) > 0:
		return p.anyText(rule.Any, pointed)
	case rule.Name == "required" && pointed:
		return nil, true
	case rule.Name == "required":
		return func(s string) bool { return s != "" }, true
	case rule.Name == "isdefault":
		return func(s string) bool { return s == "" && !pointed }, true
	}
	return textOf(rule)
}

// anyText compiles alternatives: all must be covered, as one that is not might hold.
func (p *planner) anyText(rules []Rule, pointed bool) (_ func(string) bool, covered bool) {
	var tests []func(string) bool
	for _, rule := range rules {
		test, ok := p.textTestOf(rule, pointed)
		if !ok {
			return nil, false
		}
		if test == nil {
			return nil, true
		}
		tests = append(tests, test)
	}
	return func(s string) bool {
		for _, test := range tests {
			if test(s) {
				return true
			}
		}
		return false
	}, true
}

// textOf compiles a rule for strings.
func textOf(rule Rule) (_ func(string) bool, covered bool) {
	if text, ok := plainTexts[rule.Name]; ok {
		return text, true
	}
	param := rule.Param
	switch rule.Name {
	case "eq":
		return func(s string) bool { return s == param }, true
	case "ne":
		return func(s string) bool { return s != param }, true
	case "eq_ignore_case":
		return func(s string) bool { return strings.EqualFold(s, param) }, true
	case "ne_ignore_case":
		return func(s string) bool { return !strings.EqualFold(s, param) }, true
	case "contains":
		return func(s string) bool { return strings.Contains(s, param) }, true
	case "excludes":
		return func(s string) bool { return !strings.Contains(s, param) }, true
	case "containsany":
		return func(s string) bool { return strings.ContainsAny(s, param) }, true
	case "excludesall":
		return func(s string) bool { return !strings.ContainsAny(s, param) }, true
	case "containsrune", "excludesrune":
		r, _ := utf8.DecodeRuneInString(param)
		wanted := rule.Name == "containsrune"
		return func(s string) bool { return strings.ContainsRune(s, r) == wanted }, true
	case "startswith":
		return func(s string) bool { return strings.HasPrefix(s, param) }, true
	case "startsnotwith":
		return func(s string) bool { return !strings.HasPrefix(s, param) }, true
	case "endswith":
		return func(s string) bool { return strings.HasSuffix(s, param) }, true
	case "endsnotwith":
		return func(s string) bool { return !strings.HasSuffix(s, param) }, true
	case "oneof", "noneof":
		list, wanted := splitList(param), rule.Name == "oneof"
		return func(s string) bool { return slices.Contains(list, s) == wanted }, true
	case "oneofci", "noneofci":
		list, wanted := splitList(param), rule.Name == "oneofci"
		return func(s string) bool { return containsFold(list, s) == wanted }, true
	case "datetime":
		return func(s string) bool { _, err := time.Parse(param, s); return err == nil }, true
	}
	n, err := strconv.ParseInt(rule.Param, 0, 64)
	if err != nil {
		return nil, false
	}
	least, most, ok := bounds(rule.Name, n)
	return lengthTest(least, most), ok
}

func containsFold(list []string, s string) bool {
	for _, each := range list {
		if strings.EqualFold(each, s) {
			return true
		}
	}
	return false
}

// plainTexts are the rules for strings without a parameter. Each is exact, but email
// and the URLs: those accept common ASCII forms and leave the rest to validator.
// It is never written after the package is initialised.
var plainTexts = map[string]func(string) bool{
	"alpha":           func(s string) bool { return s != "" && only(s, letter) },
	"alphaspace":      func(s string) bool { return s != "" && only(s, letter|space) },
	"alphanum":        func(s string) bool { return s != "" && only(s, letter|digit) },
	"alphanumspace":   func(s string) bool { return s != "" && only(s, letter|digit|space) },
	"alphaunicode":    func(s string) bool { return s != "" && onlyRunes(s, unicode.IsLetter) },
	"alphanumunicode": func(s string) bool { return s != "" && onlyRunes(s, letterOrNumber) },
	"ascii":           onlyASCII,
	"printascii":      func(s string) bool { return only(s, letter|digit|space|sign) },
	"multibyte":       func(s string) bool { return s == "" || !onlyASCII(s) },
	"number":          func(s string) bool { return s != "" && only(s, digit) },
	"numeric":         isNumeric,
	"hexadecimal":     isHexadecimal,
	"boolean":         func(s string) bool { _, err := strconv.ParseBool(s); return err == nil },
	"lowercase":       func(s string) bool { return s != "" && onlyRunes(s, isLower) },
	"uppercase":       func(s string) bool { return s != "" && onlyRunes(s, isUpper) },
	"e164":            isE164,
	"ipv4":            func(s string) bool { a, ok := address(s); return ok && (a.Is4() || a.Is4In6()) },
	"ipv6":            func(s string) bool { a, ok := address(s); return ok && a.Is6() && !a.Is4In6() },
	"ip":              func(s string) bool { _, ok := address(s); return ok },
	"uuid":            func(s string) bool { return isUUID(s, hex, 0, false) },
	"uuid_rfc4122":    func(s string) bool { return isUUID(s, hex, 0, false) },
	"uuid3":           func(s string) bool { return isUUID(s, lowerHex, '3', false) },
	"uuid4":           func(s string) bool { return isUUID(s, lowerHex, '4', true) },
	"uuid5":           func(s string) bool { return isUUID(s, lowerHex, '5', true) },
	"uuid7":           func(s string) bool { return isUUID(s, lowerHex, '7', true) },
	"uuid3_rfc4122":   func(s string) bool { return isUUID(s, hex, '3', false) },
	"uuid4_rfc4122":   func(s string) bool { return isUUID(s, hex, '4', true) },
	"uuid5_rfc4122":   func(s string) bool { return isUUID(s, hex, '5', true) },
	"md4":             func(s string) bool { return len(s) == 32 && only(s, lowerHex) },
	"md5":             func(s string) bool { return len(s) == 32 && only(s, lowerHex) },
	"sha256":          func(s string) bool { return len(s) == 64 && only(s, lowerHex) },
	"sha384":          func(s string) bool { return len(s) == 96 && only(s, lowerHex) },
	"sha512":          func(s string) bool { return len(s) == 128 && only(s, lowerHex) },
	"email":           isPlainEmail,
	"url":             func(s string) bool { return isPlainURL(s, true) },
	"http_url":        func(s string) bool { return isPlainURL(s, true) },
	"https_url":       func(s string) bool { return isPlainURL(s, false) },
	"uri":             func(s string) bool { return isPlainURL(s, true) },
}

// class is a set of kinds of ASCII characters; 0 is in none.
type class uint8

const (
	letter class = 1 << iota
	digit
	space    // the blank, nothing else
	sign     // the other printable characters
	lowerHex // 0-9 a-f
	hex      // lowerHex and A-F
	atom     // what may stand in the local part of an address (RFC 5322, atext)
)

var classes = classTable()

func classTable() (table [256]class) {
	for c := range 256 {
		switch b := byte(c); {
		case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z':
			table[c] = letter | atom
		case b >= '0' && b <= '9':
			table[c] = digit | lowerHex | hex | atom
		case b == ' ':
			table[c] = space
		case b > ' ' && b < utf8.RuneSelf-1:
			table[c] = sign
		}
	}
	for _, c := range []byte("abcdef") {
		table[c] |= lowerHex | hex
		table[c-'a'+'A'] |= hex
	}
	for _, c := range []byte("!#$%&'*+-/=?^_`{|}~") {
		table[c] |= atom
	}
	return table
}

func only(s string, allowed class) bool {
	for i := range len(s) {
		if classes[s[i]]&allowed == 0 {
			return false
		}
	}
	return true
}

func onlyASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// onlyRunes refuses bytes that are no UTF-8, which decode to U+FFFD.
func onlyRunes(s string, allowed func(rune) bool) bool {
	for _, r := range s {
		if r == utf8.RuneError || !allowed(r) {
			return false
		}
	}
	return true
}

func letterOrNumber(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
func isLower(r rune) bool        { return unicode.ToLower(r) == r }
func isUpper(r rune) bool        { return unicode.ToUpper(r) == r }

// isNumeric is ^[-+]?[0-9]+(?:\.[0-9]+)?$
func isNumeric(s string) bool {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	whole, fraction, dot := strings.Cut(s, ".")
	return whole != "" && only(whole, digit) && (!dot || fraction != "" && only(fraction, digit))
}

// isHexadecimal is ^(0[xX])?[0-9a-fA-F]+$
func isHexadecimal(s string) bool {
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		s = s[2:]
	}
	return s != "" && only(s, hex)
}

// isE164 is ^\+?[1-9]\d{7,14}$
func isE164(s string) bool {
	s = strings.TrimPrefix(s, "+")
	return len(s) >= 8 && len(s) <= 15 && s[0] != '0' && only(s, digit)
}

func address(s string) (netip.Addr, bool) {
	if strings.IndexByte(s, '%') >= 0 {
		return netip.Addr{}, false // net.ParseIP takes no zone
	}
	a, err := netip.ParseAddr(s)
	return a, err == nil
}

// isUUID is 8-4-4-4-12 hexadecimal digits, with the version's digit and, where
// validator looks at it, one of 8, 9, a, b for the variant.
func isUUID(s string, digits class, version byte, variant bool) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' ||
		!only(s[:8], digits) || !only(s[9:13], digits) || !only(s[14:18], digits) ||
		!only(s[19:23], digits) || !only(s[24:], digits) {
		return false
	}
	if variant && s[19] != '8' && s[19] != '9' && s[19]|0x20 != 'a' && s[19]|0x20 != 'b' {
		return false
	}
	return version == 0 || s[14] == version
}

// isPlainEmail accepts dot-atoms of ASCII at a domain of two labels or more, of
// letters, digits and inner hyphens, the last label beginning and ending with a letter.
func isPlainEmail(s string) bool {
	at := strings.IndexByte(s, '@')
	if at < 1 || s[0] == '.' || s[at-1] == '.' {
		return false
	}
	for i := range at {
		if classes[s[i]]&atom == 0 && (s[i] != '.' || s[i-1] == '.') {
			return false
		}
	}
	domain := s[at+1:]
	label := 0 // where the current label begins
	for i := range len(domain) {
		switch c := domain[i]; {
		case classes[c]&(letter|digit) != 0:
		case i == label || i+1 == len(domain):
			return false // a label begins with neither '-' nor '.', and ends with neither
		case c == '-':
		case c == '.' && domain[i-1] != '-':
			label = i + 1
		default:
			return false
		}
	}
	return label > 0 && classes[domain[label]]&letter != 0 && classes[domain[len(domain)-1]]&letter != 0
}

// isPlainURL accepts http and https URLs with a host name or IPv4 address, a port
// or none, and behind it neither control characters nor half escapes, which are all
// that url.Parse refuses there.
func isPlainURL(s string, plain bool) bool {
	scheme := len("https://")
	if len(s) < scheme || !strings.EqualFold(s[:scheme], "https://") {
		if scheme--; !plain || len(s) < scheme || !strings.EqualFold(s[:scheme], "http://") {
			return false
		}
	}
	s = s[scheme:]
	host := 0
	for host < len(s) && (classes[s[host]]&(letter|digit) != 0 || s[host] == '-' || s[host] == '.' || s[host] == '_') {
		host++
	}
	if host == 0 {
		return false
	}
	if s = s[host:]; s != "" && s[0] == ':' {
		for s = s[1:]; s != "" && classes[s[0]]&digit != 0; {
			s = s[1:]
		}
	}
	if s != "" && s[0] != '/' && s[0] != '?' && s[0] != '#' {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < ' ' || c == '\x7f':
			return false
		case c == '%' && (i+2 >= len(s) || classes[s[i+1]]&hex == 0 || classes[s[i+2]]&hex == 0):
			return false
		}
	}
	return true
}
