// Package conditional answers conditional requests (RFC 9110, 13): the entity tag of
// content, the evaluation of If-None-Match and If-Modified-Since, and the header of a
// 304. Answers of handlers and cached pages go through it alike.
package conditional

import (
	"crypto/sha256"
	"encoding/base64"
	"hash/crc32"
	"net/http"
	"strings"
	"time"
	"unsafe"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Tag makes a weak entity tag (RFC 9110, 8.8.3) of content. It returns the tag as the
// one line of an Etag field. Empty content has one as well. The tag is two CRCs in eleven
// digits: 64 bits that the processor computes at memory speed. It tells versions of one
// resource apart that differ by chance. Who writes a part of the content can give a new
// version the tag of an old one, and those who have the old one keep it: see [PageTag].
func Tag(content []byte) []string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	sum := uint64(crc32.Checksum(content, castagnoli))<<32 | uint64(crc32.ChecksumIEEE(content))
	// The line and its text are one allocation: the row "ETag" of the performance guide.
	t := &struct {
		line [1]string
		text [15]byte
	}{text: [15]byte{0: 'W', 1: '/', 2: '"', 14: '"'}}
	for i := 3; i < 14; i++ {
		t.text[i] = digits[sum&63]
		sum >>= 6
	}
	t.line[0] = unsafe.String(&t.text[0], len(t.text)) // the text does not change any more
	return t.line[:]
}

// PageTag is a weak tag that nobody can give to two contents on purpose: 192 bits of SHA-256.
// It is for content that is tagged once and sent often, and is the same on all machines.
func PageTag(content []byte) string {
	sum := sha256.Sum256(content)
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:24]) + `"`
}

// IsTag reports whether s is an entity tag, weak or strong (RFC 9110, 8.8.3).
func IsTag(s string) bool {
	_, rest, ok := cutTag(s)
	return ok && rest == ""
}

// Request is what a conditional request says in its header.
type Request interface {
	// Header returns the lines of a field, named in canonical form.
	Header(name string) []string
}

// NotModified reports whether 304 answers a GET or HEAD that would be answered with 200
// (RFC 9110, 13.2.2). tag is the entity tag of the answer and lastModified its
// Last-Modified; "" is none. If-None-Match is compared weakly, and where the request has
// it, even one that is not well-formed, If-Modified-Since does not count. A precondition
// that cannot be read is ignored.
func NotModified(r Request, tag, lastModified string) bool {
	if tag == "" && lastModified == "" {
		return false
	}
	if lines := r.Header("If-None-Match"); len(lines) > 0 {
		return isAny(lines) || tag != "" && matches(lines, tag, false)
	}
	if lastModified == "" {
		return false
	}
	modified, date, ok := dates(lastModified, r.Header("If-Modified-Since"))
	return ok && !modified.After(date)
}

// dates are the Last-Modified of an answer and the one line of a field, if both are dates.
func dates(lastModified string, lines []string) (modified, date time.Time, ok bool) {
	if lastModified == "" || len(lines) != 1 {
		return modified, date, false
	}
	modified, err := http.ParseTime(lastModified)
	if err != nil {
		return modified, date, false
	}
	date, err = http.ParseTime(lines[0])
	return modified, date, err == nil
}

// isAny reports whether the lines of If-None-Match or If-Match are "*", which is whatever there is.
func isAny(lines []string) bool {
	return len(lines) == 1 && strings.Trim(lines[0], " \t") == "*"
}

// matches reports whether the lines of If-None-Match or, compared strongly, of If-Match are a
// list that has tag (RFC 9110, 13.1.1 and 13.1.2). The lines are one list (5.3). It is read
// to its end, because one that is not well-formed matches nothing.
func matches(lines []string, tag string, strong bool) bool {
	opaque := strings.TrimPrefix(tag, "W/")
	found := false
	for _, rest := range lines {
		for rest = strings.TrimLeft(rest, " \t,"); rest != ""; rest = strings.TrimLeft(rest, " \t,") {
			member, after, ok := cutTag(rest)
			after = strings.TrimLeft(after, " \t")
			if !ok || after != "" && after[0] != ',' {
				return false
			}
			found = found || member == opaque && !(strong && strings.HasPrefix(rest, "W/"))
			rest = after
		}
	}
	return found
}

// cutTag cuts an entity tag off the start of s: its opaque part, quotes included.
func cutTag(s string) (opaque, rest string, ok bool) {
	s = strings.TrimPrefix(s, "W/")
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[:i+1], s[i+1:], true
		case c <= ' ' || c == 0x7f: // what etagc does not have
			return "", "", false
		}
	}
	return "", "", false
}

// Keeps reports whether a field of an answer stays in the 304 in its place; name is in
// canonical form. All do but those that describe the content that is not sent
// (RFC 9110, 15.4.5). Last-Modified is one of them where there is an entity tag, which
// guides the cache better.
func Keeps(name string, tagged bool) bool {
	switch name {
	case "Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Range",
		"Content-Digest", "Repr-Digest", "Trailer":
		return false
	case "Last-Modified":
		return !tagged
	}
	return true
}
