package rules_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/go-playground/validator/v10"
	"github.com/stretchr/testify/require"
)

// stringer is an array that prints itself, as google/uuid's UUID is.
type stringer [1]byte

func (s stringer) String() string { return fmt.Sprintf("%x", s[:]) }

func (s stringer) Validate() error { return nil }

type plain struct{ N int }

// kinds are the kinds of Go types that a field may have.
var kinds = []struct {
	name string
	typ  reflect.Type
}{
	{"string", reflect.TypeFor[string]()},
	{"string", reflect.TypeFor[named]()},
	{"int", reflect.TypeFor[int]()},
	{"int", reflect.TypeFor[int8]()},
	{"int", reflect.TypeFor[int16]()},
	{"int", reflect.TypeFor[int32]()},
	{"int", reflect.TypeFor[int64]()},
	{"uint", reflect.TypeFor[uint]()},
	{"uint", reflect.TypeFor[uint8]()},
	{"uint", reflect.TypeFor[uint16]()},
	{"uint", reflect.TypeFor[uint32]()},
	{"uint", reflect.TypeFor[uint64]()},
	{"float", reflect.TypeFor[float32]()},
	{"float", reflect.TypeFor[float64]()},
	{"bool", reflect.TypeFor[bool]()},
	{"bytes", reflect.TypeFor[[]byte]()},
	{"slice", reflect.TypeFor[[]string]()},
	{"slice", reflect.TypeFor[[]plain]()},
	{"array", reflect.TypeFor[[1]int]()},
	{"map", reflect.TypeFor[map[string]int]()},
	{"map", reflect.TypeFor[map[int]plain]()},
	{"time", reflect.TypeFor[time.Time]()},
	{"struct", reflect.TypeFor[plain]()},
	{"any", reflect.TypeFor[any]()},
	{"stringer", reflect.TypeFor[stringer]()},
	{"other", reflect.TypeFor[uintptr]()},
	{"other", reflect.TypeFor[complex128]()},
	{"other", reflect.TypeFor[chan int]()},
	{"other", reflect.TypeFor[func()]()},
}

// auditRows is the table of docs/guide/validation.md once more, by hand: which tag is
// accepted on which kinds. "all" are all kinds; a stringer is an array besides.
const auditRows = `
required isdefault omitempty omitzero omitnil: all
required_if=O#x required_unless=O#x skip_unless=O#x excluded_if=O#x excluded_unless=O#x: all
required_with=O required_with_all=O required_without=O required_without_all=O: all
excluded_with=O excluded_with_all=O excluded_without=O excluded_without_all=O: all
dive: bytes slice array map
structonly nostructlevel: struct
len=1: string int uint float bytes slice array map
min=1 max=1 gt=0 gte=1 lt=2 lte=1: string int uint float bytes slice array map
min max gt gte lt lte: time
eq=1 ne=0: string int uint float bool bytes slice array map
eq_ignore_case=a ne_ignore_case=a: string
oneof=1#2 noneof=1#2: string int uint
oneofci=a#b noneofci=a#b: string
unique: bytes slice array map
contains=a containsany=a containsrune=a excludes=a excludesall=a excludesrune=a: string
startswith=a endswith=a startsnotwith=a endsnotwith=a: string
fieldcontains=O fieldexcludes=O postcode_iso3166_alpha2_field=O: string
eqfield=W nefield=W eqcsfield=W necsfield=W: string int uint float bool bytes slice array map time
gtfield=W gtefield=W ltfield=W ltefield=W: string int uint float time
gtcsfield=W gtecsfield=W ltcsfield=W ltecsfield=W: string int uint float bytes slice array map time
alpha alphaspace alphanum alphanumspace alphaunicode alphanumunicode ascii printascii multibyte: string
hexadecimal hexcolor rgb rgba hsl hsla cmyk iscolor e164 email lowercase uppercase: string
url http_url https_url uri origin urn_rfc2141 urn_rfc8141 datauri html html_encoded url_encoded jwt: string
uuid uuid_rfc4122 uuid3 uuid4 uuid5 uuid7 uuid3_rfc4122 uuid4_rfc4122 uuid5_rfc4122 ulid: string stringer
md4 md5 sha256 sha384 sha512 ripemd128 ripemd160 tiger128 tiger160 tiger192: string
base32 base64 base64url base64rawurl ssn ein: string
ipv4 ipv6 ip cidr cidrv4 cidrv6 mac hostname hostname_rfc1123 hostname_label fqdn hostname_port dns_rfc1035_label: string
tcp_addr tcp4_addr tcp6_addr udp_addr udp4_addr udp6_addr ip_addr ip4_addr ip6_addr unix_addr: string
iso3166_1_alpha2 iso3166_1_alpha2_eu iso3166_1_alpha3 iso3166_1_alpha3_eu iso3166_2 iso4217: string
country_code eu_country_code: string
iso3166_1_alpha_numeric iso3166_1_alpha_numeric_eu luhn_checksum: string int uint
iso4217_numeric port: int uint
bcp47_language_tag bcp47_strict_language_tag postcode_iso3166_alpha2=DE timezone datetime=2006-01-02 duration: string
bic bic_iso_9362_2014 semver cve mongodb mongodb_connection_string cron spicedb spicedb=id: string
isbn isbn10 isbn13 issn credit_card btc_addr btc_addr_bech32 eth_addr eth_addr_checksum: string
numeric number latitude longitude: string int uint float
boolean: string bool
json: string bytes
validateFn: stringer
file dir filepath dirpath image mimetype=image/png uds_exists: none
`

