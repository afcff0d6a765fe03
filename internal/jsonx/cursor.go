package jsonx

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/apiroutes/apiroutes/internal/syntax"
)

// cursor is a place in a body. Its methods accept JSON's grammar only and report
// false for anything that they do not accept or do not know.
type cursor struct {
	in    []byte
	at    int
	depth int // objects and arrays that are open
	spare int // bytes that may still be spent on capacity for elements to come
	texts strings.Builder
	more  bool // other bodies follow, whose texts find room beside those of this one

	budget int // bytes that decoding may still allocate
}

// handBackDepth is where the compiled decoder leaves deep values to json v2, long
// before the 10000 levels where that ends.
const handBackDepth = 1000

// space skips white space.
func (c *cursor) space() {
	for c.at < len(c.in) {
		switch c.in[c.at] {
		case ' ', '\t', '\r', '\n':
			c.at++
		default:
			return
		}
	}
}

// skip steps over the byte b, if it is the next.
func (c *cursor) skip(b byte) bool {
	if c.at < len(c.in) && c.in[c.at] == b {
		c.at++
		return true
	}
	return false
}

// literal steps over true, false or null. What follows, the caller checks as it
// checks what follows any value.
func (c *cursor) literal(word string) bool {
	if len(c.in)-c.at >= len(word) && string(c.in[c.at:c.at+len(word)]) == word {
		c.at += len(word)
		return true
	}
	return false
}

// open steps over the begin of an object or array, and over the end if it is empty.
func (c *cursor) open(begin, end byte) (empty, ok bool) {
	if c.depth++; c.depth > handBackDepth || !c.skip(begin) {
		return false, false
	}
	c.space()
	if c.skip(end) {
		c.depth--
		return true, true
	}
	return false, true
}

// next steps over what follows a member or element: a comma, or the end.
func (c *cursor) next(end byte) (more, ok bool) {
	c.space()
	if c.skip(',') {
		c.space()
		return true, true
	}
	c.depth--
	return false, c.skip(end)
}

// name reads a member's name and the colon behind it. The bytes are those of the
// body; escaped names are not known.
func (c *cursor) name() ([]byte, bool) {
	if !c.skip('"') {
		return nil, false
	}
	start := c.at
	n := bytes.IndexByte(c.in[start:], '"')
	if n < 0 {
		return nil, false
	}
	c.at += n + 1
	c.space()
	ok := c.skip(':')
	c.space()
	return c.in[start : start+n], ok
}

// key reads a member's name, which may have escapes, and the colon behind it.
func (c *cursor) key() (string, bool) {
	name, ok := c.text()
	if !ok {
		return "", false
	}
	c.space()
	ok = c.skip(':')
	c.space()
	return name, ok
}

// spend reports whether n bytes more may be allocated.
func (c *cursor) spend(n int) bool {
	c.budget -= n
	return c.budget >= 0
}

// raw reads a string without escapes, and returns the bytes of the body.
func (c *cursor) raw() ([]byte, bool) {
	if !c.skip('"') {
		return nil, false
	}
	start := c.at
	n := bytes.IndexByte(c.in[start:], '"')
	if n < 0 {
		return nil, false
	}
	c.at += n + 1
	raw := c.in[start : start+n]
	return raw, syntax.IsVerbatim(raw)
}

// text reads a string.
func (c *cursor) text() (string, bool) {
	start := c.at
	if raw, ok := c.raw(); ok {
		return c.keep(raw), true
	}
	return c.escaped(start)
}

// escaped reads a string with escapes, its quote at start.
func (c *cursor) escaped(start int) (string, bool) {
	if start == len(c.in) || c.in[start] != '"' {
		return "", false
	}
	for i := start + 1; i < len(c.in); i++ {
		switch c.in[i] {
		case '\\':
			i++
		case '"':
			c.at = i + 1
			plain, err := jsontext.AppendUnquote(nil, c.in[start:c.at])
			return string(plain), err == nil
		}
	}
	return "", false
}

// Short texts are kept in common chunks: without them W3 has three times the
// allocations. A chunk lives as long as any text in it, so it is small.
const (
	shortText = 64
	textChunk = 512
)

// keep copies b out of the body.
func (c *cursor) keep(b []byte) string {
	if len(b) > shortText {
		return string(b)
	}
	if c.texts.Cap()-c.texts.Len() < len(b) {
		room := textChunk
		if !c.more { // of a usual body, names, quotes and numbers are more than half
			rest := len(c.in) - c.at + len(b)
			room = min(room, rest, max(rest/2, shortText))
		}
		c.texts = strings.Builder{}
		c.texts.Grow(room)
	}
	start := c.texts.Len()
	c.texts.Write(b)
	return c.texts.String()[start:]
}

// digits reads a whole number without a sign, of at most 18 digits.
func (c *cursor) digits() (uint64, bool) {
	var n uint64
	start := c.at
	for ; c.at < len(c.in); c.at++ {
		d := c.in[c.at] - '0'
		if d > 9 {
			break
		}
		n = n*10 + uint64(d)
	}
	count := c.at - start
	return n, count == 1 || (count > 1 && count <= 18 && c.in[start] != '0')
}

// number steps over a number of any form.
func (c *cursor) number() ([]byte, bool) {
	start := c.at
	c.skip('-')
	if !c.skip('0') && !c.many() {
		return nil, false
	}
	if c.skip('.') && !c.many() {
		return nil, false
	}
	if c.skip('e') || c.skip('E') {
		if !c.skip('-') {
			c.skip('+')
		}
		if !c.many() {
			return nil, false
		}
	}
	return c.in[start:c.at], true
}

// many steps over one digit or more.
func (c *cursor) many() bool {
	start := c.at
	for c.at < len(c.in) && c.in[c.at]-'0' <= 9 {
		c.at++
	}
	return c.at > start
}

// value steps over a value of any kind, without judging more of it than where it
// ends.
func (c *cursor) value() ([]byte, bool) {
	start, depth := c.at, c.depth
	for i := start; i < len(c.in); i++ {
		switch b := c.in[i]; b {
		case '"':
			for i++; i < len(c.in) && c.in[i] != '"'; i++ {
				if c.in[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			if depth++; depth > handBackDepth {
				return nil, false
			}
			continue
		case '}', ']', ',', ' ', '\t', '\r', '\n':
			if depth == c.depth {
				return c.cut(start, i)
			}
			if b == '}' || b == ']' {
				depth--
				break
			}
			continue
		default:
			continue
		}
		if depth == c.depth { // behind a string, an object or an array
			return c.cut(start, min(i+1, len(c.in)))
		}
	}
	return c.cut(start, len(c.in))
}

func (c *cursor) cut(start, end int) ([]byte, bool) {
	c.at = end
	text := c.in[start:end]
	return text, end > start
}
