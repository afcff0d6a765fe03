package rules

import (
	"cmp"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// sentence says in English what a rule wants of a value of type t; t is nil where the
// value was missing altogether. The names of fields in r.Param are wire names already.
func sentence(r Rule, t reflect.Type) string {
	if len(r.Any) > 0 {
		parts := make([]string, len(r.Any))
		for i, alt := range r.Any {
			parts[i] = sentence(alt, t)
		}
		return strings.Join(parts, " or ")
	}
	if r.Name == "required" {
		return requiredSentence(t)
	}
	if text, ok := conditionSentence(r); ok {
		return text
	}
	if t == nil || t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return "is required"
	}
	if text, ok := comparisonSentence(r, t); ok {
		return text
	}
	if text, ok := listSentence(r); ok {
		return text
	}
	if text, ok := plainSentences[r.Name]; ok {
		if r.Param == "" {
			return text
		}
		if tag, _ := Builtin(r.Name); tag.Param == TextParam || tag.Param == ValueParam {
			return text + " " + shown(r.Param)
		}
		return text + " " + r.Param
	}
	return "breaks the rule " + r.Name
}

// requiredSentence says what required refuses: nothing at all, or a zero that the client
// may have sent.
func requiredSentence(t reflect.Type) string {
	if t == nil || t.Kind() == reflect.Pointer {
		return "is required"
	}
	switch kind := kindBit(t); {
	case kind.Has(StringKind):
		return "is required and must not be empty"
	case kind.Has(BoolKind):
		return "is required and must be true"
	case kind.Has(numbers):
		return "is required and must not be 0"
	}
	return "is required"
}

// shown is a text of a rule, in quotation marks where it would be lost among words.
func shown(text string) string {
	if text == "" || strings.ContainsAny(text, " ,;\"'\t\n") {
		return strconv.Quote(text)
	}
	return text
}

// conditionSentence covers the rules about presence.
func conditionSentence(r Rule) (string, bool) {
	if r.Name == "isdefault" {
		return "must be absent or empty", true
	}
	verb := "is required"
	condition, ok := strings.CutPrefix(r.Name, "required_")
	if !ok {
		if condition, ok = strings.CutPrefix(r.Name, "excluded_"); ok {
			verb = "must be absent"
		} else if r.Name == "skip_unless" { // runs as required_if does
			condition, ok = "if", true
		}
	}
	if !ok {
		return "", false
	}
	words := splitList(r.Param)
	switch condition {
	case "if":
		return verb + " when " + pairs(words, " and "), ok
	case "unless":
		return verb + " unless " + pairs(words, " or "), ok
	case "with":
		return verb + " when " + strings.Join(words, " or ") + " is present", ok
	case "with_all":
		return verb + " when " + strings.Join(words, " and ") + plural(words, " is", " are") + " present", ok
	case "without":
		return verb + " when " + strings.Join(words, " or ") + " is absent", ok
	case "without_all":
		return verb + " when " + strings.Join(words, " and ") + plural(words, " is", " are") + " absent", ok
	}
	return "", false
}

func pairs(words []string, joint string) string {
	var out []string
	for i := 0; i+1 < len(words); i += 2 {
		out = append(out, words[i]+" is "+words[i+1])
	}
	return strings.Join(out, joint)
}

func plural(words []string, one, many string) string {
	if len(words) == 1 {
		return one
	}
	return many
}

// comparisonSentence covers sizes: of a text in characters, of a slice in items, of a
// map in entries, of a number by itself, of a time against now.
func comparisonSentence(r Rule, t reflect.Type) (string, bool) {
	words, ok := wordsOf(r.Name)
	if !ok {
		return "", false
	}
	have := "must have "
	if r.Name == "ne" {
		have = "must not have "
	}
	kind := kindBit(deref(t))
	switch {
	case kind.Has(TimeKind):
		return words.time, true
	case kind.Has(StringKind) && r.Name != "eq" && r.Name != "ne":
		return fmt.Sprintf(words.length, count(r.Param, "character", "characters")), true
	case kind.Has(MapKind):
		return have + words.size + " " + count(r.Param, "entry", "entries"), true
	case kind.Has(BytesKind):
		return have + words.size + " " + count(r.Param, "byte", "bytes"), true
	case kind.Has(lengths):
		return have + words.size + " " + count(r.Param, "item", "items"), true
	case t == reflect.TypeFor[time.Duration]():
		return "must be " + words.number + " " + asDuration(r.Param), true
	}
	return "must be " + words.number + " " + shown(r.Param), true
}

