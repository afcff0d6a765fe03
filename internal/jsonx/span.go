package jsonx

import (
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/apiroutes/apiroutes/internal/presence"
)

// json v2 reads times of any year from a number, and writes by RFC 3339 only those of the
// years 0 to 9999: a handler could not answer what a client sent. It also drops what a
// number has beyond nanoseconds, so that one a little above the greatest duration would
// pass. Numbers are therefore compared as they are written, before it reads them, and the
// bounds can stand in a schema.

// span is the numbers that a member of one of the formats takes.
type span struct {
	format, least, most string
	quoted              bool // written within strings
}

// bounds are the least and the greatest number of each format. It is never written to.
var bounds = map[string][2]string{
	"unix":      {"-62167219200", "253402300799.999999999"},
	"unixmilli": {"-62167219200000", "253402300799999.999999"},
	"unixmicro": {"-62167219200000000", "253402300799999999.999"},
	"unixnano":  {"-62167219200000000000", "253402300799999999999"},
	"sec":       {"-9223372036.854775808", "9223372036.854775807"},
	"milli":     {"-9223372036854.775808", "9223372036854.775807"},
	"micro":     {"-9223372036854775.808", "9223372036854775.807"},
	"nano":      {"-9223372036854775808", "9223372036854775807"},
}

// Bounds are the least and the greatest number that a time or a duration is read from by a
// format of numbers; they are empty for other formats.
func Bounds(format string) (least, most string) {
	b := bounds[format]
	return b[0], b[1]
}

// spanOf is the span of a member, nil where it has none.
func spanOf(m *Member) *span {
	t := pointed(presence.Unwrap(m.Type))
	least, most := Bounds(m.Format)
	if t != timeType && t != durationType || least == "" {
		return nil
	}
	return &span{m.Format, least, most, m.String}
}

// excludes reports whether v is a number beyond s.
func (s *span) excludes(v jsontext.Value) bool {
	if (v.Kind() == '"') != s.quoted {
		return false
	}
	text := v
	if s.quoted {
		text, _ = jsontext.AppendUnquote(nil, v) // what is no text is no number
	}
	n, ok := plainDecimal(string(text))
	bound, _ := plainDecimal(s.most)
	if n.negative {
		bound, _ = plainDecimal(s.least)
	}
	return ok && n.beyond(bound)
}

// describe names the numbers of s, for a value of type t.
func (s *span) describe(t reflect.Type) string {
	words := describeFormat(t, s.format)
	if t == timeType {
		return strings.Replace(words, "a time as", "a time of the years 0 to 9999, as", 1)
	}
	words, _, _ = strings.Cut(words, ", such as")
	return words + ", from " + s.least + " to " + s.most
}

// offsetLayout is the layout of a member that is a time in a form with an offset, else "".
func offsetLayout(m *Member) string {
	if pointed(presence.Unwrap(m.Type)) != timeType {
		return ""
	}
	layout, named := layouts[m.Format]
	if !named {
		layout = m.Format
	}
	if !strings.Contains(layout, "-07") && !strings.Contains(layout, "Z07") {
		return ""
	}
	return layout
}

// hasWrongOffset reports whether the JSON string v is a time that is a day or more away from
// UTC. The time package takes 24 hours and 60 minutes, of which RFC 3339 has neither.
func hasWrongOffset(layout string, v jsontext.Value) bool {
	text, _ := jsontext.AppendUnquote(nil, v)
	at, err := time.Parse(layout, string(text))
	if err != nil {
		return false // json v2 says so
	}
	const day = 24 * 60 * 60
	_, offset := at.Zone()
	return offset <= -day || offset >= day
}

// plain is a number without an exponent: its digits without the zeros that say nothing.
type plain struct {
	negative        bool
	whole, fraction string
}

// plainDecimal takes apart a number in the grammar of JSON, but for exponents, which the
// formats do not take.
func plainDecimal(text string) (n plain, ok bool) {
	text, n.negative = strings.CutPrefix(text, "-")
	whole, fraction, point := strings.Cut(text, ".")
	if !isDigits(whole) || point && !isDigits(fraction) || len(whole) > 1 && whole[0] == '0' {
		return n, false
	}
	n.whole, n.fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	return n, true
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// beyond reports whether n is further from zero than m.
func (n plain) beyond(m plain) bool {
	if len(n.whole) != len(m.whole) {
		return len(n.whole) > len(m.whole)
	}
	return n.whole > m.whole || n.whole == m.whole && n.fraction > m.fraction
}
