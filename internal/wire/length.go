package wire

import "strconv"

// ContentLength is the line of a Content-Length. It is shared for the lengths that most
// answers have, and must not be modified.
func ContentLength(n int64) []string {
	if uint64(n) < uint64(len(smallLengths)) {
		return smallLengths[n : n+1 : n+1]
	}
	return []string{strconv.FormatInt(n, 10)}
}

// smallLengths is 16 KiB of header once, for two allocations of every small answer. The
// numbers stand in one text, so that every collection finds one object, not a thousand.
var smallLengths = func() (s [1024]string) {
	var text []byte
	var ends [len(s)]int
	for i := range s {
		text = strconv.AppendInt(text, int64(i), 10)
		ends[i] = len(text)
	}
	all, start := string(text), 0
	for i, end := range ends {
		s[i], start = all[start:end], end
	}
	return s
}()
