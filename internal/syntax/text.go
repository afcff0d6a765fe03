package syntax

import (
	"encoding/json"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
)

// texts are what types of the standard library read.
var texts = map[reflect.Type]string{
	reflect.TypeFor[netip.Addr]():     "an IP address",
	reflect.TypeFor[netip.AddrPort](): "an IP address and port",
	reflect.TypeFor[netip.Prefix]():   "an IP network such as 192.0.2.0/24",
	reflect.TypeFor[big.Int]():        "a whole number",
	reflect.TypeFor[big.Float]():      "a number",
	reflect.TypeFor[big.Rat]():        "a number",
}

// formats are what the formats of JSON Schema and OpenAPI stand for.
var formats = map[string]string{
	"uuid": "a UUID", "decimal": "a decimal number", "ipv4": "an IPv4 address", "ipv6": "an IPv6 address", "ip": "an IP address",
	"date": "a date such as 2006-01-02", "time": "a time such as 15:04:05Z", "date-time": "a date and time such as 2006-01-02T15:04:05Z",
	"duration": "a duration", "email": "an email address", "hostname": "a host name", "uri": "a URI", "uri-reference": "a URI reference",
	"byte": "base64", "ulid": "a ULID",
}

// WrongText is the end of a sentence about a text that the UnmarshalText method of t
// did not take: "must be one of low, high". It knows some types of the standard library,
// types named UUID and Decimal, and what a JSONSchema method says of format and enum.
func WrongText(t reflect.Type) string {
	if what := expected(t); what != "" {
		return what
	}
	return "has the wrong format"
}

func expected(t reflect.Type) string {
	if own, ok := reflect.New(t).Interface().(interface{ JSONSchema() string }); ok {
		var schema struct {
			Format string
			Enum   []string
		}
		if json.Unmarshal([]byte(own.JSONSchema()), &schema) == nil && len(schema.Enum) > 0 {
			return "must be one of " + strings.Join(schema.Enum, ", ")
		}
		return wrongFormat(formats[schema.Format])
	}
	if what, ok := texts[t]; ok {
		return wrongFormat(what)
	}
	switch t.Name() {
	case "UUID", "ULID", "Decimal":
		return wrongFormat(formats[strings.ToLower(t.Name())])
	}
	return ""
}

func wrongFormat(what string) string {
	if what == "" {
		return ""
	}
	return "has the wrong format: " + what + " is expected"
}