// comparisonWords is how a rule compares lengths of texts, sizes of lists, numbers and
// times, in words.
type comparisonWords struct{ length, size, number, time string }

func wordsOf(rule string) (comparisonWords, bool) {
	switch rule {
	case "len", "eq":
		return comparisonWords{"must be exactly %s long", "exactly", "equal to", ""}, true
	case "ne":
		return comparisonWords{"", "exactly", "different from", ""}, true
	case "min", "gte":
		return comparisonWords{"must be at least %s long", "at least", "at least", "must not be in the past"}, true
	case "max", "lte":
		return comparisonWords{"must be at most %s long", "at most", "at most", "must not be in the future"}, true
	case "gt":
		return comparisonWords{"must be longer than %s", "more than", "greater than", "must be in the future"}, true
	case "lt":
		return comparisonWords{"must be shorter than %s", "fewer than", "less than", "must be in the past"}, true
	}
	return comparisonWords{}, false
}

func count(n, one, many string) string {
	if n == "1" {
		return n + " " + one
	}
	return n + " " + many
}

// asDuration shows nanoseconds, which validator takes as well, as a duration.
func asDuration(param string) string {
	if n, err := parseInt(param, reflect.TypeFor[time.Duration]()); err == nil {
		return time.Duration(n).String()
	}
	return param
}

func listSentence(r Rule) (string, bool) {
	values := func() string {
		words := splitList(r.Param)
		for i, word := range words {
			words[i] = shown(word)
		}
		return strings.Join(words, ", ")
	}
	switch r.Name {
	case "oneof":
		return "must be one of " + values(), true
	case "oneofci":
		return "must be one of " + values() + ", in upper or lower case", true
	case "noneof":
		return "must not be one of " + values(), true
	case "noneofci":
		return "must not be one of " + values() + ", in upper or lower case", true
	case "eq_ignore_case":
		return "must be " + shown(r.Param) + ", in upper or lower case", true
	case "ne_ignore_case":
		return "must not be " + shown(r.Param) + ", in upper or lower case", true
	case "datetime":
		example := time.Date(2024, 12, 31, 23, 59, 58, 0, time.UTC)
		return "must be a date or time such as " + shown(example.Format(r.Param)), true
	case "spicedb":
		return "must be a SpiceDB " + cmp.Or(r.Param, "id"), true
	case "unique":
		if r.Param != "" {
			return "must not hold two items with the same " + r.Param, true
		}
		return "must not hold the same value twice", true
	case "validateFn":
		return "does not pass the check of its type", true
	}
	return "", false
}

