package diskstore

import (
	"fmt"
	"io"
)

// piece is how much of the file is read at once.
const piece = 1 << 20

// window shows parts of a file that come one after the other, and reads ahead in large
// pieces. Nothing outside of the file can be seen.
type window struct {
	file io.ReaderAt
	size int64 // of what may be seen
	from int64
	buf  []byte // the file from there on

	table, last []byte // kept for who looks through it
}

// at returns n bytes at off, good until the next call.
func (w *window) at(off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || n > w.size || off > w.size-n {
		return nil, damaged("%d bytes at %d are beyond the end, %d", n, off, w.size)
	}
	if off < w.from || off+n > w.from+int64(len(w.buf)) {
		if err := w.move(off, min(max(n, piece), w.size-off)); err != nil {
			return nil, err
		}
	}
	return w.buf[off-w.from:][:n:n], nil
}

func (w *window) move(off, n int64) error {
	if int64(cap(w.buf)) < n {
		w.buf = make([]byte, n)
	}
	w.from, w.buf = off, w.buf[:n]
	if got, err := w.file.ReadAt(w.buf, off); int64(got) < n {
		w.buf = nil
		return fmt.Errorf("%w: %w", errFile, err)
	}
	return nil
}

// damaged is an error about what is wrong with the file.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errFile, fmt.Sprintf(format, args...))
}
