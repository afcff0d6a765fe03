package respond

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// object writes one JSON object, member by member. Problems are written with it so
// that refusing a request costs little and needs nothing but the standard library.
type object struct {
	dst  []byte
	some bool
}

// name begins a member whose name needs no escapes.
func (o *object) name(name string) {
	o.comma()
	o.dst = append(append(append(o.dst, '"'), name...), `":`...)
}

func (o *object) comma() {
	if o.some {
		o.dst = append(o.dst, ',')
	}
	o.some = true
}

// text writes a string member, unless it is empty.
func (o *object) text(name, value string) {
	if value == "" {
		return
	}
	o.name(name)
	o.dst = appendString(o.dst, value)
}

func (o *object) number(name string, value int) {
	o.name(name)
	o.dst = strconv.AppendInt(o.dst, int64(value), 10)
}

// value writes a member of any name and type.
func (o *object) value(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	o.comma()
	o.dst = append(append(appendString(o.dst, name), ':'), b...)
	return nil
}

// appendString quotes s as RFC 8259, 7 asks; invalid UTF-8 becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	if isPlain(s) {
		return append(append(dst, s...), '"')
	}
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c < ' ' || c == '"' || c == '\\' {
			dst = append(dst, s[start:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			start = i + 1
		}
		i++
	}
	return append(append(dst, s[start:]...), '"')
}

// isPlain reports whether s can stand between quotes as it is: ASCII, and nothing that is
// escaped. It looks at eight bytes at a time.
func isPlain(s string) bool {
	for ; len(s) >= 8; s = s[8:] {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		if !isPlainWord(w) {
			return false
		}
	}
	var w uint64 = ' ' * ones // in the place of what is missing
	for i := range len(s) {
		w = w<<8 | uint64(s[i])
	}
	return isPlainWord(w)
}

// ones times a byte is a word of eight such bytes.
const ones = 0x0101010101010101

// isPlainWord tests eight bytes at once: a byte that is zero, or less than a space, borrows
// from its own high bit. A borrow from the next byte can only follow a true one.
func isPlainWord(w uint64) bool {
	quote, backslash := w^'"'*ones, w^'\\'*ones
	low := (w - ' '*ones) | (quote - ones) | (backslash - ones)
	return (low|w)&(0x80*ones) == 0
}
