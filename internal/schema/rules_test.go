package schema_test

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/apiroutes/apiroutes/docs/openapi"
	"github.com/apiroutes/apiroutes/internal/rules"
	"github.com/apiroutes/apiroutes/internal/schema"
)

// TestRules writes the schema of every tag on every kind that the audit lets it stand
// on, one a line; the lines are read by people and held against the server elsewhere.
func TestRules(t *testing.T) {
	var out strings.Builder
	for _, typ := range kinds {
		for _, tag := range tags {
			line, ok := rule(t, typ, tag)
			if ok {
				fmt.Fprintf(&out, "%s %s: %s\n", typ, tag, line)
			}
		}
	}
	golden(t, "rules.txt", []byte(out.String()))
}

// Fields that are alike are described once: what a builder says of a field does not
// depend on the fields that it has met before, nor on what was done to their schemas.
func TestAlikeFieldsAreDescribedAlike(t *testing.T) {
	quiet := rules.New(&rules.Options{Logger: slog.New(slog.DiscardHandler)})
	met := schema.New(schema.Options{Validator: quiet})
	compared := 0
	for range 3 { // met, kept, copied
		for _, typ := range kinds {
			for _, tag := range tags {
				field := func(name string) reflect.StructField {
					return reflect.StructField{Name: strings.ToUpper(name), Type: typ, Tag: reflect.StructTag(`json:"` + name + `" validate:"` + tag + `"`)}
				}
				request := reflect.StructOf([]reflect.StructField{{Name: "K", Type: reflect.TypeFor[string](), Tag: `json:"k"`}, field("v"), field("w")})
				if _, faults := quiet.Compile(request); len(faults) > 0 {
					continue
				}
				fresh := schema.New(schema.Options{Validator: quiet})
				want, got := fresh.Input(request, false), met.Input(request, false)
				require.Equal(t, text(t, want), text(t, got), "%s %s", typ, tag)
				one, _ := got.Properties.Get("v")
				other, _ := got.Properties.Get("w")
				before := text(t, other)
				spoil(one)
				require.Equal(t, before, text(t, other), "%s %s", typ, tag)
				compared++
			}
		}
	}
	require.Greater(t, compared, 1000)
}

// spoil changes all of a schema that can be changed.
func spoil(s *openapi.Schema) {
	if s == nil || s.IsNever() {
		return
	}
	for i := range s.Type {
		s.Type[i] = "spoilt"
	}
	for i := range s.Enum {
		s.Enum[i] = "spoilt"
	}
	for _, n := range []*int{s.MinLength, s.MaxLength, s.MinItems, s.MaxItems, s.MinProperties, s.MaxProperties} {
		if n != nil {
			*n = -1
		}
	}
	for _, part := range slices.Concat([]*openapi.Schema{s.Items, s.AdditionalProperties, s.PropertyNames, s.Not}, s.AllOf, s.AnyOf) {
		spoil(part)
	}
	for _, part := range s.Properties.All() {
		spoil(part)
	}
	s.Extensions.Set("x-validate", "spoilt")
	s.Pattern, s.Description, s.Examples = "spoilt", "spoilt", append(s.Examples, "spoilt")
}

// rule is the schema of one tag on a member v, with a string member K beside it.
func rule(t *testing.T, typ reflect.Type, tag string) (string, bool) {
	t.Helper()
	request := reflect.StructOf([]reflect.StructField{
		{Name: "K", Type: reflect.TypeFor[string](), Tag: `json:"k"`},
		{Name: "V", Type: typ, Tag: reflect.StructTag(`json:"v" validate:"` + tag + `"`)},
	})
	v := rules.New(nil)
	checker, faults := v.Compile(request)
	if len(faults) > 0 {
		return "", false
	}
	b := schema.New(schema.Options{Validator: v})
	s := b.Input(request, false)
	require.NoError(t, b.Err())
	b.Components()
	member, _ := s.Properties.Get("v")
	line := text(t, member)
	if len(s.Required) > 0 {
		line = "required " + line
		require.Error(t, checker.Check(context.Background(), reflect.New(request).Interface()), "the server takes {}, the schema does not: %s %s", typ, tag)
	}
	if len(s.AllOf) > 0 {
		line += " " + text(t, s.AllOf)
	}
	return line, true
}

