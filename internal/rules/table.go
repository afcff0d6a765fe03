package rules

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kinds is a set of kinds of Go values, as far as validator tells them apart.
type Kinds uint16

// One bit a kind. Pointers are not a kind: validator looks through them.
const (
	StringKind Kinds = 1 << iota
	IntKind
	UintKind
	FloatKind
	BoolKind
	BytesKind // []byte and what converts to it
	SliceKind // any other slice
	ArrayKind
	MapKind
	TimeKind      // time.Time and what converts to it
	StructKind    // any other struct
	InterfaceKind // any: a client chooses what it holds
	StringerKind  // anything with a String method, package time apart
	OtherKind     // chan, func, complex, uintptr
)

const (
	numbers  = IntKind | UintKind | FloatKind
	lengths  = BytesKind | SliceKind | ArrayKind | MapKind
	anything = ^Kinds(0)
)

// Has reports whether the sets share a kind.
func (k Kinds) Has(other Kinds) bool { return k&other != 0 }

// KindOf is the kind that validator sees when it meets a value of t: behind
// pointers, time.Time apart from other structs. It is one bit, and Stringer
// besides where it applies.
func KindOf(t reflect.Type) Kinds {
	t = deref(t)
	kind := kindBit(t)
	if kind != InterfaceKind && t.Implements(reflect.TypeFor[fmt.Stringer]()) && t.PkgPath() != "time" {
		kind |= StringerKind
	}
	return kind
}

func kindBit(t reflect.Type) Kinds {
	switch t.Kind() {
	case reflect.String:
		return StringKind
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return IntKind
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return UintKind
	case reflect.Float32, reflect.Float64:
		return FloatKind
	case reflect.Bool:
		return BoolKind
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return BytesKind
		}
		return SliceKind
	case reflect.Array:
		return ArrayKind
	case reflect.Map:
		return MapKind
	case reflect.Struct:
		if isTime(t) {
			return TimeKind
		}
		return StructKind
	case reflect.Interface:
		return InterfaceKind
	}
	return OtherKind
}

// deref is what a pointer leads to; a pointer still in a type like type P *P.
func deref(t reflect.Type) reflect.Type {
	for range maxLevels {
		if t.Kind() != reflect.Pointer {
			break
		}
		t = t.Elem()
	}
	return t
}

// maxLevels ends the search in a type that holds nothing but itself: type T []T.
const maxLevels = 64

// innermost is the element type behind all levels of slices, arrays and maps.
func innermost(t reflect.Type) reflect.Type {
	t = deref(t)
	for range maxLevels {
		if t.Kind() != reflect.Slice && t.Kind() != reflect.Array && t.Kind() != reflect.Map {
			break
		}
		t = deref(t.Elem())
	}
	return t
}

func isTime(t reflect.Type) bool {
	instant := reflect.TypeFor[time.Time]()
	return t.Kind() == reflect.Struct && t.NumField() == instant.NumField() && t.ConvertibleTo(instant)
}

// Param says what a tag takes after '='.
type Param uint8

// The parameters of the built-in tags.
const (
	NoParam      Param = iota
	NumberParam        // a number of the field's kind, a length, or a duration; nothing for time.Time
	ValueParam         // a value of the field's kind, a length for slices and maps
	ListParam          // values between blanks, 'quoted' where they hold one
	TextParam          // text, not empty
	FieldParam         // a field of the same struct
	FieldsParam        // names of fields between blanks
	PairsParam         // names and values of fields by turns
	LayoutParam        // a layout of time.Parse
	CountryParam       // an ISO 3166-1 alpha-2 code
	MemberParam        // optional: a field of the elements
	MethodParam        // optional: a method
	SpiceParam         // optional: id, permission or type
)

// Tag is one row of the table of built-in tags.
type Tag struct {
	Name string
	// Kinds are the kinds on which the tag says something; on others it panics, or
	// refuses whatever comes.
	Kinds Kinds
	Param Param
	// Disk is set for tags that read the server's disk with the client's string.
	Disk bool
}

// Builtin looks a tag of validator v10.30.6 up in the table: every entry of its
// baked_in.go, and the words that steer it (omitempty, dive, …). Aliases are not in it.
func Builtin(name string) (Tag, bool) {
	tag, ok := builtins[name]
	return tag, ok
}

// builtins is never written after the package is initialised.
var builtins = buildTable()

