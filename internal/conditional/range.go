package conditional

import (
	"strconv"
	"strings"
)

// Range is a part of content: Length bytes from Start on.
type Range struct{ Start, Length int64 }

// maxRanges is how many ranges of one request are answered. Browsers ask for one, readers
// of PDF and archives for a few; each costs a head, and together they are no longer than
// the content, so that more only cost time.
const maxRanges = 16

// Ranges reads the field Range of a request for content of a size that would be answered
// with 200 (RFC 9110, 14.2). tag is the entity tag of the answer and lastModified its
// Last-Modified; "" is none.
//
// No range means the whole content: without Range, with a unit other than bytes, with an
// If-Range that names another version, of empty content, for more ranges than 16 and
// for ranges that are longer together than the content. It is not ok for what is malformed,
// and where no range lies within the content: the answer is 416.
//
// As in http.ServeContent ranges keep the order that they were asked for in, and are not
// joined where they overlap. Two faults of it are none of this: the suffix "-0", which no
// content can satisfy, and units, which it takes for malformed ranges.
func Ranges(r Request, size int64, tag, lastModified string) (ranges []Range, ok bool) {
	lines := r.Header("Range")
	if len(lines) != 1 || !ifRange(r.Header("If-Range"), tag, lastModified) {
		return nil, true
	}
	unit, set, found := strings.Cut(lines[0], "=")
	if !found || !strings.EqualFold(strings.Trim(unit, " \t"), "bytes") {
		return nil, true
	}
	if len(set) > maxRangeSet {
		return nil, true
	}
	var total int64
	members, absent := 0, false
	for member := range strings.SplitSeq(set, ",") {
		if member = strings.Trim(member, " \t"); member == "" {
			continue
		}
		one, syntax := parseRange(member, size)
		switch {
		case !syntax:
			return nil, false
		case one.Length == 0:
			absent = true
		default:
			total += one.Length
			ranges = append(ranges, one)
		}
		if members++; members > maxRanges {
			return nil, true
		}
	}
	if len(ranges) == 0 {
		return nil, !absent || size == 0
	}
	if total > size {
		return nil, true
	}
	return ranges, true
}

// maxRangeSet is how long a list of ranges may be to be read at all: 16 of the longest fit.
const maxRangeSet = 1024

// parseRange reads one range of content of a size; its Length is 0 if none of it lies
// within. It is not ok if it is malformed.
func parseRange(s string, size int64) (r Range, ok bool) {
	first, last, found := strings.Cut(s, "-")
	first, last = strings.Trim(first, " \t"), strings.Trim(last, " \t")
	if !found || first == "" && last == "" {
		return Range{}, false
	}
	if first == "" { // the last so many bytes
		n, ok := position(last)
		n = min(n, size)
		return Range{size - n, n}, ok
	}
	from, ok := position(first)
	if !ok {
		return Range{}, false
	}
	if from >= size {
		return Range{}, true // whatever its end is
	}
	to := size - 1
	if last != "" {
		end, ok := position(last)
		if !ok || end < from {
			return Range{}, false
		}
		to = min(end, to)
	}
	return Range{from, to - from + 1}, true
}

// position reads digits. What does not fit is as good as the end of any content.
func position(s string) (int64, bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil && s != "" {
		n = 1<<63 - 1
	}
	return n, s != ""
}

// ifRange reports whether a range may be answered: without If-Range, and where it names
// this very version (RFC 9110, 13.1.5), by a strong entity tag or by the exact date.
func ifRange(lines []string, tag, lastModified string) bool {
	switch {
	case len(lines) == 0:
		return true
	case len(lines) > 1:
		return false
	}
	line := strings.Trim(lines[0], " \t")
	if strings.HasPrefix(line, `"`) || strings.HasPrefix(line, "W/") {
		return tag != "" && line == tag && !strings.HasPrefix(tag, "W/")
	}
	modified, date, ok := dates(lastModified, []string{line})
	return ok && date.Equal(modified)
}

// Failed reports whether 412 answers a GET or HEAD, because the client asks for another
// version than the one there is (RFC 9110, 13.2.2): If-Match does, compared strongly, or
// else If-Unmodified-Since. tag and lastModified are as for [NotModified].
func Failed(r Request, tag, lastModified string) bool {
	if lines := r.Header("If-Match"); len(lines) > 0 {
		strong := tag != "" && !strings.HasPrefix(tag, "W/")
		return !isAny(lines) && !(strong && matches(lines, tag, true))
	}
	modified, date, ok := dates(lastModified, r.Header("If-Unmodified-Since"))
	return ok && modified.After(date)
}