var kinds = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[*string](), reflect.TypeFor[int](), reflect.TypeFor[*int](), reflect.TypeFor[uint8](), reflect.TypeFor[float64](), reflect.TypeFor[float32](), reflect.TypeFor[bool](), reflect.TypeFor[*bool](),
	reflect.TypeFor[[]string](), reflect.TypeFor[[]float32](), reflect.TypeFor[[2]int](), reflect.TypeFor[map[string]int](), reflect.TypeFor[map[int]string](), reflect.TypeFor[[]byte](), reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](), reflect.TypeFor[any](),
	reflect.TypeFor[plain](), reflect.TypeFor[*plain](), reflect.TypeFor[[]plain](), reflect.TypeFor[celsius](),
}

var tags = strings.Split(strings.ReplaceAll(`required;isdefault;omitempty,required;omitempty,min=3;omitnil,min=3;omitzero,min=3;omitempty,oneof=1 2;omitempty,max=3;-;structonly;
len=2;min=2;max=2;gt=2;lt=2;gte=2;lte=2;eq=2;ne=2;lt=0;min=0;min=0x10;eq=true;ne=true;gt=99999999999;
oneof=1 2 2;oneof='a b' c;noneof=1 2;oneofci=ab;noneofci=ab;eq_ignore_case=k;ne_ignore_case=k;unique;unique=A;
contains=a.b;containsany=]^-;containsrune=é;excludes=a;excludesall=!?;excludesrune=é;startswith=a(;endswith=/b;startsnotwith=a;endsnotwith=b;
dive,min=2;dive,required;dive;dive,dive;dive,keys,alpha,endkeys,gt=0;dive,keys,gt=0,endkeys;
required_if=K a;required_unless=K a;skip_unless=K a;excluded_if=K a;excluded_unless=K a;required_with=K;required_without=K;excluded_with=K;excluded_without=K;required_without_all=K;
eqfield=K;nefield=K;fieldcontains=K;omitempty,eqfield=K;email|uuid;alpha|numeric;alpha|eqfield=K;required_without_all=K K;excluded_with_all=K K;required_if=K a K b;required_if=X a;excludes=\t;containsany=\t^;oneof=12345678901234567890 x;
spicedb=id;spicedb=type;datetime=2006-01-02;datetime=15:04;datetime=2006;datetime=2006-01-02T15:04:05Z07:00;postcode_iso3166_alpha2=DE;
`+strings.Join(strings.Fields(`alpha alphaspace alphanum alphanumspace alphaunicode alphanumunicode numeric number boolean hexadecimal hexcolor rgb rgba hsl hsla cmyk iscolor e164 email url http_url https_url uri origin urn_rfc2141 urn_rfc8141
uuid uuid_rfc4122 uuid3 uuid4 uuid5 uuid7 uuid3_rfc4122 uuid4_rfc4122 uuid5_rfc4122 ulid md4 sha256 sha384 sha512 ripemd160 tiger192 base32 base64 base64url base64rawurl ascii printascii multibyte datauri latitude longitude ssn ein
ipv4 ipv6 ip cidr cidrv4 cidrv6 mac tcp_addr hostname hostname_rfc1123 hostname_label fqdn hostname_port port dns_rfc1035_label duration json jwt html html_encoded url_encoded lowercase uppercase timezone
iso3166_1_alpha2_eu iso3166_2 iso4217_numeric iso3166_1_alpha_numeric bcp47_language_tag bic bic_iso_9362_2014 semver cve mongodb mongodb_connection_string cron isbn isbn10 isbn13 issn credit_card luhn_checksum btc_addr btc_addr_bech32 eth_addr eth_addr_checksum`), ";"), "\n", ""), ";")
