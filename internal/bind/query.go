package bind

import (
	"strings"
	"unicode/utf8"

	"github.com/apiroutes/apiroutes/respond"
)

// bindPairs reads name=value pairs joined by '&', a query or a form, in one scan. What
// is not well-formed anywhere in it is refused as a whole; names that are not declared
// are otherwise skipped.
func (b *binding) bindPairs(text string, names *table, in Source) *respond.Problem {
	for text != "" {
		end, equals, plain := scanPair(text)
		pair := text[:end]
		if end < len(text) {
			end++
		}
		text = text[end:]
		if pair == "" {
			continue
		}
		name, value := pair, ""
		if equals >= 0 {
			name, value = pair[:equals], pair[equals+1:]
		}
		if !plain {
			var problem string
			if name, value, problem = decodePair(name, value); problem != "" {
				return malformedPairs(in, names.find(name), problem)
			}
		}
		if p := names.find(name); p != nil {
			b.bind(p, value)
		}
	}
	return nil
}

// scanPair finds where the first pair ends and its first '=', -1 for none; plain says
// that name and value stand for themselves.
func scanPair(text string) (end, equals int, plain bool) {
	equals, plain = -1, true
	for i := 0; i < len(text); i++ {
		switch pairBytes[text[i]] {
		case ordinary:
		case ends:
			return i, equals, plain
		case divides:
			if equals < 0 {
				equals = i
			}
		default:
			plain = false
		}
	}
	return len(text), equals, plain
}

// What a byte means in a pair.
const (
	ordinary = iota
	ends
	divides
	encoded // or must not be there
)

// pairBytes is the table of scanPair, which looks at every byte of every query.
var pairBytes = func() (table [256]uint8) {
	for c := utf8.RuneSelf; c < len(table); c++ {
		table[c] = encoded
	}
	table['&'], table['='] = ends, divides
	table['%'], table['+'], table[';'] = encoded, encoded, encoded
	return table
}()

// decodePair returns a sentence when either half is malformed; name is then decoded
// as far as that was possible.
func decodePair(name, value string) (string, string, string) {
	decoded, problem := decodeHalf(name)
	if problem != "" {
		return "", "", problem
	}
	value, problem = decodeHalf(value)
	return decoded, value, problem
}

func decodeHalf(s string) (decoded, problem string) {
	if strings.IndexByte(s, ';') >= 0 {
		return "", "must not have a semicolon: pairs are separated by &, and a semicolon in a value is written %3B"
	}
	decoded, ok := unescape(s)
	switch {
	case !ok:
		return "", "must have two hexadecimal digits after each %"
	case !utf8.ValidString(decoded):
		return "", "must be valid UTF-8"
	}
	return decoded, ""
}

// unescape decodes %XX and '+', as the urlencoded form of the URL standard has them.
func unescape(s string) (string, bool) {
	i := strings.IndexAny(s, "%+")
	if i < 0 {
		return s, true
	}
	decoded := make([]byte, 0, len(s))
	for from := 0; ; {
		decoded = append(decoded, s[from:i]...)
		if i == len(s) {
			return string(decoded), true
		}
		from = i + 1
		if s[i] == '+' {
			decoded = append(decoded, ' ')
		} else {
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return "", false
			}
			decoded = append(decoded, unhex(s[i+1])<<4|unhex(s[i+2]))
			from = i + 3
		}
		for i = from; i < len(s) && s[i] != '%' && s[i] != '+'; i++ {
		}
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// malformedPairs names a parameter only when it is a declared one: other names are
// the client's.
func malformedPairs(in Source, p *param, problem string) *respond.Problem {
	f := respond.FieldError{In: in.String(), Rule: "syntax", Detail: problem}
	if p != nil {
		f.Name = p.Name
	}
	detail := "The query is not well-formed."
	if in == Form {
		detail = "The form is not well-formed."
	}
	return badRequest(detail, f)
}