// Every row of the table on every kind, plain and behind a pointer: accepted or refused
// as the row says, and what is accepted never makes validator panic.
func TestAuditTable(t *testing.T) {
	t.Parallel()
	rows, accepted, refused := make(map[string]bool), 0, 0
	r := rand.New(rand.NewPCG(3, 4))
	for line := range strings.Lines(strings.TrimSpace(auditRows)) {
		tags, where, _ := strings.Cut(strings.TrimSpace(line), ": ")
		for tag := range strings.FieldsSeq(tags) {
			tag = strings.ReplaceAll(tag, "#", " ")
			name, _, _ := strings.Cut(tag, "=")
			rows[name] = true
			v, engine := quiet(), validator.New(validator.WithRequiredStructEnabled())
			for _, kind := range kinds {
				wanted := where == "all" || has(where, kind.name) || kind.name == "stringer" && has(where, "array")
				for _, typ := range []reflect.Type{kind.typ, reflect.PointerTo(kind.typ)} {
					if typ.Kind() == reflect.Pointer && kind.typ.Kind() == reflect.Interface {
						continue
					}
					target := reflect.StructOf([]reflect.StructField{
						{Name: "V", Type: typ, Tag: reflect.StructTag(`validate:"` + tag + `"`)},
						{Name: "O", Type: reflect.TypeFor[string]()},
						{Name: "W", Type: typ},
					})
					_, faults := v.Compile(target)
					require.Equal(t, wanted, len(faults) == 0, "%s on %v: %v", tag, typ, faults)
					if !wanted {
						refused++
						require.Equal(t, "V", faults[0].Field)
						require.Contains(t, faults[0].Problem, name)
						require.NotEmpty(t, faults[0].Problem)
						require.NotEmpty(t, faults[0].Fix)
						continue
					}
					accepted++
					for range 10 {
						ptr := reflect.New(target)
						random(r, ptr.Elem().Field(0))
						random(r, ptr.Elem().Field(1))
						random(r, ptr.Elem().Field(2))
						require.NotPanics(t, func() { _ = engine.Struct(ptr.Interface()) }, "%s on %v: %#v", tag, typ, ptr.Elem())
					}
				}
			}
		}
	}
	t.Logf("%d rows: %d pairs accepted, %d refused", len(rows), accepted, refused)
	require.Equal(t, rules.TableSize()+3, len(rows)+2, "rows, the three aliases and keys with endkeys make the table")
}

func has(list, word string) bool {
	for each := range strings.FieldsSeq(list) {
		if each == word {
			return true
		}
	}
	return false
}
