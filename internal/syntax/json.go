package syntax

import (
	"strings"
	"unicode/utf8"
)

// AppendString appends s as a JSON string (RFC 8259, 7): quotes, backslashes and
// control characters escaped in the shortest way, invalid UTF-8 replaced by U+FFFD,
// all else as it is.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	// The first test is for the common case alone.
	if special, wide := scan(s); special|wide != 0 && (special != 0 || !utf8.ValidString(s)) {
		return append(appendWithEscapes(dst, s), '"')
	}
	dst = append(dst, s...)
	return append(dst, '"')
}

// IsVerbatim reports whether b can stand between the quotes of a JSON string as it is.
func IsVerbatim(b []byte) bool {
	special, wide := scan(b)
	return special == 0 && (wide == 0 || utf8.Valid(b))
}

// AppendPointer appends a reference token to a JSON Pointer (RFC 6901, 3).
func AppendPointer(pointer []byte, token string) []byte {
	pointer = append(pointer, '/')
	for i := range len(token) {
		switch c := token[i]; c {
		case '~':
			pointer = append(pointer, "~0"...)
		case '/':
			pointer = append(pointer, "~1"...)
		default:
			pointer = append(pointer, c)
		}
	}
	return pointer
}

// scan tells by bits whether there are quotes, backslashes or control characters in s,
// and whether there is anything but ASCII. It looks at eight bytes at a time: rows W5
// and W6 of the performance guide.
func scan[T string | []byte](s T) (special, wide uint64) {
	const (
		ones  = 0x0101010101010101 // times a byte, a word of eight such bytes
		highs = 0x80 * ones
		flip  = '"' ^ ' ' // makes the quote a space, and keeps below the space what is there
	)
	// word and half are the eight and the four bytes at an index.
	word := func(at int) uint64 {
		b := s[at : at+8]
		return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	}
	half := func(at int) uint64 {
		b := s[at : at+4]
		return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24
	}
	// specials sets the high bit of each byte of w that is below a space, a quote or a
	// backslash. A borrow can only add a false alarm behind a true one, and after an alarm
	// every byte is looked at anyway.
	specials := func(w uint64) uint64 {
		return (((w ^ flip*ones) - (' '+1)*ones) | ((w ^ '\\'*ones) - ones)) &^ w
	}
	var last uint64 // it may overlap with what was looked at before
	switch n := len(s); {
	case n >= 8:
		for at := 0; at < n-8; at += 8 {
			w := word(at)
			special |= specials(w)
			wide |= w
		}
		last = word(n - 8)
	case n >= 4:
		last = half(0) | half(n-4)<<32
	case n >= 2:
		last = (uint64(s[0]) | uint64(s[1])<<8 | uint64(s[n-2])<<16 | uint64(s[n-1])<<24) * (1<<32 + 1)
	case n == 1:
		last = uint64(s[0]) * ones
	default:
		return 0, 0
	}
	return (special | specials(last)) & highs, (wide | last) & highs
}

// appendWithEscapes appends s with what needs it escaped.
func appendWithEscapes(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[from:i]...), "\ufffd"...)
				from = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		from = i
	}
	return append(dst, s[from:]...)
}

// TrimZeros makes of a number with leading zeros what JSON can hold.
func TrimZeros(number string) string {
	digits := strings.TrimPrefix(number, "-")
	sign := number[:len(number)-len(digits)]
	for len(digits) > 1 && digits[0] == '0' && '0' <= digits[1] && digits[1] <= '9' {
		digits = digits[1:]
	}
	return sign + digits
}
