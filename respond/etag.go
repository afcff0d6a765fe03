package respond

import (
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"unsafe"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ETags makes the entity tags of one endpoint. It is for the pipeline; the zero ETags is
// ready, and safe for concurrent use.
type ETags struct {
	last atomic.Pointer[entityTag]
}

// of returns the tag of the content. Many endpoints give one answer over and over: a tag
// is made anew only for another content. It is kept now and then, not each time, because
// processors with different answers would wait for each other there.
func (e *ETags) of(body []byte) *entityTag {
	text := tagOf(body)
	if last := e.last.Load(); last != nil && last.text == text {
		return last
	}
	t := &entityTag{text: text}
	t.line[0] = unsafe.String(&t.text[0], len(t.text)) // nothing is ever written there again
	if rand.Uint32()%16 == 0 {
		e.last.Store(t)
	}
	return t
}

// entityTag is a field line and its text in one allocation. A second one, for each answer
// to a GET, would be a good part of what a tag costs. Answers share it, so it is read-only.
type entityTag struct {
	line [1]string
	text tagText
}

type tagText [15]byte

// tagOf makes a weak entity tag (RFC 9110, 8.8.3) of the content: two different CRCs,
// 64 bits that the processor computes at memory speed, in eleven digits. It tells
// versions of one resource apart; it is no defence against somebody who makes
// collisions on purpose, who could only deceive himself.
func tagOf(body []byte) tagText {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	sum := uint64(crc32.Checksum(body, castagnoli))<<32 | uint64(crc32.ChecksumIEEE(body))
	text := tagText{0: 'W', 1: '/', 2: '"', 14: '"'}
	for i := 3; i < 14; i++ {
		text[i] = digits[sum&63]
		sum >>= 6
	}
	return text
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
