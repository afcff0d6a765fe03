package respond

import (
	"hash/crc32"
	"strings"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendETag appends a weak entity tag (RFC 9110, 8.8.3) of the content: its length
// and two different CRCs, 64 bits that the processor computes at memory speed. It
// tells versions of one resource apart; it is no defence against somebody who makes
// collisions on purpose, who could only deceive himself.
func appendETag(dst []byte, body []byte) []byte {
	dst = append(dst, `W/"`...)
	dst = appendBase32(dst, uint64(len(body)))
	dst = append(dst, '-')
	dst = appendBase32(dst, uint64(crc32.Checksum(body, castagnoli))<<32|uint64(crc32.ChecksumIEEE(body)))
	return append(dst, '"')
}

// appendBase32 appends v in digits of five bits, which need no division.
func appendBase32(dst []byte, v uint64) []byte {
	const digits = "0123456789abcdefghijklmnopqrstuv"
	var text [13]byte // 65 bits
	at := len(text)
	for {
		at--
		text[at] = digits[v&31]
		if v >>= 5; v == 0 {
			return append(dst, text[at:]...)
		}
	}
}

// matchesETag evaluates If-None-Match (RFC 9110, 13.1.2) by weak comparison: the
// field lines hold `*`, or a list that may contain etag. What is not a
// well-formed list ends the search: a precondition that cannot be read is not met.
func matchesETag(lines []string, etag string) bool {
	want := strings.TrimPrefix(etag, "W/")
	for _, line := range lines {
		if strings.Trim(line, " \t") == "*" {
			return true
		}
		for rest := line; ; {
			rest = strings.TrimLeft(rest, " \t,")
			tag, tail, ok := cutETag(rest)
			if !ok {
				break
			}
			if tag == want {
				return true
			}
			rest = strings.TrimLeft(tail, " \t")
			if rest != "" && rest[0] != ',' {
				break
			}
		}
	}
	return false
}

// cutETag splits an entity tag, quotes included and without W/, from the start of s.
func cutETag(s string) (tag, rest string, ok bool) {
	s = strings.TrimPrefix(s, "W/")
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[:i+1], s[i+1:], true
		case c <= ' ' || c == 0x7f: // etagc, RFC 9110, 8.8.3
			return "", "", false
		}
	}
	return "", "", false
}
