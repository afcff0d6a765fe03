package jsonx

import (
	"encoding/binary"
	"unicode/utf8"
)

// appendString appends s as a JSON string: quotes, backslashes and control characters
// escaped in the shortest way, invalid UTF-8 replaced by U+FFFD, all else as it is.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := len(dst)
	dst = append(dst, s...)
	if !verbatim(dst[start:]) {
		dst = appendEscaped(dst[:start], s)
	}
	return append(dst, '"')
}

// verbatim reports whether b can stand between quotes as it is.
func verbatim(b []byte) bool {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	// Eight bytes at a time: the high bit of a byte in special is set where the byte is
	// a quote, a backslash or below a space. A borrow can only add a false alarm
	// behind a true one, and after an alarm every byte is looked at anyway.
	if len(b) < 8 {
		var high byte
		for _, c := range b {
			if c < ' ' || c == '"' || c == '\\' {
				return false
			}
			high |= c
		}
		return high < utf8.RuneSelf || utf8.Valid(b)
	}
	var special, high uint64
	for at := 0; ; at += 8 {
		at = min(at, len(b)-8) // the last eight may overlap with those before
		w := binary.LittleEndian.Uint64(b[at:])
		quote, slash := w^('"'*ones), w^('\\'*ones)
		special |= ((w - ' '*ones) | (quote - ones) | (slash - ones)) &^ w
		high |= w
		if at == len(b)-8 {
			break
		}
	}
	if special&highs != 0 {
		return false
	}
	return high&highs == 0 || utf8.Valid(b)
}

// appendEscaped appends s with what needs it escaped.
func appendEscaped(dst []byte, s string) []byte {
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
