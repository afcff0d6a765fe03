package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/rules"
)

// textRule says a rule on strings. The patterns are those of validator v10.30.6 in
// the dialect that ECMA 262 with the u flag, Go and RE2 share: no \d, \w, \s or dot,
// which they read differently, no look-ahead, no group that captures.
type textRule struct {
	pattern string
	exact   bool
	format  string // an annotation; the pattern is what counts
	encoded string // contentEncoding, an annotation too
}

const (
	hex      = `[0-9a-f]`
	anyHex   = `[0-9a-fA-F]`
	blank    = `[\t\n\f\r ]*`
	byteNum  = `(?:0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])`
	percent  = `(?:0|[1-9][0-9]?|100)%`
	degrees  = `(?:0|[1-9][0-9]?|[12][0-9][0-9]|3[0-5][0-9]|360)`
	alpha    = `(?:0[^\n][1-9]*|[01])`
	sep      = blank + `,` + blank
	label    = `[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?`
	hostname = label + `(?:\.` + label + `)*`
	octet    = `(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
	ipv4     = octet + `(?:\.` + octet + `){3}`
	port     = `\+?0*(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])`
	base64   = `(?:[A-Za-z0-9+\/]{4})*(?:[A-Za-z0-9+\/]{2}==|[A-Za-z0-9+\/]{3}=|[A-Za-z0-9+\/]{4})`
	semverID = `(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)`
	semverNo = `(?:0|[1-9][0-9]*)`
	rgb      = `(?:` + byteNum + sep + byteNum + sep + byteNum + `|` + byteNum + `%` + sep + byteNum + `%` + sep + byteNum + `%)`
	hsl      = degrees + sep + percent + sep + percent
	cmykPart = `(?:100|[1-9]?[0-9])%`
	mongoSrv = `[a-z0-9.-]+(?::[0-9]+)?`
	cronPart = `(?:[A-Za-z0-9*?][A-Za-z0-9*?\/,#L-]+|[*?0-9])`
)

func uuidPattern(version, variant, digit string) string {
	third, fourth := digit+`{4}`, digit+`{4}`
	if version != "" {
		third = version + digit + `{3}`
	}
	if variant != "" {
		fourth = variant + digit + `{3}`
	}
	return `^` + digit + `{8}-` + digit + `{4}-` + third + `-` + fourth + `-` + digit + `{12}$`
}

var textRules = map[string]textRule{
	"alpha":            {pattern: `^[a-zA-Z]+$`, exact: true},
	"alphaspace":       {pattern: `^[a-zA-Z ]+$`, exact: true},
	"alphanum":         {pattern: `^[a-zA-Z0-9]+$`, exact: true},
	"alphanumspace":    {pattern: `^[a-zA-Z0-9 ]+$`, exact: true},
	"alphaunicode":     {pattern: `^\p{L}+$`, exact: true},
	"alphanumunicode":  {pattern: `^[\p{L}\p{N}]+$`, exact: true},
	"numeric":          {pattern: `^[-+]?[0-9]+(?:\.[0-9]+)?$`, exact: true},
	"number":           {pattern: `^[0-9]+$`, exact: true},
	"hexadecimal":      {pattern: `^(?:0[xX])?[0-9a-fA-F]+$`, exact: true},
	"hexcolor":         {pattern: `^#(?:` + anyHex + `{3}|` + anyHex + `{4}|` + anyHex + `{6}|` + anyHex + `{8})$`, exact: true},
	"rgb":              {pattern: `^rgb\(` + blank + rgb + blank + `\)$`, exact: true},
	"rgba":             {pattern: `^rgba\(` + blank + rgb + sep + alpha + blank + `\)$`, exact: true},
	"hsl":              {pattern: `^hsl\(` + blank + hsl + blank + `\)$`, exact: true},
	"hsla":             {pattern: `^hsla\(` + blank + hsl + sep + alpha + blank + `\)$`, exact: true},
	"cmyk":             {pattern: `^cmyk\(` + cmykPart + sep + cmykPart + sep + cmykPart + sep + cmykPart + `\)$`, exact: true},
	"e164":             {pattern: `^\+?[1-9][0-9]{7,14}$`, exact: true},
	"uuid":             {pattern: uuidPattern("", "", anyHex), exact: true, format: "uuid"},
	"uuid_rfc4122":     {pattern: uuidPattern("", "", anyHex), exact: true, format: "uuid"},
	"uuid3":            {pattern: uuidPattern("3", "", hex), exact: true, format: "uuid"},
	"uuid4":            {pattern: uuidPattern("4", "[89ab]", hex), exact: true, format: "uuid"},
	"uuid5":            {pattern: uuidPattern("5", "[89ab]", hex), exact: true, format: "uuid"},
	"uuid7":            {pattern: uuidPattern("7", "[89ab]", hex), exact: true, format: "uuid"},
	"uuid3_rfc4122":    {pattern: uuidPattern("3", "", anyHex), exact: true, format: "uuid"},
	"uuid4_rfc4122":    {pattern: uuidPattern("4", "[89abAB]", anyHex), exact: true, format: "uuid"},
	"uuid5_rfc4122":    {pattern: uuidPattern("5", "[89abAB]", anyHex), exact: true, format: "uuid"},
	"ulid":             {pattern: "^[0-7][A-HJKMNP-TV-Za-hjkmnp-tv-z0-9\u017F\u212A]{25}$", exact: true},
	"md4":              {pattern: `^` + hex + `{32}$`, exact: true},
	"md5":              {pattern: `^` + hex + `{32}$`, exact: true},
	"sha256":           {pattern: `^` + hex + `{64}$`, exact: true},
	"sha384":           {pattern: `^` + hex + `{96}$`, exact: true},
	"sha512":           {pattern: `^` + hex + `{128}$`, exact: true},
	"ripemd128":        {pattern: `^` + hex + `{32}$`, exact: true},
	"ripemd160":        {pattern: `^` + hex + `{40}$`, exact: true},
	"tiger128":         {pattern: `^` + hex + `{32}$`, exact: true},
	"tiger160":         {pattern: `^` + hex + `{40}$`, exact: true},
	"tiger192":         {pattern: `^` + hex + `{48}$`, exact: true},
	"base32":           {pattern: `^(?:[A-Z2-7]{8})*(?:[A-Z2-7]{2}={6}|[A-Z2-7]{4}={4}|[A-Z2-7]{5}={3}|[A-Z2-7]{7}=|[A-Z2-7]{8})$`, exact: true, encoded: "base32"},
	"base64":           {pattern: `^` + base64 + `$`, exact: true, encoded: "base64"},
	"base64url":        {pattern: `^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=|[A-Za-z0-9_-]{4})$`, exact: true, encoded: "base64url"},
	"base64rawurl":     {pattern: `^(?:[A-Za-z0-9_-]{4})*[A-Za-z0-9_-]{2,4}$`, exact: true, encoded: "base64url"},
	"ascii":            {pattern: `^[\x00-\x7F]*$`, exact: true},
	"printascii":       {pattern: `^[\x20-\x7E]*$`, exact: true},
	"multibyte":        {pattern: `^$|[^\x00-\x7F]`, exact: true},
	"datauri":          {pattern: `^data:[^,]*,` + base64 + `$`, exact: true},
	"latitude":         {pattern: `^[-+]?(?:[1-8]?[0-9](?:\.[0-9]+)?|90(?:\.0+)?)$`, exact: true},
	"longitude":        {pattern: `^[-+]?(?:180(?:\.0+)?|(?:1[0-7][0-9]|[1-9]?[0-9])(?:\.[0-9]+)?)$`, exact: true},
	"ein":              {pattern: `^[0-9]{2}-[0-9]{7}$`, exact: true},
	"hostname":         {pattern: `^[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.` + label + `)*$`, exact: true},
	"hostname_rfc1123": {pattern: `^` + hostname + `$`, exact: true},
	"hostname_label":   {pattern: `^` + label + `$`, exact: true},
	"hostname_port":    {pattern: `^(?:` + hostname + `|\[(?:` + hostname + `)?\])?:` + port + `$`, exact: true},
	"jwt":              {pattern: `^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$`, exact: true},
	"html":             {pattern: `<\/?[a-zA-Z][^\n]*>`, exact: true},
	"html_encoded":     {pattern: `&#x?[0-9a-fA-F]{2}|&gt|&lt|&quot|&amp`, exact: true},
	"url_encoded":      {pattern: `^(?:[^%]|%[0-9A-Fa-f]{2})*$`, exact: true},
	"eth_addr":         {pattern: `^0x[0-9a-fA-F]{40}$`, exact: true},
	"bic":              {pattern: `^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$`, exact: true},
	"bic_iso_9362_2014": {
		pattern: `^[A-Za-z]{6}[A-Za-z0-9]{2}(?:[A-Za-z0-9]{3})?$`, exact: true},
	"semver": {exact: true, pattern: `^` + semverNo + `\.` + semverNo + `\.` + semverNo +
		`(?:-` + semverID + `(?:\.` + semverID + `)*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$`},
	"cve":     {pattern: `^CVE-(?:1999|2[0-9]{3})-(?:0[^0][0-9]{2}|0[0-9][^0][0-9]|0[0-9]{2}[^0]|[1-9][0-9]{3,})$`, exact: true},
	"mongodb": {pattern: `^[a-f0-9]{24}$`, exact: true},
	"mongodb_connection_string": {exact: true, pattern: `^mongodb(?:\+srv)?:\/\/(?:[a-zA-Z0-9]+:[a-zA-Z0-9$:\/?#\[\]@]+@)?` +
		mongoSrv + `(?:,` + mongoSrv + `)*(?:\/[a-zA-Z_-]{1,64})?(?:\?[a-zA-Z]+=[a-zA-Z0-9]+(?:&(?:[a-zA-Z0-9]+=[a-zA-Z0-9]+)?)*)?$`},
	"cron": {exact: true, pattern: `^(?:@(?:annually|yearly|monthly|weekly|daily|hourly|reboot)|@every (?:[0-9]+(?:ns|us|µs|ms|s|m|h))+|` +
		cronPart + `(?: +` + cronPart + `){4,6})$`},

	"email":             {format: "email"},
	"url":               {pattern: `^[^:\/?#]+:`},
	"http_url":          {pattern: `^[hH][tT][tT][pP][sS]?:\/\/`},
	"https_url":         {pattern: `^[hH][tT][tT][pP][sS]:\/\/`},
	"uri":               {pattern: `^[^#]`},
	"origin":            {pattern: `^[hH][tT][tT][pP][sS]?:\/\/[^\/?#]+$`},
	"urn_rfc2141":       {pattern: `^[uU][rR][nN]:`},
	"urn_rfc8141":       {pattern: `^[uU][rR][nN]:`},
	"cidr":              {pattern: `^[0-9a-fA-F.:]+\/[0-9]+$`},
	"cidrv4":            {pattern: `^[0-9a-fA-F.:]+\/[0-9]+$`},
	"cidrv6":            {pattern: `^[0-9a-fA-F.]*:[0-9a-fA-F.:]*\/[0-9]+$`},
	"mac":               {pattern: `^(?:(?:[0-9A-Fa-f]{2}[:-]){5,19}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2,9}[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12,40})$`},
	"duration":          {pattern: durationPattern},
	"isbn":              {pattern: `^[0-9X -]{10,21}$`},
	"isbn10":            {pattern: `^[0-9X -]{10,16}$`},
	"isbn13":            {pattern: `^[0-9 -]{13,21}$`},
	"issn":              {pattern: `^[0-9]{4}-[0-9]{3}[0-9X]$`},
	"credit_card":       {pattern: `^[0-9 ]{12,}$`},
	"luhn_checksum":     {pattern: `^[0-9]{2,}$`},
	"btc_addr":          {pattern: `^[13][a-km-zA-HJ-NP-Z1-9]{25,34}$`},
	"btc_addr_bech32":   {pattern: `^(?:BC1[02-9AC-HJ-NP-Z]{7,76}|bc1[02-9ac-hj-np-z]{7,76})$`},
	"eth_addr_checksum": {pattern: `^0x[0-9a-fA-F]{40}$`},
	"lowercase":         {pattern: `^[^A-Z]+$`},
	"uppercase":         {pattern: `^[^a-z]+$`},
	"iso3166_2":         {pattern: `^[A-Z]{2}-[A-Z0-9]{1,3}$`},
	// The numeric country codes are taken modulo 1000, with a sign.
	"iso3166_1_alpha_numeric":    {pattern: `^[-+]?[0-9]+$`},
	"iso3166_1_alpha_numeric_eu": {pattern: `^[-+]?[0-9]+$`},
}

var spicePatterns = map[string]string{
	"":           `^(?:[a-zA-Z0-9\/_|=+-]+|\*)$`,
	"id":         `^(?:[a-zA-Z0-9\/_|=+-]+|\*)$`,
	"permission": `^(?:[a-z][a-z0-9_]{1,62}[a-z0-9])?$`,
	"type":       `^(?:[a-z][a-z0-9_]{1,61}[a-z0-9]\/)?[a-z][a-z0-9_]{1,62}[a-z0-9]$`,
}

// text says a rule on a string.
func text(rule rules.Rule) (*openapi.Schema, bool) {
	if s, ok := affix(rule); ok {
		return s, true
	}
	if known, ok := textRules[rule.Name]; ok {
		s := &openapi.Schema{Pattern: known.pattern, Format: known.format, ContentEncoding: known.encoded}
		if most := rules.Longest(rule.Name); most > 0 {
			s.MaxLength = &most
		}
		return s, known.exact
	}
	if words, ok := tables[rule.Name]; ok {
		return &openapi.Schema{Enum: strs(words)}, true
	}
	switch rule.Name {
	case "bcp47_language_tag", "bcp47_strict_language_tag":
		return &openapi.Schema{MaxLength: new(rules.Longest(rule.Name))}, false
	case "boolean":
		return &openapi.Schema{Enum: strs(strings.Fields("1 t T TRUE true True 0 f F FALSE false False"))}, true
	case "ssn":
		return &openapi.Schema{MinLength: new(11), MaxLength: new(11), Pattern: `^[0-9]{3}[ -]?(?:0[1-9]|[1-9][0-9])[ -]?(?:[1-9][0-9]{3}|[0-9][1-9][0-9]{2}|[0-9]{2}[1-9][0-9]|[0-9]{3}[1-9])$`}, true
	case "fqdn":
		const rest = `[a-zA-Z0-9-]{0,62}`
		return &openapi.Schema{
			Pattern: `^[a-zA-Z0-9]` + rest + `(?:\.[a-zA-Z0-9]` + rest + `)*\.[a-zA-Z]` + rest + `\.?$`,
			AnyOf:   []*openapi.Schema{{MaxLength: new(253)}, {MaxLength: new(254), Pattern: `\.$`}},
		}, true
	case "dns_rfc1035_label":
		return &openapi.Schema{MaxLength: new(63), Pattern: `^[a-z](?:[a-z0-9-]*[a-z0-9])?$`}, true
	case "ipv4", "ipv6", "ip":
		return address(rule.Name)
	case "json":
		return &openapi.Schema{ContentMediaType: "application/json"}, false
	case "datetime":
		return datetime(rule.Param)
	case "spicedb":
		pattern, ok := spicePatterns[rule.Param]
		return &openapi.Schema{Pattern: pattern}, ok
	case "postcode_iso3166_alpha2":
		for pattern, countries := range postcodes {
			if slices.Contains(countries, rule.Param) {
				return &openapi.Schema{Pattern: pattern}, true
			}
		}
		return openapi.Never(), true
	}
	return nil, false
}

// affix says a rule about a part of the string.
func affix(rule rules.Rule) (*openapi.Schema, bool) {
	p := rule.Param
	switch rule.Name {
	case "contains":
		return &openapi.Schema{Pattern: quote(p)}, true
	case "startswith":
		return &openapi.Schema{Pattern: "^" + quote(p)}, true
	case "endswith":
		return &openapi.Schema{Pattern: quote(p) + "$"}, true
	case "excludes":
		return &openapi.Schema{Not: &openapi.Schema{Pattern: quote(p)}}, true
	case "startsnotwith":
		return &openapi.Schema{Not: &openapi.Schema{Pattern: "^" + quote(p)}}, true
	case "endsnotwith":
		return &openapi.Schema{Not: &openapi.Schema{Pattern: quote(p) + "$"}}, true
	case "containsany":
		return &openapi.Schema{Pattern: "[" + set(p) + "]"}, true
	case "excludesall":
		return &openapi.Schema{Pattern: "^[^" + set(p) + "]*$"}, true
	case "containsrune", "excludesrune":
		first, _ := utf8.DecodeRuneInString(p)
		if rule.Name == "containsrune" {
			return &openapi.Schema{Pattern: "[" + set(string(first)) + "]"}, true
		}
		return &openapi.Schema{Pattern: "^[^" + set(string(first)) + "]*$"}, true
	}
	return nil, false
}

// address says what net.ParseIP takes. IPv4 addresses in the form of IPv6 count as IPv4.
func address(name string) (*openapi.Schema, bool) {
	v4 := &openapi.Schema{Format: "ipv4", Pattern: "^" + ipv4 + "$"}
	v6 := &openapi.Schema{Format: "ipv6", Pattern: `^[0-9a-fA-F]*:[0-9a-fA-F:.]*$`}
	switch name {
	case "ipv4":
		mapped := &openapi.Schema{Format: "ipv6", Pattern: `^[0:]+:[fF]{4}:(?:` + ipv4 + `|[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4})$`}
		return &openapi.Schema{AnyOf: []*openapi.Schema{v4, mapped}}, false
	case "ipv6":
		return v6, false
	}
	return &openapi.Schema{AnyOf: []*openapi.Schema{v4, v6}}, true
}

// datetime says a layout of Go. Only a date is exactly a format of JSON Schema.
func datetime(layout string) (*openapi.Schema, bool) {
	switch layout {
	case "2006-01-02":
		return &openapi.Schema{Format: "date", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`}, true
	case "2006-01-02T15:04:05Z07:00":
		return &openapi.Schema{Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})$`}, false
	case "15:04:05", "15:04":
		return &openapi.Schema{Pattern: `^[0-9]{1,2}:[0-9]{2}`}, false
	}
	return nil, false
}

// listed is a rule that names the values.
func (r *ruler) listed(rule rules.Rule) (*openapi.Schema, bool) {
	not := strings.HasPrefix(rule.Name, "n")
	words := []string{rule.Param}
	if strings.Contains(rule.Name, "oneof") {
		words = rule.Words()
	}
	switch {
	case strings.HasSuffix(rule.Name, "ci") || strings.HasSuffix(rule.Name, "_case"):
		if r.kind != stringKind {
			return nil, false
		}
		folded := make([]string, len(words))
		for i, word := range words {
			folded[i] = foldPattern(word)
		}
		return only(not, openapi.Schema{Pattern: "^(?:" + strings.Join(folded, "|") + ")$"}), true
	case r.kind == stringKind:
		return only(not, openapi.Schema{Enum: distinct(strs(words))}), true
	case r.kind == wholeKind:
		// Words are compared with the number's own decimal text, so 07 is never met.
		values := []any{}
		for _, word := range words {
			if canonical(word) {
				values = append(values, openapi.Number(word))
			}
		}
		if len(values) == 0 {
			if not {
				return nil, true
			}
			return openapi.Never(), true
		}
		return only(not, openapi.Schema{Enum: distinct(values)}), true
	}
	return nil, false
}

// distinct drops repeated values, which an enum must not hold.
func distinct(values []any) []any {
	seen := map[any]bool{}
	var out []any
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// canonical reports whether a word is an integer as Go prints it.
func canonical(word string) bool {
	if n, err := strconv.ParseInt(word, 10, 64); err == nil {
		return strconv.FormatInt(n, 10) == word
	}
	n, err := strconv.ParseUint(word, 10, 64)
	return err == nil && strconv.FormatUint(n, 10) == word
}

// foldPattern matches a word in any case by Unicode simple folding, as
// strings.EqualFold compares: k also matches the Kelvin sign.
func foldPattern(word string) string {
	var out strings.Builder
	for _, r := range word {
		orbit := []rune{r}
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			orbit = append(orbit, next)
		}
		if len(orbit) == 1 {
			out.WriteString(quote(string(r)))
			continue
		}
		out.WriteByte('[')
		for _, each := range orbit {
			out.WriteRune(each)
		}
		out.WriteByte(']')
	}
	return out.String()
}

// quote makes a pattern that matches the text itself: valid in ECMA 262 with the u
// flag, which allows no escapes but those of syntax characters.
func quote(text string) string { return escape(text, `^$\.*+?()[]{}|/`) }

// set is the inside of a character class.
func set(chars string) string { return escape(chars, `\]^-[`) }

// escape puts a backslash before what has a meaning, and writes control characters out.
func escape(text, special string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case strings.ContainsRune(special, r):
			out.WriteString(`\` + string(r))
		case r < 0x20 || r == 0x7F:
			out.WriteString(unicodeEscape(r))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

func unicodeEscape(r rune) string {
	switch r {
	case '\t':
		return `\t`
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	}
	return fmt.Sprintf(`\x%02X`, r)
}

func strs(words []string) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = w
	}
	return out
}