func buildTable() map[string]Tag {
	table := make(map[string]Tag, 200)
	add := func(kinds Kinds, param Param, names string) {
		for name := range strings.FieldsSeq(names) {
			if _, twice := table[name]; twice {
				panic("validate: " + name + " stands in the table twice")
			}
			table[name] = Tag{Name: name, Kinds: kinds, Param: param}
		}
	}
	add(anything, NoParam, "required isdefault omitempty omitzero omitnil")
	add(anything, PairsParam, "required_if required_unless skip_unless excluded_if excluded_unless")
	add(anything, FieldsParam, `required_with required_with_all required_without required_without_all
		excluded_with excluded_with_all excluded_without excluded_without_all`)
	add(lengths, NoParam, "dive")
	add(MapKind, NoParam, "keys endkeys")
	add(StructKind, NoParam, "structonly nostructlevel")

	add(StringKind|lengths|numbers, NumberParam, "len")
	add(StringKind|lengths|numbers|TimeKind, NumberParam, "min max gt gte lt lte")
	add(StringKind|lengths|numbers|BoolKind, ValueParam, "eq ne")
	add(StringKind, ValueParam, "eq_ignore_case ne_ignore_case")
	add(StringKind|IntKind|UintKind, ListParam, "oneof noneof")
	add(StringKind, ListParam, "oneofci noneofci")
	add(lengths, MemberParam, "unique")

	add(StringKind|lengths|numbers|BoolKind|TimeKind, FieldParam, "eqfield nefield eqcsfield necsfield")
	add(StringKind|numbers|TimeKind, FieldParam, "gtfield gtefield ltfield ltefield")
	add(StringKind|lengths|numbers|TimeKind, FieldParam, "gtcsfield gtecsfield ltcsfield ltecsfield")
	add(StringKind, FieldParam, "fieldcontains fieldexcludes postcode_iso3166_alpha2_field")

	add(StringKind, TextParam, `contains containsany containsrune excludes excludesall excludesrune
		startswith endswith startsnotwith endsnotwith`)
	add(StringKind, NoParam, `alpha alphaspace alphanum alphanumspace alphaunicode alphanumunicode
		hexadecimal hexcolor rgb rgba hsl hsla cmyk e164
		md4 md5 sha256 sha384 sha512 ripemd128 ripemd160 tiger128 tiger160 tiger192
		base32 base64 base64url base64rawurl ascii printascii multibyte datauri ssn ein
		ipv4 ipv6 ip hostname hostname_rfc1123 hostname_label fqdn hostname_port dns_rfc1035_label
		jwt html html_encoded url_encoded eth_addr
		iso3166_1_alpha2 iso3166_1_alpha2_eu iso3166_1_alpha3 iso3166_1_alpha3_eu iso3166_2 iso4217
		bic bic_iso_9362_2014 semver cve mongodb mongodb_connection_string cron`)
	add(StringKind|StringerKind, NoParam, `uuid uuid_rfc4122 uuid3 uuid4 uuid5 uuid7
		uuid3_rfc4122 uuid4_rfc4122 uuid5_rfc4122 ulid`)
	add(StringKind, NoParam, `url http_url https_url uri origin urn_rfc2141 urn_rfc8141
		cidr cidrv4 cidrv6 mac duration
		isbn isbn10 isbn13 issn credit_card btc_addr btc_addr_bech32 eth_addr_checksum`)
	add(StringKind, NoParam, `email lowercase uppercase timezone
		bcp47_language_tag bcp47_strict_language_tag
		tcp_addr tcp4_addr tcp6_addr udp_addr udp4_addr udp6_addr ip_addr ip4_addr ip6_addr unix_addr`)
	add(StringKind, LayoutParam, "datetime")
	add(StringKind, CountryParam, "postcode_iso3166_alpha2")
	add(StringKind, SpiceParam, "spicedb")
	add(StringKind|BytesKind, NoParam, "json")

	add(StringKind|numbers, NoParam, "numeric number latitude longitude")
	add(StringKind|BoolKind, NoParam, "boolean")
	add(IntKind|UintKind, NoParam, "port iso4217_numeric")
	add(StringKind|IntKind|UintKind, NoParam, "iso3166_1_alpha_numeric iso3166_1_alpha_numeric_eu")
	add(StringKind|IntKind|UintKind, NoParam, "luhn_checksum")
	add(anything&^InterfaceKind, MethodParam, "validateFn")

	add(StringKind, NoParam, "file dir filepath dirpath image uds_exists")
	add(StringKind, TextParam, "mimetype")
	for _, name := range []string{"file", "dir", "filepath", "dirpath", "image", "mimetype", "uds_exists"} {
		tag := table[name]
		tag.Disk = true
		table[name] = tag
	}
	return table
}

// builtinAliases are the aliases that validator v10.30.6 brings along.
func builtinAliases() map[string]string {
	return map[string]string{
		"iscolor":         "hexcolor|rgb|rgba|hsl|hsla|cmyk",
		"country_code":    "iso3166_1_alpha2|iso3166_1_alpha3|iso3166_1_alpha_numeric",
		"eu_country_code": "iso3166_1_alpha2_eu|iso3166_1_alpha3_eu|iso3166_1_alpha_numeric_eu",
	}
}

// parseInt reads a parameter as validator does for a signed field of type t, and for
// lengths: with base 0 (010 is 8, 0x10 is 16), and a duration as 1h30m or in nanoseconds.
func parseInt(param string, t reflect.Type) (int64, error) {
	if t == reflect.TypeFor[time.Duration]() {
		if d, err := time.ParseDuration(param); err == nil {
			return int64(d), nil
		}
	}
	return strconv.ParseInt(param, 0, 64)
}

// parseFloat reads a parameter for a field of type t: a float32 is compared with a
// parameter of the same width.
func parseFloat(param string, t reflect.Type) (float64, error) {
	bits := 64
	if t.Kind() == reflect.Float32 {
		bits = 32
	}
	return strconv.ParseFloat(param, bits)
}

// Builtins are the names in the table, sorted.
func Builtins() []string { return slices.Sorted(maps.Keys(builtins)) }
