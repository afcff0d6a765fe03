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

// smallLengths is 16 KiB of header once, for two allocations of every small answer.
var smallLengths = func() (s [1024]string) {
	for i := range s {
		s[i] = strconv.Itoa(i)
	}
	return s
}()
