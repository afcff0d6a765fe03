package diskstore

import (
	"bufio"
	"bytes"
	"io"
	"os"
)

// recognised tells whether a file is one of this package, damaged as it may be: somewhere
// there is a page with the names of the four buckets, as bbolt writes them, and one of the
// first two pages has bbolt's mark. Older versions of that page stay in the file until they
// are written over, so damage to one of them is no harm.
func recognised(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	return hasMagic(f) && hasBuckets(f)
}

// hasMagic looks where the two metas are, whatever the size of a page is.
func hasMagic(f io.ReaderAt) bool {
	magic := []byte{0xED, 0xDA, 0x0C, 0xED}
	for _, at := range [...]int64{0, 1 << 10, 2 << 10, 4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10} {
		b := make([]byte, len(magic))
		if _, err := f.ReadAt(b, at+headerSize); err != nil {
			continue
		}
		if bytes.Equal(b, magic) || bytes.Equal([]byte{b[3], b[2], b[1], b[0]}, magic) { // the byte order of another machine
			return true
		}
	}
	return false
}

// hasBuckets looks for the page of the buckets' names. It begins where a page of
// some size may; its header and its table of elements come before the names.
func hasBuckets(f io.Reader) bool {
	r := bufio.NewReaderSize(f, maxPage)
	for {
		b, err := r.Peek(maxPage)
		if startsWithBuckets(b) {
			return true
		}
		if err != nil && len(b) <= minPage {
			return false
		}
		if _, err := r.Discard(minPage); err != nil {
			return false
		}
	}
}

func startsWithBuckets(b []byte) bool {
	const table = headerSize + 4*elementSize
	if len(b) < table {
		return false
	}
	rest := b[table:]
	for i, name := range [...]string{marksBucket, orderBucket, pagesBucket, stateBucket} {
		at := bytes.Index(rest, []byte(name))
		if at < 0 || i == 0 && at != 0 {
			return false
		}
		rest = rest[at+len(name):]
	}
	return true
}
