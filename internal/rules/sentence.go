package rules

import (
	"reflect"
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
		if r.Param != "" {
			text += " " + r.Param
		}
		return text
	}
	return "breaks the rule " + r.Name
}

// conditionSentence covers the rules about presence.
func conditionSentence(r Rule) (string, bool) {
	switch r.Name {
	case "required":
		return "is required", true
	case "isdefault":
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
	kind := kindBit(deref(t))
	switch {
	case kind.Has(TimeKind):
		return "must be " + words.time, true
	case kind.Has(StringKind) && r.Name != "eq" && r.Name != "ne":
		return "must be " + words.size + " " + count(r.Param, "character", "characters") + " long", true
	case kind.Has(MapKind):
		return "must have " + words.size + " " + count(r.Param, "entry", "entries"), true
	case kind.Has(lengths):
		return "must have " + words.size + " " + count(r.Param, "item", "items"), true
	case t == reflect.TypeFor[time.Duration]():
		return "must be " + words.number + " " + asDuration(r.Param), true
	}
	param := r.Param
	if param == "" {
		param = "the empty text"
	}
	return "must be " + words.number + " " + param, true
}

// comparisonWords is how a rule compares sizes, numbers and times, in words.
type comparisonWords struct{ size, number, time string }

func wordsOf(rule string) (comparisonWords, bool) {
	switch rule {
	case "len", "eq":
		return comparisonWords{"exactly", "equal to", ""}, true
	case "ne":
		return comparisonWords{"a size other than", "different from", ""}, true
	case "min", "gte":
		return comparisonWords{"at least", "at least", "not in the past"}, true
	case "max", "lte":
		return comparisonWords{"at most", "at most", "not in the future"}, true
	case "gt":
		return comparisonWords{"more than", "greater than", "in the future"}, true
	case "lt":
		return comparisonWords{"fewer than", "less than", "in the past"}, true
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
	values := func() string { return strings.Join(splitList(r.Param), ", ") }
	switch r.Name {
	case "oneof":
		return "must be one of " + values(), true
	case "oneofci":
		return "must be one of " + values() + ", in upper or lower case", true
	case "noneof":
		return "must not be one of " + values(), true
	case "noneofci":
		return "must not be one of " + values() + ", in upper or lower case", true
	case "unique":
		if r.Param != "" {
			return "must not hold two items with the same " + r.Param, true
		}
		return "must not hold the same value twice", true
	case "validateFn":
		return "is not valid", true
	}
	return "", false
}

// plainSentences hold the sentences that need nothing but the rule's name; a parameter
// is put behind them. It is never written after the package is initialised.
var plainSentences = map[string]string{
	"alpha":                         "must consist of the letters a to z",
	"alphanum":                      "must consist of the letters a to z and digits",
	"alphanumspace":                 "must consist of the letters a to z, digits and spaces",
	"alphanumunicode":               "must consist of letters and digits",
	"alphaspace":                    "must consist of the letters a to z and spaces",
	"alphaunicode":                  "must consist of letters",
	"ascii":                         "must consist of ASCII characters",
	"base32":                        "must be base32",
	"base64":                        "must be base64",
	"base64rawurl":                  "must be URL-safe base64 without padding",
	"base64url":                     "must be URL-safe base64",
	"bcp47_language_tag":            "must be a language tag such as en-US",
	"bcp47_strict_language_tag":     "must be a registered language tag such as en-US",
	"bic":                           "must be a BIC (ISO 9362)",
	"bic_iso_9362_2014":             "must be a BIC (ISO 9362)",
	"boolean":                       "must be true or false",
	"btc_addr":                      "must be a Bitcoin address",
	"btc_addr_bech32":               "must be a Bitcoin Bech32 address",
	"cidr":                          "must be an IP network in CIDR notation",
	"cidrv4":                        "must be an IPv4 network in CIDR notation",
	"cidrv6":                        "must be an IPv6 network in CIDR notation",
	"cmyk":                          "must be a cmyk() color",
	"contains":                      "must contain",
	"containsany":                   "must contain one of the characters",
	"containsrune":                  "must contain the character",
	"country_code":                  "must be a country code (ISO 3166-1)",
	"credit_card":                   "must be a credit card number",
	"cron":                          "must be a cron expression",
	"cve":                           "must be a CVE identifier",
	"datauri":                       "must be a data URI with base64 content",
	"datetime":                      "must be a date or time of the form",
	"dns_rfc1035_label":             "must be a DNS label",
	"duration":                      "must be a duration such as 1h30m",
	"e164":                          "must be a telephone number such as +4915112345678",
	"ein":                           "must be an employer identification number",
	"email":                         "must be an email address",
	"endsnotwith":                   "must not end with",
	"endswith":                      "must end with",
	"eq_ignore_case":                "must be, in upper or lower case,",
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
	"fqdn":                          "must be a fully qualified domain name",
	"gtcsfield":                     "must be greater than",
	"gtecsfield":                    "must be greater than or equal to",
	"gtefield":                      "must be greater than or equal to",
	"gtfield":                       "must be greater than",
	"hexadecimal":                   "must be hexadecimal",
	"hexcolor":                      "must be a hexadecimal color",
	"hostname":                      "must be a host name",
	"hostname_label":                "must be a label of a host name",
	"hostname_port":                 "must be a host name and a port",
	"hostname_rfc1123":              "must be a host name",
	"hsl":                           "must be an hsl() color",
	"hsla":                          "must be an hsla() color",
	"html":                          "must contain an HTML tag",
	"html_encoded":                  "must contain an HTML character reference",
	"http_url":                      "must be an http or https URL",
	"https_url":                     "must be an https URL",
	"ip":                            "must be an IP address",
	"ip4_addr":                      "must be an IPv4 address",
	"ip6_addr":                      "must be an IPv6 address",
	"ip_addr":                       "must be an IP address",
	"ipv4":                          "must be an IPv4 address",
	"ipv6":                          "must be an IPv6 address",
	"isbn":                          "must be an ISBN",
	"isbn10":                        "must be an ISBN-10",
	"isbn13":                        "must be an ISBN-13",
	"iscolor":                       "must be a color",
	"iso3166_1_alpha2":              "must be a country code of two letters (ISO 3166-1)",
	"iso3166_1_alpha2_eu":           "must be a country code of two letters of the European Union",
	"iso3166_1_alpha3":              "must be a country code of three letters (ISO 3166-1)",
	"iso3166_1_alpha3_eu":           "must be a country code of three letters of the European Union",
	"iso3166_1_alpha_numeric":       "must be a numeric country code (ISO 3166-1)",
	"iso3166_1_alpha_numeric_eu":    "must be a numeric country code of the European Union",
	"iso3166_2":                     "must be a code of a country's subdivision (ISO 3166-2)",
	"iso4217":                       "must be a currency code (ISO 4217)",
	"iso4217_numeric":               "must be a numeric currency code (ISO 4217)",
	"issn":                          "must be an ISSN",
	"json":                          "must be JSON",
	"jwt":                           "must be a JSON Web Token",
	"latitude":                      "must be a latitude",
	"longitude":                     "must be a longitude",
	"lowercase":                     "must be in lower case",
	"ltcsfield":                     "must be less than",
	"ltecsfield":                    "must be less than or equal to",
	"ltefield":                      "must be less than or equal to",
	"ltfield":                       "must be less than",
	"luhn_checksum":                 "must have a valid check digit",
	"mac":                           "must be a MAC address",
	"md4":                           "must be an MD4 hash",
	"md5":                           "must be an MD5 hash",
	"mongodb":                       "must be a MongoDB object id",
	"mongodb_connection_string":     "must be a MongoDB connection string",
	"multibyte":                     "must contain a character outside of ASCII",
	"ne_ignore_case":                "must not be, in upper or lower case,",
	"necsfield":                     "must be different from",
	"nefield":                       "must be different from",
	"number":                        "must consist of digits",
	"numeric":                       "must be a number",
	"origin":                        "must be a web origin such as https://example.com",
	"port":                          "must be a port from 1 to 65535",
	"postcode_iso3166_alpha2":       "must be a postcode of the country",
	"postcode_iso3166_alpha2_field": "must be a postcode of the country in",
	"printascii":                    "must consist of printable ASCII characters",
	"rgb":                           "must be an rgb() color",
	"rgba":                          "must be an rgba() color",
	"ripemd128":                     "must be a RIPEMD-128 hash",
	"ripemd160":                     "must be a RIPEMD-160 hash",
	"semver":                        "must be a semantic version",
	"sha256":                        "must be a SHA-256 hash",
	"sha384":                        "must be a SHA-384 hash",
	"sha512":                        "must be a SHA-512 hash",
	"spicedb":                       "must be a SpiceDB identifier",
	"ssn":                           "must be a social security number",
	"startsnotwith":                 "must not start with",
	"startswith":                    "must start with",
	"tcp4_addr":                     "must be an IPv4 address and a port",
	"tcp6_addr":                     "must be an IPv6 address and a port",
	"tcp_addr":                      "must be an IP address and a port",
	"tiger128":                      "must be a Tiger-128 hash",
	"tiger160":                      "must be a Tiger-160 hash",
	"tiger192":                      "must be a Tiger-192 hash",
	"timezone":                      "must be the name of a time zone such as Europe/Paris",
	"udp4_addr":                     "must be an IPv4 address and a port",
	"udp6_addr":                     "must be an IPv6 address and a port",
	"udp_addr":                      "must be an IP address and a port",
	"ulid":                          "must be a ULID",
	"unix_addr":                     "must be the address of a Unix socket",
	"uppercase":                     "must be in upper case",
	"uri":                           "must be a URI",
	"url":                           "must be a URL",
	"url_encoded":                   "must be percent-encoded",
	"urn_rfc2141":                   "must be a URN (RFC 2141)",
	"urn_rfc8141":                   "must be a URN (RFC 8141)",
	"uuid":                          "must be a UUID",
	"uuid3":                         "must be a UUID of version 3 in lower case",
	"uuid3_rfc4122":                 "must be a UUID of version 3",
	"uuid4":                         "must be a UUID of version 4 in lower case",
	"uuid4_rfc4122":                 "must be a UUID of version 4",
	"uuid5":                         "must be a UUID of version 5 in lower case",
	"uuid5_rfc4122":                 "must be a UUID of version 5",
	"uuid7":                         "must be a UUID of version 7 in lower case",
	"uuid_rfc4122":                  "must be a UUID",
}