// plainSentences hold the sentences that need nothing but the rule's name; a parameter
// is put behind them. It is never written after the package is initialised.
var plainSentences = map[string]string{
	"alpha":                         "must consist of the letters a to z and A to Z",
	"alphanum":                      "must consist of the letters a to z and A to Z and digits",
	"alphanumspace":                 "must consist of the letters a to z and A to Z, digits and spaces",
	"alphanumunicode":               "must consist of letters and digits",
	"alphaspace":                    "must consist of the letters a to z and A to Z and spaces",
	"alphaunicode":                  "must consist of letters",
	"ascii":                         "must consist of ASCII characters",
	"base32":                        "must be base32 text (RFC 4648)",
	"base64":                        "must be base64 text (RFC 4648)",
	"base64rawurl":                  "must be URL-safe base64 text without padding (RFC 4648)",
	"base64url":                     "must be URL-safe base64 text (RFC 4648)",
	"bcp47_language_tag":            "must be a language tag such as en-US",
	"bcp47_strict_language_tag":     "must be a registered language tag such as en-US",
	"bic":                           "must be a bank identifier (BIC, ISO 9362)",
	"bic_iso_9362_2014":             "must be a bank identifier (BIC, ISO 9362)",
	"boolean":                       "must be true or false",
	"btc_addr":                      "must be a Bitcoin address",
	"btc_addr_bech32":               "must be a Bitcoin Bech32 address",
	"cidr":                          "must be an IP network such as 192.0.2.0/24",
	"cidrv4":                        "must be an IPv4 network such as 192.0.2.0/24",
	"cidrv6":                        "must be an IPv6 network such as 2001:db8::/32",
	"cmyk":                          "must be a color such as cmyk(0%, 50%, 100%, 0%)",
	"contains":                      "must contain",
	"containsany":                   "must contain one of the characters",
	"containsrune":                  "must contain the character",
	"country_code":                  "must be a country code (ISO 3166-1)",
	"credit_card":                   "must be a credit card number",
	"cron":                          "must be a cron expression such as 0 6 * * 1",
	"cve":                           "must be a CVE identifier such as CVE-2024-12345",
	"datauri":                       "must be a data URI with base64 content",
	"dns_rfc1035_label":             "must be a DNS label",
	"duration":                      "must be a duration such as 1h30m",
	"e164":                          "must be a telephone number such as +4915112345678",
	"ein":                           "must be a US employer identification number",
	"email":                         "must be an email address such as name@example.com",
	"endsnotwith":                   "must not end with",
	"endswith":                      "must end with",
	"eqcsfield":                     "must be equal to",
	"eqfield":                       "must be equal to",
	"eth_addr":                      "must be an Ethereum address",
	"eth_addr_checksum":             "must be an Ethereum address with a valid checksum",
	"eu_country_code":               "must be a country code of the European Union",
	"excludes":                      "must not contain",
	"excludesall":                   "must not contain any of the characters",
	"excludesrune":                  "must not contain the character",
	"fieldcontains":                 "must contain the text of",
	"fieldexcludes":                 "must not contain the text of",
	"fqdn":                          "must be a fully qualified domain name such as www.example.com",
	"gtcsfield":                     "must be greater than",
	"gtecsfield":                    "must be greater than or equal to",
	"gtefield":                      "must be greater than or equal to",
	"gtfield":                       "must be greater than",
	"hexadecimal":                   "must consist of hexadecimal digits",
	"hexcolor":                      "must be a hexadecimal color such as #ff8000",
	"hostname":                      "must be a host name",
	"hostname_label":                "must be a label of a host name",
	"hostname_port":                 "must be a host name and a port such as example.com:443",
	"hostname_rfc1123":              "must be a host name",
	"hsl":                           "must be a color such as hsl(30, 100%, 50%)",
	"hsla":                          "must be a color such as hsla(30, 100%, 50%, 0.5)",
	"html":                          "must contain an HTML tag",
	"html_encoded":                  "must contain an HTML character reference such as &amp;",
	"http_url":                      "must be an http or https URL such as https://example.com",
	"https_url":                     "must be an https URL such as https://example.com",
	"ip":                            "must be an IP address",
	"ip4_addr":                      "must be an IPv4 address",
	"ip6_addr":                      "must be an IPv6 address",
	"ip_addr":                       "must be an IP address",
	"ipv4":                          "must be an IPv4 address",
	"ipv6":                          "must be an IPv6 address",
	"isbn":                          "must be an ISBN",
	"isbn10":                        "must be an ISBN-10",
	"isbn13":                        "must be an ISBN-13",
	"iscolor":                       "must be a color such as #ff8000 or rgb(255, 128, 0)",
	"iso3166_1_alpha2":              "must be a country code of two letters (ISO 3166-1)",
	"iso3166_1_alpha2_eu":           "must be a country code of two letters of the European Union",
	"iso3166_1_alpha3":              "must be a country code of three letters (ISO 3166-1)",
	"iso3166_1_alpha3_eu":           "must be a country code of three letters of the European Union",
	"iso3166_1_alpha_numeric":       "must be a numeric country code (ISO 3166-1)",
	"iso3166_1_alpha_numeric_eu":    "must be a numeric country code of the European Union",
	"iso3166_2":                     "must be the code of a subdivision of a country such as US-CA (ISO 3166-2)",
	"iso4217":                       "must be a currency code such as EUR (ISO 4217)",
	"iso4217_numeric":               "must be a numeric currency code (ISO 4217)",
	"issn":                          "must be an ISSN",
	"json":                          "must be JSON text",
	"jwt":                           "must be a JSON Web Token",
	"latitude":                      "must be a latitude from -90 to 90",
	"longitude":                     "must be a longitude from -180 to 180",
	"lowercase":                     "must be in lower case",
	"ltcsfield":                     "must be less than",
	"ltecsfield":                    "must be less than or equal to",
	"ltefield":                      "must be less than or equal to",
	"ltfield":                       "must be less than",
	"luhn_checksum":                 "must be a number whose last digit is a valid check digit",
	"mac":                           "must be a MAC address such as 00:1a:2b:3c:4d:5e",
	"md4":                           "must be an MD4 hash",
	"md5":                           "must be an MD5 hash",
	"mongodb":                       "must be a MongoDB object id of 24 hexadecimal digits",
	"mongodb_connection_string":     "must be a MongoDB connection string",
	"multibyte":                     "must contain a character that is not ASCII",
	"necsfield":                     "must be different from",
	"nefield":                       "must be different from",
	"number":                        "must consist of digits",
	"numeric":                       "must be a decimal number such as 12 or -3.5",
	"origin":                        "must be a web origin such as https://example.com",
	"port":                          "must be a port from 1 to 65535",
	"postcode_iso3166_alpha2":       "must be a postcode of the country",
	"postcode_iso3166_alpha2_field": "must be a postcode of the country in",
	"printascii":                    "must consist of printable ASCII characters",
	"rgb":                           "must be a color such as rgb(255, 128, 0)",
	"rgba":                          "must be a color such as rgba(255, 128, 0, 0.5)",
	"ripemd128":                     "must be a RIPEMD-128 hash",
	"ripemd160":                     "must be a RIPEMD-160 hash",
	"semver":                        "must be a semantic version such as 1.2.3",
	"sha256":                        "must be a SHA-256 hash",
	"sha384":                        "must be a SHA-384 hash",
	"sha512":                        "must be a SHA-512 hash",
	"ssn":                           "must be a US social security number",
	"startsnotwith":                 "must not start with",
	"startswith":                    "must start with",
	"tcp4_addr":                     "must be an IPv4 address and a port such as 192.0.2.1:443",
	"tcp6_addr":                     "must be an IPv6 address and a port such as [2001:db8::1]:443",
	"tcp_addr":                      "must be an IP address and a port such as 192.0.2.1:443",
	"tiger128":                      "must be a Tiger-128 hash",
	"tiger160":                      "must be a Tiger-160 hash",
	"tiger192":                      "must be a Tiger-192 hash",
	"timezone":                      "must be the name of a time zone such as Europe/Paris",
	"udp4_addr":                     "must be an IPv4 address and a port such as 192.0.2.1:53",
	"udp6_addr":                     "must be an IPv6 address and a port such as [2001:db8::1]:53",
	"udp_addr":                      "must be an IP address and a port such as 192.0.2.1:53",
	"ulid":                          "must be a ULID of 26 characters",
	"unix_addr":                     "must be the address of a Unix socket",
	"uppercase":                     "must be in upper case",
	"uri":                           "must be a URI",
	"url":                           "must be an absolute URL such as https://example.com",
	"url_encoded":                   "must be percent-encoded",
	"urn_rfc2141":                   "must be a URN (RFC 2141)",
	"urn_rfc8141":                   "must be a URN (RFC 8141)",
	"uuid":                          "must be a UUID such as 123e4567-e89b-12d3-a456-426614174000",
	"uuid3":                         "must be a UUID of version 3 in lower case",
	"uuid3_rfc4122":                 "must be a UUID of version 3",
	"uuid4":                         "must be a UUID of version 4 in lower case",
	"uuid4_rfc4122":                 "must be a UUID of version 4",
	"uuid5":                         "must be a UUID of version 5 in lower case",
	"uuid5_rfc4122":                 "must be a UUID of version 5",
	"uuid7":                         "must be a UUID of version 7 in lower case",
	"uuid_rfc4122":                  "must be a UUID such as 123e4567-e89b-12d3-a456-426614174000",
}
